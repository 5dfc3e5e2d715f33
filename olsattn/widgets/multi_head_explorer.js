import { attend, firstOrderHead, mergedHead } from "./kit/attention.js";
import { axis, chart, chartWidth, ink } from "./kit/charts.js";
import { labelled, menu, valueSlider } from "./kit/controls.js";
import { folded, node, rich, update } from "./kit/dom.js";
import { heatmap } from "./kit/heatmap.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { multiply, norm, transpose } from "./kit/linear_algebra.js";
import { numbersTable } from "./kit/table.js";
import { number, percent } from "./kit/words.js";

const MAX_HEADS = 4;
const TOKENS = 12;
const MOVED = ["heads", "width", "weighting", "temperature", "value_size", "dataset", "query"];
const TRAITS = [...MOVED, "tokens", "w_query", "w_key", "w_values"];

// The heads' maps and output, and those of the one head in their place.
export function explore(given) {
  const { heads: count, width, weighting, temperature, value_size: size, query } = given;
  const { features: X, values, labels } = given.tokens[given.dataset];
  const V = values.map((row) => row.slice(0, size));
  const cut = (A, n) => A.map((row) => row.slice(0, n));
  const heads = given.w_query.slice(0, count).map((w, h) => ({
    omega: multiply(cut(w, width), transpose(cut(given.w_key[h], width))),
    M: cut(given.w_values[h].slice(0, size), size),
  }));
  const one = weighting === "softmax" ? firstOrderHead(heads) : mergedHead(heads);
  const several = attend(X, V, heads, weighting, temperature);
  const single = attend(X, V, [one], weighting, temperature);
  const gaps = several.output.map((row, i) => row.map((v, k) => single.output[i][k] - v));
  // With one number a token the heads' maps can be added up, each times its value map.
  const scaled = (weights, { M }) => weights.map((row) => row.map((w) => M[0][0] * w));
  const add = (A, B) => A.map((row, i) => row.map((v, j) => v + B[i][j]));
  const added = size > 1 ? null : several.maps.map((weights, h) => scaled(weights, heads[h])).reduce(add);

  const numbers = {};
  several.maps.forEach((weights, h) => {
    numbers[`head ${h + 1}`] = weights[query];
  });
  numbers["one head"] = single.maps[0][query];
  for (const [heading, { output }] of [
    ["output", several],
    ["with one head", single],
  ]) {
    transpose(output).forEach((column, k) => {
      numbers[size > 1 ? `${heading} ${k + 1}` : heading] = column;
    });
  }
  return {
    numbers,
    labels,
    several,
    single,
    added,
    oneMap: size > 1 ? single.maps[0] : scaled(single.maps[0], one),
    residual: norm(gaps.flat()) / norm(several.output.flat()),
  };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const tokens = model.get("tokens");
  const names = Object.keys(tokens);
  const choose = (query) => set({ query });

  // ---- controls ----
  const sliders = {
    heads: valueSlider("Heads", { min: 1, max: MAX_HEADS, step: 1 }, (heads) => set({ heads })),
    width: valueSlider("Width", { min: 1, max: 3, step: 1 }, (width) => set({ width })),
    temperature: valueSlider("Temperature", { min: 0.1, max: 10, step: 0.1 }, (temperature) => set({ temperature })),
  };
  const sizes = [
    [1, "one number"],
    [2, "two numbers"],
  ];
  const menus = {
    weighting: menu(["identity", "softmax"], (weighting) => set({ weighting })),
    value_size: menu(sizes, (value_size) => set({ value_size })),
    dataset: menu(names, (dataset) => set({ dataset })),
    query: menu([...tokens[names[0]].labels.keys()], choose),
  };
  const controls = [sliders.heads.field, sliders.width.field, labelled("Weighting", menus.weighting)];
  controls.push(sliders.temperature.field, labelled("Values", menus.value_size), labelled("Data", menus.dataset));
  controls.push(labelled("Query", menus.query));

  // ---- maps ----
  const map = (caption) => {
    const picture = heatmap(caption, TOKENS, TOKENS, choose);
    return { ...picture, figure: node("figure", {}, node("figcaption", {}, caption), picture.svg) };
  };
  const headMaps = Array.from({ length: MAX_HEADS }, (_, h) => map(`head ${h + 1}`));
  const sum = map("sum of heads");
  const one = map("one head instead");

  // ---- output: what the heads return together, and what the one head returns ----
  const wide = chartWidth(el);
  const step = (wide - 20) / TOKENS;
  const charts = [0, 1].map(() => {
    const svg = chart(wide, 150, "Output");
    const zero = axis(10, wide - 10, 0);
    const marker = node("rect", { y: 4, width: step * 0.8, height: 142, fill: ink("query"), "fill-opacity": 0.12 });
    const parts = Array.from({ length: TOKENS }, (_, i) => ({
      gap: node("line", { stroke: ink("negative"), "stroke-width": 3 }),
      together: node("circle", { r: 6, fill: ink("value") }),
      alone: node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: ink("ink"), "stroke-width": 2 }),
      hit: node("rect", {
        x: 10 + i * step,
        y: 0,
        width: step,
        height: 150,
        fill: "transparent",
        onclick: () => choose(i),
      }),
    }));
    svg.append(marker, zero, ...parts.flatMap(Object.values));
    const caption = node("figcaption");
    return { svg, zero, marker, parts, caption, figure: node("figure", {}, caption, svg) };
  });

  const readout = node("p", { class: "olsattn-readout" });
  const announce = announcer();
  const table = numbersTable("Weights of the marked query, and outputs");
  const pictures = [...headMaps, sum, one].map((m) => m.figure);
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-multi-head" },
      node("div", { class: "olsattn-controls" }, ...controls),
      node("div", { class: "olsattn-maps" }, ...pictures),
      node("div", { class: "olsattn-panels olsattn-wide" }, ...charts.map((c) => c.figure)),
      readout,
      announce.element,
      folded("The numbers", table.element),
    ),
  );

  // ---- drawing ----
  function drawMaps({ several, added, oneMap }, query) {
    const largest = (maps) => Math.max(...maps.flat(2).map(Math.abs));
    const full = largest(several.maps);
    const both = largest(added ? [added, oneMap] : [oneMap]);
    const shown = [...headMaps.map((picture, h) => [picture, several.maps[h], full]), [sum, added, both]];
    for (const [picture, weights, size] of [...shown, [one, oneMap, both]]) {
      picture.figure.hidden = !weights;
      if (!weights) continue;
      picture.draw(weights, size);
      picture.mark(query);
    }
  }

  function drawOutput({ svg, zero, marker, parts, caption, figure }, k, { several, single }, query) {
    const size = several.output[0].length;
    figure.hidden = k >= size;
    if (k >= size) return;
    const values = [...several.output, ...single.output].map((row) => row[k]);
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const x = (i) => 10 + (i + 0.5) * step;
    const y = (v) => 138 - ((v - low) / (high - low || 1)) * 126;
    update(zero, { y1: y(0), y2: y(0) });
    update(marker, { x: x(query) - step * 0.4 });
    parts.forEach(({ gap, together, alone }, i) => {
      const [a, b] = [y(several.output[i][k]), y(single.output[i][k])];
      update(gap, { x1: x(i), x2: x(i), y1: a, y2: b });
      update(together, { cx: x(i), cy: a });
      update(alone, { transform: `translate(${x(i)} ${b})` });
    });
    caption.textContent = `Output${size > 1 ? ` ${k + 1}` : ""}: discs are the heads together, crosses the one head`;
    update(svg, { "aria-label": caption.textContent });
  }

  function draw() {
    const now = traits(model, TRAITS);
    const { query, heads } = now;
    const state = explore(now);
    const { several, single, labels, residual } = state;
    for (const [name, select] of Object.entries(menus)) select.value = now[name];
    for (const [name, slider] of Object.entries(sliders)) {
      slider.show(now[name], number(now[name], name === "temperature" ? 1 : 0));
    }
    [...menus.query.options].forEach((entry, i) => {
      entry.textContent = labels[i];
    });
    drawMaps(state, query);
    charts.forEach((parts, k) => {
      drawOutput(parts, k, state, query);
    });

    const output = ({ output: rows }) => rows[query].map((v) => number(v)).join(", ");
    readout.replaceChildren(
      ...rich(
        `**${heads} ${heads === 1 ? "head" : "heads"}**, ${now.weighting}, against one head: `,
        `residual **${percent(residual, 0)}**. `,
        residual < 1e-9 ? "The one head replaces them exactly." : "The one head does not replace them.",
        ` Marked query: ${labels[query]}, output **${output(several)}**, with one head **${output(single)}**.`,
      ),
    );
    readout.dataset.residual = residual;
    announce.say(readout.textContent);
    table.fill(state.numbers, (v) => number(v, 3), ["token", labels]);
  }

  return redrawOn(model, TRAITS, draw, announce);
}

export default { render };
