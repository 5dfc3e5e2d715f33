import assert from "node:assert/strict";
import { test } from "node:test";
import { between, follower, glide, onceInView } from "../../olsattn/widgets/kit/motion.js";

function stage({ reduced = false } = {}) {
  const frames = [];
  globalThis.matchMedia = () => ({ matches: reduced });
  globalThis.requestAnimationFrame = (draw) => frames.push(draw);
  globalThis.cancelAnimationFrame = () => frames.splice(0);
  const values = { x: 0, name: "a", row: [0, 10], whole: 0 };
  const model = {
    saved: 0,
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
    },
    save_changes() {
      model.saved += 1;
    },
  };
  return { frames, values, model };
}

test("half of the way exists for numbers and rows of them, and nothing is half of a word", () => {
  assert.equal(between(0, 1.5, 0.5), 0.75);
  assert.equal(between(1, 4, 0.5), 3); // whole numbers stay whole
  assert.equal(
    between(0, 1, 0.25, (v) => v >= 0),
    0.25,
  ); // unless their trait takes what lies between
  assert.deepEqual(
    between([0, 1], [1, 4], 0.5, ([v]) => Number.isInteger(v)),
    [1, 3],
  );
  assert.deepEqual(between([0, 1.5], [10, 2.5], 0.5), [5, 2]);
  assert.equal(between("a", "b", 0.1), "b");
  assert.deepEqual(between([1], [1, 2], 0.1), [1, 2]);
});

test("a glide passes the middle, ends where it should, and tells Python once", () => {
  const { frames, values, model } = stage();
  let done = 0;
  glide(model, { x: 1.5, name: "b", row: [10.5, 0] }, { time: 300, done: () => done++ });
  const began = performance.now();
  frames.shift()(began + 150);
  assert.ok(values.x > 0.5 && values.x < 1, String(values.x));
  assert.equal(values.name, "b");
  assert.equal(model.saved, 0);
  frames.shift()(began + 400);
  assert.deepEqual([values.x, values.row, model.saved, done, frames.length], [1.5, [10.5, 0], 1, 1, 0]);
  glide(model, { whole: 1 }, { tests: { whole: (v) => v <= 1 } });
  frames.shift()(performance.now() + 150);
  assert.ok(values.whole > 0.3 && values.whole < 0.7, String(values.whole));
});

test("a glide moves evenly on the scale of a trait", () => {
  const { frames, values, model } = stage();
  values.rate = 1;
  glide(model, { rate: 100 }, { scales: { rate: [Math.log10, (place) => 10 ** place] } });
  const began = performance.now();
  frames.shift()(began + 150);
  assert.ok(values.rate > 8 && values.rate < 13, String(values.rate));
  frames.shift()(began + 400);
  assert.equal(values.rate, 100);
});

test("a glide that is stopped stays where it is; with less motion it is a jump", () => {
  const first = stage();
  let rested = 0;
  const stop = glide(first.model, { x: 1 }, { done: () => rested++ });
  stop();
  stop();
  assert.deepEqual([first.values.x, first.frames.length, first.model.saved, rested], [0, 0, 0, 1]);
  const second = stage({ reduced: true });
  glide(second.model, { x: 1 });
  assert.deepEqual([second.values.x, second.model.saved, second.frames.length], [1, 1, 0]);
});

test("what comes into view begins once, unless less motion is asked for", () => {
  stage();
  let told;
  let began = 0;
  globalThis.IntersectionObserver = class {
    constructor(tell) {
      told = tell;
    }
    observe() {}
    disconnect() {
      told = () => {};
    }
  };
  onceInView({}, () => began++);
  told([{ isIntersecting: false }]);
  assert.equal(began, 0);
  told([{ isIntersecting: true }]);
  told([{ isIntersecting: true }]);
  assert.equal(began, 1);
  stage({ reduced: true });
  told = null;
  onceInView({}, () => began++);
  assert.equal(told, null);
});

test("what is drawn jumps in steps, and follows a drag at once", () => {
  const { frames } = stage();
  const drawn = [];
  const { to, halt } = follower((values) => drawn.push(values));
  to([0, 10], true); // nothing to come from
  to([4, 10], false);
  assert.deepEqual(drawn.splice(0), [
    [0, 10],
    [4, 10],
  ]);
  to([8, 0], true);
  const began = performance.now();
  frames.shift()(began + 150);
  const [[half, other]] = drawn.splice(0);
  assert.ok(half > 5 && half < 7 && other > 3 && other < 7, `${half} ${other}`);
  frames.shift()(began + 500);
  assert.deepEqual([drawn.splice(0), frames.length], [[[8, 0]], 0]);
  to([0, 0], true);
  halt();
  assert.equal(frames.length, 0);
  stage({ reduced: true });
  to([1, 1], true);
  assert.deepEqual(drawn, [[1, 1]]);
});
