import assert from "node:assert/strict";
import { test } from "node:test";
import { heatmap } from "../../olsattn/widgets/kit/heatmap.js";
import { fire } from "./page.mjs";

test("sign and size of a weight are seen without colour", () => {
  const map = heatmap("name", 2, 3, () => {});
  map.draw(
    [
      [1, -0.5, 0],
      [2, 0.25, -4],
    ],
    2,
  );
  const cells = map.svg.children.slice(0, 6);
  assert.deepEqual(
    cells.map((cell) => cell.getAttribute("fill-opacity")),
    ["0.500", "0.250", "0.000", "1.000", "0.125", "1.000"],
  );
  assert.deepEqual(
    cells.map((cell) => cell.getAttribute("fill").includes("negative")),
    [false, true, false, false, false, true],
  );
  assert.deepEqual([cells[4].getAttribute("x"), cells[4].getAttribute("y")], ["20", "20"]);
  assert.equal(map.svg.children[6].getAttribute("d"), "M26 10h8M46 30h8");
  map.draw(
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    0,
  );
  assert.equal(cells[0].getAttribute("fill-opacity"), "0");
});

test("a row is chosen where it is pressed, and marked", () => {
  const chosen = [];
  const map = heatmap("name", 4, 4, (row) => chosen.push(row));
  map.svg.box = { left: 0, top: 100, width: 80, height: 80 };
  for (const clientY of [100, 139, 180, 185, 90]) fire(map.svg, "click", { clientY });
  assert.deepEqual(chosen, [0, 1, 3, 3, 0]);
  map.mark(2);
  assert.equal(map.svg.children.at(-1).getAttribute("y"), "40");
});
