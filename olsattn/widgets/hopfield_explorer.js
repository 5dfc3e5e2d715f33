import { axis, chart, chartWidth, curve, disc, ink, words } from "./kit/charts.js";
import { button, draggable, labelled, menu, scrubbed, valueSlider } from "./kit/controls.js";
import { figure, node, update } from "./kit/dom.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { capacities, cosine, energy, MAX_SWEEPS, settle, trial, wrongSigns } from "./kit/memories.js";
import { glide, onceInView, still } from "./kit/motion.js";
import { painted, pixels } from "./kit/pixels.js";
import { flipped, generator, randomOrder, randomPatterns } from "./kit/random.js";
import { clamp, line, scale } from "./kit/scales.js";
import { from, oneOf, whole } from "./kit/share.js";
import { wilson } from "./kit/statistics.js";
import { numbersTable } from "./kit/table.js";
import { figures, number } from "./kit/words.js";

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
const POINTS = 60; // of the curve of the energy
const TRAITS = ["side", "count", "dynamics", "degree", "beta", "flipped", "shown", "touched", "pictures"];

const shared = {
  side: oneOf(SIDES),
  count: whole(1, MOST),
  dynamics: oneOf(DYNAMICS.map(([name]) => name)),
  degree: whole(3, 6),
  beta: from(1, 64),
  flipped: from(0, 0.5),
  shown: whole(0, MOST - 1),
  touched: (v) => Array.isArray(v) && v.length <= 400 && v.every(whole(0, 399)),
  sweep: from(0, MAX_SWEEPS),
  exact: (v) => typeof v === "boolean",
};

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

// The energy along the way: [sweeps, energy]. Between two updates of a whole state there is none.
export function fall(given, { patterns, run, numbers }) {
  if (!run.turns) return numbers.energy.map((v, k) => [k, v]);
  const last = run.path.length - 1;
  const each = Math.max(1, Math.floor(POINTS / Math.max(1, last)));
  const times = Array.from({ length: last * each + 1 }, (_, k) => k / each);
  return times.map((time) => [time, energy(given, patterns, stateAt(run, time))]);
}

// Success rates against the number of patterns, simulated a few milliseconds a frame while the chart can be seen. The
// marker of the number of patterns can be dragged: `put` gets the number.
function successCurve(wide, count, put) {
  const narrow = wide < 500;
  const LEFT = 34;
  const RIGHT = wide - 14;
  const TOP = 32;
  const FOOT = narrow ? 92 : 112;
  const svg = chart(wide, FOOT + 36, "Success rate against the number of patterns", "group");
  const yRate = (p) => FOOT - p * (FOOT - TOP);
  const lines = node("g");
  const points = node("g");
  const marks = node("g");
  const onceLine = curve("value", 1.8, "5 3");
  const rateLine = curve("value", 2.4);
  const levels = [0, 0.5, 1].flatMap((p) => [
    axis(LEFT, RIGHT, yRate(p)),
    words(LEFT - 5, yRate(p) + 4, String(p), "end"),
  ]);
  const handle = node(
    "g",
    { class: "olsattn-handle", role: "slider", tabindex: 0, "aria-label": "Number of patterns" },
    node("path", { d: `M0 ${TOP}V${FOOT}`, stroke: ink("query"), "stroke-width": 2 }),
    node("path", { d: `M-7 ${TOP - 15}H7V${TOP - 8}L0 ${TOP}-7 ${TOP - 8}Z`, fill: ink("query") }),
    node("rect", { x: -22, y: 0, width: 44, height: FOOT, fill: "transparent" }),
  );
  const legend = [
    [null, 2.4, "in the end", narrow ? 76 : 104],
    ["5 3", 1.8, "after one sweep", narrow ? 200 : 226],
  ].flatMap(([dashes, width, text, right]) => [
    update(curve("value", width, dashes), { d: `M${RIGHT - right} ${FOOT + 26}h20` }),
    words(RIGHT - right + 25, FOOT + 30, text, "start"),
  ]);
  const title = narrow ? "rate of recall" : "rate of recall against the number of random patterns";
  svg.append(...levels, marks, lines, onceLine, rateLine, points, handle);
  svg.append(words(LEFT, FOOT + 30, title, "start"), ...legend);
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
    const { grid, size, options, good, once } = simulation;
    const start = performance.now();
    while (unfinished() && performance.now() - start < 6) {
      const k = simulation.done % grid.length; // one for each number of patterns in turn
      const result = trial(options, size, grid[k], Math.floor(simulation.done / grid.length));
      good[k] += result.end;
      once[k] += result.once;
      simulation.done += 1;
    }
    draw();
    if (unfinished()) waiting = setTimeout(() => requestAnimationFrame(work), 0);
  }

  // The axis reaches as far as the numbers that are simulated, and a little beyond; it does not jump there.
  let top = null;
  let settled = () => {};
  const along = (n) => LEFT + ((RIGHT - LEFT) * Math.log(n)) / Math.log(top);
  function reach(to) {
    settled();
    const axis = {
      get: () => top ?? to,
      set(_, v) {
        top = v;
        draw();
      },
      save_changes() {},
    };
    settled = top === to ? settled : glide(axis, { top: to }, { time: top === null ? 0 : 300 });
  }

  function draw() {
    const { grid, good, once, done, options, size } = simulation;
    const n = count();
    const trials = grid.map((_, k) => Math.floor(done / grid.length) + (k < done % grid.length ? 1 : 0));
    const known = grid.map((n, k) => [n, good[k], once[k], trials[k]]).filter(([, , , t]) => t);
    update(rateLine, { d: line(known.map(([n, g, , t]) => [along(n), yRate(g / t)])) });
    update(onceLine, { d: line(known.map(([n, , g, t]) => [along(n), yRate(g / t)])) });
    points.replaceChildren(
      ...known.flatMap(([n, g, , t]) => {
        const [y1, y2] = wilson(g, t).map(yRate);
        const bar = { x1: along(n), x2: along(n), y1, y2, stroke: ink("value"), "stroke-width": 1 };
        return [node("line", bar), node("circle", { cx: along(n), cy: yRate(g / t), r: 3.2, fill: ink("value") })];
      }),
    );
    const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000];
    const roomy = (n) => wide > 400 || top < 125 || !/^[25]/.test(n);
    marks.replaceChildren(
      ...steps.filter((n) => n <= top && roomy(n)).map((n) => words(along(n), FOOT + 14, String(n))),
    );
    const limits = capacities(options, size);
    const inside = limits.filter(([, n]) => n <= top);
    const far = limits.filter(([, n]) => n > top);
    const named = far.map(([name, n]) => `${name} = ${n < 1e6 ? Math.round(n) : figures(n)} →`).join(", ");
    lines.replaceChildren(
      ...inside.flatMap(([name, n], k) => {
        const beside = k < inside.length - 1; // labels of neighbours go to either side of their lines
        const dashes = { stroke: ink("soft"), "stroke-width": 1.5, "stroke-dasharray": "2 3" };
        return [
          node("line", { x1: along(n), x2: along(n), y1: 14, y2: FOOT, ...dashes }),
          words(along(n) + (beside ? 3 : 0), 10, name, beside ? "end" : "start"),
        ];
      }),
      words(RIGHT, 10, named, "end"),
    );
    update(handle, {
      transform: `translate(${along(Math.min(n, top)).toFixed(1)} 0)`,
      "aria-valuemin": 1,
      "aria-valuemax": MOST,
      "aria-valuenow": n,
      "aria-valuetext": `${n} patterns`,
    });
    const column = (k) => known.map((row) => row[k]);
    const columns = { patterns: column(0), successes: column(1), "after one sweep": column(2), trials: column(3) };
    table.fill(columns, String);
  }
  draggable(handle, {
    position: () => [count(), 0],
    invert(clientX) {
      const box = svg.getBoundingClientRect();
      const u = ((clientX - box.left) / box.width) * wide;
      return [top ** ((u - LEFT) / (RIGHT - LEFT)), 0];
    },
    step: 1,
    move: ([n, up]) => put(clamp(Math.round(n + up), 1, MOST)),
  });

  return {
    svg,
    table: table.element,
    show({ side, dynamics, degree, beta, flipped, exact }) {
      const options = { dynamics, degree, beta, flipped, exact };
      const size = side ** 2;
      const key = JSON.stringify([size, options]);
      if (simulation?.key !== key) {
        const grid = counts(options, size);
        const none = () => grid.map(() => 0);
        simulation = { key, size, options, grid, good: none(), once: none(), done: 0 };
        reach(grid[grid.length - 1] * 1.25);
        if (waiting === null) waiting = setTimeout(work, 250);
      }
      draw();
    },
    stop() {
      clearTimeout(waiting);
      watcher.disconnect();
      settled();
      visible = false;
    },
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const get = (name) => model.get(name);
  const pictures = get("pictures");
  const wide = chartWidth(el);
  const narrow = wide < 500;
  const success = successCurve(
    wide,
    () => get("count"),
    (count) => fresh({ count }),
  );

  // ---- the memory, once for each setting ----
  let held = {};
  function memory() {
    const given = traits(model, TRAITS);
    const { side, count, pictures: _, ...rest } = given;
    const patterns = held.side === side && held.count === count ? held.patterns : stored(given);
    const key = JSON.stringify(rest);
    if (held.patterns === patterns && held.key === key) return held;
    held = { side, count, key, ...explore(given, patterns) };
    held.fall = fall(given, held);
    return held;
  }
  const last = () => memory().run.path.length - 1;

  // ---- controls ----
  const fresh = (changes) => {
    pause();
    view.halt();
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
  const settling = pixels("the state");
  const cue = pixels("the cue: arrow keys move over its pixels, the space bar turns one", {
    role: "application",
    tabindex: 0,
    class: "olsattn-pixels olsattn-canvas",
  });
  cue.svg.append(cursor);
  let at = 0; // the pixel under the cursor
  let place = ""; // what a screen reader hears of it before the rest
  let brush = 1; // the sign that is painted: what the first pixel was not
  function paint(pixel) {
    if (memory().cue[pixel] === brush) return;
    const touched = get("touched");
    fresh({ touched: touched.includes(pixel) ? touched.filter((other) => other !== pixel) : [...touched, pixel] });
  }
  function turn(pixel) {
    at = pixel;
    brush = -memory().cue[pixel];
    paint(pixel);
  }
  painted(cue, () => get("side"), { begin: turn, go: paint });
  const showCursor = () => update(cursor, { display: null, x: at % get("side"), y: Math.floor(at / get("side")) });
  update(cue.svg, {
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
      view.announce.say(place);
    },
    onfocus: () => cue.svg.matches(":focus-visible") && showCursor(),
    onblur: () => update(cursor, { display: "none" }),
  });
  const gallery = Array.from({ length: 8 }, (_, k) => {
    const small = pixels("", { "aria-hidden": "true" });
    return { small, button: button(small.svg, () => fresh({ shown: k, touched: [] })) };
  });

  // ---- the energy as the state settles ----
  const [width, high] = narrow ? [360, 72] : [320, 160];
  const slope = chart(width, high, "Energy against sweeps, with the state's place on it");
  const [LEFT, RIGHT, FLOOR] = [10, width - 12, high - 20];
  const way = curve("query", 2.2);
  const now = disc("query");
  const sweepMarks = node("g");
  const height = update(words(RIGHT, 14, "", "end"), { class: "olsattn-halo" });
  slope.append(axis(LEFT, RIGHT, FLOOR), sweepMarks, way, height, now);
  scrubbed(slope, width, (u) => {
    pause();
    view.halt();
    set({ sweep: clamp((u - LEFT) / (RIGHT - LEFT), 0, 1) * last() });
  });

  function drawFall({ fall }, time) {
    const end = fall[fall.length - 1][0];
    const energies = fall.map(([, v]) => v);
    const [low, top] = [Math.min(...energies), Math.max(...energies)];
    const x = scale(0, Math.max(1, end), LEFT, RIGHT);
    const y = scale(low, Math.max(top, low + 1e-3), FLOOR - 10, narrow ? 12 : 26);
    update(way, { d: line(fall.map(([t, v]) => [x(t), y(v)])) });
    const k = Math.max(
      0,
      fall.findLastIndex(([t]) => t <= time + 1e-9),
    );
    const [a, b] = [fall[k], fall[Math.min(k + 1, fall.length - 1)]];
    const here = a[1] + (b[0] > a[0] ? ((time - a[0]) / (b[0] - a[0])) * (b[1] - a[1]) : 0);
    update(now, { cx: x(time), cy: y(here) });
    height.textContent = `energy ${number(here)}`;
    const step = Math.max(1, Math.ceil(end / 6));
    const places = Array.from({ length: Math.floor(end / step) + 1 }, (_, k) => k * step);
    sweepMarks.replaceChildren(
      ...places.map((v) => words(x(v), FLOOR + 14, v ? String(v) : "sweep 0", v ? "middle" : "start")),
    );
  }

  // ---- settling, step by step; each frame stops it if something else has moved the state ----
  let playing = null;
  const play = button("Play", () => (playing ? pause() : begin()));
  function begin() {
    view.halt();
    const first = get("sweep") < last() ? get("sweep") : 0;
    if (still()) return set({ sweep: last() });
    set({ sweep: first });
    const pace = memory().run.turns && last() < 4 ? 1500 : 500; // milliseconds a sweep
    playing = { at: first, began: performance.now() - first * pace, pace, frame: requestAnimationFrame(animate) };
    play.textContent = "Pause";
  }
  function pause() {
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    playing = null;
    play.textContent = "Play";
    model.save_changes(); // Python is told at the end
  }
  function animate(time) {
    if (get("sweep") !== playing.at) return pause();
    playing.at = clamp((time - playing.began) / playing.pace, playing.at, last());
    model.set("sweep", playing.at);
    if (playing.at >= last()) return pause();
    playing.frame = requestAnimationFrame(animate);
  }
  const step = button("Step", () => {
    pause();
    view.halt();
    set({ sweep: Math.min(last(), Math.floor(get("sweep") + 1e-9) + 1) });
  });
  const reset = button("Reset", () => fresh({ touched: [] }));
  const sweep = valueSlider("Sweeps", { min: 0, step: 0.05 }, (v) => {
    pause();
    view.halt();
    set({ sweep: v });
  });

  // ---- put together ----
  const table = numbersTable("The path, sweep by sweep");
  const choices = { class: "olsattn-gallery", role: "group", "aria-label": "Pattern to recall" };
  const choose = node("div", choices, ...gallery.map((entry) => entry.button));
  const counting = `Up to ${TRIALS} memories of random patterns for each number; bars are 95 % intervals.`;
  const heart = { side: 10, count: 5, shown: 0, touched: [], flipped: 0.2, exact: false, sweep: MAX_SWEEPS };
  const view = layout({
    model,
    el,
    name: "hopfield",
    shared,
    pictures: [
      narrow ? null : choose,
      node(
        "div",
        { class: "olsattn-recall" },
        figure(["Cue: paint on it"], cue.svg),
        figure(["State, wrong tinted"], settling.svg),
        slope,
      ),
      success.svg,
    ],
    controls: [node("div", { class: "olsattn-buttons" }, play, step, reset), labelled("Dynamics", dynamics)],
    chips: [
      ["recalled", { ...heart, dynamics: "quadratic" }],
      ["too many", { ...heart, dynamics: "quadratic", count: 58 }],
      ["a steeper energy", { ...heart, dynamics: "polynomial", degree: 3, count: 58 }],
      ["softmax, too warm", { ...heart, dynamics: "softmax", beta: 3, count: 25 }],
      ["linear: it forgets", { ...heart, dynamics: "linear", count: 8 }],
    ],
    more: [
      narrow ? choose : null,
      ...[wrong, degree, beta, count, side, sweep].map(({ field }) => field),
      labelled("A recall counts if it ends with", counted),
    ],
    table: { element: node("div", {}, table.element, node("p", {}, counting), success.table) },
  });

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
    const given = traits(model, [...TRAITS, "exact"]);
    const state = memory();
    const { numbers, target, run } = state;
    const size = given.side ** 2;
    const time = Math.min(get("sweep"), last());
    const shown = stateAt(run, time);
    side.show(SIDES.indexOf(given.side), `${given.side} × ${given.side}, d = ${size}`);
    count.show((100 * Math.log(given.count)) / Math.log(MOST), String(given.count));
    wrong.show(given.flipped, `${Math.round(100 * given.flipped)} %`);
    degree.show(given.degree, String(given.degree));
    beta.show(given.beta, String(given.beta));
    degree.field.hidden = given.dynamics !== "polynomial";
    beta.field.hidden = given.dynamics !== "softmax";
    dynamics.value = given.dynamics;
    counted.value = given.exact ? "exact" : "close";
    update(sweep.input, { max: Math.max(1, last()) });
    sweep.show(time, `${number(time, 1)} of ${last()}`);
    const names = (pictures[given.side] ?? []).map(([name]) => name);
    drawGallery(state, names);
    cue.draw(state.cue, target);
    settling.draw(shown, target);
    drawFall(state, time);

    const { overlap, "wrong signs": wrongs } = numbers;
    view.say(
      `${given.count} patterns. Overlap with the wanted one: cue **${number(overlap[0])}**, now `,
      `**${number(cosine(shown, target))}**, at the end **${number(overlap[last()])}** (${wrongs[last()]} of ${size} `,
      `wrong): **${verdict(state, names)}**.`,
    );
    if (place) view.announce.say(place);
    place = "";
    table.fill(numbers, (v, heading) => number(v, heading === "overlap" || heading === "energy" ? 4 : 0));
    success.show(given);
  }

  const forget = get("sweep") === 0 && !model.told ? onceInView(view.root, begin) : () => {};
  return view.live([...TRAITS, "sweep", "exact"], draw, forget, pause, success.stop);
}

export default { render, shared };
