// A picture of a pattern, square by square: ink for 1, paper for -1, greys between.

import { ink } from "./charts.js";
import { node, update } from "./dom.js";

export function pixels(label, attributes = {}) {
  const svg = node("svg", { role: "img", "aria-label": label, class: "olsattn-pixels", ...attributes });
  const levels = [0.25, 0.5, 0.75, 1].map((opacity) => node("path", { fill: ink("ink"), "fill-opacity": opacity }));
  svg.append(...levels);
  return {
    svg,
    draw(state) {
      const n = Math.round(Math.sqrt(state.length));
      const binary = state instanceof Int8Array;
      const most = binary ? 1 : state.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-12);
      const paths = ["", "", "", "", ""];
      state.forEach((v, i) => {
        paths[Math.round(2 * (v / most + 1))] += `M${i % n} ${Math.floor(i / n)}h1v1h-1z`;
      });
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
