// Shared by every widget: placed in front of its script (see base.py), so nothing here is exported.

// ---- arithmetic: matrices are arrays of rows ----

const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));
const multiply = (A, B) => { const Bt = transpose(B); return A.map((row) => Bt.map((column) => dot(row, column))); };
const means = (A) => transpose(A).map((column) => column.reduce((s, v) => s + v, 0) / A.length);

// The singular value decomposition A = F diag(d) U' by one-sided Jacobi rotations: accurate for the
// small singular values too, which an eigendecomposition of A'A is not.
function svd(A) {
  const columns = transpose(A).map((c) => c.slice());
  const P = columns.length;
  const V = columns.map((_, i) => columns.map((_, j) => (i === j ? 1 : 0))); // V[i] is the i-th vector
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < P - 1; p++) for (let q = p + 1; q < P; q++) {
      const a = dot(columns[p], columns[p]), b = dot(columns[q], columns[q]), c = dot(columns[p], columns[q]);
      if (Math.abs(c) <= 1e-15 * Math.sqrt(a * b)) continue;
      rotated = true;
      const zeta = (b - a) / (2 * c);
      const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cos = 1 / Math.hypot(1, t), sin = cos * t;
      for (const M of [columns, V]) for (let i = 0; i < M[p].length; i++) {
        const u = M[p][i], v = M[q][i];
        M[p][i] = cos * u - sin * v;
        M[q][i] = sin * u + cos * v;
      }
    }
  }
  const order = columns.map((c, i) => [norm(c), i]).sort((x, y) => y[0] - x[0]);
  return {
    F: transpose(order.map(([size, i]) => columns[i].map((v) => (size ? v / size : 0)))),
    d: order.map(([size]) => size),
    U: transpose(order.map(([, i]) => V[i])),
  };
}

// The map W with W W' = (X'X)^+ and the encoded rows F = X W, with the cut-off of olsattn's embedding;
// `symmetric` is the symmetric square root of (X'X)^+: it turns with the cloud without flipping, which W need not.
function embedding(X) {
  const { F, d, U } = svd(X);
  const floor = Math.max(X.length, X[0].length) * Number.EPSILON * d[0];
  const rank = d.filter((size) => size > floor).length;
  const W = U.map((row) => row.slice(0, rank).map((v, k) => v / d[k]));
  const symmetric = W.map((row) => U.map((other) => dot(row, other)));
  return { W, F: F.map((row) => row.slice(0, rank)), symmetric };
}

// ---- the page ----

function node(tag, attributes = {}, ...children) {
  const isSvg = ["svg", "g", "circle", "path", "line", "rect", "text", "title", "polygon"].includes(tag);
  const element = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  update(element, attributes);
  element.append(...children.filter((child) => child != null));
  return element;
}

function update(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === false || value == null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

const labelled = (text, control) => node("label", { class: "olsattn-field" }, node("span", {}, text), control);
// A true minus sign, and no "−0.00".
const number = (value, digits = 2) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
};
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A square drawing of the plane, [-reach, reach] on both axes, 320 units wide so that text keeps its size.
function plane(label) {
  const size = 320, margin = 6;
  const svg = node("svg", { viewBox: `0 0 ${size} ${size}`, role: "group", "aria-label": label, class: "olsattn-plane" });
  const at = { reach: 3 };
  const span = (size - 2 * margin) / 2;
  return {
    svg,
    set reach(value) { at.reach = value; },
    get reach() { return at.reach; },
    x: (v) => size / 2 + (v / at.reach) * span,
    y: (v) => size / 2 - (v / at.reach) * span,
    length: (v) => (v / at.reach) * span,
    invert(clientX, clientY) {
      const box = svg.getBoundingClientRect();
      const u = ((clientX - box.left) / box.width) * size, v = ((clientY - box.top) / box.height) * size;
      return [((u - size / 2) / span) * at.reach, ((size / 2 - v) / span) * at.reach];
    },
  };
}

// Mouse, touch and pen move a handle through one set of pointer events; arrow keys move it by `step`.
function draggable(handle, { grab, move, position, invert, step = 0.1 }) {
  let offset = null;
  // `touch-action` on part of a drawing does not keep every browser from scrolling the page instead.
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  update(handle, {
    onpointerdown(event) {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
      const [x, y] = invert(event.clientX, event.clientY), [px, py] = position();
      offset = [px - x, py - y]; // keep the grip where the finger is
      grab();
      handle.focus();
    },
    onpointermove(event) {
      if (!offset) return;
      const [x, y] = invert(event.clientX, event.clientY);
      move([x + offset[0], y + offset[1]]);
    },
    onpointerup() { offset = null; },
    onpointercancel() { offset = null; },
    onkeydown(event) {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!by) return;
      event.preventDefault();
      const [px, py] = position(), size = event.shiftKey ? 5 * step : step;
      move([px + by[0] * size, py + by[1] * size]);
    },
  });
}

// Screen readers hear a summary once the movement rests, not every frame of it.
function announcer() {
  const element = node("div", { role: "status", class: "olsattn-unseen" });
  let timer = null;
  return {
    element,
    say(text) { clearTimeout(timer); timer = setTimeout(() => { element.textContent = text; }, 400); },
    stop() { clearTimeout(timer); },
  };
}

// Redraw at most once a frame when any of the named traits changes, from the page or from Python.
// Returns what a notebook calls when it takes the widget away.
function redrawOn(model, names, draw, announce) {
  let waiting = null;
  const later = () => { waiting ??= requestAnimationFrame(() => { waiting = null; draw(); }); };
  names.forEach((name) => model.on(`change:${name}`, later));
  draw();
  return () => {
    if (waiting !== null) cancelAnimationFrame(waiting);
    announce.stop();
    names.forEach((name) => model.off(`change:${name}`, later));
  };
}

// ---- attention, as in olsattn.attention ----

function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((score) => Math.exp(score - top)), total = powers.reduce((s, v) => s + v, 0);
  return powers.map((power) => power / total);
}

// A picture of a matrix of signed weights: colour and depth for sign and size, a dash on each negative cell.
// A row can be chosen by click or touch; `mark` outlines it.
function heatmap(label, rows, columns, choose) {
  const cell = 20, width = columns * cell, height = rows * cell;
  const svg = node("svg", { viewBox: `-2 -2 ${width + 4} ${height + 4}`, role: "img", "aria-label": label, class: "olsattn-map" });
  const cells = [];
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    cells.push(node("rect", { x: j * cell, y: i * cell, width: cell, height: cell }));
  }
  const dashes = node("path", { stroke: "var(--role-ink)", "stroke-width": 1.5 });
  const frame = node("rect", { x: -1, width: width + 2, height: cell, fill: "none", stroke: "var(--role-query)", "stroke-width": 3 });
  svg.append(...cells, dashes, frame);
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    choose(clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1));
  });
  return {
    svg,
    draw(weights, full) {
      let path = "";
      weights.forEach((row, i) => row.forEach((w, j) => {
        const rect = cells[i * columns + j];
        rect.setAttribute("fill", w < 0 ? "var(--role-negative)" : "var(--role-positive)");
        rect.setAttribute("fill-opacity", full ? Math.min(1, Math.abs(w) / full).toFixed(3) : 0);
        if (w < 0) path += `M${j * cell + 6} ${(i + 0.5) * cell}h${cell - 12}`;
      }));
      update(dashes, { d: path });
    },
    mark(i) { update(frame, { y: i * cell }); },
  };
}

// Width of a chart in its own units: fewer on a narrow page, so that text keeps its size.
const chartWidth = (el) => (el.clientWidth && el.clientWidth < 520 ? 360 : 640);

const option = (value, text = value) => node("option", { value }, text);

// ---- parts that several widgets are built of ----

// Changes traits together and tells Python once.
const traitSetter = (model) => (changes) => {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
};

const bold = (text) => node("b", {}, text);
const percent = (v) => `${number(100 * v, v < 0.1 ? 2 : 1)} %`;
const pictured = (caption, picture) => node("figure", {}, node("figcaption", {}, ...caption), picture);

// A labelled slider with its value in words beside it; a screen reader has them from the slider already.
function valueSlider(text, attributes, put) {
  const input = node("input", { type: "range", ...attributes, oninput: () => put(Number(input.value)) });
  const output = node("output", { class: "olsattn-value", "aria-live": "off" }), field = labelled(text, input);
  field.append(output);
  return { field, show(value, words) { input.value = value; output.textContent = words; update(input, { "aria-valuetext": words }); } };
}

// A folded table: `fill` prints words and keeps the numbers behind them in full; null is a dash without a number.
function numbersTable(summary, label, headings, rowCount, rowNames) {
  const named = rowNames ? 1 : 0;
  const rows = [...Array(rowCount).keys()].map((i) => node("tr", {}, named ? node("th", { scope: "row" }, rowNames[i]) : null,
    ...headings.slice(named).map(() => node("td"))));
  const table = node("table", {}, node("thead", {}, node("tr", {}, ...headings.map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, ...rows));
  return {
    element: node("details", {}, node("summary", {}, summary), node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": label }, table)),
    fill(i, numbers, words) {
      numbers.forEach((v, k) => {
        const cell = rows[i].children[k + named];
        cell.textContent = v === null ? "—" : words[k];
        update(cell, { "data-value": v });
      });
    },
  };
}
