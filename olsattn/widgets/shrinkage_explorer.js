import { axis, chart, chartWidth, curve, ink, words } from "./kit/charts.js";
import { across, draggable, handle, valueSlider } from "./kit/controls.js";
import { node, update } from "./kit/dom.js";
import { traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { apply, dot } from "./kit/linear_algebra.js";
import { follower } from "./kit/motion.js";
import { apart, clamp, line, scale, ticks } from "./kit/scales.js";
import { from, whole } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { figures, number, percent } from "./kit/words.js";

const LARGEST = 1e4; // penalty
const END = 5; // of the scale of penalties, which begins at 0 and is soon logarithmic
const STEP = 0.02;
const RUNGS = Array.from({ length: END / STEP + 1 }, (_, k) => k * STEP);
const METHODS = ["least squares", "components alone", "here", "best λ on the test rows", "its limit"];
const CURVES = ["training", "test", "rescaled"];
const TRAITS = ["penalty", "rank"];
const shared = { penalty: from(0, LARGEST), rank: whole(1, 10) };

const place = (penalty) => Math.min(END, Math.log10(1 + 10 * penalty));
const penaltyAt = (at) => (10 ** clamp(at, 0, END) - 1) / 10;
const rung = (at) => Number(penaltyAt(Math.round(at / STEP) * STEP).toPrecision(3));
const counted = (rank) => `${rank} component${rank === 1 ? "" : "s"}`;
const spell = (penalty) => penalty.toLocaleString("en", { maximumSignificantDigits: 3 });

// Fitted values are `fitted` in the coordinates of the components. Rescaled ones are multiplied by what fits best.
function outcome(m, fitted) {
  const size = dot(fitted, fitted);
  const b = fitted.map((v, j) => v / m.singular[j]);
  const [across, squared] = [dot(b, m.cross), dot(b, apply(m.gram, b))];
  const error = (times) => Math.sqrt(m.target - 2 * times * across + times ** 2 * squared);
  const training = Math.sqrt((m.square - 2 * dot(fitted, m.response) + size) / m.rows);
  return { training, test: error(1), rescaled: error(dot(fitted, m.response) / size) };
}

// Ridge on the first components; what it keeps of each are the eigenvalues of F'F.
function ridge(m, penalty, rank) {
  const kept = m.singular.map((d, j) => (j < rank ? d ** 2 / (d ** 2 + penalty) : 0));
  const fitted = kept.map((v, j) => v * m.response[j]);
  return { penalty, rank, kept, parameters: kept.reduce((sum, v) => sum + v), ...outcome(m, fitted) };
}

// As the penalty grows: predictions of the mean; rescaled, those of the keys as they are.
function limit(m, rank) {
  const response = m.singular.map((d, j) => (j < rank ? d ** 2 * m.response[j] : 0));
  const { rescaled } = outcome(m, response);
  const [training, test] = [Math.sqrt(m.square / m.rows), Math.sqrt(m.target)];
  return { penalty: null, rank, parameters: 0, training, test, rescaled };
}

// The errors of each rung, as curves, those without a penalty, and those that are best on the test rows.
function ladder(m, rank) {
  const all = RUNGS.map((at) => ridge(m, rung(at), rank));
  const curves = CURVES.map((name) => all.map((one) => one[name]));
  return { curves, alone: all[0], best: lowest(all), limit: limit(m, rank) };
}
const lowest = (methods) => methods.reduce((best, one) => (one.test < best.test ? one : best));

export function explore({ moments: m, penalty, rank }, { alone, best, limit } = ladder(m, rank)) {
  const squares = m.singular.map((d) => d ** 2);
  const here = ridge(m, penalty, rank);
  const omega = squares.map((square, j) => (j < rank ? 1 / (square + penalty) : 0));
  const methods = [ridge(m, 0, m.singular.length), alone, here, best, limit];
  const column = (name) => methods.map((method) => method[name]);
  const components = {
    component: squares.map((_, j) => j + 1),
    "d²": squares,
    "F'F": here.kept,
    Ω: omega,
    λΩ: omega.map((v) => penalty * v),
  };
  const errors = {
    λ: column("penalty"),
    components: column("rank"),
    parameters: column("parameters"),
    "training error": column("training"),
    "test error": column("test"),
    rescaled: column("rescaled"),
  };
  return { numbers: { ...components, ...errors }, components, errors, here, omega };
}

function render({ model, el }) {
  const set = (changes) => view.set(changes);
  const m = model.get("moments");
  const COUNT = m.singular.length;
  const ladders = m.singular.map((_, k) => ladder(m, k + 1));
  const least = ladders[COUNT - 1].alone.test;
  const wide = chartWidth(el);
  const narrow = wide < 500;
  const LEFT = 30;
  const grip = (shape, label) => handle({ role: "slider", "aria-label": label }, shape);

  // ---- the spectrum: what of each component the scores keep, and what Ω gives to it ----
  const TALL = narrow ? 44 : 52;
  const TOPS = [16, 16 + TALL + 24];
  const FOOT = TOPS[1] + TALL;
  const STRIDE = (wide - 26 - LEFT) / COUNT; // room for a finger at the last edge
  const edge = (k) => LEFT + k * STRIDE;
  const spectrum = chart(wide, FOOT + 18, "Eigenvalues of F'F and of Ω along each component", "group");
  const bar = (top, role, k) => {
    const at = { x: edge(k) + 0.16 * STRIDE, width: 0.68 * STRIDE };
    const part = node("rect", { ...at, fill: ink(role), "fill-opacity": 0.8 });
    spectrum.append(node("rect", { ...at, y: top, height: TALL, fill: "none", stroke: ink("line") }), part);
    return part;
  };
  const rows = ["key", "omega"].map((role, r) => m.singular.map((_, k) => bar(TOPS[r], role, k)));
  const titles = narrow
    ? ["F′F: what the scores keep", "Ω: how much it counts, relative to its largest"]
    : ["F′F: what the scores keep of each component", "Ω: how much each counts, relative to its largest"];
  const cut = curve("soft", 2, "4 3");
  const shears = grip(
    node(
      "g",
      { stroke: ink("paper"), "stroke-width": 2 },
      node("path", { d: "M-13 0-5-9H5L13 0 5 9H-5Z", fill: ink("ink") }),
      node("path", { d: "M-2.5-5V5M2.5-5V5" }),
    ),
    "Rank: components kept",
  );
  spectrum.append(
    cut,
    ...titles.map((title, r) => update(words(edge(0.16), TOPS[r] - 5, title, "start"), { class: "olsattn-halo" })),
    ...TOPS.flatMap((top) => [words(LEFT - 4, top + 9, "1", "end"), words(LEFT - 4, top + TALL, "0", "end")]),
    words(LEFT - 4, FOOT + 14, "d²", "end"),
    ...m.singular.map((d, k) => words(edge(k + 0.5), FOOT + 14, number(d ** 2, d < 1 ? 2 : d ** 2 < 9.5 ? 1 : 0))),
    shears,
  );
  draggable(shears, {
    position: () => [model.get("rank"), 0],
    invert: (clientX) => [(across(spectrum, wide)(clientX) - LEFT) / STRIDE, 0],
    step: 1,
    move: ([k, up]) => set({ rank: clamp(Math.round(k + up), 1, COUNT) }),
  });

  // ---- errors over the penalty ----
  const RIGHT = wide - 78; // room for names
  const FLOOR = narrow ? 206 : 208;
  const every = ladders.flatMap(({ curves }) => curves.flat());
  const [LOW, HIGH] = [Math.min(...every) - 2, Math.max(...every) + 2];
  const x = scale(0, END, LEFT, RIGHT);
  const y = scale(LOW, HIGH, FLOOR, 6);
  const errors = chart(wide, FLOOR + 18, "Errors of training and test rows against the penalty", "group");
  const curves = [curve("key", 2.2), curve("query", 2.4), curve("query", 2, "5 4")];
  const names = [...CURVES, "limit"].map((name) => words(RIGHT + 12, 0, name, "start"));
  const decades = [0, 1, 10, 100, 1000, LARGEST];
  errors.append(
    ...ticks(LOW, HIGH, 4).flatMap((v) => [axis(LEFT, RIGHT, y(v)), words(LEFT - 10, y(v) + 4, number(v, 0), "end")]),
    ...decades.map((v) => words(x(place(v)), FLOOR + 14, v ? spell(v) : "λ = 0")),
    words(LEFT + 10, 21, "root mean squared error", "start"),
    ...curves,
    ...names,
  );
  // A marked point has a shape, and a name beside it.
  const SHAPES = { disc: "M0-5A5 5 0 1 0 .01-5Z", square: "M-4.5-4.5h9v9h-9Z", cross: "M-5-5 5 5M-5 5 5-5" };
  const mark = (shape, anchor) => {
    const point = node("path", { d: SHAPES[shape], fill: ink("paper"), stroke: ink("query"), "stroke-width": 2 });
    const name = update(words(0, 0, "", anchor), { class: "olsattn-halo" });
    errors.append(point, name);
    return (at, error, text, [dx, dy], side = anchor) => {
      update(point, { transform: `translate(${x(at)} ${y(error)})`, display: text ? null : "none" });
      update(name, { x: x(at) + dx, y: y(error) + dy, "text-anchor": side });
      name.textContent = text;
    };
  };
  errors.append(update(axis(LEFT, RIGHT, y(least)), { style: `stroke: ${ink("soft")}`, "stroke-dasharray": "2 3" }));
  mark("disc", "start")(0, least, `least squares ${number(least, 1)}`, [narrow ? 36 : 40, -5]);
  const marks = { alone: mark("square", "start"), best: mark("cross", "middle"), limit: mark("square", "end") };
  const needle = node("line", { y1: 6, y2: FLOOR, stroke: ink("query"), "stroke-width": 1.2 });
  const readings = ["key", "query", "query"].map((role) => ({
    dot: node("circle", { r: 4, fill: ink(role), stroke: ink("paper") }),
    value: update(words(0, 0, ""), { class: "olsattn-halo", style: "font-weight: 700" }),
  }));
  const diamond = { d: "M0-9 9 0 0 9-9 0Z", fill: ink("query"), stroke: ink("paper"), "stroke-width": 1.5 };
  const knob = grip(node("path", diamond), "Penalty λ");
  errors.append(needle, ...readings.flatMap(Object.values), knob);
  draggable(knob, {
    position: () => [place(model.get("penalty")), 0],
    invert: (clientX) => [((across(errors, wide)(clientX) - LEFT) / (RIGHT - LEFT)) * END, 0],
    step: STEP,
    move: ([at, up]) => set({ penalty: rung(at + up) }),
  });

  // ---- put together ----
  const axisOfMap = valueSlider("λ", { min: 0, max: END, step: STEP, class: "olsattn-dial" }, (at) =>
    set({ penalty: rung(at) }),
  );
  const rank = valueSlider("Components", { min: 1, max: COUNT, step: 1 }, (k) => set({ rank: k }));
  const spectral = numbersTable("Eigenvalues along each component");
  const methods = numbersTable("Errors of five methods");
  const chip = ({ penalty, rank }) => ({ penalty, rank });
  const fewer = lowest(ladders.map(({ alone }) => alone));
  const view = layout({
    model,
    el,
    name: "shrinkage",
    shared,
    scales: { penalty: [place, penaltyAt] },
    pictures: [spectrum, errors],
    controls: [
      node(
        "div",
        { class: "olsattn-ends" },
        node("span", {}, "Σ̂⁻¹: least squares"),
        axisOfMap.field,
        node("span", {}, "I: keys as they are"),
      ),
    ],
    more: [rank.field],
    chips: [
      ["least squares", { penalty: 0, rank: COUNT }],
      ["best on the test rows", chip(ladders[COUNT - 1].best)],
      ["almost I", { penalty: 5000, rank: COUNT }],
      [`${fewer.rank} components`, chip(fewer)],
      ["both", chip(lowest(ladders.map(({ best }) => best)))],
    ],
    table: { element: node("div", {}, spectral.element, methods.element) },
  });

  // ---- drawing ----
  // Where a curve is at a place between two rungs.
  function along(heights, at) {
    const k = Math.min(RUNGS.length - 2, Math.floor(at / STEP));
    return heights[k] + (heights[k + 1] - heights[k]) * (at / STEP - k);
  }

  let told = null; // of the curves that are drawn
  function drawCurves(heights) {
    if (told === heights[0]) return;
    told = heights[0];
    heights.forEach((all, k) => {
      update(curves[k], { d: line(all.map((v, i) => [x(RUNGS[i]), y(v)])) });
    });
    const ends = heights.map((all) => y(all.at(-1)));
    apart([...ends, ends[2] + 13], 13, 8, FLOOR).forEach((height, k) => {
      update(names[k], { y: height + 4 });
    });
  }

  // Bars, curves and what lies on them pass through what lies between when the rank jumps.
  const picture = follower(([kept, omega, training, test, rescaled, best, end]) => {
    [kept, omega].forEach((heights, r) => {
      rows[r].forEach((part, k) => {
        update(part, { y: TOPS[r] + TALL * (1 - heights[k]), height: TALL * heights[k] });
      });
    });
    const heights = [training, test, rescaled];
    drawCurves(heights);
    const { penalty, rank } = traits(model, TRAITS);
    const own = ladders[rank - 1];
    const at = place(penalty);
    update(needle, { x1: x(at), x2: x(at) });
    const found = heights.map((all) => along(all, at));
    const left = at > END / 2; // the side of the needle that its readings are on
    const side = left ? "end" : "start";
    const levels = apart(found.map(y), 12, 8, FLOOR - 4);
    readings.forEach(({ dot, value }, k) => {
      update(dot, { cx: x(at), cy: y(found[k]) });
      update(value, { x: x(at) + (left ? -11 : 11), y: levels[k] + 4, "text-anchor": side });
      value.textContent = number(found[k], 1);
      value.style.display = k === 2 && value.textContent === readings[1].value.textContent ? "none" : null;
    });
    update(knob, { transform: `translate(${x(at)} ${y(found[1])})` });

    const some = rank < COUNT;
    marks.alone(0, test[0], some ? `${counted(rank)} ${number(own.alone.test, 1)}` : "", [narrow ? 36 : 40, -5]);
    marks.limit(END, end, " ", [0, 0]);
    names[3].textContent = `${some ? "limit" : "Ω = I"}: ${number(own.limit.rescaled, 1)}`;
    const near = Math.abs(at - best) < 0.7; // then its name keeps away from the readings
    if (!own.best.penalty)
      marks.best(0, test[0], "", [0, 0]); // it is marked already
    else if (near) marks.best(best, along(test, best), "best", [left ? 14 : -14, 15], left ? "start" : "end");
    else marks.best(best, along(test, best), `best ${number(own.best.test, 1)}`, [0, 19]);
  });

  let before = null;
  function draw() {
    const now = traits(model, TRAITS);
    const own = ladders[now.rank - 1];
    const { components, errors: columns, here, omega } = explore({ ...now, moments: m }, own);
    const largest = Math.max(...omega);
    const flat = omega.map((v) => v / largest);
    const seen = [here.kept, flat, ...own.curves, place(own.best.penalty), own.limit.rescaled];
    picture.to(seen, before !== null && before !== now.rank);
    before = now.rank;

    axisOfMap.show(place(now.penalty), spell(now.penalty));
    rank.show(now.rank, String(now.rank));
    update(cut, { d: `M${edge(now.rank)} 2V${FOOT}` });
    update(shears, {
      transform: `translate(${edge(now.rank)} ${TOPS[0] + TALL / 2})`,
      "aria-valuenow": now.rank,
      "aria-valuemin": 1,
      "aria-valuemax": COUNT,
      "aria-valuetext": `${now.rank} of ${COUNT} components`,
    });
    const size = spell(now.penalty);
    update(knob, {
      "aria-valuenow": now.penalty,
      "aria-valuemin": 0,
      "aria-valuemax": LARGEST,
      "aria-valuetext": `${size}: error on the test rows ${number(here.test, 1)}`,
    });
    const some = now.rank < COUNT;
    const spread = largest / Math.min(...omega.slice(0, now.rank));
    const penalised = `λ = ${size}${some ? ` on ${counted(now.rank)}` : ""}`;
    const parameters = number(here.parameters, here.parameters < 0.1 ? 2 : 1);
    view.say(
      now.penalty ? penalised : some ? `${counted(now.rank)}, no penalty` : "Least squares",
      now.rank === 1
        ? ": Ω has one eigenvalue"
        : now.penalty && here.kept[0] < 0.1
          ? `: λΩ is I to within **${percent(here.kept[0])}**`
          : `: Ω's eigenvalues differ **${spell(spread)}**-fold`,
      `, F′F keeps **${parameters}** effective parameters. Test error **${number(here.test, 1)}**`,
      now.penalty ? `, rescaled **${number(here.rescaled, 1)}**` : "",
      now.penalty || some
        ? `: ${here.rescaled < least ? "less" : "more"} than least squares' **${number(least, 1)}**`
        : "",
      `; in training **${number(here.training, 1)}**.`,
    );
    const printed = (v, heading) => (heading === "λ" ? spell(v) : number(v, heading === "components" ? 0 : 2));
    spectral.fill(components, (v, heading) => (heading === "component" ? number(v, 0) : figures(v)));
    methods.fill(columns, printed, ["method", METHODS]);
  }

  return view.live(TRAITS, draw, picture.halt);
}

export default { render, shared };
