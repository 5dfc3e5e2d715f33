import assert from "node:assert/strict";
import { test } from "node:test";
import { flipped, generator, randomOrder, randomPatterns } from "../../olsattn/widgets/kit/random.js";
import { vectors } from "./page.mjs";

test("words, patterns and orders are NumPy's", () => {
  for (const { entropy, words, patterns, order } of vectors("kit").random) {
    const draw = generator(entropy);
    assert.deepEqual(
      words.map(() => String(draw())),
      words,
    );
    const size = order.length;
    assert.deepEqual(
      randomPatterns(3, size, generator(entropy)).map((row) => [...row]),
      patterns,
    );
    assert.deepEqual(randomOrder(size, generator(entropy)), order);
  }
});

test("that part of the signs is wrong, half up", () => {
  const pattern = Int8Array.from({ length: 10 }, (_, i) => (i % 2 ? 1 : -1));
  for (const [fraction, wrong] of [
    [0, 0],
    [0.3, 3],
    [0.25, 3],
    [0.24, 2],
    [1, 10],
  ]) {
    const cue = flipped(pattern, fraction, generator([1]));
    assert.equal(cue.filter((v, i) => v !== pattern[i]).length, wrong);
  }
  assert.equal(pattern[0], -1); // it is a copy that changes
});
