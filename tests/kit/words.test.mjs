import assert from "node:assert/strict";
import { test } from "node:test";
import { figures, number, percent, raised, spoken } from "../../olsattn/widgets/kit/words.js";

test("numbers have a true minus sign, and zero has none", () => {
  assert.equal(number(-1.234), "−1.23");
  assert.equal(number(-0.001), "0.00");
  assert.equal(number(2, 0), "2");
  assert.equal(spoken([1, -0.5]), "1.00, −0.50");
});

test("percentages", () => {
  assert.equal(percent(0.25), "25.0 %");
  assert.equal(percent(0.0123), "1.23 %");
  assert.equal(percent(0.0123, 0, 1), "1.2 %");
  assert.equal(percent(0, 0, 1), "0 %");
});

test("three figures, or a power of ten", () => {
  assert.equal(figures(0), "0.0000");
  assert.equal(figures(0.0123), "0.0123");
  assert.equal(figures(-12.3456), "−12.346");
  assert.equal(figures(0.00012), "1.2·10⁻⁴");
  assert.equal(figures(-123456), "−1.2·10⁵");
  assert.equal(raised(-16), "⁻¹⁶");
});
