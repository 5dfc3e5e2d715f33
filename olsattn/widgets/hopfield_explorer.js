import { axis, chart, chartWidth, curve, ink, upright, words } from "./kit/charts.js";
import { button, labelled, menu, valueSlider } from "./kit/controls.js";
import { figure, folded, node, rich, update } from "./kit/dom.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { capacities, cosine, energy, settle, trial, wrongSigns } from "./kit/memories.js";
import { pixels } from "./kit/pixels.js";
import { flipped, generator, randomOrder, randomPatterns } from "./kit/random.js";
import { clamp, line } from "./kit/scales.js";
import { wilson } from "./kit/statistics.js";
import { numbersTable } from "./kit/table.js";
import { number } from "./kit/words.js";

const DYNAMICS = [
  ["quadratic", "signs, quadratic energy"],
  ["polynomial", "signs, polynomial energy"],
  ["exponential", "signs, exponential energy"],
  ["softmax", "softmax"],
  ["linear", "linear"],
  ["whitened", "whitened"],
];
const SIDES = [4, 5, 6, 8, 10, 12, 14, 16, 18, 20];
const MOST = 600;
const TRIALS = 100;
const TRAITS = ["side", "count", "dynamics", "degree", "beta", "flipped", "shown", "touched", "pictures"];

// The stored patterns: pictures first, then random ones.
function stored({ side, count, pictures }) {
  const patterns = randomPatterns(count, side ** 2, generator([0, side ** 2]));
  (pictures[side] ?? []).slice(0, count).forEach(([, text], k) => {
    patterns[k] = Int8Array.from(text, (pixel) => (pixel === "#" ? 1 : -1));
  });
  return patterns;
}

// What becomes of the cue, sweep by sweep.
export function explore(given, patterns = stored(given)) {
  const size = given.side ** 2;
  const which = Math.min(given.shown, patterns.length - 1);
  const target = patterns[which];
  const cue = flipped(target, given.flipped, generator([1, size, which]));
  for (const pixel of given.touched) if (pixel < size) cue[pixel] *= -1;
  const draw = generator([2, size]);
  const run = settle(given, patterns, cue, () => randomOrder(size, draw));
  const numbers = {
    sweep: run.path.map((_, k) => k),
    overlap: run.path.map((state) => cosine(state, target)),
    "wrong signs": run.path.map((state) => wrongSigns(state, target)),
    energy: run.path.map((state) => energy(given, patterns, state)),
  };
  return { numbers, patterns, which, target, cue, run };
}

// The state between two sweeps: part of the entries have had their turn, or part of the way to the next is gone.
export function stateAt({ path, turns }, time) {
  const whole = Math.min(Math.floor(time + 1e-9), path.length - 1);
  const part = time - whole;
  if (part < 1e-9 || whole === path.length - 1) return path[whole];
  const now = path[whole].slice();
  if (!turns) return now.map((v, i) => v + part * (path[whole + 1][i] - v));
  const { order, turned } = turns[whole];
  for (const i of order.slice(0, Math.floor(part * order.length))) if (turned.has(i)) now[i] *= -1;
  return now;
}

// Numbers of patterns to simulate: up to well beyond theory, and no more than one frame can draw.
export function counts(options, size) {
  const lines = capacities(options, size).map(([, count]) => count);
  const wanted = {
    quadratic: 0.35 * size,
    linear: 0.35 * size,
    whitened: 1.5 * size,
    polynomial: 4 * Math.max(0, ...lines),
  };
  const top = Math.max(16, Math.min(wanted[options.dynamics] ?? Infinity, 4e5 / size, 4000));
  return [...new Set(Array.from({ length: 12 }, (_, k) => Math.round(2 * (top / 2) ** (k / 11))))];
}

// Success rates against the number of patterns, simulated a few milliseconds a frame while the chart can be seen.
function successCurve(wide) {
  const LEFT = 34;
  const RIGHT = wide - 10;
  const TOP = 26;
  const FOOT = 172;
  const svg = chart(wide, 208, "Success rate against the number of patterns");
  const yRate = (p) => FOOT - p * (FOOT - TOP);
  const lines = node("g");
  const points = node("g");
  const ticks = node("g");
  const here = upright(TOP - 6, FOOT);
  const rateLine = curve("value");
  const levels = [0, 0.5, 1].flatMap((p) => [
    axis(LEFT, RIGHT, yRate(p)),
    words(LEFT - 5, yRate(p) + 4, String(p), "end"),
  ]);
  svg.append(...levels, ticks, lines, here, rateLine, points);
  const progress = node("p", { class: "olsattn-readout" });
  const table = numbersTable("Success rates");
  let simulation = null;
  let waiting = null;
  let visible = false;
  const watcher = new IntersectionObserver((entries) => {
    visible = entries.at(-1).isIntersecting;
    if (visible && waiting === null && simulation) waiting = setTimeout(work, 250);
  });
  watcher.observe(svg);

  const unfinished = () => visible && simulation.done < TRIALS * simulation.grid.length;
  function work() {
    waiting = null;
    const { grid, size, options, good } = simulation;
    const start = performance.now();
    while (unfinished() && performance.now() - start < 6) {
      const k = simulation.done % grid.length; // one for each number of patterns in turn
      good[k] += trial(options, size, grid[k], Math.floor(simulation.done / grid.length));
      simulation.done += 1;
    }
    draw();
    if (unfinished()) waiting = setTimeout(() => requestAnimationFrame(work), 0);
  }

  function draw() {
    const { grid, good, done, options, size, count } = simulation;
    const top = grid[grid.length - 1] * 1.25;
    const x = (n) => LEFT + ((RIGHT - LEFT) * Math.log(n)) / Math.log(top);
    const trials = grid.map((_, k) => Math.floor(done / grid.length) + (k < done % grid.length ? 1 : 0));
    const known = grid.map((n, k) => [n, good[k], trials[k]]).filter(([, , t]) => t);
    update(rateLine, { d: line(known.map(([n, g, t]) => [x(n), yRate(g / t)])) });
    points.replaceChildren(
      ...known.flatMap(([n, g, t]) => {
        const [y1, y2] = wilson(g, t).map(yRate);
        const bar = { x1: x(n), x2: x(n), y1, y2, stroke: ink("value"), "stroke-width": 1 };
        return [node("line", bar), node("circle", { cx: x(n), cy: yRate(g / t), r: 3.5, fill: ink("value") })];
      }),
    );
    const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000];
    const roomy = (n) => wide > 400 || top < 125 || !/^[25]/.test(n);
    ticks.replaceChildren(
      ...steps.filter((n) => n <= top && roomy(n)).map((n) => words(x(n), FOOT + 15, String(n))),
      words((LEFT + RIGHT) / 2, FOOT + 31, "number of random patterns"),
    );
    const limits = capacities(options, size);
    const inside = limits.filter(([, n]) => n <= top);
    lines.replaceChildren(
      ...inside.flatMap(([name, n], k) => {
        const beside = k < inside.length - 1; // labels of neighbours go to either side of their lines
        const dashes = { stroke: ink("soft"), "stroke-width": 1.5, "stroke-dasharray": "5 3" };
        return [
          node("line", { x1: x(n), x2: x(n), y1: TOP - 4, y2: FOOT, ...dashes }),
          words(x(n) + (beside ? 3 : 0), TOP - 8, name, beside ? "end" : "start"),
        ];
      }),
    );
    const place = x(Math.min(count, top));
    update(here, { x1: place, x2: place, display: count <= top ? null : "none" });
    const far = limits.filter(([, n]) => n > top);
    const named = far.map(([name, n]) => `${name} = ${n < 1e6 ? Math.round(n) : n.toExponential(0)}`).join(", ");
    progress.textContent = [
      `${Math.min(...trials)} of ${TRIALS} memories of random patterns simulated for each number; `,
      `bars are 95 % intervals.${named ? ` Beyond the chart: ${named}.` : ""}`,
    ].join("");
    const column = (k) => known.map((row) => row[k]);
    table.fill({ patterns: column(0), successes: column(1), trials: column(2) }, String);
  }

  return {
    svg,
    progress,
    table: table.element,
    show({ side, count, dynamics, degree, beta, flipped, exact }) {
      const options = { dynamics, degree, beta, flipped, exact };
      const size = side ** 2;
      const key = JSON.stringify([size, options]);
      if (simulation?.key === key) {
        simulation.count = count;
        return draw();
      }
      const grid = counts(options, size);
      simulation = { key, size, options, count, grid, good: grid.map(() => 0), done: 0 };
      draw();
      if (waiting === null) waiting = setTimeout(work, 250);
    },
    stop() {
      clearTimeout(waiting);
      watcher.disconnect();
      visible = false;
    },
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const get = (name) => model.get(name);
  const pictures = get("pictures");
  const success = successCurve(chartWidth(el));

  // ---- the memory, once for each setting ----
  let held = {};
  function memory() {
    const given = traits(model, TRAITS);
    const { side, count, pictures: _, ...rest } = given;
    const patterns = held.side === side && held.count === count ? held.patterns : stored(given);
    const key = JSON.stringify(rest);
    if (held.patterns !== patterns || held.key !== key) held = { side, count, key, ...explore(given, patterns) };
    return held;
  }
  const last = () => memory().run.path.length - 1;

  // ---- controls ----
  const fresh = (changes) => {
    pause();
    set({ sweep: 0, ...changes });
  };
  const slider = (text, name, attributes, read = (v) => v) =>
    valueSlider(text, attributes, (v) => fresh({ [name]: read(v) }));
  const side = slider("Side", "side", { min: 0, max: SIDES.length - 1, step: 1 }, (v) => SIDES[v]);
  const toCount = (v) => Math.round(MOST ** (v / 100));
  const count = slider("Patterns", "count", { min: 0, max: 100, step: 1 }, toCount);
  // One pattern at a time, which the scale is too coarse for.
  count.field.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    fresh({ count: clamp(get("count") + by, 1, MOST) });
  });
  const dynamics = menu(DYNAMICS, (name) => fresh({ dynamics: name }));
  const degree = slider("Degree", "degree", { min: 3, max: 6, step: 1 });
  const beta = slider("Inverse temperature", "beta", { min: 1, max: 64, step: 0.5 });
  const wrong = slider("Wrong signs", "flipped", { min: 0, max: 0.5, step: 0.01 });
  const criteria = [
    ["close", "an overlap of 0.9 or more"],
    ["exact", "every sign right"],
  ];
  const counted = menu(criteria, (name) => set({ exact: name === "exact" }));

  // ---- pictures of patterns ----
  const cursor = node("rect", {
    width: 1,
    height: 1,
    fill: "none",
    stroke: ink("omega"),
    "stroke-width": 0.2,
    display: "none",
  });
  const storedPicture = pixels("the stored pattern");
  const settling = pixels("the state");
  const cue = pixels("the cue: arrow keys move over its pixels, the space bar turns one", {
    role: "application",
    tabindex: 0,
    class: "olsattn-pixels olsattn-touchable",
  });
  cue.svg.append(cursor);
  let at = 0; // the pixel under the cursor
  let place = ""; // what a screen reader hears of it before the rest
  function turn(pixel) {
    const touched = get("touched");
    fresh({ touched: touched.includes(pixel) ? touched.filter((other) => other !== pixel) : [...touched, pixel] });
  }
  const showCursor = () => update(cursor, { display: null, x: at % get("side"), y: Math.floor(at / get("side")) });
  update(cue.svg, {
    onclick(event) {
      at = cue.pixelAt(event.clientX, event.clientY, get("side"));
      turn(at);
    },
    onkeydown(event) {
      const n = get("side");
      const row = Math.floor(at / n);
      const column = at % n;
      const by = {
        ArrowLeft: column ? -1 : 0,
        ArrowRight: column < n - 1 ? 1 : 0,
        ArrowUp: row ? -n : 0,
        ArrowDown: row < n - 1 ? n : 0,
      }[event.key];
      if (by === undefined && event.key !== " ") return;
      event.preventDefault();
      if (by === undefined) turn(at);
      else at += by;
      showCursor();
      const sign = memory().cue[at] > 0 ? "+1" : "−1";
      place = `Row ${Math.floor(at / n) + 1}, column ${(at % n) + 1}: ${sign}. `;
      announce.say(place);
    },
    onfocus: () => cue.svg.matches(":focus-visible") && showCursor(),
    onblur: () => update(cursor, { display: "none" }),
  });
  const gallery = Array.from({ length: 8 }, (_, k) => {
    const small = pixels("", { "aria-hidden": "true" });
    return { small, button: button(small.svg, () => fresh({ shown: k, touched: [] })) };
  });

  // ---- settling, step by step ----
  let frame = null;
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  const play = button("Play", () => {
    if (frame !== null) return pause();
    if (get("sweep") >= last()) set({ sweep: 0 });
    play.textContent = "Pause";
    frame = requestAnimationFrame(animate);
  });
  function pause() {
    cancelAnimationFrame(frame);
    frame = null;
    play.textContent = "Play";
  }
  function animate() {
    const next = Math.min(last(), get("sweep") + (memory().run.turns ? 0.02 : 0.05));
    set({ sweep: motion.matches ? last() : next });
    if (get("sweep") >= last()) pause();
    else frame = requestAnimationFrame(animate);
  }
  const step = button("Step", () => {
    pause();
    set({ sweep: Math.min(last(), Math.floor(get("sweep") + 1e-9) + 1) });
  });
  const reset = button("Reset", () => fresh({ touched: [] }));
  const sweep = valueSlider("Sweeps", { min: 0, step: 0.05 }, (v) => {
    pause();
    set({ sweep: v });
  });

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" });
  const announce = announcer();
  const table = numbersTable("The path, sweep by sweep");
  const sliders = [degree, beta, side, count, wrong].map(({ field }) => field);
  const panels = [
    figure(["Stored"], storedPicture.svg),
    figure(["Cue: click a pixel"], cue.svg),
    figure(["State"], settling.svg),
  ];
  const choices = { class: "olsattn-gallery", role: "group", "aria-label": "Pattern to recall" };
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-hopfield" },
      node("div", { class: "olsattn-controls" }, labelled("Dynamics", dynamics), ...sliders),
      node("div", choices, ...gallery.map((entry) => entry.button)),
      node("div", { class: "olsattn-maps olsattn-three" }, ...panels),
      node("div", { class: "olsattn-controls olsattn-later" }, step, play, reset, sweep.field),
      readout,
      announce.element,
      node("div", { class: "olsattn-controls olsattn-later" }, labelled("A recall counts if it ends with", counted)),
      node(
        "div",
        { class: "olsattn-panels olsattn-wide" },
        figure(["Success rate of recall from the same share of wrong signs"], success.svg),
      ),
      success.progress,
      folded("The numbers", table.element, success.table),
    ),
  );

  // ---- drawing ----
  let drawn = null;
  function drawGallery({ patterns, which }, names) {
    gallery.forEach((entry, k) => {
      entry.button.hidden = k >= patterns.length;
      if (entry.button.hidden) return;
      if (drawn !== patterns) entry.small.draw(patterns[k]);
      const name = names[k] ?? `random pattern ${k + 1}`;
      update(entry.button, { "aria-label": name, "aria-pressed": String(k === which) });
    });
    drawn = patterns;
  }

  // What the memory has recalled in the end.
  function verdict({ patterns, which, target, run }, names) {
    const end = run.path[last()];
    const ends = cosine(end, target);
    if (wrongSigns(end, target) === 0 && ends > 0.9) return "recalled without error";
    if (ends >= 0.9) return "recalled with some wrong signs";
    const others = patterns.map((row, k) => (k === which ? 0 : Math.abs(cosine(end, row))));
    const nearest = others.indexOf(Math.max(...others));
    if (others[nearest] < 0.9) return "no stored pattern";
    const inverted = cosine(end, patterns[nearest]) < 0 ? ", inverted" : "";
    return `another pattern, ${names[nearest] ?? `number ${nearest + 1}`}${inverted}`;
  }

  function draw() {
    const now = traits(model, [...TRAITS, "exact"]);
    const state = memory();
    const { numbers, target, run } = state;
    const size = now.side ** 2;
    const time = Math.min(get("sweep"), last());
    const shown = stateAt(run, time);
    side.show(SIDES.indexOf(now.side), `${now.side} × ${now.side}, d = ${size}`);
    count.show((100 * Math.log(now.count)) / Math.log(MOST), String(now.count));
    wrong.show(now.flipped, `${Math.round(100 * now.flipped)} %`);
    degree.show(now.degree, String(now.degree));
    beta.show(now.beta, String(now.beta));
    degree.field.hidden = now.dynamics !== "polynomial";
    beta.field.hidden = now.dynamics !== "softmax";
    dynamics.value = now.dynamics;
    counted.value = now.exact ? "exact" : "close";
    update(sweep.input, { max: Math.max(1, last()) });
    sweep.show(time, `${number(time, 1)} of ${last()}`);
    const names = (pictures[now.side] ?? []).map(([name]) => name);
    drawGallery(state, names);
    storedPicture.draw(target);
    cue.draw(state.cue);
    settling.draw(shown);

    const { overlap, "wrong signs": wrongs } = numbers;
    readout.replaceChildren(
      ...rich(
        `Overlap with the stored pattern: cue **${number(overlap[0])}**, now **${number(cosine(shown, target))}**, `,
        `at the end **${number(overlap[last()])}** (${wrongs[last()]} of ${size} signs wrong) `,
        `after ${last()} sweep${last() === 1 ? "" : "s"}: **${verdict(state, names)}**.`,
      ),
    );
    readout.dataset.overlap = overlap[last()];
    if (frame === null) announce.say(place + readout.textContent);
    place = "";
    table.fill(numbers, (v, heading) => number(v, heading === "overlap" || heading === "energy" ? 4 : 0));
    success.show(now);
  }

  const leave = redrawOn(model, [...TRAITS, "sweep", "exact"], draw, announce);
  return () => {
    leave();
    pause();
    success.stop();
  };
}

export default { render };
