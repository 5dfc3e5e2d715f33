import assert from "node:assert/strict";
import { test } from "node:test";
import * as attention from "../../olsattn/widgets/kit/attention.js";
import { apply, dot, multiply, transpose } from "../../olsattn/widgets/kit/linear_algebra.js";
import { close, vectors } from "./page.mjs";

const X = [
  [1, 0.5],
  [1, -1],
  [1, 2],
  [1, 0],
  [1, 3],
];
const y = [1, -2, 3, 0.5, 2];

test("softmax, for scores that would overflow too", () => {
  for (const { scores, weights } of vectors("kit").softmax) close(attention.softmax(scores), weights);
});

test("least-squares weights give the prediction of least squares, and sum to one beside an intercept", () => {
  const { weights, keys, query } = attention.leastSquares(X, [1, 1.5]);
  const mean = 0.9; // of the regressor; what follows is the textbook's formula for one regressor
  const slope =
    dot(
      X.map(([, v]) => v - mean),
      y,
    ) /
    dot(
      X.map(([, v]) => v - mean),
      X.map(([, v]) => v - mean),
    );
  close(dot(weights, y), 0.9 + slope * (1.5 - mean)); // 0.9 is the mean response as well
  close(
    weights.reduce((a, b) => a + b),
    1,
  );
  close(multiply(transpose(keys), keys), [
    [1, 0],
    [0, 1],
  ]);
  close(weights, apply(keys, query));
});

const heads = [
  {
    omega: [
      [0.5, -1],
      [2, 0.3],
    ],
    M: [[1.5]],
  },
  {
    omega: [
      [-0.2, 0.7],
      [0.1, 1],
    ],
    M: [[-0.5]],
  },
];
const V = y.map((v) => [v]);

test("heads add up, and one head replaces linear ones on single numbers exactly", () => {
  const { output, maps } = attention.attend(X, V, heads, "identity", 2);
  const expected = X.map((a) =>
    heads.reduce(
      (sum, { omega, M }) =>
        sum + X.reduce((s, b, j) => s + (dot(apply(transpose(omega), a), b) / 2) * y[j], 0) * M[0][0],
      0,
    ),
  );
  close(
    output.map(([v]) => v),
    expected,
  );
  assert.equal(maps.length, 2);
  close(attention.attend(X, V, [attention.mergedHead(heads)], "identity", 2).output, output);
});

test("of softmax heads the one head has the right first order: the error falls like the square of the scores", () => {
  const one = attention.firstOrderHead(heads);
  const gap = (temperature) => {
    const outputs = [heads, [one]].map((set) => attention.attend(X, V, set, "softmax", temperature).output.flat());
    return Math.hypot(...outputs[0].map((v, i) => v - outputs[1][i]));
  };
  const ratio = gap(2000) / gap(4000);
  assert.ok(Math.abs(ratio - 4) < 0.05, `halved scores leave an error ${ratio} times smaller`);
});

test("rows of softmax maps sum to one", () => {
  const { maps } = attention.attend(X, V, heads, "softmax", 1);
  for (const row of maps.flat())
    close(
      row.reduce((a, b) => a + b),
      1,
    );
});

test("masks look back, and exact forecasts are refits", () => {
  const { keys: F } = attention.leastSquares(X, X[0]);
  const t = 3;
  const masked = attention.maskedRow(F, t);
  close(masked.unmasked, apply(F, F[t]));
  for (const [name, last] of [
    ["equation 35", t],
    ["strict", t - 1],
  ]) {
    close(
      masked[name].reduce((a, b) => a + b),
      1,
    );
    assert.ok(
      masked[name].every((w, s) => (s > last ? w === 0 : w !== 0)),
      name,
    );
    close(masked[name][1] / masked[name][0], masked.unmasked[1] / masked.unmasked[0]);
  }
  close(attention.maskedRow(F, 0).strict, [0, 0, 0, 0, 0]); // nothing to look at
  const forecasts = attention.expandingForecasts(F, y, 2);
  assert.ok(forecasts.slice(0, 2).every(Number.isNaN));
  for (const s of [2, 3, 4]) {
    close(forecasts[s], dot(attention.leastSquares(F.slice(0, s), F[s]).weights, y), 1e-10, `forecast ${s}`);
  }
});
