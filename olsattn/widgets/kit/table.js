// Tables that print words and keep the numbers behind them in full.

import { node, update } from "./dom.js";

const cells = (count) => Array.from({ length: count }, () => node("td"));

// `fill` takes { heading: column } and, beside it, the names of the rows: [heading, names]. `words` says how a
// number is printed; null is a dash without a number.
export function numbersTable(label) {
  const head = node("tr");
  const body = node("tbody");
  const table = node("table", {}, node("thead", {}, head), body);
  let shape = "";
  return {
    element: node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": label }, table),
    fill(numbers, words, rowNames = null) {
      const headings = Object.keys(numbers);
      const columns = Object.values(numbers);
      const titles = rowNames ? [rowNames[0], ...headings] : headings;
      const made = [...titles, columns[0].length].join("|");
      if (made !== shape) {
        shape = made;
        head.replaceChildren(...titles.map((text) => node("th", { scope: "col" }, text)));
        const named = () => (rowNames ? [node("th", { scope: "row" })] : []);
        body.replaceChildren(...columns[0].map(() => node("tr", {}, ...named(), ...cells(columns.length))));
      }
      [...body.children].forEach((row, i) => {
        const [first, ...rest] = row.children;
        const name = rowNames?.[1][i]; // a text or an element
        if (name && first.textContent !== name && first.firstChild !== name) first.replaceChildren(name);
        (rowNames ? rest : [first, ...rest]).forEach((cell, k) => {
          const value = columns[k][i];
          cell.textContent = value === null ? "—" : words(value, headings[k]);
          update(cell, { "data-value": value });
        });
      });
    },
  };
}
