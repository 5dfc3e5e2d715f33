import { dial, elu, powers, relu } from "./kit/attention.js";
import { axis, chart, chartWidth, curve, ink, upright, words } from "./kit/charts.js";
import { across, draggable, handle, labelled, menu, valueSlider } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { dot } from "./kit/linear_algebra.js";
import { onceInView } from "./kit/motion.js";
import { player } from "./kit/player.js";
import { clamp, line, rounded, scale } from "./kit/scales.js";
import { from, oneOf, whole } from "./kit/share.js";
import { share } from "./kit/statistics.js";
import { numbersTable } from "./kit/table.js";
import { number, percent } from "./kit/words.js";

const MASS = [16, 44];
const PRESSURE = [60, 135];
const REGRESSORS = ["body mass", "body mass and pressure"];
const WEIGHTINGS = ["dial", "powers", "ReLU", "ELU"];
const TRAITS = ["beta", "query", "regressors", "whitening", "weighting", "degree"];
const SHOWN = [20, 25, 30, 35, 40]; // body masses of the table
const PLAY = 5000; // milliseconds from end to end

const shared = {
  beta: from(0, 1),
  query: (v) => Array.isArray(v) && v.length === 2 && from(...MASS)(v[0]) && from(...PRESSURE)(v[1]),
  regressors: oneOf(REGRESSORS),
  whitening: from(0, 1),
  weighting: oneOf(WEIGHTINGS),
  degree: whole(1, 64),
};

// What stays while the widget is there: standardised keys, responses, and the correlation of the two regressors.
export function prepare(patients) {
  const moments = [0, 1].map((k) => {
    const mean = patients.reduce((sum, row) => sum + row[k], 0) / patients.length;
    const variance = patients.reduce((sum, row) => sum + (row[k] - mean) ** 2, 0) / patients.length;
    return { mean, size: Math.sqrt(variance) };
  });
  const encode = (point) => moments.map(({ mean, size }, k) => (point[k] - mean) / size);
  const keys = patients.map(encode);
  const correlation = keys.reduce((sum, [a, b]) => sum + a * b, 0) / keys.length;
  return { encode, keys, correlation, y: patients.map((row) => row[2]) };
}

// Weights of all patients for a point, under the traits.
export function weigh({ encode, keys, correlation: r }, point, given) {
  const [a, b] = encode(point);
  let scores;
  if (given.regressors === REGRESSORS[0]) {
    scores = keys.map(([k]) => a * k);
  } else {
    const t = given.whitening; // Omega = (1 - t) I + t R^-1, R the correlation matrix
    const straight = 1 - t + t / (1 - r * r);
    const across = (-t * r) / (1 - r * r);
    const [u, v] = [straight * a + across * b, across * a + straight * b];
    scores = keys.map(([k, l]) => u * k + v * l);
  }
  if (given.weighting === "dial") return dial(scores, given.beta);
  if (given.weighting === "powers") return powers(scores, given.degree);
  return given.weighting === "ReLU" ? relu(scores) : elu(scores);
}

// The rows of the table: five body masses at the patient's pressure, and the patient.
export function explore(given) {
  const data = prepare(given.patients);
  const points = [...SHOWN.map((mass) => [mass, given.query[1]]), given.query];
  const weights = points.map((point) => weigh(data, point, given));
  return {
    numbers: {
      "body mass": points.map(([mass]) => mass),
      prediction: weights.map((w) => dot(w, data.y)),
      "negative share": weights.map((w) => share(w, (i) => w[i] < 0)),
      "effective patients": weights.map((w) => 1 / dot(w, w)),
      "heaviest weight": weights.map((w) => Math.max(...w)),
    },
  };
}

const round = (x, y, r) => `M${x} ${y}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

function render({ model, el }) {
  const set = traitSetter(model);
  const patients = model.get("patients");
  const data = prepare(patients);

  // ---- the picture: patients and the curve, their weights below, and the sum at the bottom ----
  const wide = chartWidth(el);
  const narrow = wide < 500;
  const LEFT = 34;
  const RIGHT = wide - 8;
  const FLOOR = narrow ? 216 : 232;
  const x = scale(...MASS, LEFT, RIGHT);
  const y = scale(0, 370, FLOOR, 8);
  const cloud = chart(wide, FLOOR + 14, "Progression against body mass, with the prediction for each", "group");
  const heavier = node("path", { fill: ink("positive"), "fill-opacity": 0.55 });
  const lighter = node("path", { fill: ink("negative"), "fill-opacity": 0.6 });
  const fit = curve("ink", 2.4);
  const here = upright(8, FLOOR);
  const diamond = node("path", {
    d: "M0-9 9 0 0 9-9 0Z",
    fill: ink("query"),
    stroke: ink("paper"),
    "stroke-width": 1.5,
  });
  const grip = handle({ role: "slider", "aria-label": "Body mass of the patient" }, diamond);
  const scales = [0, 100, 200, 300].flatMap((v) => [axis(LEFT, RIGHT, y(v)), words(LEFT - 4, y(v) + 4, v, "end")]);
  cloud.append(...scales, lighter, heavier, here, fit, grip);

  const TALL = 92;
  const bars = chart(wide, TALL + 18, "Weight of each patient, at their body mass");
  const up = curve("positive", 2.2);
  const down = curve("negative", 2.2);
  const zero = axis(LEFT, RIGHT, 0);
  const below = curve("query", 2);
  const ticks = (narrow ? [20, 25, 30] : [20, 25, 30, 35]).map((mass) => words(x(mass), TALL + 15, mass));
  bars.append(zero, up, down, below, ...ticks, words(RIGHT, TALL + 15, "body mass", "end"));

  const sum = chart(wide, 34, "Positive and negative parts of the prediction");
  const part = (role) => node("rect", { height: 11, fill: ink(role), "fill-opacity": 0.75 });
  const [plus, minus] = [part("positive"), part("negative")];
  const [plusName, minusName] = [words(0, 0, "", "end"), words(0, 0, "", "end")];
  const total = node("path", { d: "M0-8 8 0 0 8-8 0Z", fill: ink("query") });
  const xSum = scale(0, 420, LEFT, RIGHT);
  sum.append(plus, minus, plusName, minusName, total);

  draggable(grip, {
    position: () => [model.get("query")[0], 0],
    invert: (clientX) => [MASS[0] + ((across(cloud, wide)(clientX) - LEFT) / (RIGHT - LEFT)) * (MASS[1] - MASS[0]), 0],
    grab: () => view.halt(),
    step: 0.2,
    move: ([mass, up]) => set({ query: [rounded(clamp(mass + up, ...MASS), 1), model.get("query")[1]] }), // as a slider
  });

  // ---- the dial ----
  const beta = player({
    model,
    view: () => view,
    trait: "beta",
    label: "β",
    ends: ["least squares", "attention"],
    time: PLAY,
    before: () => set({ weighting: "dial" }),
  });
  const degree = valueSlider("Degree", { min: 0, max: 6, step: 1 }, (k) => set({ degree: 2 ** k }));
  const regressors = menu(REGRESSORS, (name) => set({ regressors: name }));
  const weighting = menu(WEIGHTINGS, (name) => set({ weighting: name }));
  const whitening = valueSlider("Ω from I to Σ̂⁻¹", { min: 0, max: 1, step: 0.01 }, (t) => set({ whitening: t }));
  const pressure = valueSlider("Pressure", { min: PRESSURE[0], max: PRESSURE[1], step: 1 }, (v) =>
    set({ query: [model.get("query")[0], v] }),
  );
  const table = numbersTable("Predictions at five body masses; the last row is the patient");
  const patient = model.get("query");
  const plain = { regressors: REGRESSORS[0], weighting: "dial", whitening: 1, query: patient };
  const view = layout({
    model,
    el,
    name: "dial-explorer",
    shared,
    pictures: [cloud, bars, sum],
    controls: [beta.element],
    chips: [
      ["least squares", { ...plain, beta: 0 }],
      ["half way", { ...plain, beta: 0.5 }],
      ["attention", { ...plain, beta: 1 }],
      ["beyond the data", { ...plain, query: [44, patient[1]], beta: 1 }],
      ["no negative weight, at a price", { ...plain, weighting: "powers", degree: 2 }],
    ],
    more: [
      labelled("Regressors", regressors),
      whitening.field,
      pressure.field,
      labelled("Weighting", weighting),
      degree.field,
    ],
    table,
  });

  function drawWeights(weights, mass) {
    const paths = { up: "", down: "", heavier: "", lighter: "" };
    const reach = Math.max(...weights);
    const depth = Math.max(0, ...weights.map((w) => -w));
    const unit = (TALL - 8) / (reach + depth);
    const base = 4 + reach * unit;
    weights.forEach((w, i) => {
      const cx = x(patients[i][0]).toFixed(1);
      const r = Math.sqrt(Math.abs(w) * (narrow ? 2200 : 3600)).toFixed(1);
      paths[w < 0 ? "down" : "up"] += `M${cx} ${base.toFixed(1)}V${(base - w * unit).toFixed(1)}`;
      paths[w < 0 ? "lighter" : "heavier"] += round(cx, y(patients[i][2]).toFixed(1), Math.max(0.7, r));
    });
    update(up, { d: paths.up });
    update(down, { d: paths.down });
    update(heavier, { d: paths.heavier });
    update(lighter, { d: paths.lighter });
    update(zero, { y1: base, y2: base });
    update(below, { d: `M${x(mass)} 2V${TALL}` });
  }

  function drawSum(positive, prediction) {
    const [start, top, end] = [xSum(0), xSum(positive), xSum(prediction)];
    update(plus, { x: start, y: 2, width: Math.max(0, top - start) });
    update(minus, { x: Math.min(end, top), y: 15, width: Math.abs(top - end) });
    update(total, { transform: `translate(${end} 20)` });
    update(plusName, { x: top - 5, y: 12, class: "olsattn-on" });
    plusName.textContent = number(positive, 0);
    update(minusName, { x: end - 12, y: 25 });
    minusName.textContent = `${number(positive, 0)} ${prediction <= positive ? "−" : "+"} ${number(
      Math.abs(positive - prediction),
      0,
    )} = ${number(prediction, 0)}`;
  }

  const masses = Array.from({ length: 57 }, (_, k) => MASS[0] + (k * (MASS[1] - MASS[0])) / 56);
  function draw() {
    const given = { ...traits(model, TRAITS), patients };
    const [mass, its] = given.query;
    const weights = weigh(data, given.query, given);
    const prediction = dot(weights, data.y);
    const two = given.regressors !== REGRESSORS[0];
    beta.show(given.beta, given.weighting === "dial" ? number(given.beta) : given.weighting);
    degree.show(Math.round(Math.log2(given.degree)), String(given.degree));
    whitening.show(given.whitening, number(given.whitening));
    pressure.show(its, number(its, 0));
    regressors.value = given.regressors;
    weighting.value = given.weighting;
    whitening.field.hidden = pressure.field.hidden = !two;
    degree.field.hidden = given.weighting !== "powers";
    beta.input.disabled = given.weighting !== "dial";

    const at = masses.map((m) => [x(m), y(dot(weigh(data, [m, its], given), data.y))]);
    update(fit, { d: line(at) });
    update(here, { x1: x(mass), x2: x(mass) });
    update(grip, {
      transform: `translate(${x(mass)} ${y(prediction)})`,
      "aria-valuenow": mass,
      "aria-valuemin": MASS[0],
      "aria-valuemax": MASS[1],
      "aria-valuetext": `${number(mass, 1)}: prediction ${number(prediction, 0)}`,
    });
    drawWeights(weights, mass);
    drawSum(
      weights.reduce((s, w, i) => (w > 0 ? s + w * data.y[i] : s), 0),
      prediction,
    );
    const negative = share(weights, (i) => weights[i] < 0);
    const heaviest = patients[weights.indexOf(Math.max(...weights))][0];
    view.say(
      `Body mass ${number(mass, 1)}${two ? `, pressure ${number(its, 0)}` : ""}: prediction `,
      `**${number(prediction, 0)}**, resting on **${number(1 / dot(weights, weights), 0)}** effective patients of `,
      `${patients.length}. **${percent(negative)}** of the weight is negative. Most of all counts a body mass of `,
      `**${number(heaviest, 1)}**.`,
      given.weighting === "powers" ? ` (Weights are powers of degree ${given.degree}.)` : "",
    );
    table.fill(explore(given).numbers, (v, heading) => number(v, heading === "heaviest weight" ? 4 : 2));
  }

  const forget = model.get("beta") === 0 && !model.told ? onceInView(view.root, beta.begin) : () => {};
  return view.live(TRAITS, draw, forget);
}

export default { render, shared };
