import { leastSquares } from "./kit/attention.js";
import { axis, chart, ink, signInk, words } from "./kit/charts.js";
import { draggable, labelled } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { apply, dot, embedding, inverse, means, norm, transpose } from "./kit/linear_algebra.js";
import { plane, SIZE } from "./kit/plane.js";
import { player } from "./kit/player.js";
import { clamp, line, rounded, ticks } from "./kit/scales.js";
import { from, listOf, oneOf, whole } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { number, spoken } from "./kit/words.js";

const BOUND = 3;
const COUNT = 12; // points in the book
const TRAITS = ["points", "query", "values", "intercept", "encoded", "selected"];
const PLAY = 2000; // milliseconds from the plane as given to the encoded one

const place = listOf(from(-BOUND, BOUND), 2);
const shared = {
  points: (v) => listOf(place, COUNT)(v) && v.flat().some((x) => x !== 0),
  query: place,
  intercept: oneOf([true, false]),
  encoded: from(0, 1),
  selected: whole(-1, COUNT - 1),
};

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
    prediction: dot(weights, values),
    largest: indexOfLargest(weights),
    nearest: indexOfLargest(distances.map((d) => -d)),
    flat: q.length < X[0].length, // the points do not span the plane
  };
}

// Between the plane as given, at 0, and the encoded one, at 1, lies x -> A x - b: there points are in standard
// deviations along the cloud, from its mean if there is an intercept, and inner products with the query give the
// weights. The weight of x is `gradient . (x - middle) + shift`, so it is zero along a straight line in every plane.
export function morph({ points, query, intercept, encoded: t }) {
  const middle = intercept ? means(points) : [0, 0];
  const centre = (row) => row.map((v, k) => v - middle[k]);
  const unit = Math.sqrt(points.length);
  const S = embedding(points.map(centre)).symmetric.map((row) => row.map((v) => v * unit));
  const between = (u) => S.map((row, k) => row.map((v, l) => u * v + (k === l ? 1 - u : 0)));
  const A = between(t);
  const b = apply(S, middle).map((v) => t * v);
  const back = inverse(between(Math.min(t, 1 - 1e-9))); // on a line of points the encoded plane has no way back
  const shift = intercept ? 1 / points.length : 0;
  const gradient = apply(S, apply(S, centre(query))).map((v) => v / points.length);
  const normal = apply(transpose(back), gradient);
  return {
    middle,
    to: (x) => apply(A, x).map((v, k) => v - b[k]),
    from: (u) => apply(back, [u[0] + b[0], u[1] + b[1]]),
    normal, // the weight of what is drawn at u is normal . u + level
    level: shift - dot(gradient, middle) + dot(normal, b),
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const start = traits(model, ["query", "points"]);
  let hot = null; // the point that the mouse is on, or -1

  // Index -1 is the query everywhere below, as in the trait `selected`.
  const where = (i) => (i < 0 ? model.get("query") : model.get("points")[i]);
  const inside = (point) => point.map((v) => rounded(clamp(v, -BOUND, BOUND)));
  function put(i, point) {
    view.halt();
    if (i < 0) set({ query: inside(point) });
    else set({ points: model.get("points").map((old, k) => (k === i ? inside(point) : old)) });
  }
  const called = (i) => (i < 0 ? "query" : `point ${i + 1}`);
  const indices = [-1, ...start.points.keys()];
  const hover = (i) => {
    hot = i;
    draw();
  };

  // ---- the plane ----
  const drawing = plane("Regressors x1 and x2; drag the query or a point");
  const sides = node("path", { opacity: 0.09, fill: ink("positive") });
  const axes = [0, 1].map(() => node("line", { class: "olsattn-axis" }));
  const axisNames = ["x₁", "x₂"].map((name) => node("text", {}, name));
  const mean = node("path", { d: "M-5 0H5M0-5V5", stroke: ink("soft"), "stroke-width": 2 });
  const zero = node("line", { stroke: ink("soft"), "stroke-dasharray": "5 4", "stroke-width": 1.5 });
  const zeroLabel = node("text", {}, "weight 0");
  // In the encoded plane: the query as an arrow, and where each key falls on its line.
  const along = node("line", { stroke: ink("query"), "stroke-width": 1, opacity: 0.5 });
  const arrow = node("path", { stroke: ink("query"), "stroke-width": 2.5, fill: "none" });
  const drops = node("path", { stroke: ink("soft"), "stroke-width": 1, "stroke-dasharray": "2 3", fill: "none" });
  const drop = node("path", { stroke: ink("ink"), "stroke-width": 2, fill: "none" });
  const feet = node("path", { fill: ink("key") });
  const projections = node("g", { "pointer-events": "none" }, along, drops, drop, feet, arrow);
  const marks = indices.map(mark);
  const [query, ...points] = marks.map(({ group }) => group);
  // The query lies on top of the points.
  drawing.svg.append(sides, ...axes, ...axisNames, mean, zero, projections, ...points, query, zeroLabel);

  function mark(i) {
    const ring = node("circle", { fill: "none", stroke: ink("ink"), "stroke-width": 1.5 });
    const shape =
      i < 0
        ? node("path", { d: "M0-9 9 0 0 9-9 0Z", fill: ink("query"), stroke: ink("paper"), "stroke-width": 1.5 })
        : node("circle", { stroke: ink("paper"), "stroke-width": 1 });
    const sign = node("path", { stroke: ink("paper"), "stroke-width": 1.6, fill: "none" });
    const name = node("text", { "text-anchor": "middle" }, i < 0 ? "query" : String(i + 1));
    const room = node("circle", { r: 22, fill: "transparent" }); // a finger needs more than a mouse
    const group = node("g", { class: "olsattn-handle", role: "button" }, ring, shape, sign, name, room);
    const choose = () => model.get("selected") !== i && set({ selected: i });
    // While a point is held, the plane it was taken from stays, though the encoding follows the point.
    let held = null;
    const invert = (x, y) => held.from(drawing.invert(x, y));
    update(group, {
      onpointerdown: () => {
        held = morph(traits(model, TRAITS));
      },
      onpointerenter: (event) => event.pointerType === "mouse" && hover(i),
      onpointerleave: () => hover(null),
      onfocus: choose,
    });
    draggable(group, { grab: choose, move: (to) => put(i, to), position: () => where(i), invert });
    return { i, group, ring, shape, sign, name };
  }

  // A click on empty paper brings the query there.
  drawing.svg.addEventListener("click", (event) => {
    if (event.target.closest(".olsattn-handle")) return;
    const plane = morph(traits(model, TRAITS));
    view.go({ query: inside(plane.from(drawing.invert(event.clientX, event.clientY))) });
  });

  // ---- the prediction, term by term ----
  const narrow = el.clientWidth && el.clientWidth < 520;
  const [WIDE, TALL] = narrow ? [360, 150] : [340, 320];
  const [LEFT, TOP, FLOOR] = [38, 30, TALL - 36];
  const count = indices.length;
  const step = (WIDE - LEFT - 2) / count;
  const middleOf = (k) => LEFT + (k + 0.5) * step; // of column k; the last one is the sum
  const fall = chart(WIDE, TALL, "The terms of the prediction", "slider");
  const bars = Array.from({ length: count }, (_, k) =>
    node("rect", { x: middleOf(k) - step * 0.36, width: step * 0.72, rx: 1.5 }),
  );
  const steps = node("path", { stroke: ink("soft"), "stroke-width": 1, fill: "none" });
  const lit = node("rect", {
    width: step,
    y: TOP - 6,
    height: TALL - TOP + 6,
    fill: ink("soft"),
    "fill-opacity": 0.16,
  });
  const ground = axis(LEFT, WIDE, 0);
  const scales = node("g");
  const every = Math.ceil(14 / step); // numbers need room
  const names = bars.map((_, k) => {
    if (k === count - 1) return words(middleOf(k), TALL - 17, "ŷ");
    return words(middleOf(k), TALL - 17, k % every ? "" : k + 1);
  });
  const signs = bars.map((_, k) => words(middleOf(k), TALL - 3, ""));
  const title = words(LEFT, 14, "", "start");
  const headings = [words(LEFT - 4, TALL - 17, "i", "end"), words(LEFT - 4, TALL - 3, "ωᵢ", "end")];
  fall.append(lit, scales, ground, steps, ...bars, ...headings, ...names, ...signs, title);
  const column = (event) => {
    const box = fall.getBoundingClientRect();
    const k = Math.floor((((event.clientX - box.left) / box.width) * WIDE - LEFT) / step);
    return k >= 0 && k < count - 1 ? k : -1;
  };
  update(fall, {
    tabindex: 0,
    onpointermove: (event) => event.pointerType === "mouse" && hover(column(event)),
    onpointerleave: () => hover(null),
    onclick: (event) => set({ selected: column(event) }),
    onkeydown(event) {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const k = indices.indexOf(model.get("selected")) + by; // round and round, past the sum
      set({ selected: indices[(k + count) % count] });
    },
  });

  // ---- what a reader moves ----
  const travel = player({
    model,
    view: () => view,
    trait: "encoded",
    label: "",
    ends: ["raw", "encoded"],
    time: PLAY,
  });
  update(travel.input, { "aria-label": "From the regressors to their encoding" });
  const intercept = node("input", { type: "checkbox", onchange: () => set({ intercept: intercept.checked }) });
  const table = numbersTable("Weights, point by point");
  const plain = { points: start.points, intercept: true, selected: -1 };
  const chips = [["the start", { ...plain, query: start.query, encoded: 0 }]];
  if (start.points.length === COUNT) {
    const outermost = start.points[10];
    const corner = [2.9, -2.8];
    const moved = start.points.map((point, i) => (i === 10 ? corner : point));
    chips.push(
      ["inner products", { ...plain, query: outermost, encoded: 1, selected: 10 }],
      ["at the mean", { ...plain, query: inside(means(start.points)) }],
      ["far out", { ...plain, query: [2.4, -2.2] }],
      ["a lone point", { ...plain, points: moved, query: corner, selected: 10 }],
    );
  }
  const view = layout({
    model,
    el,
    name: "similarity",
    shared,
    pictures: [node("div", { class: "olsattn-beside" }, drawing.svg, fall)],
    controls: [travel.element],
    chips,
    more: [labelled("intercept", intercept)],
    table,
  });

  // ---- drawing ----
  // The line where the weight is zero, and the side where it is positive.
  function drawZero({ normal, level }, drawn) {
    const size = norm(normal);
    const hidden = size < 1e-9;
    for (const part of [sides, zero, zeroLabel]) update(part, { display: hidden ? "none" : null });
    if (hidden) return;
    const [nx, ny] = normal.map((v) => v / size);
    const foot = [(-nx * level) / size, (-ny * level) / size];
    const at = (t, up = 0) => drawing.at([foot[0] - ny * t + nx * up, foot[1] + nx * t + ny * up]);
    const far = 40 * drawing.reach;
    const [[x1, y1], [x2, y2]] = [at(far), at(-far)];
    update(zero, { x1, y1, x2, y2 });
    update(sides, { d: `M${x1} ${y1}L${x2} ${y2}L${at(-far, far)}L${at(far, far)}Z` });
    // The label stands where the line leaves the drawing, away from the points.
    const way = nx > 0 ? -1 : 1;
    const tries = Array.from({ length: 61 }, (_, k) => (k / 30 - 1) * 1.5 * drawing.reach);
    const seen = ([x, y]) => x > 30 && x < 290 && y > 16 && y < 310;
    const free = ([x, y]) => drawn.every(([u, v]) => Math.abs(x - u) > 34 || Math.abs(y - v) > 30);
    const spots = tries.map((t) => at(way * t)).filter(seen);
    const spot = spots.findLast(free) ?? spots.at(-1);
    if (spot) update(zeroLabel, { x: spot[0], y: spot[1], "text-anchor": "middle" });
    else update(zeroLabel, { display: "none" });
  }

  function drawProjections(at, keys, shown, chosen) {
    const size = norm(at);
    update(projections, { opacity: size < 1e-9 ? 0 : clamp(5 * shown - 4, 0, 1) });
    if (shown <= 0.8 || size < 1e-9) return;
    const unit = at.map((v) => v / size);
    const far = unit.map((v) => v * 3 * drawing.reach);
    const [[x1, y1], [x2, y2]] = [drawing.at(far), drawing.at(far.map((v) => -v))];
    update(along, { x1, y1, x2, y2 });
    const [ox, oy] = drawing.at([0, 0]);
    const [qx, qy] = drawing.at(at);
    const [ux, uy] = [unit[0], -unit[1]]; // on the screen
    const [hx, hy] = [qx - 10 * ux, qy - 10 * uy];
    const barb = (s) => `${hx - 9 * ux - s * 6 * uy} ${hy - 9 * uy + s * 6 * ux}`;
    update(arrow, { d: `M${ox} ${oy}L${hx} ${hy}M${barb(1)}L${hx} ${hy}L${barb(-1)}` });
    const legs = keys.map((key) => {
      const t = dot(key, unit);
      return [drawing.at(key), drawing.at([t * unit[0], t * unit[1]])];
    });
    update(drops, { d: legs.map(line).join("") });
    update(feet, { d: legs.map(([, [x, y]]) => `M${x} ${y - 3.5}l3.5 3.5-3.5 3.5-3.5-3.5Z`).join("") });
    const leg = legs[chosen];
    update(drop, { d: leg ? line(leg) + line([[ox, oy], leg[1]]) : "" });
  }

  function drawPlane(state, now, plane, chosen) {
    const places = [now.query, ...now.points].map(plane.to);
    const extent = Math.max(...places.flat().map(Math.abs));
    drawing.reach = BOUND + now.encoded * (Math.max(2, 1.12 * extent) - BOUND);
    update(mean, { transform: `translate(${drawing.at(plane.to(means(now.points)))})` });
    const [ox, oy] = drawing.at(plane.to([0, 0]));
    update(axes[0], { x1: 0, x2: SIZE, y1: oy, y2: oy });
    update(axes[1], { y1: 0, y2: SIZE, x1: ox, x2: ox });
    update(axisNames[0], { x: SIZE - 18, y: oy - 5, opacity: 1 - now.encoded });
    update(axisNames[1], { x: ox + 5, y: 14, opacity: 1 - now.encoded });
    drawZero(plane, places.map(drawing.at));
    drawProjections(places[0], places.slice(1), now.encoded, chosen);
    for (const { i, group, ring, shape, sign, name } of marks) {
      const [x, y] = drawing.at(places[i + 1]);
      update(group, {
        transform: `translate(${x} ${y})`,
        tabindex: i === now.selected ? 0 : -1,
        "aria-label": `${called(i)} at ${spoken(where(i))}; arrow keys move it`,
      });
      let radius = 9;
      if (i >= 0) {
        const w = state.weights[i];
        radius = clamp(3 + (22 * Math.sqrt(Math.abs(w))) / 1.3, 3, 26); // area grows with the size of the weight
        update(shape, { r: radius, fill: signInk(w) });
        const arm = radius > 6 ? 3.5 : 0;
        name.textContent = w < 0 && !arm ? `${i + 1} (−)` : String(i + 1); // too small for a sign of its own
        update(sign, { d: w < 0 ? `M${-arm} 0H${arm}` : `M${-arm} 0H${arm}M0 ${-arm}V${arm}` });
      }
      const lone = i >= 0 && i === chosen;
      const ringed = lone || i === state.nearest;
      update(ring, { r: radius + (lone ? 3 : 4), "stroke-width": lone ? 3 : 1.5, display: ringed ? null : "none" });
      const below = i < 0 || y < 40;
      update(name, { y: below && y < 290 ? radius + 14 : -radius - 6 });
    }
  }

  function drawTerms({ weights, prediction }, values, chosen) {
    const terms = weights.map((w, i) => w * values[i]);
    let sum = 0;
    const ends = terms.map((term) => {
      sum += term;
      return [sum - term, sum];
    });
    ends.push([0, prediction]);
    const [low, high] = [Math.min(...ends.flat()), Math.max(...ends.flat())];
    const y = (v) => FLOOR - ((v - low) / (high - low || 1)) * (FLOOR - TOP);
    bars.forEach((bar, k) => {
      const [a, b] = ends[k].map(y);
      const role = k === count - 1 ? ink("query") : signInk(weights[k]);
      update(bar, { y: Math.min(a, b) - 0.5, height: Math.abs(a - b) + 1, fill: role });
      signs[k].textContent = k === count - 1 ? "" : weights[k] < 0 ? "−" : "+";
    });
    update(steps, {
      d: ends
        .slice(0, -1)
        .map(([, end], k) => `M${middleOf(k)} ${y(end)}H${middleOf(k + 1)}`)
        .join(""),
    });
    update(ground, { y1: y(0), y2: y(0) });
    const marks = high > low ? ticks(low, high, narrow ? 2 : 4) : [];
    const digits = high - low < 1 ? 2 : 1;
    scales.replaceChildren(...marks.map((v) => words(LEFT - 4, y(v) + 4, number(v, digits), "end")));
    const shown = chosen >= 0 && chosen !== null;
    update(lit, { x: middleOf(shown ? chosen : count - 1) - step / 2, display: chosen === null ? "none" : null });
    const term = (i) => `${number(weights[i], 3)} × ${number(values[i], 1)} = ${number(terms[i])}`;
    title.textContent = shown
      ? `${called(chosen)}: weight × response = ${term(chosen)}`
      : `Weight × response, term by term, to ŷ = ${number(prediction)}`;
    update(fall, {
      "aria-valuemin": 0,
      "aria-valuemax": count - 1,
      "aria-valuenow": chosen === null ? 0 : chosen + 1,
      "aria-valuetext": title.textContent,
    });
  }

  function draw() {
    const now = traits(model, TRAITS);
    const state = explore(now);
    const { largest, nearest, weights } = state;
    const chosen = hot ?? (now.selected < 0 ? null : now.selected);
    drawPlane(state, now, morph(now), chosen);
    drawTerms(state, now.values, chosen);
    travel.show(now.encoded, "");
    update(travel.input, { "aria-valuetext": `${number(100 * now.encoded, 0)} % of the way` });
    intercept.checked = now.intercept;

    const negative = weights.filter((w) => w < 0).length;
    const total = weights.reduce((sum, w) => sum + w, 0);
    const weighs = (i) => `**${called(i)}** (weight **${number(weights[i])}**)`;
    view.say(
      number(Math.min(...weights)) === number(Math.max(...weights))
        ? `Nearest, ringed, is ${weighs(nearest)}, and all weigh the same. `
        : nearest === largest
          ? `Nearest and heaviest is ${weighs(nearest)}. `
          : `Nearest, ringed, is ${weighs(nearest)}, but heaviest is ${weighs(largest)}. `,
      `**${negative}** of ${weights.length} weights ${negative === 1 ? "is" : "are"} negative; they sum to `,
      `**${number(total)}**, and the terms to the prediction **${number(state.prediction)}**.`,
      state.flat ? " The points do not span the plane: weights are of minimum norm." : "",
    );
    const digits = { point: 0, x1: 2, x2: 2, y: 2 };
    table.fill(state.numbers, (v, heading) => number(v, digits[heading] ?? 3));
  }

  return view.live(TRAITS, draw);
}

export default { render, shared };
