import { attend, firstOrderHead, mergedHead } from "./kit/attention.js";
import { axis, chart, ink, signInk } from "./kit/charts.js";
import { labelled, menu, segmented, valueSlider } from "./kit/controls.js";
import { figure, node, update } from "./kit/dom.js";
import { heatmap } from "./kit/heatmap.js";
import { traitSetter, traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { multiply, norm, transpose } from "./kit/linear_algebra.js";
import { follower } from "./kit/motion.js";
import { from, oneOf, whole } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { number, percent, spoken } from "./kit/words.js";

const MAX_HEADS = 4;
const TOKENS = 12;
const WEIGHTINGS = ["identity", "softmax"];
const DATASETS = ["twelve points", "US quarters, 1974 to 1976"];
const shared = {
  heads: whole(1, MAX_HEADS),
  width: whole(1, 3),
  weighting: oneOf(WEIGHTINGS),
  temperature: from(0.1, 10),
  value_size: whole(1, 2),
  dataset: oneOf(DATASETS),
  query: whole(0, TOKENS - 1),
};
const TRAITS = [...Object.keys(shared), "tokens", "w_query", "w_key", "w_values"];
const JUMPS = ["heads", "width", "weighting", "value_size", "dataset"]; // what changes all at once

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
  let column = null; // the key that is singled out
  let hover = null; // the cell that the mouse is on

  // ---- maps ----
  const choose = ([query, key]) => {
    column = key;
    if (model.get("query") === query) draw();
    else set({ query });
  };
  const point = (cell) => {
    hover = cell;
    draw();
  };
  const map = (title) => {
    const picture = heatmap(title, TOKENS, TOKENS, { choose, point, axes: ["query", "key"] });
    const value = node("b");
    return { ...picture, title, value, figure: figure([title, " ", value], picture.svg) };
  };
  const heads = Array.from({ length: MAX_HEADS }, (_, h) => map(`head ${h + 1}`));
  const [sum, one, gap] = ["sum of heads", "one head", "difference"].map(map);
  const maps = [...heads, sum, one, gap];
  const grid = node("div", { class: "olsattn-maps olsattn-grid" }, ...maps.map((one) => one.figure));
  update(sum.figure, { style: "grid-column-start: 1" });

  // ---- the chosen row, and the outputs: what the heads do together, and what the one head does ----
  const [WIDE, TALL] = [220, 140];
  const step = (WIDE - 8) / TOKENS;
  const x = (i) => 4 + (i + 0.5) * step;
  const pressed = (svg, put) =>
    update(svg, {
      class: "olsattn-chart olsattn-touchable",
      onclick(event) {
        const box = svg.getBoundingClientRect();
        put(
          Math.min(TOKENS - 1, Math.max(0, Math.floor((((event.clientX - box.left) / box.width) * WIDE - 4) / step))),
        );
      },
    });
  const strip = (role) => node("rect", { y: 0, width: step, height: TALL, fill: ink(role), "fill-opacity": 0.14 });
  const cross = () => node("path", { d: "M-4-4 4 4M-4 4 4-4", stroke: ink("ink"), "stroke-width": 2 });
  const tokenwise = (make) => Array.from({ length: TOKENS }, (_, i) => make(i));

  const rowChart = pressed(chart(WIDE, TALL, "Weights of the chosen query"), (key) =>
    choose([model.get("query"), key]),
  );
  const rowZero = axis(4, WIDE - 4, 0);
  const rowBars = heads.map(() => {
    const each = tokenwise(() => node("rect"));
    return { each, group: node("g", {}, ...each) };
  });
  const rowSigns = tokenwise(() => cross());
  const rowStrip = strip("key");
  rowChart.append(rowStrip, rowZero, ...rowBars.map(({ group }) => group), ...rowSigns);
  const rowTitle = node("span");

  const outChart = pressed(chart(WIDE, TALL, "Outputs of all queries"), (query) => set({ query }));
  const outStrip = strip("query");
  const outZeros = [0, 1].map(() => axis(4, WIDE - 4, 0));
  const outMarks = [0, 1].map(() =>
    tokenwise(() => ({
      line: node("line", { stroke: ink("negative"), "stroke-width": 3 }),
      together: node("circle", { r: 4.5, fill: ink("value") }),
      alone: cross(),
    })),
  );
  outChart.append(outStrip, ...outZeros, ...outMarks.flat().flatMap(Object.values));
  const legend = "outputs: ● heads, × one head";

  // ---- what a reader moves ----
  const sliders = {
    heads: valueSlider("Heads", { min: 1, max: MAX_HEADS, step: 1 }, (heads) => set({ heads })),
    width: valueSlider("Width", { min: 1, max: 3, step: 1 }, (width) => set({ width })),
    temperature: valueSlider("Temperature", { min: 0.1, max: 10, step: 0.1 }, (temperature) => set({ temperature })),
  };
  const weighting = segmented("Weighting", WEIGHTINGS, (weighting) => set({ weighting }));
  const sizes = [
    [1, "one number"],
    [2, "two numbers"],
  ];
  const menus = {
    value_size: menu(sizes, (value_size) => set({ value_size })),
    dataset: menu(Object.keys(tokens), (dataset) => set({ dataset })),
    query: menu([...Array(TOKENS).keys()], (query) => set({ query })),
  };
  const table = numbersTable("Weights of the marked query, and outputs");
  const plain = { heads: 2, width: 3, temperature: 1, value_size: 1 };
  const view = layout({
    model,
    el,
    name: "multi-head",
    shared,
    pictures: [
      node(
        "div",
        { class: "olsattn-beside olsattn-most" },
        grid,
        node("div", { class: "olsattn-stack" }, figure([rowTitle], rowChart), figure([legend], outChart)),
      ),
    ],
    controls: [weighting.element, sliders.heads.field],
    chips: [
      ["two softmax heads", { ...plain, weighting: "softmax" }],
      ["four linear heads", { ...plain, weighting: "identity", heads: 4 }],
      ["two numbers a value", { ...plain, weighting: "identity", value_size: 2 }],
      ["heat", { ...plain, weighting: "softmax", temperature: 10 }],
    ],
    more: [
      labelled("Query", menus.query),
      sliders.temperature.field,
      sliders.width.field,
      labelled("Values", menus.value_size),
      labelled("Data", menus.dataset),
    ],
    table,
  });

  // ---- drawing ----
  const largest = (...maps) => Math.max(...maps.flat(3).map(Math.abs));
  const minus = (A, B) => A.map((row, i) => row.map((v, j) => v - B[i][j]));

  // All that is drawn, as numbers: [maps of the heads, of the sum, the one head and the difference], and the outputs.
  const pictured = ({ several, single, added, oneMap }) => [
    several.maps,
    added ? [added, oneMap, minus(added, oneMap)] : [oneMap],
    [several.output, single.output],
  ];

  let now = null;
  const follow = follower(([mapsOfHeads, others, outputs]) => {
    const { query } = now;
    const full = largest(mapsOfHeads);
    const both = largest(others.slice(0, 2));
    mapsOfHeads.forEach((weights, h) => {
      heads[h].draw(weights, full);
    });
    const pictures = others.length > 1 ? [sum, one, gap] : [one];
    pictures.forEach((picture, k) => {
      picture.draw(others[k], both);
    });
    drawRow(others.length > 1 ? [others[0][query]] : mapsOfHeads.map((weights) => weights[query]), others, query);
    drawOutputs(outputs, query);
  });

  // The row of the sum, with crosses for the one head; without a sum the rows of the heads side by side.
  function drawRow(rows, others, query) {
    const crosses = others.length > 1 ? others[1][query] : null;
    const values = [...rows.flat(), ...(crosses ?? [])];
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const y = (v) => TALL - 6 - ((v - low) / (high - low || 1)) * (TALL - 12);
    const width = (step * 0.76) / rows.length;
    update(rowZero, { y1: y(0), y2: y(0) });
    rowBars.forEach((bars, h) => {
      update(bars.group, { display: h < rows.length ? null : "none" });
      if (h >= rows.length) return;
      bars.each.forEach((bar, i) => {
        const w = rows[h][i];
        const [top, height] = [Math.min(y(w), y(0)), Math.abs(y(w) - y(0))];
        update(bar, {
          x: x(i) - step * 0.38 + h * width,
          y: top,
          width,
          height,
          fill: signInk(w),
          "fill-opacity": 0.75,
        });
      });
    });
    rowSigns.forEach((mark, i) => {
      update(mark, { display: crosses ? null : "none", transform: crosses && `translate(${x(i)} ${y(crosses[i])})` });
    });
  }

  function drawOutputs([several, single], query) {
    const size = several[0].length;
    update(outStrip, { x: x(query) - step / 2 });
    outMarks.forEach((marks, k) => {
      const values = [...several, ...single].map((row) => row[k] ?? 0);
      const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
      const room = TALL / size;
      const y = (v) => (k + 1) * room - 8 - ((v - low) / (high - low || 1)) * (room - 16);
      update(outZeros[k], { y1: y(0), y2: y(0), display: k < size ? null : "none" });
      marks.forEach(({ line, together, alone }, i) => {
        for (const part of [line, together, alone]) update(part, { display: k < size ? null : "none" });
        if (k >= size) return;
        const [a, b] = [y(several[i][k]), y(single[i][k])];
        update(line, { x1: x(i), x2: x(i), y1: a, y2: b });
        update(together, { cx: x(i), cy: a });
        update(alone, { transform: `translate(${x(i)} ${b})` });
      });
    });
  }

  function mark([row, key], { several, added, oneMap }, labels) {
    const weights = [...heads.map((_, h) => several.maps[h]), added, oneMap, added && minus(added, oneMap)];
    maps.forEach((picture, k) => {
      picture.figure.hidden = !weights[k];
      if (!weights[k]) return;
      const value = number(weights[k][row][key ?? 0]);
      picture.mark([row, key], `query ${labels[row]}, key ${labels[key ?? 0]}: ${value}`);
      picture.value.textContent = key === null ? "" : value;
    });
    update(rowStrip, { x: x(key ?? 0) - step / 2, display: key === null ? "none" : null });
  }

  function draw() {
    const before = now;
    now = traits(model, TRAITS);
    const { query } = now;
    const state = explore(now);
    const { several, single, labels, residual } = state;
    weighting.show(now.weighting);
    for (const [name, select] of Object.entries(menus)) select.value = now[name];
    for (const [name, slider] of Object.entries(sliders)) {
      slider.show(now[name], number(now[name], name === "temperature" ? 1 : 0));
    }
    [...menus.query.options].forEach((entry, i) => {
      if (entry.textContent !== labels[i]) entry.textContent = labels[i];
    });
    update(grid, { style: `--columns: ${now.heads > 3 ? 4 : 3}` });
    follow.to(pictured(state), before && JUMPS.some((name) => before[name] !== now[name]));
    mark(hover ?? [query, column], state, labels);
    const series = state.added ? "▮ sum, × one head" : "heads side by side";
    rowTitle.textContent = `${labels[query]}: ${series}`;

    const output = ({ output: rows }) => {
      const row = spoken(rows[query]);
      return rows[query].length > 1 ? `(${row})` : row;
    };
    const how =
      residual < 1e-9 ? "replaces them exactly" : residual < 0.05 ? "nearly replaces them" : "does not replace them";
    view.say(
      `**${now.heads} ${now.heads === 1 ? "head" : "heads"}** under the ${now.weighting}: `,
      `the one head ${how}, residual **${percent(residual, 0)}**. For ${labels[query]} they return `,
      `**${output(several)}**, the one head **${output(single)}**.`,
    );
    view.root.dataset.residual = residual;
    table.fill(state.numbers, (v) => number(v, 3), ["token", labels]);
  }

  return view.live(TRAITS, draw, follow.halt);
}

export default { render, shared };
