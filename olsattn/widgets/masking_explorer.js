import { expandingForecasts, leastSquares, maskedRow } from "./kit/attention.js";
import { axis, chart, chartWidth, curve, ink, signInk, swatch, upright, words } from "./kit/charts.js";
import { labelled, menu, scrubbed, segmented, valueSlider } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { dot, embedding } from "./kit/linear_algebra.js";
import { follower } from "./kit/motion.js";
import { apart, clamp, line, ticks } from "./kit/scales.js";
import { oneOf, whole } from "./kit/share.js";
import { runningRms, share } from "./kit/statistics.js";
import { numbersTable } from "./kit/table.js";
import { number, percent } from "./kit/words.js";

const MASKS = ["unmasked", "equation 35", "strict", "exact"];
const FIRST = 24; // the first quarter with 20 rows under every design
const LOWEST = -40; // what a forecast may do to the scale: equation 35 has no bound
const HIGHEST = 30;
const LEAP = 8; // quarters: a date further off is reached by a movement
const CONTEXTS = [
  ["inflation", "lags of inflation"],
  ["economy", "lags of inflation, unemployment, interest"],
];
const shared = {
  date: (v) => /^\d{4}Q[1-4]$/.test(v) && v >= "1965Q2" && v <= "2009Q3", // where the series has forecasts
  mask: oneOf(MASKS),
  context: oneOf(CONTEXTS.map(([value]) => value)),
  lags: whole(1, 4),
};
const TRAITS = ["series", "dates", ...Object.keys(shared)];
// Dashes tell the masks apart without colour.
const LOOKS = { unmasked: ["soft", "2 3"], "equation 35": ["negative", "7 3"], strict: ["key", "7 3 2 3"] };
LOOKS.exact = ["positive", null];

// A design and all forecasts from it; row t of F and y is quarter t + lags.
function forecastsOf({ series, context, lags }) {
  const width = context === "inflation" ? 1 : 3;
  const y = series.slice(lags).map((row) => row[0]);
  const past = (t) => Array.from({ length: lags }, (_, k) => series[t - 1 - k].slice(0, width)).flat();
  const { F } = embedding(y.map((_, s) => [1, ...past(s + lags)])); // encoded, so that what follows is well conditioned
  const first = FIRST - lags;
  const masked = y.map((_, t) => (t < first ? null : maskedRow(F, t)));
  const forecasts = Object.fromEntries(
    MASKS.slice(0, 3).map((name) => [name, masked.map((rows) => (rows ? dot(rows[name], y) : NaN))]),
  );
  return { lags, F, y, forecasts: { ...forecasts, exact: expandingForecasts(F, y, first) } };
}

// Weights and forecasts of the four masks at one date, and their errors up to it.
export function explore(given, { lags, F, y, forecasts } = forecastsOf(given)) {
  const t = given.dates.indexOf(given.date) - lags;
  const first = FIRST - lags;
  const past = leastSquares(F.slice(0, t), F[t]).weights; // the regression on the rows before t
  const weights = { ...maskedRow(F, t), exact: y.map((_, s) => past[s] ?? 0) };
  const errors = MASKS.map((name) => runningRms(y.slice(first).map((v, s) => forecasts[name][first + s] - v)));
  return {
    numbers: {
      forecast: MASKS.map((name) => forecasts[name][t]),
      error: MASKS.map((name) => forecasts[name][t] - y[t]),
      "on future or itself": MASKS.map((name) => share(weights[name], (s) => s >= t)),
      "running error": errors.map((column) => column[t - first]),
    },
    t,
    lags,
    weights,
    came: y[t],
    errors,
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const { series, dates } = traits(model, ["series", "dates"]);
  const T = dates.length;
  const inflation = series.map((row) => row[0]);

  // ---- three charts on one time axis; the room on the right is for the names of the lines ----
  const wide = chartWidth(el);
  const narrow = wide < 500;
  const LEFT = 26;
  const RIGHT = wide - 84;
  const step = (RIGHT - LEFT) / T;
  const x = (t) => LEFT + (t + 0.5) * step;
  const [TOP, MIDDLE, BOTTOM] = narrow ? [108, 90, 112] : [124, 92, 118];
  const title = (text) => words(LEFT, 10, text, "start");

  const top = chart(wide, TOP, "US inflation and its forecasts");
  const future = node("rect", { y: 14, height: TOP - 14, fill: ink("soft"), "fill-opacity": 0.12 });
  const topZero = axis(LEFT, RIGHT, 0);
  const came = curve("value", 1.4);
  const forecasts = curve("query", 1.2);
  const miss = node("line", { stroke: ink("query"), "stroke-width": 1.5, "stroke-dasharray": "3 3" });
  const diamond = node("path", { d: "M0-7 7 0 0 7-7 0Z", fill: ink("query"), stroke: ink("paper") });
  const disc = node("circle", { r: 4.5, fill: ink("value"), stroke: ink("paper") });
  const forecastWords = update(words(0, 0, ""), { class: "olsattn-halo" });
  const levels = node("g");
  const legend = narrow ? "Inflation, %: ● came, ◆ forecast" : "Inflation, per cent: ● what came, ◆ the forecast";
  top.append(future, topZero, came, forecasts, miss, disc, diamond, forecastWords, levels, title(legend));

  const middle = chart(wide, MIDDLE, "Attention to each quarter");
  const bars = dates.map((_, s) => node("rect", { x: x(s) - step * 0.425, width: step * 0.85 }));
  const zero = axis(LEFT, RIGHT, 0);
  const barNow = upright(14, MIDDLE);
  const crisis = dates.indexOf("1974Q1");
  const marked = node("path", { d: "M0 0-4-7H4Z", fill: ink("ink") });
  const attention = narrow ? "Attention" : "Attention to each quarter";
  const middleTitle = title(attention);
  const signs = ["+", "−"].map((sign) => words(LEFT - 6, 0, sign, "end"));
  middle.append(zero, barNow, ...bars, marked, ...signs, middleTitle);

  const bottom = chart(wide, BOTTOM, "Running error of each mask");
  const FLOOR = BOTTOM - 18;
  const lines = MASKS.map((name) => curve(LOOKS[name][0], 1.6, LOOKS[name][1]));
  const names = MASKS.map((name) => update(words(0, 0, name, "start"), { style: `fill: ${ink(LOOKS[name][0])}` }));
  const leaders = MASKS.map((name) => curve(LOOKS[name][0], 1));
  const errorNow = upright(14, FLOOR);
  const scales = node("g");
  const decades = dates.flatMap((date, t) => (/0Q1$/.test(date) ? [words(x(t), BOTTOM - 3, date.slice(0, 4))] : []));
  const errorTitle = title(narrow ? "Error so far, %" : "Error so far of each mask, per cent");
  bottom.append(axis(LEFT, RIGHT, FLOOR), ...lines, ...leaders, ...names, errorNow, scales, ...decades, errorTitle);

  for (const svg of [top, middle, bottom])
    scrubbed(svg, wide, (u) => set({ date: dates[clamp(Math.floor((u - LEFT) / step), FIRST, T - 1)] }));

  // ---- what a reader moves ----
  const range = { min: FIRST, max: T - 1, step: 1, class: "olsattn-dial" };
  const scrub = valueSlider("Date", range, (t) => set({ date: dates[t] }));
  const masks = segmented("Mask", MASKS, (mask) => set({ mask }));
  const menus = {
    context: menu(CONTEXTS, (context) => set({ context })),
    lags: menu([1, 2, 3, 4], (lags) => set({ lags })),
  };
  const table = numbersTable("The four masks at this date");
  const plain = { context: "inflation", lags: 1 };
  const view = layout({
    model,
    el,
    name: "masking",
    shared,
    pictures: [top, middle, bottom],
    controls: [masks.element, scrub.field],
    chips: [
      ["1986: a small divisor", { ...plain, date: "1986Q2", mask: "equation 35" }],
      ["1978 with the future", { ...plain, date: "1978Q1", mask: "unmasked" }],
      ["1978 without it", { ...plain, date: "1978Q1", mask: "exact" }],
      ["three series, with the future", { context: "economy", lags: 4, date: "1990Q1", mask: "unmasked" }],
    ],
    more: [labelled("From", menus.context), labelled("Lags", menus.lags)],
    table,
  });
  const rowNames = MASKS.map((name) => node("span", {}, swatch(...LOOKS[name]), name));

  // ---- drawing ----
  let design = null; // all forecasts of a design, once; the weights of one date when it is shown
  function designed(given) {
    const key = `${given.context} ${given.lags}`;
    if (design?.key !== key) design = { key, ...forecastsOf(given) };
    return design;
  }

  const scaled = (low, high, from, to) => (v) => from + ((v - low) / (high - low || 1)) * (to - from);
  const scaleNames = (y, values) => values.map((v) => words(LEFT - 4, y(v) + 4, number(v, 0), "end"));

  let now = null;
  const follow = follower(([at, weights, forecast, [low, high], errors, limit]) => {
    const u = x(at);
    update(future, { x: u + step / 2, width: Math.max(0, RIGHT - u - step / 2) });
    for (const mark of [barNow, errorNow]) update(mark, { x1: u, x2: u });
    drawInflation(u, forecast, low, high);
    drawWeights(weights);
    drawErrors(errors, limit);
  });

  function drawInflation(u, forecast, low, high) {
    const { given, state } = now;
    const scale = scaled(low, high, TOP - 6, 22);
    const y = (v) => scale(clamp(v, low, high));
    update(topZero, { y1: y(0), y2: y(0) });
    update(came, { d: line(inflation.map((v, t) => [x(t), y(v)])) });
    const all = design.forecasts[given.mask].slice(FIRST - given.lags);
    update(forecasts, { d: line(all.map((v, k) => [x(FIRST + k), y(v)])) });
    update(disc, { cx: u, cy: y(state.came) });
    update(diamond, { transform: `translate(${u} ${y(forecast)})` });
    update(miss, { x1: u, x2: u, y1: y(state.came), y2: y(forecast) });
    update(forecastWords, { x: u + 12, y: clamp(y(forecast) + 4, 24, TOP - 4), "text-anchor": "start" });
    forecastWords.textContent = number(state.numbers.forecast[MASKS.indexOf(given.mask)], 1);
    levels.replaceChildren(...scaleNames(y, ticks(low, high, 3)));
  }

  function drawWeights(weights) {
    const up = Math.max(0, ...weights);
    const down = Math.max(0, ...weights.map((w) => -w));
    const unit = (MIDDLE - 30) / (up + down || 1);
    const base = 28 + up * unit;
    update(zero, { y1: base, y2: base });
    bars.forEach((bar, s) => {
      const w = weights[s];
      const height = Math.abs(w) * unit;
      update(bar, { y: w < 0 ? base : base - height, height, fill: signInk(w) });
    });
    update(signs[0], { y: base - 4 });
    update(signs[1], { y: base + 11 });
    const tip = base - Math.max(0, weights[crisis]) * unit;
    update(marked, { transform: `translate(${x(crisis)} ${tip - 2})` });
  }

  function drawErrors(errors, limit) {
    const y = scaled(0, limit, FLOOR, 22);
    const ends = errors.map((column) => y(Math.min(limit, column.at(-1))));
    const spots = apart(ends, 12, 18, FLOOR);
    MASKS.forEach((name, k) => {
      const chosen = name === now.given.mask;
      const d = line(errors[k].map((v, s) => [x(FIRST + s), y(Math.min(limit, v))]));
      update(lines[k], { d, opacity: chosen ? 1 : 0.75, "stroke-width": chosen ? 3 : 1.6 });
      update(leaders[k], {
        d: line([
          [RIGHT, ends[k]],
          [RIGHT + 6, spots[k]],
        ]),
      });
      update(names[k], { x: RIGHT + 9, y: spots[k] + 4, "font-weight": chosen ? 700 : null });
      names[k].textContent = errors[k].at(-1) > limit ? `${name} ↑` : name; // it has left the drawing
    });
    const shown = ticks(0, limit, 3);
    scales.replaceChildren(...scaleNames(y, shown));
  }

  const rounder = (v) => percent(v, 0, 1);

  // What 1974Q1 gets of the attention to the past, and its rank there, while it is not long ago.
  function markCrisis(weights, at, { t }, lags) {
    const recent = at > crisis && at <= crisis + 20;
    update(marked, { display: recent ? null : "none" });
    const seen = weights.slice(lags, lags + t);
    const rank = 1 + seen.filter((w) => w > weights[crisis]).length;
    const part = rounder(share(seen, (s) => s === crisis - lags));
    middleTitle.textContent = attention + (recent ? `; ▼ 1974Q1: ${part} of the past, rank ${rank} of ${t}` : "");
  }

  function draw() {
    const given = traits(model, TRAITS);
    const { date, mask, lags } = given;
    const at = dates.indexOf(date);
    const state = explore(given, designed(given));
    const before = now;
    now = { given, state, at };
    scrub.show(at, date);
    masks.show(mask);
    for (const [name, select] of Object.entries(menus)) select.value = given[name];

    const weights = dates.map((_, s) => state.weights[mask][s - lags] ?? 0);
    const forecast = state.numbers.forecast[MASKS.indexOf(mask)];
    const all = design.forecasts[mask].slice(FIRST - lags);
    const low = Math.max(LOWEST, Math.min(...inflation, ...all));
    const high = Math.min(HIGHEST, Math.max(...inflation, ...all));
    // Scaled to the errors that can be compared; those of equation 35 may leave the drawing.
    const limit = 1.7 * Math.max(...[state.errors[0], state.errors[3]].flatMap((column) => column.slice(8)));
    const jump =
      before &&
      (Math.abs(before.at - at) > LEAP || ["mask", "context", "lags"].some((k) => before.given[k] !== given[k]));
    markCrisis(weights, at, state, lags);
    follow.to([at, weights, forecast, [low, high], state.errors, limit], jump);

    const own = state.weights[mask];
    const part = (test) => `**${rounder(share(own, test))}**`;
    // What is left of the row under the two masks that divide by it.
    const last = { "equation 35": state.t, strict: state.t - 1 }[mask];
    const left = last && state.weights.unmasked.slice(0, last + 1).reduce((sum, w) => sum + w, 0);
    view.say(
      `Under **${mask}** the forecast for **${date}** is **${number(forecast, 1)}** per cent; `,
      `**${number(state.came, 1)}** came. Of the attention ${part((s) => s > state.t)} goes to later quarters, `,
      `${part((s) => s === state.t)} to the quarter itself; ${part((s) => own[s] < 0)} is negative.`,
      left === undefined ? "" : ` The rest of the row sums to **${number(left, 3)}**, and is divided by it.`,
    );
    const printed = (v, heading) => (heading === "on future or itself" ? rounder(v) : number(v));
    table.fill(state.numbers, printed, ["mask", rowNames]);
  }

  return view.live(TRAITS, draw, follow.halt);
}

export default { render, shared };
