import assert from "node:assert/strict";
import { test } from "node:test";
import { plane } from "../../olsattn/widgets/kit/plane.js";
import { close } from "./page.mjs";

test("the middle is zero, and upwards is more", () => {
  const drawing = plane("name");
  assert.deepEqual(drawing.at([0, 0]), [160, 160]);
  close(drawing.at([3, 3]), [314, 6]);
  drawing.reach = 6;
  close(drawing.at([3, -3]), [237, 237]);
});

test("a place on the screen is found again, in a drawing of any size", () => {
  const drawing = plane("name", 5);
  drawing.svg.box = { left: 40, top: -30, width: 200, height: 200 };
  for (const point of [
    [0, 0],
    [2, -4.5],
    [-5, 5],
  ]) {
    const [x, y] = drawing.at(point);
    close(drawing.invert(40 + (x / 320) * 200, -30 + (y / 320) * 200), point);
  }
});
