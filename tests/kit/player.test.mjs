import assert from "node:assert/strict";
import { test } from "node:test";
import { player } from "../../olsattn/widgets/kit/player.js";
import { fire } from "./page.mjs";

function stage() {
  const values = { beta: 0 };
  const state = { values, went: [], halted: 0, before: 0 };
  const model = {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
    },
    save_changes() {},
  };
  const view = {
    go: (changes, options) => state.went.push([changes, options]),
    halt() {
      state.halted += 1;
      state.went.at(-1)?.[1].done();
    },
  };
  const made = player({
    model,
    view: () => view,
    trait: "beta",
    label: "β",
    ends: ["from", "to"],
    time: 4000,
    before: () => {
      state.before += 1;
    },
  });
  return { ...state, state, made, play: made.element.children.at(-1) };
}

test("it plays to the other end, in the time that the way takes, and the same button stops it", () => {
  const { made, play, state, values } = stage();
  assert.equal(made.element.textContent, "fromβtoPlay");
  values.beta = 0.25;
  fire(play, "click");
  assert.deepEqual([state.went[0][0], state.went[0][1].time, state.before], [{ beta: 1 }, 3000, 1]);
  assert.equal(play.textContent, "Pause");
  fire(play, "click");
  assert.deepEqual([state.halted, play.textContent], [1, "Play"]);
  values.beta = 1;
  made.begin();
  assert.deepEqual([state.went[1][0], state.went[1][1].time], [{ beta: 0 }, 4000]);
});

test("a reader who takes the slider stops the play", () => {
  const { made, play, state, values } = stage();
  fire(play, "click");
  made.input.value = "0.6";
  fire(made.input, "input");
  assert.deepEqual([state.halted, play.textContent, values.beta], [1, "Play", 0.6]);
});
