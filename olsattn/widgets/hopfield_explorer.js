const DYNAMICS = {
  quadratic: "signs, quadratic energy", polynomial: "signs, polynomial energy", exponential: "signs, exponential energy",
  softmax: "softmax", linear: "linear", whitened: "whitened",
};
const SIDES = [4, 5, 6, 8, 10, 12, 14, 16, 18, 20], MOST = 600, MAX_SWEEPS = 20, TRIALS = 100;

// ---- random numbers: NumPy's default_rng(entropy), as 64-bit words ----

// SeedSequence and PCG64. With them a page and a notebook draw the same patterns from the same seed.
function generator(entropy) {
  let constant = 0x43b0d7e5;
  const scramble = (value, factor) => {
    value ^= constant;
    constant = Math.imul(constant, factor);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mix = (x, y) => { const v = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715); return (v ^ (v >>> 16)) >>> 0; };
  const hash = (value) => scramble(value, 0x931e8875);
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++) for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  for (const more of entropy.slice(4)) for (let to = 0; to < 4; to++) pool[to] = mix(pool[to], hash(more));
  constant = 0x8b51f9dd;
  const words = Array.from({ length: 8 }, (_, i) => BigInt(scramble(pool[i % 4], 0x58f38ded)));
  const wide = (i) => (words[i + 1] << 96n) | (words[i] << 64n) | (words[i + 3] << 32n) | words[i + 2];
  const FACTOR = 0x2360ed051fc65da44385df649fccf645n, increment = BigInt.asUintN(128, (wide(4) << 1n) | 1n);
  let state = BigInt.asUintN(128, (increment + wide(0)) * FACTOR + increment);
  return () => {
    state = BigInt.asUintN(128, state * FACTOR + increment);
    const turn = state >> 122n, folded = BigInt.asUintN(64, (state >> 64n) ^ state);
    return BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
  };
}

function randomPatterns(count, size, draw) {
  return Array.from({ length: count }, () => {
    const row = new Int8Array(size);
    for (let i = 0; i < size; i += 64) {
      const word = draw(), halves = [Number(word & 0xffffffffn), Number(word >> 32n)];
      for (let k = 0; k < 64 && i + k < size; k++) row[i + k] = (halves[k >> 5] >>> (k & 31)) & 1 ? 1 : -1;
    }
    return row;
  });
}

function randomOrder(size, draw) {
  const keys = Array.from({ length: size }, draw);
  return keys.map((_, i) => i).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
}

function flipped(pattern, fraction, draw) {
  const cue = pattern.slice(), order = randomOrder(cue.length, draw);
  for (let k = 0; k < Math.floor(fraction * cue.length + 0.5); k++) cue[order[k]] *= -1;
  return cue;
}

// ---- memories, as in olsattn.associative_memory ----

const product = (a, b) => { let sum = 0; for (let i = 0; i < a.length; i++) sum += a[i] * b[i]; return sum; };

// Sign updates one entry after the other, in place; returns the entries that turned.
function signSweep(patterns, state, overlaps, order, gains) {
  const turned = [];
  for (const i of order) {
    let keep = 0; // by how much the energy would rise if this entry turned
    const s = state[i];
    for (let m = 0; m < patterns.length; m++) keep += gains(overlaps[m], patterns[m][i] * s);
    if (keep >= 0) continue;
    state[i] = -s;
    turned.push(i);
    for (let m = 0; m < patterns.length; m++) overlaps[m] -= 2 * s * patterns[m][i];
  }
  return turned;
}

// F(m) - F(m - 2) where pattern and state agree, F(m) - F(m + 2) where they differ, from a table over all overlaps.
function gainTable(kind, degree, size) {
  const energy = { quadratic: (m) => (m * m) / 2, polynomial: (m) => m ** degree, exponential: (m) => Math.exp(m - size) }[kind];
  const tables = [1, -1].map((agree) => Float64Array.from({ length: 2 * size + 1 }, (_, k) => energy(k - size) - energy(k - size - 2 * agree)));
  return (m, agree) => tables[agree > 0 ? 0 : 1][m + size];
}

// All states of a memory from the cue until nothing changes: [cue, after one sweep, ...].
function settle({ dynamics, degree, beta }, patterns, cue, orders) {
  const size = cue.length, path = [cue];
  if (["quadratic", "polynomial", "exponential"].includes(dynamics)) {
    const state = cue.slice(), overlaps = patterns.map((row) => product(row, state)), gains = gainTable(dynamics, degree, size);
    const turns = [];
    for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      const order = orders(sweep), turned = signSweep(patterns, state, overlaps, order, gains);
      if (!turned.length) break;
      path.push(state.slice());
      turns.push({ order, turned: new Set(turned) });
    }
    return { path, turns };
  }
  const root = Math.sqrt(size), basis = dynamics === "whitened" ? orthonormal(patterns) : patterns;
  path[0] = Float64Array.from(cue, (v) => v / root);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const before = path[path.length - 1], after = new Float64Array(size);
    const scores = basis.map((row) => product(row, before) / (dynamics === "whitened" ? 1 : root));
    const weights = dynamics === "softmax" ? softmax(scores.map((v) => beta * v)) : scores;
    basis.forEach((row, m) => { const w = weights[m] / (dynamics === "whitened" ? 1 : root); for (let i = 0; i < size; i++) after[i] += w * row[i]; });
    if (dynamics === "linear") { const length = Math.sqrt(product(after, after)); after.forEach((v, i) => { after[i] = v / length; }); }
    if (after.every((v, i) => Math.abs(v - before[i]) < 1e-6)) break;
    path.push(after);
  }
  return { path };
}

// An orthonormal basis of what the patterns span, by Gram and Schmidt, twice over for accuracy.
function orthonormal(patterns) {
  const basis = [];
  for (const row of patterns) {
    if (basis.length === row.length) break;
    const v = Float64Array.from(row);
    for (let pass = 0; pass < 2; pass++) for (const b of basis) { const c = product(b, v); for (let i = 0; i < v.length; i++) v[i] -= c * b[i]; }
    const length = Math.sqrt(product(v, v));
    if (length > 1e-9 * row.length) basis.push(v.map((x) => x / length));
  }
  return basis;
}

const cosine = (state, pattern) => product(state, pattern) / Math.sqrt(product(state, state) * pattern.length);
const wrongSigns = (state, pattern) => state.reduce((sum, v, i) => sum + (v * pattern[i] > 1e-9 ? 0 : 1), 0); // zero but for rounding is no sign

// One memory of random patterns, one cue: the trial of that number in olsattn.associative_memory.successes.
function trial(options, size, count, number) {
  const draw = generator([0, size, count, number]);
  const patterns = randomPatterns(count, size, draw), cue = flipped(patterns[0], options.flipped, draw);
  const { path } = settle(options, patterns, cue, () => randomOrder(size, draw)), end = path[path.length - 1];
  return options.exact ? wrongSigns(end, patterns[0]) === 0 : cosine(end, patterns[0]) >= 0.9 - 1e-9;
}

// Wilson's 95 percent interval for a probability.
function wilson(good, trials) {
  const z = 1.959963984540054, p = good / trials, centre = (p + z * z / (2 * trials)) / (1 + z * z / trials);
  const half = (z / (1 + z * z / trials)) * Math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials));
  return [centre - half, centre + half];
}

// What theory says of random patterns as d grows: [name, number of patterns].
function theory({ dynamics, degree }, size) {
  const oddFactorial = (n) => (n <= 1 ? 1 : n * oddFactorial(n - 2));
  if (dynamics === "exponential") return [["2^(d/2)", 2 ** (size / 2)]];
  if (dynamics === "whitened") return [["d", size]];
  if (dynamics === "polynomial") return [["no wrong sign", size ** (degree - 1) / (2 * oddFactorial(2 * degree - 3) * Math.log(size))]];
  return dynamics === "quadratic" ? [["d/(4 ln d)", size / (4 * Math.log(size))], ["d/(2 ln d)", size / (2 * Math.log(size))], ["0.138 d", 0.138 * size]] : [];
}

// Numbers of patterns to simulate: up to well beyond theory, and no more than one frame can draw.
function counts(options, size) {
  const lines = theory(options, size).map(([, count]) => count);
  const wanted = { quadratic: 0.35 * size, linear: 0.35 * size, whitened: 1.5 * size, polynomial: 4 * Math.max(0, ...lines) }[options.dynamics] ?? Infinity;
  const top = Math.max(16, Math.min(wanted, 4e5 / size, 4000));
  return [...new Set(Array.from({ length: 12 }, (_, k) => Math.round(2 * (top / 2) ** (k / 11))))];
}

// ---- the page ----

function render({ model, el }) {
  const set = traitSetter(model), get = (name) => model.get(name);
  const pictures = get("pictures");
  const WIDE = chartWidth(el);

  // ---- controls ----
  const fresh = (changes) => { pause(); set({ sweep: 0, ...changes }); };
  const slider = (text, name, attributes, read = (v) => v) => valueSlider(text, attributes, (v) => fresh({ [name]: read(v) }));
  const side = slider("Side", "side", { min: 0, max: SIDES.length - 1, step: 1 }, (v) => SIDES[v]);
  const toCount = (v) => Math.round(MOST ** (v / 100)), fromCount = (n) => (100 * Math.log(n)) / Math.log(MOST);
  const count = slider("Patterns", "count", { min: 0, max: 100, step: 1 }, toCount);
  count.field.addEventListener("keydown", (event) => { // one pattern at a time, which the scale is too coarse for
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    fresh({ count: clamp(get("count") + by, 1, MOST) });
  });
  const dynamics = node("select", { onchange: () => fresh({ dynamics: dynamics.value }) }, ...Object.entries(DYNAMICS).map(([value, text]) => option(value, text)));
  const degree = slider("Degree", "degree", { min: 3, max: 6, step: 1 }), beta = slider("Inverse temperature", "beta", { min: 1, max: 64, step: 0.5 });
  const wrong = slider("Wrong signs", "flipped", { min: 0, max: 0.5, step: 0.01 });
  const counted = node("select", { onchange: () => set({ exact: counted.value === "exact" }) }, option("close", "an overlap of 0.9 or more"), option("exact", "every sign right"));

  // ---- pictures of patterns ----
  const cursor = node("rect", { width: 1, height: 1, fill: "none", stroke: "var(--role-omega)", "stroke-width": 0.2, display: "none" });
  const picture = (label, attributes = {}) => {
    const svg = node("svg", { role: "img", "aria-label": label, class: "olsattn-pixels", ...attributes });
    const levels = [0.25, 0.5, 0.75, 1].map((opacity) => node("path", { fill: "var(--role-ink)", "fill-opacity": opacity }));
    svg.append(...levels);
    return { svg, draw(state) {
      const n = Math.round(Math.sqrt(state.length)), binary = state instanceof Int8Array;
      const most = binary ? 1 : state.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-12), paths = ["", "", "", ""];
      state.forEach((v, i) => {
        const level = binary ? (v > 0 ? 4 : 0) : Math.round(2 * (v / most + 1)); // five greys
        if (level) paths[level - 1] += `M${i % n} ${Math.floor(i / n)}h1v1h-1z`;
      });
      update(svg, { viewBox: `-0.1 -0.1 ${n + 0.2} ${n + 0.2}` });
      levels.forEach((path, k) => update(path, { d: paths[k] }));
    } };
  };
  const stored = picture("the stored pattern"), settling = picture("the state");
  const cue = picture("the cue: arrow keys move over its pixels, the space bar turns one", { role: "application", tabindex: 0, class: "olsattn-pixels olsattn-touchable" });
  cue.svg.append(cursor);
  let at = 0, place = ""; // the pixel under the cursor, and what a screen reader hears of it before the rest
  const turn = (pixel) => fresh({ touched: get("touched").includes(pixel) ? get("touched").filter((other) => other !== pixel) : [...get("touched"), pixel] });
  const showCursor = () => update(cursor, { display: null, x: at % get("side"), y: Math.floor(at / get("side")) });
  update(cue.svg, {
    onclick(event) {
      const box = cue.svg.getBoundingClientRect(), n = get("side"), pixel = (offset, length) => clamp(Math.floor((offset / length) * (n + 0.2) - 0.1), 0, n - 1);
      turn((at = pixel(event.clientY - box.top, box.height) * n + pixel(event.clientX - box.left, box.width)));
    },
    onkeydown(event) {
      const n = get("side"), row = Math.floor(at / n), by = { ArrowLeft: at % n ? -1 : 0, ArrowRight: at % n < n - 1 ? 1 : 0, ArrowUp: row ? -n : 0, ArrowDown: row < n - 1 ? n : 0 }[event.key];
      if (by === undefined && event.key !== " ") return;
      event.preventDefault();
      if (by === undefined) turn(at); else at += by;
      showCursor();
      place = `Row ${Math.floor(at / n) + 1}, column ${at % n + 1}: ${memory().cue[at] > 0 ? "+1" : "−1"}. `;
      announce.say(place);
    },
    onfocus() { if (cue.svg.matches(":focus-visible")) showCursor(); },
    onblur() { update(cursor, { display: "none" }); },
  });
  const gallery = Array.from({ length: 8 }, (_, k) => {
    const small = picture("");
    small.svg.setAttribute("aria-hidden", "true");
    return { small, button: node("button", { type: "button", onclick: () => fresh({ shown: k, touched: [] }) }, small.svg) };
  });

  // ---- settling, step by step ----
  let frame = null;
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  const last = () => memory().run.path.length - 1;
  function pause() { cancelAnimationFrame(frame); frame = null; play.textContent = "Play"; }
  function animate() {
    const next = Math.min(last(), get("sweep") + (memory().run.turns ? 0.02 : 0.05));
    set({ sweep: motion.matches ? last() : next });
    if (get("sweep") >= last()) pause(); else frame = requestAnimationFrame(animate);
  }
  const play = node("button", { type: "button", onclick: () => {
    if (frame !== null) { pause(); return; }
    if (get("sweep") >= last()) set({ sweep: 0 });
    play.textContent = "Pause";
    frame = requestAnimationFrame(animate);
  } }, "Play");
  const step = node("button", { type: "button", onclick: () => { pause(); set({ sweep: Math.min(last(), Math.floor(get("sweep") + 1e-9) + 1) }); } }, "Step");
  const reset = node("button", { type: "button", onclick: () => fresh({ touched: [] }) }, "Reset");
  const sweep = node("input", { type: "range", min: 0, step: 0.05, oninput: () => { pause(); set({ sweep: Number(sweep.value) }); } });

  // ---- the curve ----
  const LEFT = 34, RIGHT = WIDE - 10, TOP = 26, FOOT = 172;
  const chart = node("svg", { viewBox: `0 0 ${WIDE} 208`, role: "img", "aria-label": "Success rate against the number of patterns", class: "olsattn-chart" });
  const yRate = (p) => FOOT - p * (FOOT - TOP), lines = node("g"), points = node("g"), ticks = node("g");
  const here = node("line", { y1: TOP - 6, y2: FOOT, stroke: "var(--role-query)", "stroke-width": 2 });
  const rateLine = node("path", { fill: "none", stroke: "var(--role-value)", "stroke-width": 1.8 });
  chart.append(...[0, 0.5, 1].flatMap((p) => [node("line", { x1: LEFT, x2: RIGHT, y1: yRate(p), y2: yRate(p), class: "olsattn-axis" }),
    node("text", { x: LEFT - 5, y: yRate(p) + 4, "text-anchor": "end" }, String(p))]), ticks, lines, here, rateLine, points);
  const body = node("tbody"), progress = node("p", { class: "olsattn-readout" });
  let simulation = null, waiting = null;
  function simulate() {
    const size = get("side") ** 2, options = { dynamics: get("dynamics"), degree: get("degree"), beta: get("beta"), flipped: get("flipped"), exact: get("exact") };
    const key = JSON.stringify([size, options]);
    if (simulation?.key === key) { drawCurve(); return; }
    simulation = { key, size, options, counts: counts(options, size), good: [], done: 0 };
    simulation.good = simulation.counts.map(() => 0);
    drawCurve();
    if (waiting === null) waiting = setTimeout(work, 250);
  }
  // A few milliseconds of trials in each frame, one for each number of patterns in turn, while the chart can be seen.
  function work() {
    waiting = null;
    const { counts: grid, size, options, good } = simulation, start = performance.now();
    while (visible && simulation.done < TRIALS * grid.length && performance.now() - start < 6) {
      const k = simulation.done % grid.length;
      good[k] += trial(options, size, grid[k], Math.floor(simulation.done / grid.length));
      simulation.done += 1;
    }
    drawCurve();
    if (visible && simulation.done < TRIALS * grid.length) waiting = setTimeout(() => requestAnimationFrame(work), 0);
  }
  let visible = false;
  const watcher = new IntersectionObserver((entries) => { visible = entries.at(-1).isIntersecting; if (visible && waiting === null && simulation) waiting = setTimeout(work, 250); });
  watcher.observe(chart);

  function drawCurve() {
    const { counts: grid, good, done, options, size } = simulation, top = grid[grid.length - 1];
    const x = (n) => LEFT + ((RIGHT - LEFT) * Math.log(n)) / Math.log(top * 1.25);
    const trials = grid.map((_, k) => Math.floor(done / grid.length) + (k < done % grid.length ? 1 : 0));
    const known = grid.map((n, k) => [n, good[k], trials[k], k]).filter(([, , t]) => t);
    update(rateLine, { d: known.map(([n, g, t], k) => `${k ? "L" : "M"}${x(n).toFixed(1)} ${yRate(g / t).toFixed(1)}`).join("") });
    points.replaceChildren(...known.flatMap(([n, g, t]) => {
      const [low, high] = wilson(g, t);
      return [node("line", { x1: x(n), x2: x(n), y1: yRate(low), y2: yRate(high), stroke: "var(--role-value)", "stroke-width": 1 }),
        node("circle", { cx: x(n), cy: yRate(g / t), r: 3.5, fill: "var(--role-value)" })];
    }));
    const decades = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000].filter((n) => n <= top * 1.25 && (WIDE > 400 || !/^[25]/.test(n) || top < 100));
    ticks.replaceChildren(...decades.map((n) => node("text", { x: x(n), y: FOOT + 15, "text-anchor": "middle" }, String(n))),
      node("text", { x: (LEFT + RIGHT) / 2, y: FOOT + 31, "text-anchor": "middle" }, "number of random patterns"));
    const limits = theory(options, size), inside = limits.filter(([, n]) => n <= top * 1.25);
    lines.replaceChildren(...inside.flatMap(([name, n], k) => {
      const beside = k < inside.length - 1; // labels of neighbours go to either side of their lines
      return [node("line", { x1: x(n), x2: x(n), y1: TOP - 4, y2: FOOT, stroke: "var(--role-soft)", "stroke-width": 1.5, "stroke-dasharray": "5 3" }),
        node("text", { x: x(n) + (beside ? 3 : 0), y: TOP - 8, "text-anchor": beside ? "end" : "start" }, name)];
    }));
    const m = get("count");
    update(here, { x1: x(Math.min(m, top * 1.25)), x2: x(Math.min(m, top * 1.25)), display: m <= top * 1.25 ? null : "none" });
    const far = limits.filter(([, n]) => n > top * 1.25).map(([name, n]) => `${name} = ${n < 1e6 ? Math.round(n) : n.toExponential(0)}`);
    progress.textContent = `${Math.min(...trials)} of ${TRIALS} memories of random patterns simulated for each number; bars are 95 % intervals.`
      + (far.length ? ` Beyond the chart: ${far.join(", ")}.` : "");
    body.replaceChildren(...known.map(([n, g, t]) => node("tr", {}, ...[n, g, t].map((v) => node("td", { "data-value": v }, String(v))))));
  }

  // ---- the memory ----
  let held = {};
  function memory() {
    const size = get("side") ** 2, M = get("count");
    if (held.size !== size || held.patterns.length !== M) {
      const patterns = randomPatterns(M, size, generator([0, size]));
      (pictures[get("side")] ?? []).slice(0, M).forEach(([, text], k) => { patterns[k] = Int8Array.from(text, (pixel) => (pixel === "#" ? 1 : -1)); });
      held = { size, patterns };
    }
    const which = Math.min(get("shown"), M - 1), options = { dynamics: get("dynamics"), degree: get("degree"), beta: get("beta") };
    const key = JSON.stringify([which, options, get("flipped"), get("touched")]);
    if (held.key !== key) {
      const cueNow = flipped(held.patterns[which], get("flipped"), generator([1, size, which]));
      get("touched").forEach((pixel) => { if (pixel < size) cueNow[pixel] *= -1; });
      const draw = generator([2, size]), run = settle(options, held.patterns, cueNow, () => randomOrder(size, draw));
      Object.assign(held, { key, which, cue: cueNow, run, options });
    }
    return held;
  }
  // The state between two sweeps: part of the entries have had their turn, or part of the way to the next state is gone.
  function stateAt(run, time) {
    const whole = Math.min(Math.floor(time + 1e-9), run.path.length - 1), part = time - whole;
    if (part < 1e-9 || whole === run.path.length - 1) return run.path[whole];
    const now = run.path[whole].slice(), next = run.path[whole + 1];
    if (!run.turns) return now.map((v, i) => v + part * (next[i] - v));
    const { order, turned } = run.turns[whole];
    order.slice(0, Math.floor(part * order.length)).forEach((i) => { if (turned.has(i)) now[i] *= -1; });
    return now;
  }
  // Energies relative to that of a single stored pattern, so that they can be printed side by side.
  function energy({ dynamics: kind, degree: n, beta: b }, patterns, state) {
    const root = Math.sqrt(product(state, state)), overlaps = patterns.map((row) => product(row, state) / (root * Math.sqrt(row.length)));
    if (kind === "whitened") { const q = orthonormal(patterns).map((row) => product(row, state) / root); return -product(q, q); }
    if (kind === "softmax") {
      const scores = overlaps.map((m) => b * m * root), most = Math.max(...scores);
      return product(state, state) / 2 - (most + Math.log(scores.reduce((sum, v) => sum + Math.exp(v - most), 0))) / b;
    }
    const size = state.length, term = { polynomial: (m) => m ** n, exponential: (m) => Math.exp((m - 1) * size) }[kind] ?? ((m) => m * m);
    return -overlaps.reduce((sum, m) => sum + term(m), 0);
  }

  const readout = node("p", { class: "olsattn-readout" }), announce = announcer(), pathBody = node("tbody");
  const table = (headings, rows) => node("table", {}, node("thead", {}, node("tr", {}, ...headings.map((text) => node("th", { scope: "col" }, text)))), rows);
  el.append(node("div", { class: "olsattn-widget olsattn-hopfield" },
    node("div", { class: "olsattn-controls" }, labelled("Dynamics", dynamics), ...[degree, beta, side, count, wrong].map(({ field }) => field)),
    node("div", { class: "olsattn-gallery", role: "group", "aria-label": "Pattern to recall" }, ...gallery.map(({ button }) => button)),
    node("div", { class: "olsattn-maps olsattn-three" }, pictured(["Stored"], stored.svg), pictured(["Cue: click a pixel"], cue.svg), pictured(["State"], settling.svg)),
    node("div", { class: "olsattn-controls olsattn-later" }, step, play, reset, labelled("Sweeps", sweep)),
    readout, announce.element,
    node("div", { class: "olsattn-controls olsattn-later" }, labelled("A recall counts if it ends with", counted)),
    node("div", { class: "olsattn-panels olsattn-wide" }, pictured(["Success rate of recall from the same share of wrong signs"], chart)), progress,
    node("details", {}, node("summary", {}, "The numbers"), node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": "The numbers" },
      table(["sweep", "overlap", "wrong signs", "energy"], pathBody), table(["patterns", "successes", "trials"], body)))));

  // ---- drawing ----
  let drawn = null;
  function draw() {
    const { patterns, which, cue: cueNow, run, options, size } = memory(), kind = options.dynamics, n = get("side"), M = get("count");
    const time = Math.min(get("sweep"), last()), state = stateAt(run, time), target = patterns[which], end = run.path[last()];
    side.show(SIDES.indexOf(n), `${n} × ${n}, d = ${size}`); count.show(fromCount(M), String(M)); wrong.show(get("flipped"), `${Math.round(100 * get("flipped"))} %`);
    dynamics.value = kind; degree.show(options.degree, String(options.degree)); beta.show(options.beta, String(options.beta));
    degree.field.hidden = kind !== "polynomial"; beta.field.hidden = kind !== "softmax"; counted.value = get("exact") ? "exact" : "close";
    sweep.max = Math.max(1, last()); sweep.value = time; sweep.setAttribute("aria-valuetext", `${number(time, 1)} of ${last()}`);
    const names = (pictures[n] ?? []).map(([name]) => name);
    gallery.forEach(({ small, button }, k) => {
      button.hidden = k >= M;
      if (k >= M) return;
      if (drawn !== patterns) small.draw(patterns[k]);
      update(button, { "aria-label": names[k] ?? `random pattern ${k + 1}`, "aria-pressed": String(k === which) });
    });
    drawn = patterns;
    stored.draw(target); cue.draw(cueNow); settling.draw(state);

    const overlap = cosine(state, target), ends = cosine(end, target);
    const others = patterns.map((row, k) => (k === which ? 0 : Math.abs(cosine(end, row)))), nearest = others.indexOf(Math.max(...others));
    const verdict = wrongSigns(end, target) === 0 && ends > 0.9 ? "recalled without error" : ends >= 0.9 ? "recalled with some wrong signs"
      : M > 1 && others[nearest] >= 0.9 ? `another pattern, ${names[nearest] ?? `number ${nearest + 1}`}${cosine(end, patterns[nearest]) < 0 ? ", inverted" : ""}` : "no stored pattern";
    readout.replaceChildren("Overlap with the stored pattern: cue ", bold(number(cosine(cueNow, target))), ", now ", bold(number(overlap)), ", at the end ", bold(number(ends)),
      ` (${wrongSigns(end, target)} of ${size} signs wrong) after ${last()} sweep${last() === 1 ? "" : "s"}: `, bold(verdict), ".");
    readout.dataset.overlap = ends;
    if (frame === null) announce.say(place + readout.textContent);
    place = "";
    pathBody.replaceChildren(...run.path.map((s, k) => node("tr", {}, ...[[k, 0], [cosine(s, target), 4], [wrongSigns(s, target), 0], [energy(options, patterns, s), 4]]
      .map(([v, digits]) => node("td", { "data-value": v }, number(v, digits))))));
    simulate();
  }

  const leave = redrawOn(model, ["side", "count", "dynamics", "degree", "beta", "flipped", "shown", "touched", "sweep", "exact"], draw, announce);
  return () => { leave(); pause(); clearTimeout(waiting); watcher.disconnect(); visible = false; };
}

export default { render };
