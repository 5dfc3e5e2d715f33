import assert from "node:assert/strict";
import { test } from "node:test";
import * as memories from "../../olsattn/widgets/kit/memories.js";
import { generator, randomOrder, randomPatterns } from "../../olsattn/widgets/kit/random.js";
import { close, vectors } from "./page.mjs";

test("trials succeed and fail as in the package, one by one", () => {
  for (const { size, count, successes, ...options } of vectors("kit").trials) {
    const found = successes.map((_, number) => memories.trial(options, size, count, number).end);
    assert.deepEqual(found, successes, JSON.stringify(options));
    assert.ok(new Set(successes).size === 2, "a case that proves little");
  }
});

test("overlaps and wrong signs", () => {
  const pattern = Int8Array.of(1, -1, 1, 1);
  close(memories.cosine([2, -2, 2, 2], pattern), 1);
  close(memories.cosine([-1, 1, -1, -1], pattern), -1);
  close(memories.cosine([1, 1, 0, 0], pattern), 0);
  assert.equal(memories.wrongSigns(pattern, pattern), 0);
  assert.equal(memories.wrongSigns([1, 1, 0, 1e-12], pattern), 3);
});

test("energies do not rise while a state settles, and a stored pattern rests", () => {
  const draw = generator([3]);
  const patterns = randomPatterns(6, 36, draw);
  const cue = patterns[0].map((v, i) => (i % 4 ? v : -v));
  for (const dynamics of ["quadratic", "polynomial", "exponential", "softmax"]) {
    const options = { dynamics, degree: 3, beta: 8 };
    const { path } = memories.settle(options, patterns, cue, () => randomOrder(36, draw));
    const energies = path.map((state) => memories.energy(options, patterns, state));
    assert.ok(energies.length > 1 && energies.every((e, k) => !k || e <= energies[k - 1] + 1e-12), dynamics);
    assert.ok(memories.cosine(path.at(-1), patterns[0]) > 0.99, dynamics);
  }
  const whitened = { dynamics: "whitened" };
  assert.equal(memories.settle(whitened, patterns, patterns[2]).path.length, 1);
  close(memories.energy(whitened, patterns, patterns[2]), -1);
});

test("the turns of a path of signs lead from each state to the next", () => {
  const draw = generator([4]);
  const patterns = randomPatterns(12, 64, draw);
  const cue = patterns[0].map((v, i) => (i % 3 ? v : -v));
  const { path, turns } = memories.settle({ dynamics: "quadratic" }, patterns, cue, () => randomOrder(64, draw));
  assert.equal(turns.length, path.length - 1);
  turns.forEach(({ turned, order }, k) => {
    assert.deepEqual(
      path[k].map((v, i) => (turned.has(i) ? -v : v)),
      path[k + 1],
    );
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...order.keys()],
    );
  });
});

test("what theory says of capacities", () => {
  const named = (options, size) => Object.fromEntries(memories.capacities(options, size));
  close(named({ dynamics: "quadratic" }, 100)["0.138 d"], 13.8);
  close(named({ dynamics: "quadratic" }, 100)["d/(2 ln d)"], 100 / (2 * Math.log(100)));
  close(named({ dynamics: "quadratic" }, 100)["d/(4 ln d)"], 100 / (4 * Math.log(100)));
  // Krotov and Hopfield: d^(n-1) / (2 (2n-3)!! ln d), with 3!! = 3 and 5!! = 15
  close(named({ dynamics: "polynomial", degree: 3 }, 100)["no wrong sign"], 100 ** 2 / (6 * Math.log(100)));
  close(named({ dynamics: "polynomial", degree: 4 }, 100)["no wrong sign"], 100 ** 3 / (30 * Math.log(100)));
  close(named({ dynamics: "exponential" }, 20)["2^(d/2)"], 1024);
  assert.deepEqual(memories.capacities({ dynamics: "whitened" }, 49), [["d", 49]]);
  assert.deepEqual(memories.capacities({ dynamics: "softmax" }, 49), []);
});
