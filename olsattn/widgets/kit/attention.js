// Attention, as in olsattn.

import { apply, dot, embedding, multiply, svd, transpose } from "./linear_algebra.js";

export function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((score) => Math.exp(score - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((power) => power / total);
}

// Least squares as attention: the rows of X as keys, the row x as a query, and the weights of the prediction at x.
export function leastSquares(X, x) {
  const { W, F: keys } = embedding(X);
  const query = apply(transpose(W), x);
  return { keys, query, weights: apply(keys, query) };
}

// What heads { omega, M } return together, X omega X' / temperature the scores, M the product of value and output map.
export function attend(X, V, heads, weighting, temperature) {
  let output = X.map(() => heads[0].M[0].map(() => 0));
  const maps = heads.map(({ omega, M }) => {
    const scores = multiply(multiply(X, omega), transpose(X)).map((row) => row.map((s) => s / temperature));
    const weights = weighting === "softmax" ? scores.map(softmax) : scores;
    const part = multiply(multiply(weights, V), M);
    output = output.map((row, i) => row.map((v, k) => v + part[i][k]));
    return weights;
  });
  return { maps, output };
}

const fold = (values, width) =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));

// The one head whose identity-weighted output comes closest to that of the heads: exactly, for scalar values.
export function mergedHead(heads) {
  const operator = multiply(
    transpose(heads.map(({ omega }) => omega.flat())),
    heads.map(({ M }) => M.flat()),
  );
  const { F, d, U } = svd(operator);
  return {
    omega: fold(
      F.map((row) => row[0] * d[0]),
      heads[0].omega[0].length,
    ),
    M: fold(
      U.map((row) => row[0]),
      heads[0].M[0].length,
    ),
  };
}

// The one head that agrees with softmax heads to first order in the scores, for scalar values.
export function firstOrderHead(heads) {
  const combine = (shares, name) =>
    heads.reduce(
      (total, head, h) => {
        const flat = head[name].flat();
        return total.map((v, k) => v + shares[h] * flat[k]);
      },
      heads[0][name].flat().map(() => 0),
    );
  const total = combine(
    heads.map(() => 1),
    "M",
  );
  const shares = heads.map(({ M }) => dot(M.flat(), total) / dot(total, total));
  return {
    omega: fold(combine(shares, "omega"), heads[0].omega[0].length),
    M: fold(total, heads[0].M[0].length),
  };
}

// Masks of the hat matrix's row t: none, the row and those before it, those before it, the last two normalised.
export function maskedRow(F, t) {
  const H = apply(F, F[t]);
  const normalised = (test) => {
    const total = H.reduce((sum, w, s) => (test(s) ? sum + w : sum), 0);
    return H.map((w, s) => (test(s) && total ? w / total : 0));
  };
  return { unmasked: H, "equation 35": normalised((s) => s <= t), strict: normalised((s) => s < t) };
}

// One-step forecasts of y from first on, each by the least squares of the rows before it; NaN before.
export function expandingForecasts(F, y, first) {
  const { W } = embedding(F.slice(0, first)); // an exact start
  let omega = multiply(W, transpose(W));
  let beta = apply(omega, apply(transpose(F.slice(0, first)), y));
  return y.map((value, t) => {
    if (t < first) return NaN;
    const forecast = dot(F[t], beta);
    const spread = apply(omega, F[t]);
    const size = 1 + dot(F[t], spread);
    beta = beta.map((v, k) => v + (spread[k] / size) * (value - forecast));
    omega = omega.map((row, k) => row.map((v, l) => v - (spread[k] * spread[l]) / size));
    return forecast;
  });
}

// The dial from least squares, beta = 0, to the softmax, beta = 1: the weighting Dial of olsattn.attention.
export function dial(scores, beta) {
  const top = Math.max(...scores);
  const grown = scores.map((s) => (beta > 1e-150 ? Math.expm1(beta * (s - top)) / beta : s - top));
  const mean = grown.reduce((sum, v) => sum + v, 0) / grown.length;
  const size = grown.length * (1 + beta * mean);
  return grown.map((v) => (1 + v - (1 - beta) * mean) / size);
}

const normalised = (row) => {
  const total = row.reduce((sum, v) => sum + v, 0);
  return row.map((v) => v / total);
};

// The weighting Power of olsattn.attention.
export const powers = (scores, degree) => normalised(scores.map((s) => (1 + s / degree) ** degree));
export const relu = (scores) => normalised(scores.map((s) => Math.max(0, 1 + s)));
export const elu = (scores) => normalised(scores.map((s) => (1 + s > 0 ? 1 + s : Math.expm1(1 + s))));
