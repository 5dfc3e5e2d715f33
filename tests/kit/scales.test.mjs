import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, clamp, envelope, line, rounded, scale, ticks } from "../../olsattn/widgets/kit/scales.js";

test("numbers keep to their bounds and digits", () => {
  assert.deepEqual(
    [-2, 0.5, 2].map((v) => clamp(v, -1, 1)),
    [-1, 0.5, 1],
  );
  assert.equal(rounded(-1.2345), -1.23);
  assert.equal(rounded(12.36, 1), 12.4);
});

test("a scale takes ends to ends, downwards too", () => {
  const y = scale(0, 10, 200, 100);
  assert.deepEqual([0, 5, 10, -3, 99].map(y), [200, 150, 100, 200, 100]);
});

test("paths", () => {
  assert.equal(
    line([
      [0, 1],
      [2.345, -6],
    ]),
    "M0.0 1.0L2.3 -6.0",
  );
  assert.equal(line([]), "");
  // eight values share two columns: the lowest and the highest of each remain, in order
  const values = [5, 1, 9, 4, 2, 3, 8, 0];
  assert.equal(
    envelope(
      values,
      (k) => Math.floor(k / 4),
      (v) => v,
    ),
    "M0.0 1.0L0.0 9.0L1.0 8.0L1.0 0.0",
  );
});

test("ticks are round numbers between the ends", () => {
  assert.deepEqual(ticks(-0.13, 0.71), [0, 0.5]);
  assert.deepEqual(ticks(-4, 4, 12), [-4, -3, -2, -1, 0, 1, 2, 3, 4]);
  assert.deepEqual(ticks(0, 3), [0, 1, 2, 3]);
  assert.deepEqual(ticks(-24, 12, 4), [-20, -10, 0, 10]);
  assert.deepEqual(ticks(0, 0.3, 3), [0, 0.1, 0.2, 0.3]);
});

test("names keep apart, in their order and within their bounds", () => {
  assert.deepEqual(apart([50, 10, 52], 12, 0, 100), [50, 10, 62]);
  assert.deepEqual(apart([99, 98, 97], 12, 0, 100), [100, 88, 76]);
  assert.deepEqual(apart([-5, 3], 12, 0, 100), [0, 12]);
});
