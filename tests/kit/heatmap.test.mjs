import assert from "node:assert/strict";
import { test } from "node:test";
import { heatmap } from "../../olsattn/widgets/kit/heatmap.js";
import { fire } from "./page.mjs";

test("sign and size of a weight are seen without colour", () => {
  const map = heatmap("name", 2, 3, { choose: () => {} });
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
  assert.equal(map.svg.children[7].getAttribute("d"), "M26 10h8M46 30h8");
  map.draw(
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    0,
  );
  assert.equal(cells[0].getAttribute("fill-opacity"), "0");
});

test("a cell is pointed at by mouse, chosen by press and by arrow keys, and marked", () => {
  const [chosen, pointed] = [[], []];
  const axes = ["query", "key"];
  const map = heatmap("name", 4, 4, { choose: (at) => chosen.push(at), point: (at) => pointed.push(at), axes });
  map.svg.box = { left: 0, top: 100, width: 108, height: 108 }; // 4 cells of 20 and margins of 26 and 2
  for (const [clientX, clientY] of [
    [27, 127],
    [60, 166],
    [105, 300],
    [0, 90],
  ])
    fire(map.svg, "click", { clientX, clientY });
  assert.deepEqual(chosen.splice(0), [
    [0, 0],
    [2, 1],
    [3, 3],
    [0, 0],
  ]);
  fire(map.svg, "pointermove", { pointerType: "mouse", clientX: 60, clientY: 166 });
  fire(map.svg, "pointermove", { pointerType: "touch", clientX: 60, clientY: 166 });
  fire(map.svg, "pointerleave");
  assert.deepEqual(pointed, [[2, 1], null]);
  map.mark([2, 1], "point 3 to point 2: 0.5");
  assert.deepEqual(
    map.svg.children.slice(-2).map((one) => [one.getAttribute("x"), one.getAttribute("y")]),
    [
      ["20", "40"],
      ["-1", "40"],
    ],
  );
  assert.equal(map.svg.getAttribute("aria-valuetext"), "point 3 to point 2: 0.5");
  for (const key of ["ArrowDown", "ArrowLeft", "Tab"]) fire(map.svg, "keydown", { key });
  assert.deepEqual(chosen, [
    [3, 1],
    [2, 0],
  ]);
  map.mark([1, null], "");
  assert.equal(map.svg.children.at(-2).getAttribute("display"), "none");
  assert.ok(map.svg.textContent.includes("query") && map.svg.textContent.includes("key"));
});
