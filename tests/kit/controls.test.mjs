import assert from "node:assert/strict";
import { test } from "node:test";
import {
  button,
  draggable,
  labelled,
  menu,
  scrubbed,
  segmented,
  valueSlider,
} from "../../olsattn/widgets/kit/controls.js";
import { node } from "../../olsattn/widgets/kit/dom.js";
import { fire } from "./page.mjs";

test("a menu gives back the value that it was given, of its type", () => {
  const seen = [];
  const select = menu([[1, "one number"], [2, "two"], "three", 0], (value) => seen.push(value));
  assert.deepEqual(
    select.children.map((entry) => [entry.getAttribute("value"), entry.textContent]),
    [
      ["1", "one number"],
      ["2", "two"],
      ["three", "three"],
      ["0", "0"],
    ],
  );
  for (const value of ["2", "three", "0"]) {
    select.value = value;
    fire(select, "change");
  }
  assert.deepEqual(seen, [2, "three", 0]);
});

test("a segmented control is a group of radio buttons that give back their values", () => {
  const seen = [];
  const choice = segmented("Mask", ["none", [2, "two"]], (value) => seen.push(value));
  const inputs = choice.element.children.map((label) => label.children[0]);
  assert.deepEqual([choice.element.getAttribute("role"), choice.element.textContent], ["radiogroup", "nonetwo"]);
  assert.deepEqual(
    inputs.map((input) => input.getAttribute("type")),
    ["radio", "radio"],
  );
  for (const input of inputs) fire(input, "change");
  assert.deepEqual(seen, ["none", 2]);
  choice.show(2);
  assert.deepEqual(
    inputs.map((input) => input.checked),
    [false, true],
  );
  const other = segmented("Other", ["none"], () => {}).element.children[0].children[0];
  assert.equal(inputs[0].getAttribute("name"), inputs[1].getAttribute("name"));
  assert.notEqual(inputs[0].getAttribute("name"), other.getAttribute("name")); // two groups do not mix
});

test("a slider says its value in words, to the eye and to a screen reader", () => {
  const seen = [];
  const slider = valueSlider("Rate", { min: -4, max: -1 }, (value) => seen.push(value));
  slider.show(-3, "0.001");
  assert.equal(slider.input.value, -3);
  assert.equal(slider.input.getAttribute("aria-valuetext"), "0.001");
  assert.equal(slider.field.textContent, "Rate0.001");
  slider.input.value = "-2.5";
  fire(slider.input, "input");
  assert.deepEqual(seen, [-2.5]);
});

test("labels and buttons", () => {
  assert.equal(labelled("x1", node("input")).tag, "label");
  let pressed = 0;
  const press = button("Reset", () => pressed++);
  fire(press, "click");
  assert.equal(press.getAttribute("type"), "button");
  assert.equal(pressed, 1);
});

function handle(step) {
  const state = { at: [1, 2], grabbed: 0 };
  const element = draggable(node("g"), {
    grab: () => state.grabbed++,
    move: (to) => {
      state.at = to;
    },
    position: () => state.at,
    invert: (x, y) => [x / 10, -y / 10],
    step,
  });
  return { element, state };
}

test("a handle keeps the grip where the finger is, and lets go", () => {
  const { element, state } = handle();
  fire(element, "pointermove", { clientX: 50, clientY: 50 });
  assert.deepEqual(state.at, [1, 2]); // not held
  assert.equal(fire(element, "pointerdown", { button: 0, pointerId: 7, clientX: 12, clientY: -19 }), false);
  assert.equal(state.grabbed, 1);
  assert.equal(document.activeElement, element);
  assert.ok(element.hasPointerCapture(7));
  fire(element, "pointermove", { clientX: 22, clientY: -29 });
  assert.deepEqual(
    state.at.map((v) => v.toFixed(6)),
    ["2.000000", "3.000000"],
  );
  for (const end of ["pointerup", "pointercancel"]) {
    fire(element, end);
    fire(element, "pointermove", { clientX: 99, clientY: 99 });
    assert.equal(state.at[0].toFixed(6), "2.000000");
    fire(element, "pointerdown", { button: 0, pointerId: 7, clientX: 0, clientY: 0 });
  }
});

test("the frame around a handle is for the keyboard", () => {
  const { element } = handle(0.5);
  fire(element, "pointerdown", { button: 0, pointerId: 1, clientX: 0, clientY: 0 });
  assert.equal(element.getAttribute("data-held"), "");
  fire(element, "keydown", { key: "ArrowUp" });
  assert.equal(element.getAttribute("data-held"), null);
});

test("the second button does not grab", () => {
  const { element, state } = handle();
  fire(element, "pointerdown", { button: 2, clientX: 0, clientY: 0 });
  assert.equal(state.grabbed, 0);
});

test("arrow keys move by a step, with shift by five, and other keys are left to the page", () => {
  const { element, state } = handle(0.5);
  const moves = { ArrowLeft: [0.5, 2], ArrowRight: [1.5, 2], ArrowUp: [1, 2.5], ArrowDown: [1, 1.5] };
  for (const [key, to] of Object.entries(moves)) {
    state.at = [1, 2];
    assert.equal(fire(element, "keydown", { key }), false);
    assert.deepEqual(state.at, to);
  }
  state.at = [1, 2];
  fire(element, "keydown", { key: "ArrowUp", shiftKey: true });
  assert.deepEqual(state.at, [1, 4.5]);
  assert.equal(fire(element, "keydown", { key: "Tab" }), true);
});

test("a chart is scrubbed while it is held", () => {
  const seen = [];
  const svg = scrubbed(node("svg", { class: "olsattn-chart" }), 640, (u) => seen.push(u));
  svg.box = { left: 10, top: 0, width: 320, height: 50 };
  fire(svg, "pointermove", { pointerId: 1, clientX: 50 });
  fire(svg, "pointerdown", { pointerId: 1, clientX: 170 });
  fire(svg, "pointermove", { pointerId: 1, clientX: 330 });
  assert.deepEqual(seen, [320, 640]);
  assert.equal(svg.getAttribute("class"), "olsattn-chart olsattn-scrub");
});
