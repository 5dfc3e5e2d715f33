import assert from "node:assert/strict";
import { test } from "node:test";
import { numbersTable } from "../../olsattn/widgets/kit/table.js";
import "./page.mjs";

const parts = (table) => {
  const [head, body] = table.element.children[0].children;
  return { titles: head.children[0].children.map((cell) => cell.textContent), rows: body.children };
};
const cells = (row) => row.children.map((cell) => [cell.textContent, cell.getAttribute("data-value")]);

test("a cell prints words and keeps the number; none is a dash", () => {
  const table = numbersTable("name");
  table.fill({ a: [1 / 3, null], b: [2, 3] }, (v, heading) => (heading === "a" ? v.toFixed(1) : String(v)));
  const { titles, rows } = parts(table);
  assert.deepEqual(titles, ["a", "b"]);
  assert.deepEqual(cells(rows[0]), [
    ["0.3", String(1 / 3)],
    ["2", "2"],
  ]);
  assert.deepEqual(cells(rows[1]), [
    ["—", null],
    ["3", "3"],
  ]);
});

test("rows have names, and change in number", () => {
  const table = numbersTable("name");
  table.fill({ a: [1, 2] }, String, ["who", ["x", "y"]]);
  const before = parts(table).rows[0];
  assert.deepEqual(parts(table).titles, ["who", "a"]);
  assert.deepEqual(cells(before), [
    ["x", null],
    ["1", "1"],
  ]);
  table.fill({ a: [5, 6] }, String, ["who", ["z", "y"]]);
  assert.equal(parts(table).rows[0], before); // the same cells, filled again
  assert.deepEqual(cells(before), [
    ["z", null],
    ["5", "5"],
  ]);
  table.fill({ a: [7], b: [8] }, String);
  assert.deepEqual(parts(table).titles, ["a", "b"]);
  assert.deepEqual(parts(table).rows.map(cells), [
    [
      ["7", "7"],
      ["8", "8"],
    ],
  ]);
});
