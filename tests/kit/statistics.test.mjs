import { test } from "node:test";
import { runningRms, share, wilson } from "../../olsattn/widgets/kit/statistics.js";
import { close, vectors } from "./page.mjs";

test("Wilson's intervals are those of the package", () => {
  for (const { good, trials, interval } of vectors("kit").wilson) {
    close(wilson(good, trials), interval, 1e-12, `${good} of ${trials}`);
  }
});

test("the share of all absolute weight", () => {
  close(
    share([1, -2, 3, -4], (i) => i > 1),
    0.7,
  );
  close(
    share([1, -2, 3, -4], (i) => i === 1),
    0.2,
  );
});

test("the running root mean square", () => {
  close(runningRms([3, -4, 0]), [3, Math.sqrt(12.5), Math.sqrt(25 / 3)]);
});
