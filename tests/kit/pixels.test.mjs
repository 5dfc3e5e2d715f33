import assert from "node:assert/strict";
import { test } from "node:test";
import { pixels } from "../../olsattn/widgets/kit/pixels.js";
import "./page.mjs";

const drawn = (picture) => picture.svg.children.map((level) => level.getAttribute("d"));

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
