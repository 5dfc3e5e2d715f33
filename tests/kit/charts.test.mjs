import assert from "node:assert/strict";
import { test } from "node:test";
import * as charts from "../../olsattn/widgets/kit/charts.js";
import "./page.mjs";

test("a chart has fewer units where there is less room", () => {
  assert.deepEqual(
    [300, 519, 520, 800, 0].map((clientWidth) => charts.chartWidth({ clientWidth })),
    [360, 360, 640, 640, 640],
  );
});

test("a chart has a name and a role", () => {
  const { attributes } = charts.chart(360, 150, "Output");
  assert.deepEqual(attributes, { viewBox: "0 0 360 150", role: "img", "aria-label": "Output", class: "olsattn-chart" });
  assert.equal(charts.chart(1, 1, "", "group").getAttribute("role"), "group");
});

test("colours are roles, of a sign its own", () => {
  assert.equal(charts.signInk(-0.1), "var(--role-negative)");
  assert.equal(charts.signInk(0), "var(--role-positive)");
  assert.equal(charts.disc("query").getAttribute("fill"), "var(--role-query)");
});

test("lines of a chart and of its legend", () => {
  assert.deepEqual(charts.axis(1, 2, 3).attributes, { x1: "1", x2: "2", y1: "3", y2: "3", class: "olsattn-axis" });
  const { attributes } = charts.curve("key", 2, "7 3");
  assert.deepEqual(
    [attributes.stroke, attributes["stroke-width"], attributes["stroke-dasharray"]],
    ["var(--role-key)", "2", "7 3"],
  );
  assert.equal("stroke-dasharray" in charts.curve("key").attributes, false);
  assert.equal(charts.swatch("key").getAttribute("aria-hidden"), "true");
  assert.equal(charts.swatch("key", "2 3").children[0].getAttribute("stroke-dasharray"), "2 3");
  assert.equal(charts.words(1, 2, "a", "end").getAttribute("text-anchor"), "end");
  assert.equal(charts.upright(4, 9).getAttribute("y2"), "9");
});
