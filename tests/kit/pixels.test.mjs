import assert from "node:assert/strict";
import { test } from "node:test";
import { painted, pixels } from "../../olsattn/widgets/kit/pixels.js";
import { fire } from "./page.mjs";

const drawn = (picture) => picture.svg.children.slice(0, 4).map((level) => level.getAttribute("d"));

test("signs are ink and paper", () => {
  const picture = pixels("name");
  picture.draw(Int8Array.of(1, -1, -1, 1));
  assert.deepEqual(drawn(picture), ["", "", "", "M0 0h1v1h-1zM1 1h1v1h-1z"]);
  assert.equal(picture.svg.getAttribute("viewBox"), "-0.1 -0.1 2.2 2.2");
});

test("states between have five greys, of their own largest", () => {
  const picture = pixels("name");
  picture.draw(Float64Array.of(-0.2, -0.1, 0, 0.1, 0.2, 0, 0, 0, -0.2));
  assert.deepEqual(
    drawn(picture).map((d) => d.split("M").length - 1),
    [1, 4, 1, 1],
  );
});

test("the pixel under a finger", () => {
  const picture = pixels("name");
  picture.svg.box = { left: 0, top: 0, width: 102, height: 102 }; // ten units a pixel, one of margin
  assert.equal(picture.pixelAt(1, 1, 10), 0);
  assert.equal(picture.pixelAt(46, 26, 10), 24);
  assert.equal(picture.pixelAt(102, 102, 10), 99);
  assert.equal(picture.pixelAt(-5, 200, 10), 90);
});

test("wrong signs are tinted and struck out, zeros too", () => {
  const picture = pixels("name");
  picture.draw(Float64Array.of(0.5, -0.5, 0, 0.5), [1, 1, 1, 1]);
  const marks = picture.svg.children.slice(4).map((mark) => mark.getAttribute("d"));
  assert.deepEqual(marks, ["M1 0h1v1h-1zM0 1h1v1h-1z", "M1 0m.3 .3l.4 .4M0 1m.3 .3l.4 .4"]);
  picture.draw(Int8Array.of(1, -1, 1, 1));
  assert.equal(picture.svg.children[4].getAttribute("d"), "");
});

test("a hand paints all that it crosses, until it lets go", () => {
  const seen = [];
  const picture = pixels("name");
  picture.svg.box = { left: 0, top: 0, width: 102, height: 102 };
  const begin = (pixel) => seen.push(["begin", pixel]);
  painted(picture, () => 10, { begin, go: (pixel) => seen.push(pixel) });
  fire(picture.svg, "pointermove", { clientX: 5, clientY: 5 });
  fire(picture.svg, "pointerdown", { button: 0, pointerId: 1, clientX: 5, clientY: 5 });
  fire(picture.svg, "pointermove", { clientX: 6, clientY: 6 }); // still the same pixel
  fire(picture.svg, "pointermove", { clientX: 35, clientY: 35 });
  fire(picture.svg, "pointerup");
  fire(picture.svg, "pointermove", { clientX: 95, clientY: 35 });
  fire(picture.svg, "pointerdown", { button: 2, clientX: 5, clientY: 5 });
  assert.deepEqual(seen, [["begin", 0], 11, 22, 33]);
});
