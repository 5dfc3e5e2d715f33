// What a reader moves: menus, sliders, handles, and drawings to press on.

import { node, update } from "./dom.js";

export const labelled = (text, control) => node("label", { class: "olsattn-field" }, node("span", {}, text), control);
export const button = (text, onclick) => node("button", { type: "button", onclick }, text);
export const option = (value, text = value) => node("option", { value }, text);

// A menu of [value, text] or of values that are their own text; `put` gets the value as the options have it.
export function menu(options, put) {
  const entries = options.map((entry) => (Array.isArray(entry) ? entry : [entry, entry]));
  const select = node("select", {}, ...entries.map(([value, text]) => option(String(value), text)));
  const given = new Map(entries.map(([value]) => [String(value), value]));
  return update(select, { onchange: () => put(given.get(select.value)) });
}

// A choice of few, all in sight: a group of radio buttons, through which arrow keys go, that look like one switch.
// Values and their texts are given as to a menu.
let groups = 0;
export function segmented(label, options, put) {
  const name = `olsattn-segments-${groups++}`;
  const segments = options.map((entry) => {
    const [value, text] = Array.isArray(entry) ? entry : [entry, entry];
    const input = node("input", { type: "radio", name, value: String(value), onchange: () => put(value) });
    return { value, input, element: node("label", {}, input, node("span", {}, text)) };
  });
  const elements = segments.map(({ element }) => element);
  return {
    element: node("div", { class: "olsattn-segments", role: "radiogroup", "aria-label": label }, ...elements),
    show(value) {
      for (const segment of segments) segment.input.checked = segment.value === value;
    },
  };
}

// A labelled slider with its value in words beside it; a screen reader has them from the slider already.
export function valueSlider(text, attributes, put) {
  const input = node("input", { type: "range", ...attributes, oninput: () => put(Number(input.value)) });
  const output = node("output", { class: "olsattn-value", "aria-live": "off" });
  const field = labelled(text, input);
  field.append(output);
  return {
    field,
    input,
    show(value, words) {
      input.value = value;
      output.textContent = words;
      update(input, { "aria-valuetext": words });
    },
  };
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// Mouse, touch and pen move a handle through one set of pointer events; arrow keys move it by `step`.
export function draggable(handle, { grab = () => {}, move, position, invert, step = 0.1 }) {
  let offset = null;
  const release = () => {
    offset = null;
  };
  // Who holds a handle sees it: the frame around what has the focus is for the keyboard.
  const held = (yes) => update(handle, { "data-held": yes });
  // `touch-action` on part of a drawing does not keep every browser from scrolling the page instead.
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  return update(handle, {
    onpointerdown(event) {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
      const [x, y] = invert(event.clientX, event.clientY);
      const [px, py] = position();
      offset = [px - x, py - y]; // keep the grip where the finger is
      grab();
      held(true);
      handle.focus();
    },
    onblur: () => held(false),
    onpointermove(event) {
      if (!offset) return;
      const [x, y] = invert(event.clientX, event.clientY);
      move([x + offset[0], y + offset[1]]);
    },
    onpointerup: release,
    onpointercancel: release,
    onkeydown(event) {
      held(false);
      const by = ARROWS[event.key];
      if (!by) return;
      event.preventDefault();
      const [px, py] = position();
      const size = event.shiftKey ? 5 * step : step;
      move([px + by[0] * size, py + by[1] * size]);
    },
  });
}

// A shape to drag, which a keyboard reaches, with room around it for a finger.
export const handle = (attributes, ...shapes) =>
  node(
    "g",
    { class: "olsattn-handle", tabindex: 0, ...attributes },
    ...shapes,
    node("circle", { r: 24, fill: "transparent" }),
  );

// From the screen to the units of a drawing that is `width` of them wide.
export const across = (svg, width) => (clientX) => {
  const box = svg.getBoundingClientRect();
  return ((clientX - box.left) / box.width) * width;
};

// Press or drag along a drawing `width` units wide: `go` gets the place in those units.
export function scrubbed(svg, width, go) {
  const to = (event) => go(across(svg, width)(event.clientX));
  svg.classList.add("olsattn-scrub");
  return update(svg, {
    onpointerdown(event) {
      svg.setPointerCapture(event.pointerId);
      to(event);
    },
    onpointermove(event) {
      if (svg.hasPointerCapture(event.pointerId)) to(event);
    },
  });
}
