// A square drawing of the plane, [-reach, reach] on both axes, 320 units wide so that text keeps its size.

import { node } from "./dom.js";

export const SIZE = 320;
const SPAN = SIZE / 2 - 6;

export function plane(label, reach = 3) {
  const svg = node("svg", {
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    role: "group",
    "aria-label": label,
    class: "olsattn-plane",
  });
  const drawing = {
    svg,
    reach,
    x: (v) => SIZE / 2 + (v / drawing.reach) * SPAN,
    y: (v) => SIZE / 2 - (v / drawing.reach) * SPAN,
    at: ([x, y]) => [drawing.x(x), drawing.y(y)],
    // From a place on the screen to the plane.
    invert(clientX, clientY) {
      const box = svg.getBoundingClientRect();
      const across = ((clientX - box.left) / box.width) * SIZE - SIZE / 2;
      const down = ((clientY - box.top) / box.height) * SIZE - SIZE / 2;
      return [(across / SPAN) * drawing.reach, (-down / SPAN) * drawing.reach];
    },
  };
  return drawing;
}
