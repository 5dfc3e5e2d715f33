import assert from "node:assert/strict";
import { test } from "node:test";
import { node } from "../../olsattn/widgets/kit/dom.js";
import { layout } from "../../olsattn/widgets/kit/layout.js";
import "./page.mjs";

const all = (element) => [element, ...element.children.flatMap(all)];
const buttons = (root) => all(root).filter((one) => one.tag === "button");

function show(options = {}) {
  globalThis.matchMedia = () => ({ matches: true }); // no movement, so that chips act at once
  const values = { x: 0 };
  const model = {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
    },
    save_changes() {},
    ...options.model,
  };
  const el = node("div");
  const parts = { name: "test", pictures: [node("svg")], controls: [], chips: [["there", { x: 3 }]] };
  return { values, el, view: layout({ model, el, ...parts, ...options.parts }) };
}

test("the picture comes first, then the sentence; what a widget lacks takes no place", () => {
  const { el, view } = show();
  view.say("It is **3**.");
  const [root] = el.children;
  assert.deepEqual(
    root.children.slice(0, 2).map((part) => part.getAttribute("class")),
    ["olsattn-pictures", "olsattn-verdict"],
  );
  assert.equal(root.children[1].textContent, "It is 3.");
  assert.equal(all(root).filter((one) => one.tag === "details").length, 0);
  view.announce.stop();
});

test("a chip sets the state that it names", () => {
  const { el, values } = show();
  buttons(el)[0].dispatchEvent(new Event("click"));
  assert.equal(values.x, 3);
});

test("what the reader sets ends what a chip has begun", () => {
  const { el, values, view } = show();
  globalThis.matchMedia = () => ({ matches: false });
  const frames = [];
  globalThis.requestAnimationFrame = (draw) => frames.push(draw);
  globalThis.cancelAnimationFrame = () => frames.splice(0);
  buttons(el)[0].dispatchEvent(new Event("click"));
  assert.equal(frames.length, 1);
  view.set({ x: 1 });
  assert.deepEqual([frames.length, values.x], [0, 1]);
});

test("a page offers a link, a notebook does not; more and the numbers are folded", () => {
  assert.deepEqual(
    buttons(show().el).map((one) => one.textContent),
    ["there"],
  );
  const parts = { more: [node("p")], table: { element: node("table") } };
  const { el } = show({ parts, model: { link: () => "https://example.org/?x=1" } });
  assert.ok(buttons(el).some((one) => one.textContent === "Copy link"));
  assert.equal(all(el).filter((one) => one.tag === "details").length, 2);
});

test("what is drawn follows the traits until the widget is taken away, and all that moves stops then", () => {
  const heard = new Map();
  const { view } = show({
    model: { on: (name, f) => heard.set(name, f), off: (name, f) => heard.get(name) === f && heard.delete(name) },
  });
  const calls = [];
  const leave = view.live(
    ["x"],
    () => calls.push("drawn"),
    () => calls.push("ended"),
  );
  assert.deepEqual([calls, [...heard.keys()]], [["drawn"], ["change:x"]]);
  leave();
  assert.deepEqual([calls, heard.size], [["drawn", "ended"], 0]);
});
