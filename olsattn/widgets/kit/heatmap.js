// A picture of a matrix of signed weights: colour and depth for sign and size, a dash on each negative cell.

import { ink, signInk } from "./charts.js";
import { node, update } from "./dom.js";
import { clamp } from "./scales.js";

const CELL = 20;

// A row can be chosen by click or touch; `mark` outlines it.
export function heatmap(label, rows, columns, choose) {
  const width = columns * CELL;
  const height = rows * CELL;
  const svg = node("svg", {
    viewBox: `-2 -2 ${width + 4} ${height + 4}`,
    role: "img",
    "aria-label": label,
    class: "olsattn-map",
    onclick(event) {
      const box = svg.getBoundingClientRect();
      choose(clamp(Math.floor(((event.clientY - box.top) / box.height) * rows), 0, rows - 1));
    },
  });
  const cells = Array.from({ length: rows * columns }, (_, k) =>
    node("rect", { x: (k % columns) * CELL, y: Math.floor(k / columns) * CELL, width: CELL, height: CELL }),
  );
  const dashes = node("path", { stroke: ink("ink"), "stroke-width": 1.5 });
  const frame = node("rect", {
    x: -1,
    width: width + 2,
    height: CELL,
    fill: "none",
    stroke: ink("query"),
    "stroke-width": 3,
  });
  svg.append(...cells, dashes, frame);
  return {
    svg,
    // `full` is the size of weight that gets the full depth.
    draw(weights, full) {
      let path = "";
      weights.flat().forEach((w, k) => {
        update(cells[k], {
          fill: signInk(w),
          "fill-opacity": full ? Math.min(1, Math.abs(w) / full).toFixed(3) : 0,
        });
        if (w < 0) path += `M${(k % columns) * CELL + 6} ${(Math.floor(k / columns) + 0.5) * CELL}h${CELL - 12}`;
      });
      update(dashes, { d: path });
    },
    mark: (i) => update(frame, { y: i * CELL }),
  };
}
