import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { announcer, redrawOn, traitSetter, traits } from "../../olsattn/widgets/kit/host.js";
import "./page.mjs";

function notebook(values) {
  const listeners = new Map();
  const model = {
    saved: 0,
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    save_changes: () => {
      model.saved += 1;
    },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) =>
      listeners.set(
        event,
        listeners.get(event).filter((other) => other !== listener),
      ),
    listening: () => [...listeners.values()].flat().length,
  };
  return model;
}

test("traits change together, and Python is told once", () => {
  const model = notebook({ a: 1, b: 2, c: 3 });
  traitSetter(model)({ a: 4, b: 5 });
  assert.deepEqual(traits(model, ["a", "b", "c"]), { a: 4, b: 5, c: 3 });
  assert.equal(model.saved, 1);
});

test("many changes are drawn once a frame, and none after the widget is gone", () => {
  const frames = new Map();
  globalThis.requestAnimationFrame = (draw) => frames.set(frames.size + 1, draw).size;
  globalThis.cancelAnimationFrame = (id) => frames.delete(id);
  const next = () => {
    const due = [...frames.values()];
    frames.clear();
    for (const draw of due) draw();
  };
  let drawn = 0;
  let stopped = 0;
  const model = notebook({ a: 1, b: 2 });
  const leave = redrawOn(model, ["a", "b"], () => drawn++, { stop: () => stopped++ });
  assert.equal(drawn, 1);
  model.set("a", 2);
  model.set("b", 3);
  next();
  assert.equal(drawn, 2);
  model.set("a", 3);
  leave();
  next();
  assert.equal(drawn, 2);
  assert.equal(stopped, 1);
  assert.equal(model.listening(), 0);
});

test("a screen reader hears the last of several summaries", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const announce = announcer();
  announce.say("one");
  mock.timers.tick(300);
  announce.say("two");
  mock.timers.tick(300);
  assert.equal(announce.element.textContent, "");
  mock.timers.tick(100);
  assert.equal(announce.element.textContent, "two");
  assert.equal(announce.element.getAttribute("role"), "status");
  announce.say("three");
  announce.stop();
  mock.timers.tick(1000);
  assert.equal(announce.element.textContent, "two");
  mock.timers.reset();
});
