import assert from "node:assert/strict";
import { test } from "node:test";
import * as la from "../../olsattn/widgets/kit/linear_algebra.js";
import { close, vectors } from "./page.mjs";

const A = [
  [1, 2],
  [3, 4],
  [5, 6],
];

test("products", () => {
  assert.equal(la.dot([1, 2, 3], [4, -5, 6]), 12);
  assert.equal(la.dot(Int8Array.of(1, -1), Float64Array.of(0.5, 2)), -1.5);
  assert.equal(la.norm([3, 4]), 5);
  assert.deepEqual(la.transpose(A), [
    [1, 3, 5],
    [2, 4, 6],
  ]);
  assert.deepEqual(la.apply(A, [1, -1]), [-1, -1, -1]);
  assert.deepEqual(la.multiply([[1, -1]], A.slice(0, 2)), [[-2, -2]]);
  assert.deepEqual(la.means(A), [3, 4]);
  close(la.secondMoment(A), [
    [35 / 3, 44 / 3],
    [44 / 3, 56 / 3],
  ]);
});

test("the inverse of two by two", () => {
  const M = [
    [2, 1],
    [-3, 4],
  ];
  close(la.multiply(M, la.inverse(M)), [
    [1, 0],
    [0, 1],
  ]);
});

test("singular values and embeddings are those of the package", () => {
  for (const { X, singular, hat } of vectors("kit").embedding) {
    const { F, d, U } = la.svd(X);
    const kept = singular.map((value) => (value > 1e-14 * singular[0] ? value : 0));
    // each to its own size: what an eigendecomposition of X'X would lose at a condition number of 1e8
    kept.forEach((value, k) => {
      close(d[k] / (value || 1), value ? 1 : 0, value ? 1e-9 : 1e-14 * singular[0], `singular value ${k}`);
    });
    close(
      la.multiply(
        F.map((row) => row.map((v, k) => v * d[k])),
        la.transpose(U),
      ),
      X,
    );

    const { W, F: scores, symmetric } = la.embedding(X);
    close(la.multiply(scores, la.transpose(scores)), hat, 1e-9);
    assert.equal(W[0].length, kept.filter(Boolean).length);
    close(symmetric, la.transpose(symmetric), 1e-6 * Math.max(...symmetric.flat().map(Math.abs)));
    if (singular[0] / singular.at(-1) < 100) {
      close(la.multiply(X, W), scores);
      close(la.multiply(symmetric, symmetric), la.multiply(W, la.transpose(W)));
    }
  }
});

test("a direction that is there by rounding alone is dropped", () => {
  const line = [-2.5, -1.2, 0.1, 0.7, 1.9].map((t) => [1, 0.3 * t + 0.1, 0.7 * t + 0.2]);
  const { d } = la.svd(line);
  assert.ok(d[2] > 0 && d[2] < 1e-14, `the case proves little: ${d[2]}`);
  assert.equal(la.embedding(line).W[0].length, 2);
});

test("an orthonormal basis spans the rows and nothing else", () => {
  const rows = [
    [1, 1, 1, 1],
    [1, -1, 1, 1],
    [2, 0, 2, 2],
    [1, 1, -1, 1],
  ];
  const basis = la.orthonormal(rows);
  assert.equal(basis.length, 3);
  close(
    basis.map((a) => basis.map((b) => la.dot(a, b))),
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  );
  for (const row of rows) close(la.norm(basis.map((b) => la.dot(b, row))), la.norm(row));
});
