import { expandingForecasts, leastSquares, maskedRow } from "./kit/attention.js";
import { axis, chart, chartWidth, curve, ink, signInk, swatch, upright, words } from "./kit/charts.js";
import { button, labelled, menu, scrubbed, valueSlider } from "./kit/controls.js";
import { figure, node, rich, update } from "./kit/dom.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { dot, embedding } from "./kit/linear_algebra.js";
import { clamp, line } from "./kit/scales.js";
import { runningRms, share } from "./kit/statistics.js";
import { numbersTable } from "./kit/table.js";
import { number, percent } from "./kit/words.js";

const MASKS = ["unmasked", "equation 35", "strict", "exact"];
const FIRST = 24; // the first quarter with 20 rows under every design
const TRAITS = ["series", "dates", "date", "mask", "context", "lags"];
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
  const wide = chartWidth(el);
  const LEFT = 30;
  const RIGHT = wide - 8;

  // ---- controls ----
  const range = { min: FIRST, max: T - 1, step: 1 };
  const scrub = valueSlider("Forecast for", range, (t) => set({ date: dates[t] }));
  const contexts = [
    ["inflation", "lags of inflation"],
    ["economy", "lags of inflation, unemployment, interest"],
  ];
  const menus = {
    mask: menu(MASKS, (mask) => set({ mask })),
    context: menu(contexts, (context) => set({ context })),
    lags: menu([1, 2, 3, 4], (lags) => set({ lags })),
  };
  const story = button("1974 and 1978", () => set({ date: "1978Q1", mask: "unmasked" }));
  const controls = [scrub.field, labelled("Mask", menus.mask), labelled("From", menus.context)];
  controls.push(labelled("Lags", menus.lags), story);

  // ---- charts on one time axis ----
  const step = (RIGHT - LEFT) / T;
  const x = (t) => LEFT + (t + 0.5) * step;

  const low = Math.min(...inflation) - 4;
  const high = Math.max(...inflation) + 4;
  const yTop = (v) => 150 - ((clamp(v, low, high) - low) / (high - low)) * 140;
  const top = chart(wide, 170, "US inflation and the forecast");
  const future = node("rect", { y: 6, height: 144, fill: ink("soft"), "fill-opacity": 0.12 });
  const now = upright(6, 150);
  const forecastMark = node("path", { d: "M0-7 7 0 0 7-7 0Z", fill: ink("query") });
  const actualMark = node("circle", { r: 5, fill: ink("value") });
  const came = update(curve("value"), { d: line(inflation.map((v, t) => [x(t), yTop(v)])) });
  const decades = dates.flatMap((date, t) =>
    /(60|70|80|90|00)Q1$/.test(date) ? [words(x(t), 166, date.slice(0, 4))] : [],
  );
  const levels = [0, 5, 10].map((v) => words(LEFT - 4, yTop(v) + 4, String(v), "end"));
  top.append(future, axis(LEFT, RIGHT, yTop(0)), came, now, actualMark, forecastMark, ...levels, ...decades);

  const middle = chart(wide, 130, "Attention to each quarter");
  const bars = dates.map((_, s) => node("rect", { x: x(s) - step * 0.425, width: step * 0.85 }));
  const zero = axis(LEFT, RIGHT, 0);
  const barNow = upright(4, 126);
  const crisis = dates.indexOf("1974Q1");
  const marked = node("path", { d: "M0 0-4-7H4Z", fill: ink("ink") });
  const markedName = words(x(crisis), 0, "1974Q1");
  middle.append(zero, ...bars, barNow, marked, markedName);

  const bottom = chart(wide, 120, "Running error of each mask");
  const errorLines = MASKS.map((name) => curve(LOOKS[name][0], 1.8, LOOKS[name][1]));
  const errorNow = upright(4, 116);
  const ticks = node("g");
  bottom.append(...errorLines, errorNow, ticks);

  for (const svg of [top, middle, bottom]) {
    scrubbed(svg, wide, (u) => set({ date: dates[clamp(Math.floor((u - LEFT) / step), FIRST, T - 1)] }));
  }

  const readout = node("p", { class: "olsattn-readout" });
  const storyText = node("p", { class: "olsattn-readout" });
  const announce = announcer();
  const table = numbersTable("The four masks at this date");
  const rowNames = MASKS.map((name) => node("span", {}, swatch(...LOOKS[name]), name));
  const figures = [
    figure(["Inflation, percent: disc what came, diamond the forecast"], top),
    figure(["Attention to each quarter, up for positive and down for negative weights"], middle),
    figure(["Running root mean squared error of each mask, percent"], bottom),
  ];
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-masking" },
      node("div", { class: "olsattn-controls" }, ...controls),
      node("div", { class: "olsattn-panels olsattn-wide" }, ...figures),
      readout,
      storyText,
      announce.element,
      table.element,
    ),
  );

  // ---- drawing ----
  let design = null; // all forecasts of a design, once; the weights of one date when it is shown
  function designed(given) {
    const key = `${given.context} ${given.lags}`;
    if (design?.key !== key) design = { key, ...forecastsOf(given) };
    return design;
  }

  function drawWeights(weights, lags, at) {
    const up = Math.max(0, ...weights);
    const down = Math.max(0, ...weights.map((w) => -w));
    const unit = 96 / (up + down || 1);
    const base = 22 + up * unit;
    update(zero, { y1: base, y2: base });
    bars.forEach((bar, s) => {
      const w = weights[s - lags] ?? 0;
      const height = Math.abs(w) * unit;
      update(bar, { y: w < 0 ? base : base - height, height, fill: signInk(w) });
    });
    const tip = base - Math.max(0, weights[crisis - lags]) * unit;
    for (const part of [marked, markedName]) update(part, { display: at > crisis ? null : "none" });
    update(marked, { transform: `translate(${x(crisis)} ${tip - 2})` });
    update(markedName, { y: Math.max(10, tip - 11) });
  }

  function drawErrors(errors, chosen) {
    // Scaled to the errors that can be compared; equation 35 may leave the drawing.
    const compared = [errors[0], errors[3]].flatMap((column) => column.slice(8));
    const limit = 1.6 * Math.max(...compared);
    const y = (v) => 110 - (Math.min(v, limit) / limit) * 100;
    errorLines.forEach((path, k) => {
      const bold = MASKS[k] === chosen;
      const d = line(errors[k].map((v, s) => [x(FIRST + s), y(v)]));
      update(path, { d, opacity: bold ? 1 : 0.75, "stroke-width": bold ? 3 : 1.6 });
    });
    const shown = [0, 1, 2, 3, 4].filter((v) => v < limit);
    ticks.replaceChildren(...shown.map((v) => words(LEFT - 4, y(v) + 4, String(v), "end")));
  }

  const rounder = (v) => percent(v, 0, 1);

  // What 1974Q1 gets of the attention to the past, and its rank there.
  function tellStory({ weights, lags, t }, at) {
    if (at <= crisis) return [];
    const [all, past] = [weights.unmasked, weights.exact].map((row) => {
      const seen = row.slice(0, t);
      const own = row[crisis - lags];
      return { part: rounder(share(seen, (s) => s === crisis - lags)), rank: 1 + seen.filter((w) => w > own).length };
    });
    return rich(
      `1974Q1 gets **${all.part}** of the attention to the past with Ω from all data (rank ${all.rank} of ${t}), `,
      `and **${past.part}** with Ω from the past alone (rank ${past.rank}).`,
    );
  }

  function draw() {
    const given = traits(model, TRAITS);
    const { date, mask, lags } = given;
    const at = dates.indexOf(date);
    const state = explore(given, designed(given));
    const { numbers, t } = state;
    const weights = state.weights[mask];
    const forecast = numbers.forecast[MASKS.indexOf(mask)];
    scrub.show(at, date);
    for (const [name, select] of Object.entries(menus)) select.value = given[name];

    update(future, { x: x(at + 0.5), width: Math.max(0, RIGHT - x(at + 0.5)) });
    for (const mark of [now, barNow, errorNow]) update(mark, { x1: x(at), x2: x(at) });
    update(actualMark, { cx: x(at), cy: yTop(state.came) });
    update(forecastMark, { transform: `translate(${x(at)} ${yTop(forecast)})` });
    drawWeights(weights, lags, at);
    drawErrors(state.errors, mask);

    const part = (test) => `**${rounder(share(weights, test))}**`;
    readout.replaceChildren(
      ...rich(
        `Forecast for **${date}** under the mask **${mask}**: **${number(forecast, 1)}**, `,
        `came **${number(state.came, 1)}**. Of all attention ${part((s) => s > t)} goes to later quarters, `,
        `${part((s) => s === t)} to the quarter itself, ${part((s) => weights[s] < 0)} is negative.`,
      ),
    );
    announce.say(readout.textContent);
    storyText.replaceChildren(...tellStory(state, at));
    const printed = (v, heading) => (heading === "on future or itself" ? rounder(v) : number(v));
    table.fill(numbers, printed, ["mask", rowNames]);
  }

  return redrawOn(model, TRAITS, draw, announce);
}

export default { render };
