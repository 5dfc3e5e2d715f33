// Parts of charts against an axis. Colours are roles: see roles.css.

import { node } from "./dom.js";

// Width of a chart in its own units: fewer on a narrow page, so that text keeps its size.
export const chartWidth = (el) => (el.clientWidth && el.clientWidth < 520 ? 360 : 640);

export const chart = (width, height, label, role = "img") =>
  node("svg", { viewBox: `0 0 ${width} ${height}`, role, "aria-label": label, class: "olsattn-chart" });

export const ink = (role) => `var(--role-${role})`;
export const signInk = (w) => ink(w < 0 ? "negative" : "positive");

export const curve = (role, width = 1.8, dashes = null) =>
  node("path", { fill: "none", stroke: ink(role), "stroke-width": width, "stroke-dasharray": dashes });
export const axis = (x1, x2, y) => node("line", { x1, x2, y1: y, y2: y, class: "olsattn-axis" });
export const words = (x, y, text, anchor = "middle") => node("text", { x, y, "text-anchor": anchor }, text);
export const upright = (y1, y2) => node("line", { y1, y2, stroke: ink("query"), "stroke-width": 2 });
export const disc = (role) => node("circle", { r: 6, fill: ink(role), stroke: ink("paper"), "stroke-width": 1.5 });

// A line of the legend: what a dash tells, it tells without colour.
export function swatch(role, dashes = null, width = 2.5) {
  const stroke = curve(role, width, dashes);
  stroke.setAttribute("d", "M0 5H32");
  return node("svg", { viewBox: "0 0 32 10", class: "olsattn-swatch", "aria-hidden": "true" }, stroke);
}
