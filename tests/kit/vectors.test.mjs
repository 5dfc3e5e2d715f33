// The widgets' modules meet the numbers of the package, without a browser.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { close, vectors } from "./page.mjs";

const FOLDER = new URL("../../olsattn/widgets/", import.meta.url);
const widgets = readdirSync(FOLDER).filter((name) => name.endsWith("_explorer.js"));

for (const file of widgets) {
  test(`${file} computes what the package computes`, async () => {
    const { explore } = await import(new URL(file, FOLDER));
    const { constants, cases } = vectors(file.replace(".js", ""));
    assert.ok(cases.length > 0);
    for (const { traits, numbers } of cases) {
      const found = explore({ ...constants, ...traits }).numbers;
      assert.deepEqual(Object.keys(found), Object.keys(numbers));
      for (const [heading, column] of Object.entries(numbers)) {
        // an energy of nearly nothing is the sum of many that cancel; points nearly on a line lose digits
        close(found[heading], column, 1e-7, `${heading} of ${JSON.stringify(traits)}`);
      }
    }
  });
}
