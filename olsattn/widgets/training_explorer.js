import { axis, chart, chartWidth, curve, disc, ink, upright, words } from "./kit/charts.js";
import { across, button, draggable, handle, labelled, menu, scrubbed, valueSlider } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { onceInView, still } from "./kit/motion.js";
import { clamp, envelope, line, rounded, scale } from "./kit/scales.js";
import { from, oneOf, whole } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { figures, number, percent, raised } from "./kit/words.js";

const EPOCHS = 5000;
const REACH = 2.5;
const CUT = 1e6;
const OPTIMISERS = ["Adam", "gradient descent"];
const MARKED = [0, 100, 200, 500, 1000, 2000, 5000];
const TRAITS = ["second_moment", "coefficient", "floor", "optimiser", "rate", "start", "epoch"];
const shared = {
  optimiser: oneOf(OPTIMISERS),
  rate: from(1e-4, 0.1),
  start: from(-REACH, REACH),
  epoch: whole(0, EPOCHS),
};

// The recursion of olsattn.training.scalar_descent, cut where it is cut there.
export function descend({ second_moment: s, coefficient: b, optimiser, rate, start }) {
  const path = [start];
  let w = start;
  let mean = 0;
  let square = 0;
  for (let t = 1; t <= EPOCHS; t++) {
    const gradient = 8 * s ** 3 * b ** 2 * w ** 3 * (s ** 2 * w ** 4 - 1);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient ** 2;
    const adam = mean / (1 - 0.9 ** t) / (Math.sqrt(square / (1 - 0.999 ** t)) + 1e-8);
    w -= rate * (optimiser === "Adam" ? adam : gradient);
    if (!(Math.abs(w) <= CUT)) break;
    path.push(w);
  }
  return path;
}

// The error surface: distance of the layer's output from the least-squares fit, and what that adds to the floor.
const surface = ({ second_moment: s, coefficient: b }) => {
  const distance = (w) => Math.abs(s ** 2 * w ** 4 - 1);
  return { distance, excess: (w) => s * b ** 2 * distance(w) ** 2, target: 1 / Math.sqrt(s) };
};

// The marked epochs and the one that is shown; null where the path is cut before.
export function explore(given, path = descend(given)) {
  const { distance, excess } = surface(given);
  const epochs = [...MARKED, given.epoch];
  const there = (f) => epochs.map((k) => (k < path.length ? f(path[k]) : null));
  const numbers = { epoch: epochs, w: there((w) => w), "MSE minus floor": there(excess), distance: there(distance) };
  return { numbers, path };
}

// A way through places in a drawing, from each to the next: small steps straight, a hop as an arc above what it
// leaves out. `arc` is the hop's control point.
const gap = ([x, y], [u, v]) => Math.hypot(u - x, v - y);
const arc = ([x, y], [u, v]) => [(x + u) / 2, Math.max(2, Math.min(y, v) - Math.min(50, Math.abs(u - x) / 3))];
const isHop = (a, b) => gap(a, b) > 8;
export const onArc = (a, b, part) => {
  const c = arc(a, b);
  return a.map((v, i) => (1 - part) ** 2 * v + 2 * part * (1 - part) * c[i] + part ** 2 * b[i]);
};
function hops(places) {
  const at = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return places
    .map((b, i) => {
      const a = places[i - 1];
      if (!a) return `M${at(b)}`;
      return isHop(a, b) ? `Q${at(arc(a, b))} ${at(b)}` : `L${at(b)}`;
    })
    .join("");
}

function render({ model, el }) {
  const set = traitSetter(model);
  const { floor } = traits(model, ["floor"]);
  const { distance, excess, target } = surface(traits(model, TRAITS));
  const wide = chartWidth(el);
  const narrow = wide < 500;
  const LEFT = 44;
  const RIGHT = wide - 10;
  const EDGE = REACH + 0.1;
  // As a scale, and on beyond the ends: what is out of the picture is drawn out of it.
  const beyond = (low, high, a, b) =>
    scale(low - 9 * (high - low), high + 9 * (high - low), a - 9 * (b - a), b + 9 * (b - a));
  const tick = (y, text) => [axis(LEFT, RIGHT, y), words(LEFT - 9, y + 4, text, "end")];

  // ---- the error against the weight, and the hops of the weight on it ----
  const GROUND = narrow ? 160 : 190;
  const xWeight = beyond(-EDGE, EDGE, LEFT, RIGHT);
  const yLog = beyond(Math.log(floor / 12), Math.log(floor + excess(EDGE)), GROUND, 8);
  const onCurve = (w) => [xWeight(w), yLog(Math.log(floor + excess(w)))];
  const grid = Array.from({ length: 261 }, (_, k) => -EDGE + (k / 130) * EDGE);
  const loss = chart(wide, GROUND + 20, "Mean squared error for each weight, with the weight's way on it", "group");
  const lossCurve = update(curve("soft"), { d: line(grid.map(onCurve)) });
  const way = update(curve("query", 2), { "stroke-opacity": 0.75 });
  const visited = update(curve("query", 5), { "stroke-linecap": "round", "stroke-opacity": 0.6 });
  const iterate = disc("query");
  const outside = words(0, 22, "");
  const stationary = [
    [-target, "−1/√s"],
    [0, "flat maximum at 0"],
    [target, "1/√s"],
  ].map(([w, name]) => {
    const [cx, cy] = onCurve(w);
    const [foot, text] = w ? [cy + 10, cy + 21] : [cy + 20, cy + 32];
    const dashes = { stroke: ink("positive"), "stroke-dasharray": "3 3" };
    const ring = { fill: ink("paper"), stroke: ink("positive"), "stroke-width": 2 };
    return node(
      "g",
      {},
      node("line", { x1: cx, x2: cx, y1: cy, y2: foot, ...dashes }),
      node("circle", { cx, cy, r: 4, ...ring }),
      words(cx, text, name),
    );
  });
  const startName = update(words(0, 0, "start"), { class: "olsattn-halo" });
  const grip = handle(
    { role: "slider", "aria-label": "Start of the weight" },
    node("circle", { r: 10, fill: "none", stroke: ink("value"), "stroke-width": 2.5 }),
    startName,
  );
  const errorTicks = [1, 10, 100, 1000].flatMap((v) => tick(yLog(Math.log(v)), String(v)));
  const weightTicks = [-2, -1, 0, 1, 2].map((w) => words(xWeight(w), GROUND + 15, number(w, 0)));
  const marks = [lossCurve, ...stationary, way, visited, iterate, outside, grip];
  const title = words(
    (LEFT + RIGHT) / 2,
    yLog(Math.log(320)) + 4,
    narrow ? "MSE against w" : "mean squared error against w",
  );
  loss.append(...errorTicks, axis(LEFT, RIGHT, GROUND), ...weightTicks, title, ...marks);
  draggable(grip, {
    position: () => [model.get("start"), 0],
    invert: (clientX) => [-EDGE + ((across(loss, wide)(clientX) - LEFT) / (RIGHT - LEFT)) * 2 * EDGE, 0],
    step: 0.05,
    move: ([w, up]) => choose({ start: rounded(clamp(w + up, -REACH, REACH)) }), // up as right: it is a slider
  });

  // ---- the path of w, once for each setting ----
  const setting = () => ["optimiser", "rate", "start"].map((name) => model.get(name)).join();
  let descent = null;
  function descended() {
    const key = setting();
    if (descent?.key === key) return descent;
    const path = descend(traits(model, TRAITS));
    const errors = path.map((w) => floor + excess(w));
    const places = path.map(onCurve);
    const kept = [0]; // epochs that can be told apart in the picture
    const gone = [0]; // distance gone in it; an epoch without any takes some time too
    places.forEach((place, k) => {
      if (!k) return;
      gone.push(gone[k - 1] + Math.min(wide, gap(places[k - 1], place)) + 0.02);
      if (gap(places[kept.at(-1)], place) >= 1.5) kept.push(k);
    });
    descent = {
      key,
      path,
      places,
      kept,
      gone,
      cut: path.length <= EPOCHS,
      last: Math.min(EPOCHS, path.length), // the last epoch to show: where it diverges
      reached: path.findIndex((w) => distance(w) < 0.01),
      rises: errors.filter((error, k) => k && error > errors[k - 1] * (1 + 1e-12)).length, // more than rounding
    };
    return descent;
  }

  // ---- playing: by distance and not by epoch. Each frame stops it if something else has changed the widget ----
  let playing = null;
  let part = 0; // of the hop that is under way
  function pause() {
    if (playing) {
      cancelAnimationFrame(playing.frame);
      model.save_changes(); // Python is told at the end
    }
    playing = null;
    part = 0;
    play.textContent = "Play";
  }
  function choose(changes) {
    pause();
    view.halt();
    set(changes);
  }
  function begin() {
    pause();
    view.halt();
    const { key, path, gone, last } = descended();
    const first = model.get("epoch") < last ? model.get("epoch") : 0;
    if (still()) return set({ epoch: last });
    set({ epoch: first });
    const [start, end] = [gone[Math.min(first, path.length - 1)], gone.at(-1)];
    const time = clamp(12 * (end - start), 1500, 8000);
    const power = clamp(Math.log10(1 + end - start) - 1.5, 1, 4); // a long way is gone ever faster
    const went = (u) => start + (end - start) * u ** power;
    playing = { key, last, went, time, began: performance.now(), epoch: first, frame: requestAnimationFrame(advance) };
    play.textContent = "Pause";
  }
  function advance(now) {
    if (setting() !== playing.key || model.get("epoch") !== playing.epoch) {
      pause();
      return draw();
    }
    const { path, gone } = descended();
    const u = clamp((now - playing.began) / playing.time, 0, 1);
    const reached = playing.went(u);
    let k = playing.epoch;
    while (k < path.length - 1 && gone[k + 1] <= reached) k++;
    if (u === 1) k = playing.last;
    part = k < path.length - 1 ? (reached - gone[k]) / (gone[k + 1] - gone[k]) : 0;
    playing.epoch = k;
    model.set("epoch", k);
    if (u === 1) return pause();
    drawWay(descended(), k);
    playing.frame = requestAnimationFrame(advance);
  }

  // ---- against the epochs: how far w and the error still are from the target ----
  const FLOOR = narrow ? 120 : 138;
  const logarithm = Math.log(EPOCHS + 1);
  const xEpoch = (k) => LEFT + (Math.log(k + 1) / logarithm) * (RIGHT - LEFT);
  const epochAt = (u) => clamp(Math.round(Math.exp(((u - LEFT) / (RIGHT - LEFT)) * logarithm)) - 1, 0, EPOCHS);
  const course = chart(wide, FLOOR + 20, "Against epochs: MSE minus floor, and the weight's distance from its target");
  const yPower = beyond(-16, 4, FLOOR, 10);
  const yDecay = (v) => yPower(Math.log10(Math.max(v, 1e-16)));
  const powers = [4, 0, -4, -8, -12, -16].flatMap((p) => tick(yPower(p), p ? `10${raised(p)}` : "1"));
  const foot = FLOOR + 15;
  const epochTicks = [0, 1, 10, 100, 1000].map((k) => words(xEpoch(k), foot, String(k)));
  const errorCurve = curve("value", 2.2);
  const gapCurve = curve("query", 2.2, "7 3");
  const errorNow = disc("value");
  const gapNow = disc("query");
  const now = upright(6, FLOOR);
  const legend = [
    ["value", null, "MSE − floor", narrow ? 148 : 300],
    ["query", "7 3", "|w − target|", narrow ? 254 : 420],
  ].flatMap(([role, dashes, text, x]) => [
    update(curve(role, 2.2, dashes), { d: `M${x} 16h24` }),
    update(words(x + 28, 20, text, "start"), { class: "olsattn-halo" }),
  ]);
  const last = words(RIGHT, foot, narrow ? "epoch" : "epoch, to 5000", "end");
  course.append(...powers, ...epochTicks, last, now, errorCurve, gapCurve, errorNow, gapNow, ...legend);
  scrubbed(course, wide, (u) => choose({ epoch: epochAt(u) }));

  // ---- controls ----
  const optimiser = menu(OPTIMISERS, (name) => choose({ optimiser: name }));
  const rate = valueSlider("Rate", { min: -4, max: -1, step: 0.05 }, (power) =>
    choose({ rate: Number((10 ** power).toPrecision(2)) }),
  );
  const start = valueSlider("Start", { min: -REACH, max: REACH, step: 0.05 }, (w) => choose({ start: w }));
  const epoch = valueSlider("Epoch", { min: 0, max: EPOCHS, step: 1 }, (k) => choose({ epoch: k }));
  const play = button("Play", () => (playing ? pause() : begin()));
  const step = button("Step", () => choose({ epoch: Math.min(EPOCHS, model.get("epoch") + 1) }));
  const reset = button("Reset", () => choose({ epoch: 0 }));
  const table = numbersTable("The path, epoch by epoch; the last row is this epoch");
  const view = layout({
    model,
    el,
    name: "training",
    shared,
    scales: { rate: [Math.log, Math.exp] },
    pictures: [loss, course],
    controls: [
      node("div", { class: "olsattn-buttons" }, play, step, reset),
      labelled("Optimiser", optimiser),
      rate.field,
    ],
    chips: [
      ["converges", { optimiser: "Adam", rate: 1e-3, start: 0.1, epoch: 1000 }],
      ["the other sign", { optimiser: "gradient descent", rate: 1e-3, start: 1.8, epoch: 1000 }],
      ["stuck", { optimiser: "gradient descent", rate: 1e-4, start: 0.1, epoch: EPOCHS }],
      ["never rests", { optimiser: "gradient descent", rate: 0.02, start: 0.5, epoch: 100 }],
      ["diverges", { optimiser: "gradient descent", rate: 1e-3, start: 2, epoch: 3 }],
    ],
    more: [start.field, epoch.field],
    table,
  });

  // ---- drawing ----
  function drawWay({ path, places, kept }, k) {
    const at = Math.min(k, path.length - 1);
    const before = kept.findLastIndex((other) => other <= at);
    const seen = kept.slice(Math.max(0, before - 400), before + 1).map((other) => places[other]);
    const here = part ? onArc(places[at], places[at + 1], part) : places[at];
    update(way, { d: hops([...seen.slice(-60), places[at], ...(part ? [here] : [])]) });
    update(visited, { d: seen.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("") });
    const w = path[at];
    const out = !part && Math.abs(w) > EDGE;
    update(iterate, { cx: here[0], cy: here[1], display: k >= path.length || out ? "none" : null });
    update(outside, { x: w < 0 ? LEFT + 4 : RIGHT - 4, "text-anchor": w < 0 ? "start" : "end" });
    const far = k >= path.length ? "diverged" : `w = ${figures(w)}`;
    outside.textContent = out ? (w < 0 ? `← ${far}` : `${far} →`) : "";
  }

  function drawCourse({ path, key }, aim, k) {
    const gap = (w) => Math.abs(w - aim);
    if (course.dataset.key !== key) {
      update(errorCurve, { d: envelope(path.map(excess), xEpoch, yDecay) });
      update(gapCurve, { d: envelope(path.map(gap), xEpoch, yDecay) });
      course.dataset.key = key;
    }
    update(now, { x1: xEpoch(k), x2: xEpoch(k) });
    const display = k >= path.length ? "none" : null;
    const w = path[Math.min(k, path.length - 1)];
    update(errorNow, { cx: xEpoch(k), cy: yDecay(excess(w)), display });
    update(gapNow, { cx: xEpoch(k), cy: yDecay(gap(w)), display });
  }

  // What is seen, in a sentence or two.
  function said({ path, cut, last, reached, rises }, aim, k) {
    const w = path[Math.min(k, path.length - 1)];
    const before = `It was **${figures(w)}** at epoch ${last - 1}, beyond a million at ${last}.`;
    if (k >= path.length) return `Epoch **${k}**: w has **diverged**. ${before}`;
    const far = distance(w);
    const share = far < 1e-4 || far >= 100 ? figures(far) : percent(far);
    const end = cut
      ? `It **diverges** at epoch ${last}.`
      : reached < 0
        ? `It is not below 1 % in ${EPOCHS} epochs.`
        : `It is first below 1 % at epoch ${reached}.`;
    const rose = rises ? ` The MSE rose in ${rises} ${rises === 1 ? "epoch" : "epochs"}.` : "";
    const sign = aim < 0 ? "−" : "";
    return (
      `Epoch **${k}**: w **${figures(w)}**, target **${number(aim, 3)}** (${sign}1/√s). The output's distance from ` +
      `the least-squares fit, relative to it: **${share}**. ${end}${rose}`
    );
  }

  function draw() {
    const given = traits(model, TRAITS);
    const state = descended();
    const { path, cut } = state;
    const { epoch: k, start: from } = given;
    if (!playing) part = 0;
    const aim = (cut ? from : path.at(-1)) < 0 ? -target : target;
    optimiser.value = given.optimiser;
    rate.show(Math.log10(given.rate), String(given.rate));
    start.show(from, number(from));
    epoch.show(k, String(k));
    drawWay(state, k);
    drawCourse(state, aim, k);
    const [x, y] = state.places[0];
    update(grip, {
      transform: `translate(${x} ${y})`,
      "aria-valuemin": -REACH,
      "aria-valuemax": REACH,
      "aria-valuenow": from,
      "aria-valuetext": number(from),
    });
    update(startName, { y: y < 40 ? 26 : -15 });
    view.say(said(state, aim, k));
    const printed = { epoch: String, w: (v) => number(v, 5) };
    table.fill(explore(given, path).numbers, (v, heading) => (printed[heading] ?? figures)(v));
  }

  const forget = model.get("epoch") === 0 && !model.told ? onceInView(view.root, begin) : () => {};
  return view.live(TRAITS, draw, forget, pause);
}

export default { render, shared };
