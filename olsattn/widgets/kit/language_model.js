// The book's language model, run forward in the page: olsattn.language_model, in plain loops.

import { softmax } from "./attention.js";
import { dot } from "./linear_algebra.js";

// Sixteen bits to a number: a sign, five bits of exponent, ten of fraction.
export function half(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

// From the text that `weights_text` makes.
export function unpack(text) {
  const { vocabulary, heads, shapes, numbers } = JSON.parse(text);
  const bytes = Uint8Array.from(atob(numbers), (c) => c.charCodeAt(0));
  const weights = {};
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const [rows, columns] = shape.length === 2 ? shape : [1, shape[0]];
    const matrix = Array.from({ length: rows }, (_, i) =>
      Float64Array.from({ length: columns }, (_, j) => {
        const place = at + 2 * (i * columns + j);
        return half(bytes[place] | (bytes[place + 1] << 8));
      }),
    );
    weights[name] = shape.length === 2 ? matrix : matrix[0];
    at += 2 * rows * columns;
  }
  return { vocabulary, heads, weights, number: new Map(vocabulary.map((word, i) => [word, i])) };
}

export const tokenize = (text) => text.toLowerCase().match(/[a-z_]+|\d+|[^\sa-z_\d]/gu) ?? [];

function layerNorm(row, gain) {
  const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
  const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
  const size = Math.sqrt(variance + 1e-5);
  return row.map((v, k) => (gain[k] * (v - mean)) / size);
}

const gelu = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
// A matrix as torch keeps it: its rows are what a vector is multiplied by.
const through = (matrix, row) => Float64Array.from(matrix, (weights) => dot(weights, row));
const plus = (a, b) => a.map((v, k) => v + b[k]);

// What the model makes of a text: tokens, attention [layer][head][t][s], and `next(t)`, the probability of each word
// to follow token t.
export function read({ vocabulary, heads, weights: w, number }, text) {
  const tokens = tokenize(text).map((token) => (number.has(token) ? token : vocabulary[0]));
  let stream = tokens.map((token, t) => plus(w["token.weight"][number.get(token)], w["position.weight"][t]));
  const attention = [];
  for (let layer = 0; w[`blocks.${layer}.up.weight`]; layer++) {
    const part = (name) => w[`blocks.${layer}.${name}.weight`];
    const x = stream.map((row) => layerNorm(row, part("norm_attention")));
    const [queries, keys, values] = ["query", "key", "value"].map((name) => x.map((row) => through(part(name), row)));
    const width = queries[0].length / heads;
    const seen = (row, h) => row.subarray(h * width, (h + 1) * width);
    attention.push(
      Array.from({ length: heads }, (_, h) =>
        queries.map((query, t) => {
          const past = keys.slice(0, t + 1).map((key) => dot(seen(query, h), seen(key, h)) / Math.sqrt(width));
          return [...softmax(past), ...Array(tokens.length - t - 1).fill(0)];
        }),
      ),
    );
    stream = stream.map((row, t) => {
      const together = new Float64Array(row.length);
      for (const [h, maps] of attention[layer].entries())
        for (const [s, value] of values.slice(0, t + 1).entries())
          for (let k = h * width; k < (h + 1) * width; k++) together[k] += maps[t][s] * value[k];
      return plus(row, through(part("out"), together));
    });
    stream = stream.map((row) =>
      plus(row, through(part("down"), through(part("up"), layerNorm(row, part("norm_feed"))).map(gelu))),
    );
  }
  const next = (t) => softmax([...through(w["token.weight"], layerNorm(stream[t], w["norm.weight"]))]);
  return { tokens, attention, next };
}

export function likeliest(probabilities, vocabulary, count = 5) {
  const order = probabilities.map((p, i) => [vocabulary[i], p]);
  return order.sort((a, b) => b[1] - a[1]).slice(0, count);
}
