const BETA = [1, 0.5], REACH = 6, STEM = 1; // STEM: how far beyond one standard deviation a handle stands, so that none overlap

function render({ model, el }) {
  const set = traitSetter(model);
  const train = model.get("train"), responses = model.get("responses"), base = model.get("base"), same = model.get("same");
  const ROW = [1, 1];

  // ---- arithmetic ----
  const inverse = ([[a, b], [c, d]]) => { const size = a * d - b * c; return [[d / size, -b / size], [-c / size, a / size]]; };
  const moment = (X) => multiply(transpose(X), X).map((row) => row.map((v) => v / X.length));
  const apply = (M, v) => M.map((row) => dot(row, v));
  const toTrain = inverse(moment(train));
  const b = apply(toTrain, transpose(train).map((column) => dot(column, responses) / train.length));
  const axes = () => { // unit vectors along the two axes of the cloud
    const turn = (model.get("angle") * Math.PI) / 180;
    return [[Math.cos(turn), Math.sin(turn)], [-Math.sin(turn), Math.cos(turn)]];
  };
  const along = ([x, y], t, [dx, dy]) => [x + t * dx, y + t * dy];
  function compute() {
    const [first, second] = axes(), [wide, narrow] = model.get("stretch"), shift = model.get("shift");
    const batch = base.map(([u, v]) => along(along(shift, u * wide, first), v * narrow, second));
    const D = multiply(toTrain, moment(batch)), layer = apply(D, b);
    const exact = batch.map((row) => dot(row, BETA));
    const error = (coefficients) => norm(batch.map((row, i) => dot(row, coefficients) - exact[i])) / norm(exact);
    return { batch, D, layer, layerError: error(layer), coefficientError: error(b) };
  }

  // ---- what the reader moves ----
  const exchanged = (name, k, v) => ({ [name]: model.get(name).map((old, i) => (i === k ? v : old)) });
  const hundredth = (v) => Math.round(v * 100) / 100;
  const stretches = [0, 1].map((k) => valueSlider(`Stretch ${k + 1}`, { min: 0.1, max: 2.5, step: 0.05 }, (v) => set(exchanged("stretch", k, v))));
  const shifts = [0, 1].map((k) => valueSlider(`Shift ${k + 1}`, { min: -2, max: 2, step: 0.05 }, (v) => set(exchanged("shift", k, v))));
  const turn = valueSlider("Turn", { min: -180, max: 180, step: 1 }, (v) => set({ angle: v }));
  const button = (text, factor) => node("button", { type: "button", onclick: () => set({
    stretch: same.stretch.map((v) => factor * v), angle: same.angle, shift: same.shift.map((v) => factor * v) }) }, text);

  // ---- the clouds ----
  const given = plane("Training rows and the rows of this batch; drag the batch by its middle or by the end of an axis");
  given.reach = REACH;
  const at = (drawing, [x, y]) => [drawing.x(x).toFixed(1), drawing.y(y).toFixed(1)];
  const cross = (drawing) => node("path", { d: `M0 ${drawing.y(0)}H320M${drawing.x(0)} 0V320`, class: "olsattn-axis" });
  const line = (colour, width, dashes = null) => node("path", { fill: "none", stroke: `var(--role-${colour})`, "stroke-width": width, "stroke-dasharray": dashes });
  // The image of the unit circle under M, moved to the middle.
  const ellipse = (drawing, M, middle = [0, 0]) => `M${[...Array(72).keys()].map((k) => {
    const [u, v] = apply(M, [Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]);
    return at(drawing, [middle[0] + u, middle[1] + v]).join(" ");
  }).join("L")}Z`;
  const stems = line("query", 1.5), diamonds = node("path", { fill: "var(--role-query)", "fill-opacity": 0.75 });
  given.svg.append(cross(given),
    ...train.map((row) => { const [cx, cy] = at(given, row); return node("circle", { cx, cy, r: 3, fill: "var(--role-key)", "fill-opacity": 0.7 }); }), diamonds, stems);

  const grip = (name, fill, options) => {
    const group = node("g", { class: "olsattn-handle", role: "button", tabindex: 0 },
      node("circle", { r: 8, fill: `var(--role-${fill})`, stroke: "var(--role-query)", "stroke-width": 2 }),
      node("text", { y: 4, "text-anchor": "middle" }, name), node("circle", { r: 14, fill: "transparent" }));
    draggable(group, { grab() {}, invert: given.invert, ...options });
    given.svg.append(group);
    return group;
  };
  const end = (k) => along(model.get("shift"), model.get("stretch")[k] + STEM, axes()[k]);
  const ends = [0, 1].map((k) => grip(String(k + 1), "paper", {
    position: () => end(k),
    move([x, y]) {
      const [cx, cy] = model.get("shift"), size = Math.hypot(x - cx, y - cy);
      const angle = (Math.atan2(y - cy, x - cx) * 180) / Math.PI - 90 * k; // the second axis stands 90 degrees further on
      set({ ...exchanged("stretch", k, hundredth(clamp(size - STEM, 0.1, 2.5))), angle: Math.round((angle < -180 ? angle + 360 : angle) * 10) / 10 });
    },
  }));
  const middle = grip("", "query", {
    position: () => model.get("shift"), move: (to) => set({ shift: to.map((v) => hundredth(clamp(v, -2, 2))) }),
  });

  // ---- the distortion ----
  const effect = plane("The distortion: the unit circle and its image, the coefficients and what the layer makes of them");
  const circle = line("soft", 1.5, "5 4"), image = line("query", 2);
  const arrow = (colour, width) => ({ shaft: line(colour, width), tip: node("path", { d: "M0 0-9-4.5V4.5Z", fill: `var(--role-${colour})` }), name: node("text", {}) });
  const arrows = { b: arrow("key", 5), layer: arrow("query", 2.2) };
  const truth = node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: "var(--role-ink)", "stroke-width": 2 }), sizes = [node("text", { x: 316, y: 174, "text-anchor": "end" }), node("text", { x: 165, y: 14 })];
  effect.svg.append(cross(effect), circle, image, ...Object.values(arrows).flatMap(({ shaft, tip, name }) => [shaft, tip, name]), truth, ...sizes);
  function drawArrow({ shaft, tip, name }, to, text, side) {
    const [x, y] = at(effect, to).map(Number), size = Math.hypot(x - 160, y - 160) || 1;
    const [dx, dy] = [(x - 160) / size, (y - 160) / size], short = Math.max(0, size - 8);
    update(shaft, { d: `M160 160L${160 + dx * short} ${160 + dy * short}` });
    update(tip, { transform: `translate(${x} ${y}) rotate(${(Math.atan2(dy, dx) * 180) / Math.PI})` });
    // the two names stand on different sides of their arrows, which may lie on each other
    update(name, { x: clamp(x + 8 * dx - side * 13 * dy, 12, 296), y: clamp(y + 8 * dy + side * 13 * dx + 4, 14, 312), "text-anchor": "middle" });
    name.textContent = text;
  }

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" }), announce = announcer();
  const table = numbersTable("The numbers", "The layer and the coefficients on this batch", ["method", "error", "coefficient 1", "coefficient 2", "prediction at (1, 1)"], 2, ["layer", "coefficients"]);
  el.append(node("div", { class: "olsattn-widget olsattn-covariate-shift" },
    node("div", { class: "olsattn-controls" }, turn.field, ...stretches.map((s) => s.field), ...shifts.map((s) => s.field),
      button("Same as training", 1), button("Twice as large", 2)),
    node("div", { class: "olsattn-panels" },
      pictured(["Discs: training rows. Diamonds: this batch; drag its middle, or the end 1 or 2 of an axis to stretch and turn it"], given.svg),
      pictured(["Distortion S", node("sub", {}, "A"), node("sup", {}, "−1"), "S", node("sub", {}, "B"), " = D: dashed the unit circle, solid its image; arrows b and D b; cross the true β"], effect.svg)),
    readout, announce.element, table.element));

  // ---- drawing ----
  function draw() {
    const { batch, D, layer, layerError, coefficientError } = compute();
    const shift = model.get("shift"), stretch = model.get("stretch"), angle = model.get("angle");
    turn.show(angle, `${number(angle, Number.isInteger(angle) ? 0 : 1)}°`);
    stretches.forEach((slider, k) => slider.show(stretch[k], number(stretch[k])));
    shifts.forEach((slider, k) => slider.show(shift[k], number(shift[k])));

    update(diamonds, { d: batch.map((row) => `M${at(given, row).join(" ")}m0-4.5 4.5 4.5-4.5 4.5-4.5-4.5Z`).join("") });
    const outline = transpose(axes().map((axis, k) => axis.map((v) => v * stretch[k])));
    update(stems, { d: ellipse(given, outline, shift) + [0, 1].map((k) => `M${at(given, shift)}L${at(given, end(k))}`).join("") });
    const spoken = (point) => point.map((v) => number(v)).join(", ");
    update(middle, { transform: `translate(${at(given, shift)})`, "aria-label": `middle of the batch at ${spoken(shift)}; arrow keys move it` });
    ends.forEach((handle, k) => update(handle, {
      transform: `translate(${at(given, end(k))})`, "aria-label": `end of axis ${k + 1} at ${spoken(end(k))}; arrow keys move it` }));

    const extent = Math.max(1, norm(D.flat()), norm(layer), norm(b));
    effect.reach = [1.5, 2, 3, 5, 8, 12, 20, 35, 60].find((reach) => extent * 1.1 < reach);
    update(circle, { d: ellipse(effect, [[1, 0], [0, 1]]) });
    update(image, { d: ellipse(effect, D) });
    drawArrow(arrows.b, b, "b", 1);
    drawArrow(arrows.layer, layer, "D b", -1);
    update(truth, { transform: `translate(${at(effect, BETA)})` });
    sizes.forEach((size) => { size.textContent = String(effect.reach); });

    const [[a11, a12], [a21, a22]] = D.map((row) => row.map((v) => bold(number(v))));
    readout.replaceChildren("D has the rows (", a11, ", ", a12, ") and (", a21, ", ", a22, "). On this batch the layer errs by ", bold(percent(layerError)),
      ", the coefficients by ", bold(percent(coefficientError)), ". The same row (1, 1) gets ", bold(number(dot(ROW, b))), " from the layer in the training batch, ",
      bold(number(dot(ROW, layer))), " from it in this batch, and ", bold(number(dot(ROW, b))), " from the coefficients.");
    announce.say(readout.textContent);
    [[layerError, layer], [coefficientError, b]].forEach(([error, coefficients], i) => {
      const cells = [error, ...coefficients, dot(ROW, coefficients)];
      table.fill(i, cells, [percent(error), ...cells.slice(1).map((v) => number(v, 3))]);
    });
  }

  return redrawOn(model, ["stretch", "angle", "shift"], draw, announce);
}

export default { render };
