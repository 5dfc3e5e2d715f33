import assert from "node:assert/strict";
import { test } from "node:test";
import { from, listOf, oneOf, saying, told, whole } from "../../olsattn/widgets/kit/share.js";

const tests = { beta: from(0, 1), kind: oneOf(["a", "b"]), degree: whole(1, 8), point: listOf(from(-3, 3), 2) };
const page = "https://example.org/book/page.html?old=1#here";

test("an address says what it was told, and nothing of the rest is lost", () => {
  const values = { beta: 0.25, kind: "b", degree: 3, point: [1, -2.5] };
  const address = saying(page, "dial", values);
  assert.deepEqual(told(address, "dial", tests), values);
  assert.deepEqual(told(address, "other", tests), {});
  assert.ok(address.includes("old=1") && address.endsWith("#dial"));
});

test("what an address may not say is not heard", () => {
  for (const bad of [
    { beta: 2 },
    { beta: "0.5" },
    { beta: null },
    { kind: "c" },
    { degree: 2.5 },
    { point: [1] },
    { point: [1, 9] },
    { point: "x" },
    { other: 1 },
  ])
    assert.deepEqual(told(saying(page, "dial", bad), "dial", tests), {}, JSON.stringify(bad));
  assert.deepEqual(told(`${page.split("#")[0]}&dial=%7Bnonsense`, "dial", tests), {});
  assert.deepEqual(told(`${page.split("#")[0]}&dial=null`, "dial", tests), {});
  assert.deepEqual(told(saying(page, "dial", { beta: 0.5, kind: "c" }), "dial", tests), { beta: 0.5 });
});
