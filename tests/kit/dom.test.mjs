import assert from "node:assert/strict";
import { test } from "node:test";
import { figure, folded, node, rich, update } from "../../olsattn/widgets/kit/dom.js";
import { fire } from "./page.mjs";

test("an element has attributes, children and listeners", () => {
  let heard = 0;
  const element = node(
    "p",
    { id: "a", hidden: true, title: null, lang: false, onclick: () => heard++ },
    "one ",
    null,
    node("i"),
  );
  assert.deepEqual(element.attributes, { id: "a", hidden: "" });
  assert.equal(element.childNodes.length, 2);
  fire(element, "click");
  assert.equal(heard, 1);
  update(element, { id: null, tabindex: 0 });
  assert.deepEqual(element.attributes, { hidden: "", tabindex: "0" });
});

test("a sentence with words in bold", () => {
  const pieces = rich("It is **0.5**, ", "not **1**.");
  assert.deepEqual(
    pieces.map((piece) => piece.textContent ?? piece),
    ["It is ", "0.5", ", not ", "1", "."],
  );
  assert.deepEqual(
    pieces.map((piece) => piece.tag),
    [undefined, "b", undefined, "b", undefined],
  );
});

test("captions and folded parts", () => {
  assert.deepEqual(
    figure(["what"], node("svg")).children.map(({ tag }) => tag),
    ["figcaption", "svg"],
  );
  assert.equal(folded("more", node("p")).children[0].textContent, "more");
});
