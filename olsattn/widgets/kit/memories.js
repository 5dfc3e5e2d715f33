// Associative memories, as in olsattn: patterns are rows of signs, and a state settles on one of them.

import { softmax } from "./attention.js";
import { dot, norm, orthonormal } from "./linear_algebra.js";
import { flipped, generator, randomOrder, randomPatterns } from "./random.js";

export const MAX_SWEEPS = 20;
const SIGNS = ["quadratic", "polynomial", "exponential"]; // dynamics of signs; the others move continuous states

export const cosine = (state, pattern) => dot(state, pattern) / (norm(state) * Math.sqrt(pattern.length));

// Zero but for rounding is no sign, so it counts as wrong.
export function wrongSigns(state, pattern) {
  let wrong = 0;
  for (let i = 0; i < state.length; i++) if (state[i] * pattern[i] <= 1e-9) wrong += 1;
  return wrong;
}

// All states of a memory from the cue until nothing changes: [cue, after one sweep, ...]. Of signs it also
// returns the turns: in which order each sweep went through the entries, and which of them turned.
export function settle(options, patterns, cue, orders) {
  return SIGNS.includes(options.dynamics)
    ? settleSigns(options, patterns, cue, orders)
    : { path: settleContinuously(options, patterns, cue) };
}

function settleSigns({ dynamics, degree }, patterns, cue, orders) {
  const path = [cue];
  const turns = [];
  const state = cue.slice();
  const overlaps = patterns.map((row) => dot(row, state));
  const gains = gainTable(dynamics, degree, cue.length);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const order = orders(sweep);
    const turned = signSweep(patterns, state, overlaps, order, gains);
    if (!turned.length) break;
    path.push(state.slice());
    turns.push({ order, turned: new Set(turned) });
  }
  return { path, turns };
}

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
function gainTable(dynamics, degree, size) {
  const energy = {
    quadratic: (m) => (m * m) / 2,
    polynomial: (m) => m ** degree,
    exponential: (m) => Math.exp(m - size),
  }[dynamics];
  const tables = [1, -1].map((agree) =>
    Float64Array.from({ length: 2 * size + 1 }, (_, k) => energy(k - size) - energy(k - size - 2 * agree)),
  );
  return (m, agree) => tables[agree > 0 ? 0 : 1][m + size];
}

function settleContinuously({ dynamics, beta }, patterns, cue) {
  const scale = dynamics === "whitened" ? 1 : Math.sqrt(cue.length);
  const basis = dynamics === "whitened" ? orthonormal(patterns) : patterns;
  const path = [Float64Array.from(cue, (v) => v / Math.sqrt(cue.length))];
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const before = path[path.length - 1];
    const after = new Float64Array(cue.length);
    const scores = basis.map((row) => dot(row, before) / scale);
    const weights = dynamics === "softmax" ? softmax(scores.map((v) => beta * v)) : scores;
    basis.forEach((row, m) => {
      const w = weights[m] / scale;
      for (let i = 0; i < after.length; i++) after[i] += w * row[i];
    });
    const length = dynamics === "linear" ? norm(after) : 1;
    for (let i = 0; i < after.length; i++) after[i] /= length;
    if (after.every((v, i) => Math.abs(v - before[i]) < 1e-6)) break;
    path.push(after);
  }
  return path;
}

// Energies relative to that of a single stored pattern, so that they can be printed side by side.
export function energy({ dynamics, degree, beta }, patterns, state) {
  const size = state.length;
  const root = norm(state);
  const overlaps = patterns.map((row) => cosine(state, row));
  if (dynamics === "whitened") {
    const scores = orthonormal(patterns).map((row) => dot(row, state) / root);
    return -dot(scores, scores);
  }
  if (dynamics === "softmax") {
    const scores = overlaps.map((m) => beta * m * root);
    const most = Math.max(...scores);
    const total = scores.reduce((sum, v) => sum + Math.exp(v - most), 0);
    return (root * root) / 2 - (most + Math.log(total)) / beta;
  }
  const term = {
    polynomial: (m) => m ** degree,
    exponential: (m) => Math.exp((m - 1) * size),
  }[dynamics];
  return -overlaps.reduce((sum, m) => sum + (term ? term(m) : m * m), 0);
}

// One memory of random patterns and one cue: whether the trial of that number in olsattn's successes succeeds at the
// end, and whether it would if it stopped after one sweep. `exact` asks for every sign, otherwise an overlap of 0.9
// is enough.
export function trial(options, size, count, number) {
  const draw = generator([0, size, count, number]);
  const patterns = randomPatterns(count, size, draw);
  const cue = flipped(patterns[0], options.flipped, draw);
  const { path } = settle(options, patterns, cue, () => randomOrder(size, draw));
  const good = (state) =>
    options.exact ? wrongSigns(state, patterns[0]) === 0 : cosine(state, patterns[0]) >= 0.9 - 1e-9;
  return { once: good(path[Math.min(1, path.length - 1)]), end: good(path[path.length - 1]) };
}

const oddFactorial = (n) => (n <= 1 ? 1 : n * oddFactorial(n - 2));

// What theory says of random patterns as their size d grows: [name, number of patterns].
export function capacities({ dynamics, degree = 3 }, size) {
  const logarithm = Math.log(size);
  return (
    {
      quadratic: [
        ["d/(4 ln d)", size / (4 * logarithm)],
        ["d/(2 ln d)", size / (2 * logarithm)],
        ["0.138 d", 0.138 * size],
      ],
      polynomial: [["no wrong sign", size ** (degree - 1) / (2 * oddFactorial(2 * degree - 3) * logarithm)]],
      exponential: [["2^(d/2)", 2 ** (size / 2)]],
      whitened: [["d", size]],
    }[dynamics] ?? []
  );
}
