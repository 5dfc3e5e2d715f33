// A picture of a pattern, square by square: ink for 1, paper for -1, greys between.

import { ink } from "./charts.js";
import { node, update } from "./dom.js";

// Press or drag over a picture to paint: `begin` gets the first pixel, `go` each one after it that the hand crosses.
export function painted({ svg, pixelAt }, side, { begin, go }) {
  let last = null;
  const at = (event) => pixelAt(event.clientX, event.clientY, side());
  const release = () => {
    last = null;
  };
  return update(svg, {
    onpointerdown(event) {
      if (event.button) return;
      svg.setPointerCapture(event.pointerId);
      last = at(event);
      begin(last);
    },
    onpointermove(event) {
      if (last === null) return;
      const n = side();
      const [from, to] = [last, at(event)].map((pixel) => [pixel % n, Math.floor(pixel / n)]);
      const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])); // a quick hand leaves pixels out
      for (let k = 1; k <= steps; k++) {
        const [x, y] = from.map((v, i) => Math.round(v + ((to[i] - v) * k) / steps));
        go(y * n + x);
        last = y * n + x;
      }
    },
    onpointerup: release,
    onpointercancel: release,
  });
}

export function pixels(label, attributes = {}) {
  const svg = node("svg", { role: "img", "aria-label": label, class: "olsattn-pixels", ...attributes });
  const levels = [0.25, 0.5, 0.75, 1].map((opacity) => node("path", { fill: ink("ink"), "fill-opacity": opacity }));
  const tint = node("path", { fill: ink("negative"), "fill-opacity": 0.45 });
  const strokes = node("path", { stroke: ink("negative"), "stroke-width": 0.14 });
  svg.append(...levels, tint, strokes);
  return {
    svg,
    // Where the sign is not that of `wanted`, if there is such a pattern, the pixel is tinted and struck out.
    draw(state, wanted = null) {
      const n = Math.round(Math.sqrt(state.length));
      const binary = state instanceof Int8Array;
      const most = binary ? 1 : state.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-12);
      const paths = ["", "", "", "", ""];
      state.forEach((v, i) => {
        paths[Math.round(2 * (v / most + 1))] += `M${i % n} ${Math.floor(i / n)}h1v1h-1z`;
      });
      const wrong = wanted ? [...state.keys()].filter((i) => state[i] * wanted[i] <= 1e-9) : [];
      const each = (shape) => wrong.map((i) => `M${i % n} ${Math.floor(i / n)}${shape}`).join("");
      update(tint, { d: each("h1v1h-1z") });
      update(strokes, { d: each("m.3 .3l.4 .4") });
      update(svg, { viewBox: `-0.1 -0.1 ${n + 0.2} ${n + 0.2}` });
      levels.forEach((level, k) => {
        update(level, { d: paths[k + 1] });
      });
    },
    // Which pixel of an n by n picture lies under a place on the screen.
    pixelAt(clientX, clientY, n) {
      const box = svg.getBoundingClientRect();
      const along = (offset, length) => Math.min(n - 1, Math.max(0, Math.floor((offset / length) * (n + 0.2) - 0.1)));
      return along(clientY - box.top, box.height) * n + along(clientX - box.left, box.width);
    },
  };
}
