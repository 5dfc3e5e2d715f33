import { leastSquares } from "./kit/attention.js";
import { ink, signInk } from "./kit/charts.js";
import { button, draggable, labelled, menu } from "./kit/controls.js";
import { figure, folded, node, rich, update } from "./kit/dom.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { apply, dot, embedding, means, norm, transpose } from "./kit/linear_algebra.js";
import { plane, SIZE } from "./kit/plane.js";
import { clamp, rounded } from "./kit/scales.js";
import { numbersTable } from "./kit/table.js";
import { number, spoken } from "./kit/words.js";

const BOUND = 3;
const REACHES = [3.5, 5, 7, 10, 15, 25, 50, 100, 1000, 1e9];
const TRAITS = ["points", "query", "values", "intercept", "selected"];

const designed = (rows, intercept) => (intercept ? rows.map((row) => [1, ...row]) : rows);
const indexOfLargest = (values) => values.reduce((best, v, i) => (v > values[best] ? i : best), 0);

// What each response contributes to the prediction at the query, and why.
export function explore({ points, query, values, intercept }) {
  const X = designed(points, intercept);
  const { keys, query: q, weights } = leastSquares(X, designed([query], intercept)[0]);
  const distances = keys.map((key) => norm(key.map((v, k) => v - q[k])));
  return {
    numbers: {
      point: points.map((_, i) => i + 1),
      x1: points.map(([x1]) => x1),
      x2: points.map(([, x2]) => x2),
      y: values,
      weight: weights,
      leverage: keys.map((key) => dot(key, key)),
      distance: distances,
    },
    weights,
    queryLeverage: dot(q, q),
    prediction: dot(weights, values),
    largest: indexOfLargest(weights),
    nearest: indexOfLargest(distances.map((d) => -d)),
    flat: q.length < X[0].length, // the points do not span the plane
  };
}

// Points and query in standard deviations along the cloud, in which inner products give the weights. With an
// intercept the weight is 1/N plus an inner product of centred, encoded rows: still zero along a straight line,
// `gradient . x + shift = 0` in the plane as given, `scored query . z / N + shift = 0` in the encoded one.
function encode({ points, query, intercept }) {
  const middle = intercept ? means(points) : [0, 0];
  const centre = (row) => row.map((v, k) => v - middle[k]);
  const { symmetric } = embedding(points.map(centre));
  const unit = Math.sqrt(points.length);
  const score = (row) => apply(transpose(symmetric), centre(row)).map((v) => v * unit);
  const scoredQuery = score(query);
  return {
    middle,
    scoredQuery,
    scoredPoints: points.map(score),
    shift: intercept ? 1 / points.length : 0,
    gradient: apply(transpose(symmetric), scoredQuery).map((v) => v / unit),
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const start = traits(model, ["query", "points", "intercept"]);

  // Index -1 is the query everywhere below, as in the trait `selected`.
  const place = (i) => (i < 0 ? model.get("query") : model.get("points")[i]);
  const put = (i, point) => {
    const to = point.map((v) => rounded(clamp(v, -BOUND, BOUND)));
    if (i < 0) set({ query: to });
    else set({ points: model.get("points").map((old, k) => (k === i ? to : old)) });
  };
  const called = (i) => (i < 0 ? "query" : `point ${i + 1}`);
  const indices = [-1, ...start.points.keys()];

  // ---- controls ----
  const chooser = menu(
    indices.map((i) => [i, called(i)]),
    (i) => set({ selected: i }),
  );
  const sliders = [0, 1].map((axis) => {
    const slider = node("input", { type: "range", min: -BOUND, max: BOUND, step: 0.05 });
    return update(slider, {
      oninput() {
        const i = model.get("selected");
        put(
          i,
          place(i).map((v, k) => (k === axis ? Number(slider.value) : v)),
        );
      },
    });
  });
  const intercept = node("input", { type: "checkbox", onchange: () => set({ intercept: intercept.checked }) });

  // ---- the two planes: regressors as given, and encoded ----
  const given = plane("Regressors x1 and x2; drag the query or a point");
  const encoded = plane("Encoded query and points");
  const drawings = [given, encoded].map((drawing) => {
    const parts = {
      drawing,
      sides: node("path", { opacity: 0.09 }),
      axes: [0, 1].map(() => node("line", { class: "olsattn-axis" })),
      mean: node("path", { d: "M-5 0H5M0-5V5", stroke: ink("soft"), "stroke-width": 2 }),
      zero: node("line", { stroke: ink("soft"), "stroke-dasharray": "5 4", "stroke-width": 1.5 }),
      zeroLabel: node("text", { fill: ink("soft") }, "weight 0"),
      marks: indices.map(mark),
    };
    const { sides, axes, mean, zero, zeroLabel, marks } = parts;
    const [query, ...points] = marks.map(({ group }) => group);
    drawing.svg.append(sides, ...axes, mean, zero, zeroLabel, ...points, query); // the query lies on top
    return parts;
  });
  drawings[0].marks.forEach(grip);

  function mark(i) {
    const ring = node("circle", { fill: "none", stroke: ink("ink"), "stroke-width": 1.5 });
    const shape =
      i < 0
        ? node("path", { d: "M0-9 9 0 0 9-9 0Z", fill: ink("query"), stroke: ink("paper"), "stroke-width": 1.5 })
        : node("circle", { stroke: ink("paper"), "stroke-width": 1 });
    const sign = node("path", { stroke: ink("paper"), "stroke-width": 1.6, fill: "none" });
    const name = node("text", { "text-anchor": "middle" }, i < 0 ? "query" : String(i + 1));
    return { i, group: node("g", {}, ring, shape, sign, name), ring, shape, sign, name };
  }

  function grip({ i, group }) {
    group.append(node("circle", { r: 16, fill: "transparent" })); // a finger needs more room than a mouse
    const choose = () => set({ selected: i });
    update(group, {
      class: "olsattn-handle",
      role: "button",
      onfocus: () => model.get("selected") !== i && choose(),
    });
    draggable(group, { grab: choose, move: (to) => put(i, to), position: () => place(i), invert: given.invert });
  }

  // A click on empty paper brings the query there.
  given.svg.addEventListener("click", (event) => {
    if (!event.target.closest(".olsattn-handle")) put(-1, given.invert(event.clientX, event.clientY));
  });

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" });
  const table = numbersTable("Weights, point by point");
  const announce = announcer();
  const controls = [labelled("Move", chooser), labelled("x1", sliders[0]), labelled("x2", sliders[1])];
  controls.push(
    labelled("intercept", intercept),
    button("Reset", () => set({ ...start, selected: -1 })),
  );
  const panels = [
    figure(["Regressors: drag the query or a point"], given.svg),
    figure(["Encoded: inner products give the weights"], encoded.svg),
  ];
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-similarity" },
      node("div", { class: "olsattn-controls" }, ...controls),
      node("div", { class: "olsattn-panels" }, ...panels),
      readout,
      announce.element,
      folded("The numbers", table.element),
    ),
  );

  // ---- drawing ----
  // The set where g . u + shift = 0, as a long line, and the side where it is positive.
  function zeroLine({ drawing, sides, zero, zeroLabel }, g, shift) {
    const size = norm(g);
    const hidden = size < 1e-9;
    for (const part of [sides, zero, zeroLabel]) update(part, { display: hidden ? "none" : null });
    if (hidden) return;
    const [nx, ny] = g.map((v) => v / size);
    const foot = [(-nx * shift) / size, (-ny * shift) / size];
    const along = (t, up = 0) => drawing.at([foot[0] - ny * t + nx * up, foot[1] + nx * t + ny * up]);
    const far = 40 * drawing.reach;
    const [[x1, y1], [x2, y2]] = [along(far), along(-far)];
    update(zero, { x1, y1, x2, y2 });
    update(sides, { fill: ink("positive"), d: `M${x1} ${y1}L${x2} ${y2}L${along(-far, far)}L${along(far, far)}Z` });
    // The label stands where the line leaves the drawing, away from the points.
    const way = nx > 0 ? -1 : 1;
    const steps = Array.from({ length: 61 }, (_, k) => (k / 30 - 1) * 1.5 * drawing.reach);
    const inside = ([x, y]) => x > 30 && x < 290 && y > 16 && y < 310;
    const spot = steps.map((t) => along(way * t)).findLast(inside);
    if (spot) update(zeroLabel, { x: spot[0], y: spot[1], "text-anchor": "middle" });
    else update(zeroLabel, { display: "none" });
  }

  function drawPlane({ drawing, axes, mean, marks }, state, places, middle) {
    update(mean, { transform: `translate(${drawing.at(middle)})` });
    update(axes[0], { x1: 0, x2: SIZE, y1: drawing.y(0), y2: drawing.y(0) });
    update(axes[1], { y1: 0, y2: SIZE, x1: drawing.x(0), x2: drawing.x(0) });
    for (const { i, group, ring, shape, sign, name } of marks) {
      const [x, y] = drawing.at(places[i + 1]);
      update(group, { transform: `translate(${x} ${y})` });
      let radius = 9;
      if (i >= 0) {
        const w = state.weights[i];
        radius = clamp(3 + (22 * Math.sqrt(Math.abs(w))) / 1.3, 3, 26); // area grows with the size of the weight
        update(shape, { r: radius, fill: signInk(w) });
        const arm = radius > 6 ? 3.5 : 0;
        name.textContent = w < 0 && !arm ? `${i + 1} (−)` : String(i + 1); // too small for a sign of its own
        update(sign, { d: w < 0 ? `M${-arm} 0H${arm}` : `M${-arm} 0H${arm}M0 ${-arm}V${arm}` });
      }
      update(ring, { r: radius + 4, display: i === state.nearest ? null : "none" });
      const below = i < 0 || y < 40;
      update(name, { y: below && y < 300 ? radius + 14 : -radius - 6 });
    }
  }

  function draw() {
    const now = traits(model, TRAITS);
    const { points, query, selected } = now;
    const state = explore(now);
    const { middle, scoredPoints, scoredQuery, shift, gradient } = encode(now);
    const N = points.length;
    drawPlane(drawings[0], state, [query, ...points], means(points));
    const extent = Math.max(...[scoredQuery, ...scoredPoints].flat().map(Math.abs));
    encoded.reach = REACHES.find((reach) => extent * 1.08 < reach);
    drawPlane(drawings[1], state, [scoredQuery, ...scoredPoints], means(scoredPoints));
    const scoredGradient = scoredQuery.map((v) => v / N);
    zeroLine(drawings[1], scoredGradient, shift);
    zeroLine(drawings[0], gradient, shift - dot(gradient, middle));

    for (const { i, group } of drawings[0].marks) {
      update(group, {
        tabindex: i === selected ? 0 : -1,
        "aria-label": `${called(i)} at ${spoken(place(i))}; arrow keys move it`,
      });
    }
    chooser.value = selected;
    sliders.forEach((slider, axis) => {
      slider.value = place(selected)[axis];
      update(slider, { "aria-label": `${called(selected)}, x${axis + 1}` });
    });
    intercept.checked = now.intercept;

    const { largest, nearest, weights } = state;
    const negative = weights.filter((w) => w < 0).length;
    const total = weights.reduce((sum, w) => sum + w, 0);
    readout.replaceChildren(
      ...rich(
        `Prediction **${number(state.prediction)}**: the weights sum to **${number(total)}**, `,
        `**${negative}** of ${N} ${negative === 1 ? "is" : "are"} negative. `,
        `Largest weight: **${called(largest)}** (${number(weights[largest])}). `,
        `Nearest, ringed: **${called(nearest)}** (${number(weights[nearest])}). `,
        `Leverage of the query: **${number(state.queryLeverage)}**.`,
        state.flat ? " The points do not span the plane: weights are of minimum norm." : "",
      ),
    );
    announce.say(readout.textContent);
    const digits = { point: 0, x1: 2, x2: 2, y: 2 };
    table.fill(state.numbers, (v, heading) => number(v, digits[heading] ?? 3));
  }

  return redrawOn(model, TRAITS, draw, announce);
}

export default { render };
