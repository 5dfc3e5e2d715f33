import assert from "node:assert/strict";
import { test } from "node:test";
import { half, likeliest, read, tokenize, unpack } from "../../olsattn/widgets/kit/language_model.js";

test("half precision: ends of the range, one, a third, and numbers below the normal ones", () => {
  assert.equal(half(0x3c00), 1);
  assert.equal(half(0xc000), -2);
  assert.equal(half(0x3555), 0.333251953125);
  assert.equal(half(0x7bff), 65504);
  assert.equal(half(0x0001), 2 ** -24);
  assert.equal(half(0x8000), -0);
});

test("a text is cut as the package cuts it", () => {
  assert.deepEqual(tokenize("Don't x_1 = 3.5"), ["don", "'", "t", "x_", "1", "=", "3", ".", "5"]);
  assert.deepEqual(tokenize("  "), []);
});

test("a model without layers guesses by inner products alone", () => {
  const shapes = { "token.weight": [2, 2], "position.weight": [1, 2], "norm.weight": [2] };
  const ones = [0x3c00, 0, 0, 0x3c00, 0, 0, 0x3c00, 0x3c00]; // tokens (1, 0) and (0, 1), no position, gain 1
  const bytes = String.fromCharCode(...ones.flatMap((bits) => [bits & 255, bits >> 8]));
  const model = unpack(JSON.stringify({ vocabulary: ["<unknown>", "a"], heads: 1, shapes, numbers: btoa(bytes) }));
  const { tokens, attention, next } = read(model, "A");
  assert.deepEqual([tokens, attention], [["a"], []]);
  const [no, yes] = next(0); // standardised, (0, 1) is (-1, 1): logits -1 and 1
  assert.ok(Math.abs(Math.log(yes / no) - 2) < 1e-4);
  assert.deepEqual(
    likeliest([no, yes], model.vocabulary, 1).map(([word]) => word),
    ["a"],
  );
  assert.deepEqual(read(model, "zyzzyva").tokens, ["<unknown>"]);
});
