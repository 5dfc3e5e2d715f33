const BOUND = 3;

function render({ model, el }) {
  const start = { query: model.get("query"), points: model.get("points"), intercept: model.get("intercept") };
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };

  // Index -1 is the query everywhere below, as in the trait `selected`.
  const place = (i) => (i < 0 ? model.get("query") : model.get("points")[i]);
  const put = (i, [x, y]) => {
    const to = [x, y].map((v) => Math.round(clamp(v, -BOUND, BOUND) * 100) / 100);
    if (i < 0) set({ query: to });
    else set({ points: model.get("points").map((point, k) => (k === i ? to : point)) });
  };
  const called = (i) => (i < 0 ? "query" : `point ${i + 1}`);

  // ---- controls ----
  const indices = [-1, ...start.points.keys()];
  const chooser = node("select", { onchange: () => set({ selected: Number(chooser.value) }) },
    ...indices.map((i) => node("option", { value: i }, called(i))));
  const sliders = [0, 1].map((axis) => {
    const slider = node("input", { type: "range", min: -BOUND, max: BOUND, step: 0.05, oninput: () => {
      const i = model.get("selected"), to = place(i).slice();
      to[axis] = Number(slider.value);
      put(i, to);
    } });
    return slider;
  });
  const intercept = node("input", { type: "checkbox", onchange: () => set({ intercept: intercept.checked }) });
  const reset = node("button", { type: "button", onclick: () => set({ ...start, selected: -1 }) }, "Reset");

  // ---- the two planes: regressors as given, and encoded ----
  const given = plane("Regressors x1 and x2; drag the query or a point"), encoded = plane("Encoded query and points");
  const drawings = [given, encoded].map((drawing) => {
    const mean = node("path", { d: "M-5 0H5M0-5V5", stroke: "var(--role-soft)", "stroke-width": 2 });
    const sides = node("path", { opacity: 0.09 });
    const axes = [0, 1].map(() => node("line", { class: "olsattn-axis" }));
    const zero = node("line", { stroke: "var(--role-soft)", "stroke-dasharray": "5 4", "stroke-width": 1.5 });
    const zeroLabel = node("text", { fill: "var(--role-soft)" }, "weight 0");
    const marks = indices.map((i) => mark(i, drawing));
    // the query lies on top
    drawing.svg.append(sides, ...axes, mean, zero, zeroLabel, ...marks.slice(1).map((m) => m.group), marks[0].group);
    return { drawing, sides, axes, mean, zero, zeroLabel, marks };
  });

  function mark(i, drawing) {
    const group = node("g");
    const ring = node("circle", { fill: "none", stroke: "var(--role-ink)", "stroke-width": 1.5 });
    const shape = i < 0
      ? node("path", { d: "M0-9 9 0 0 9-9 0Z", fill: "var(--role-query)", stroke: "var(--role-paper)", "stroke-width": 1.5 })
      : node("circle", { stroke: "var(--role-paper)", "stroke-width": 1 });
    const sign = node("path", { stroke: "var(--role-paper)", "stroke-width": 1.6, fill: "none" });
    const name = node("text", { "text-anchor": "middle" }, i < 0 ? "query" : String(i + 1));
    group.append(ring, shape, sign, name);
    if (drawing === given) {
      group.append(node("circle", { r: 16, fill: "transparent" })); // a finger needs more room than a mouse
      update(group, { class: "olsattn-handle", role: "button" });
      draggable(group, {
        grab: () => set({ selected: i }), move: (to) => put(i, to), position: () => place(i), invert: drawing.invert,
      });
      group.addEventListener("focus", () => { if (model.get("selected") !== i) set({ selected: i }); });
    }
    return { i, group, ring, shape, sign, name };
  }

  given.svg.addEventListener("click", (event) => { // a click on empty paper brings the query there
    if (event.target.closest(".olsattn-handle")) return;
    put(-1, given.invert(event.clientX, event.clientY));
  });

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" });
  const rows = start.points.map(() => node("tr", {}, ...[0, 1, 2, 3, 4, 5, 6].map(() => node("td"))));
  const heads = ["point", "x1", "x2", "y", "weight", "leverage", "distance"];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ...heads.map((text) => node("th", { scope: "col" }, text)))), node("tbody", {}, ...rows));
  const announce = announcer();

  el.append(node("div", { class: "olsattn-widget olsattn-similarity" },
    node("div", { class: "olsattn-controls" },
      labelled("Move", chooser), labelled("x1", sliders[0]), labelled("x2", sliders[1]),
      labelled("intercept", intercept), reset),
    node("div", { class: "olsattn-panels" },
      node("figure", {}, node("figcaption", {}, "Regressors: drag the query or a point"), given.svg),
      node("figure", {}, node("figcaption", {}, "Encoded: inner products give the weights"), encoded.svg)),
    readout, announce.element,
    node("details", {}, node("summary", {}, "The numbers"),
      node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": "Weights, point by point" }, table))));

  // ---- drawing ----
  function compute() {
    const points = model.get("points"), query = model.get("query"), values = model.get("values");
    const design = (rows) => (model.get("intercept") ? rows.map((row) => [1, ...row]) : rows);
    const X = design(points), { W, F: keys } = embedding(X);
    const q = transpose(W).map((column) => dot(design([query])[0], column));
    const weights = keys.map((key) => dot(q, key));
    const distances = keys.map((key) => norm(key.map((v, k) => v - q[k])));

    // With an intercept the weight is 1/N plus an inner product of centred, encoded rows: still a plane.
    const middle = model.get("intercept") ? means(points) : [0, 0];
    const centre = (rows) => rows.map((row) => row.map((v, k) => v - middle[k]));
    const { symmetric: Z } = embedding(centre(points)), unit = Math.sqrt(points.length); // in standard deviations
    const scores = (rows) => multiply(centre(rows), Z).map((row) => row.map((v) => v * unit));
    return {
      points, query, values, weights, distances,
      leverages: keys.map((key) => dot(key, key)), queryLeverage: dot(q, q),
      prediction: dot(weights, values), shift: model.get("intercept") ? 1 / points.length : 0,
      middle, Z, scoredPoints: scores(points), scoredQuery: scores([query])[0],
      largest: weights.reduce((best, w, i) => (w > weights[best] ? i : best), 0),
      nearest: distances.reduce((best, d, i) => (d < distances[best] ? i : best), 0),
      flat: W[0].length < X[0].length,
    };
  }

  // The set where g . u + shift = 0, as a long line, and the side where it is positive.
  function zeroLine({ drawing, sides, zero, zeroLabel }, g, shift) {
    const size = norm(g);
    const hidden = size < 1e-9 ? "none" : null;
    update(zero, { display: hidden }); update(zeroLabel, { display: hidden });
    if (hidden) return update(sides, { d: "" });
    const [nx, ny] = g.map((v) => v / size), far = 40 * drawing.reach;
    const foot = [-nx * shift / size, -ny * shift / size];
    const ends = [far, -far].map((t) => [foot[0] - ny * t, foot[1] + nx * t]);
    const xy = ([a, b]) => [drawing.x(a), drawing.y(b)];
    const [[x1, y1], [x2, y2]] = ends.map(xy);
    update(zero, { x1, y1, x2, y2 });
    const beyond = ends.map(([a, b]) => xy([a + nx * far, b + ny * far]));
    update(sides, { fill: "var(--role-positive)", d: `M${x1} ${y1}L${x2} ${y2}L${beyond[1]}L${beyond[0]}Z` });
    // The label stands where the line leaves the drawing, away from the points.
    const along = [-ny, nx].map((v) => (nx > 0 ? v : -v));
    const steps = [...Array(61).keys()].map((k) => (k / 30 - 1) * 1.5 * drawing.reach);
    const spots = steps.map((t) => xy([foot[0] + along[0] * t, foot[1] + along[1] * t]));
    const spot = spots.findLast(([x, y]) => x > 30 && x < 290 && y > 16 && y < 310);
    update(zeroLabel, spot ? { display: null, x: spot[0], y: spot[1], "text-anchor": "middle" } : { display: "none" });
  }

  function drawPlane(parts, state, places, middle) {
    const { drawing, axes, mean, marks } = parts;
    update(mean, { transform: `translate(${drawing.x(middle[0])} ${drawing.y(middle[1])})` });
    update(axes[0], { x1: 0, x2: 320, y1: drawing.y(0), y2: drawing.y(0) });
    update(axes[1], { y1: 0, y2: 320, x1: drawing.x(0), x2: drawing.x(0) });
    for (const { i, group, ring, shape, sign, name } of marks) {
      const [x, y] = places[i + 1].map((v, k) => (k ? drawing.y(v) : drawing.x(v)));
      update(group, { transform: `translate(${x} ${y})` });
      let radius = 9;
      if (i >= 0) {
        const w = state.weights[i];
        radius = clamp(3 + 22 * Math.sqrt(Math.abs(w)) / 1.3, 3, 26); // area grows with the size of the weight
        update(shape, { r: radius, fill: w < 0 ? "var(--role-negative)" : "var(--role-positive)" });
        const arm = radius > 6 ? 3.5 : 0;
        name.textContent = w < 0 && !arm ? `${i + 1} (−)` : String(i + 1); // too small for a sign of its own
        update(sign, { d: w < 0 ? `M${-arm} 0H${arm}` : `M${-arm} 0H${arm}M0 ${-arm}V${arm}` });
      }
      update(ring, { r: radius + 4, display: i === state.nearest ? null : "none" });
      const below = i < 0 || y < 40;
      update(name, { y: below && y < 300 ? radius + 14 : -radius - 6 });
      if (drawing === given) {
        update(group, {
          tabindex: i === model.get("selected") ? 0 : -1,
          "aria-label": `${called(i)} at ${number(place(i)[0])}, ${number(place(i)[1])}; arrow keys move it`,
        });
      }
    }
  }

  function draw() {
    const state = compute();
    const scoredMean = means(state.scoredPoints);
    drawPlane(drawings[0], state, [state.query, ...state.points], means(state.points));
    const extent = Math.max(...[state.scoredQuery, ...state.scoredPoints].flat().map(Math.abs));
    encoded.reach = [3.5, 5, 7, 10, 15, 25, 50, 100, 1000, 1e9].find((reach) => extent * 1.08 < reach);
    drawPlane(drawings[1], state, [state.scoredQuery, ...state.scoredPoints], scoredMean);
    const N = state.points.length;
    zeroLine(drawings[1], state.scoredQuery.map((v) => v / N), state.shift);
    const gradient = multiply([state.scoredQuery], state.Z)[0].map((v) => v / Math.sqrt(N));
    zeroLine(drawings[0], gradient, state.shift - dot(gradient, state.middle));

    const selected = model.get("selected");
    chooser.value = selected;
    sliders.forEach((slider, axis) => {
      slider.value = place(selected)[axis];
      slider.setAttribute("aria-label", `${called(selected)}, x${axis + 1}`);
    });
    intercept.checked = model.get("intercept");

    const { largest, nearest, weights } = state, negative = weights.filter((w) => w < 0).length;
    const total = weights.reduce((s, w) => s + w, 0);
    const bold = (text) => node("b", {}, text);
    readout.replaceChildren(
      "Prediction ", bold(number(state.prediction)), ": the weights sum to ", bold(number(total)), ", ",
      bold(String(negative)), ` of ${N} ${negative === 1 ? "is" : "are"} negative. Largest weight: `,
      bold(`point ${largest + 1}`), ` (${number(weights[largest])}). Nearest, ringed: `, bold(`point ${nearest + 1}`),
      ` (${number(weights[nearest])}). Leverage of the query: `, bold(number(state.queryLeverage)), ".",
      state.flat ? " The points do not span the plane: weights are of minimum norm." : "");
    announce.say(readout.textContent);

    rows.forEach((row, i) => {
      const cells = [i + 1, ...state.points[i], state.values[i], weights[i], state.leverages[i], state.distances[i]];
      [...row.children].forEach((cell, k) => {
        cell.textContent = k ? number(cells[k], k < 4 ? 2 : 3) : cells[k];
        cell.dataset.value = cells[k];
      });
    });
  }

  return redrawOn(model, ["points", "query", "values", "intercept", "selected"], draw, announce);
}

export default { render };
