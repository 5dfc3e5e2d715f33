// A picture of a matrix of signed weights: colour and depth for sign and size, a dash on each negative cell. Its axes
// are named; a cell is pointed at by mouse or, in the map that has the focus, by arrow keys.

import { ink, signInk, words } from "./charts.js";
import { node, update } from "./dom.js";
import { clamp } from "./scales.js";

const CELL = 20;
const MARGIN = 26; // for the names of the axes
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// `choose` gets the cell that is pressed, `point` the one that is pointed at, or null; both as [row, column].
export function heatmap(label, rows, columns, { choose, point = () => {}, axes = ["", ""] }) {
  const width = columns * CELL;
  const height = rows * CELL;
  let at = [0, 0];
  const svg = node("svg", {
    viewBox: `${-MARGIN} ${-MARGIN} ${width + MARGIN + 2} ${height + MARGIN + 2}`,
    role: "slider",
    tabindex: 0,
    "aria-label": label,
    class: "olsattn-map",
  });
  const cell = (event) => {
    const box = svg.getBoundingClientRect();
    const along = (part, count) => (part * (count * CELL + MARGIN + 2) - MARGIN) / CELL;
    const u = along((event.clientX - box.left) / box.width, columns);
    const v = along((event.clientY - box.top) / box.height, rows);
    return [clamp(Math.floor(v), 0, rows - 1), clamp(Math.floor(u), 0, columns - 1)];
  };
  const step = ([down, right]) => {
    choose([clamp(at[0] + down, 0, rows - 1), clamp(at[1] + right, 0, columns - 1)]);
  };
  update(svg, {
    onclick: (event) => choose(cell(event)),
    onpointermove: (event) => event.pointerType === "mouse" && point(cell(event)),
    onpointerleave: () => point(null),
    onkeydown(event) {
      if (!KEYS[event.key]) return;
      event.preventDefault();
      step(KEYS[event.key]);
    },
  });
  const looks = []; // of each cell, so that only what changes is set
  const cells = Array.from({ length: rows * columns }, (_, k) =>
    node("rect", { x: (k % columns) * CELL, y: Math.floor(k / columns) * CELL, width: CELL, height: CELL }),
  );
  const dashes = node("path", { stroke: ink("ink"), "stroke-width": 1.5 });
  const edge = node("rect", { width, height, fill: "none", stroke: ink("line"), "stroke-width": 1.5 });
  const outline = (stroke, size) => node("rect", { ...size, fill: "none", stroke, "stroke-width": 3 });
  const light = outline(ink("ink"), { width: CELL, height: CELL });
  const frame = outline(ink("query"), { x: -1, width: width + 2, height: CELL });
  const down = update(words(0, 0, axes[0]), { transform: `translate(-8 ${height / 2}) rotate(-90)` });
  svg.append(...cells, edge, dashes, down, words(width / 2, -8, axes[1]), light, frame);
  return {
    svg,
    // `full` is the size of weight that gets the full depth.
    draw(weights, full) {
      let path = "";
      weights.flat().forEach((w, k) => {
        const look = { fill: signInk(w), "fill-opacity": full ? Math.min(1, Math.abs(w) / full).toFixed(3) : "0" };
        for (const name of ["fill", "fill-opacity"])
          if (looks[k]?.[name] !== look[name]) cells[k].setAttribute(name, look[name]);
        looks[k] = look;
        if (w < 0 && look["fill-opacity"] > 0)
          path += `M${(k % columns) * CELL + 6} ${(Math.floor(k / columns) + 0.5) * CELL}h${CELL - 12}`;
      });
      update(dashes, { d: path });
    },
    // Outlines a row and, unless the column is null, a cell, of which a screen reader hears the words.
    mark([row, column], said) {
      at = [row, column ?? 0];
      update(frame, { y: row * CELL });
      update(light, { x: at[1] * CELL, y: row * CELL, display: column === null ? "none" : null });
      update(svg, { "aria-valuemin": 0, "aria-valuemax": rows * columns - 1, "aria-valuetext": said });
      update(svg, { "aria-valuenow": row * columns + at[1] });
    },
  };
}
