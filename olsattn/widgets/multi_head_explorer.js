const MAX_HEADS = 4, TOKENS = 12;

function render({ model, el }) {
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const tokens = model.get("tokens");

  // ---- controls ----
  const range = (name, min, max, step) => {
    const input = node("input", { type: "range", min, max, step, oninput: () => set({ [name]: Number(input.value) }) });
    return input;
  };
  const menu = (name, options, convert = (v) => v) => {
    const select = node("select", { onchange: () => set({ [name]: convert(select.value) }) }, ...options);
    return select;
  };
  const controls = {
    heads: range("heads", 1, MAX_HEADS, 1),
    width: range("width", 1, 3, 1),
    weighting: menu("weighting", ["identity", "softmax"].map((name) => option(name))),
    temperature: range("temperature", 0.1, 10, 0.1),
    value_size: menu("value_size", [option(1, "one number"), option(2, "two numbers")], Number),
    dataset: menu("dataset", Object.keys(tokens).map((name) => option(name))),
    query: menu("query", [...Array(TOKENS).keys()].map((i) => option(i)), Number),
  };
  const shown = { heads: node("output"), width: node("output"), temperature: node("output") };
  const field = (text, name) => {
    const label = labelled(text, controls[name]);
    if (shown[name]) label.append(shown[name]);
    return label;
  };

  // ---- maps ----
  const choose = (row) => set({ query: row });
  const map = (caption) => {
    const picture = heatmap(caption, TOKENS, TOKENS, choose), title = node("figcaption", {}, caption);
    return { ...picture, title, figure: node("figure", {}, title, picture.svg) };
  };
  const headMaps = [...Array(MAX_HEADS).keys()].map((h) => map(`head ${h + 1}`));
  const sum = map("sum of heads"), one = map("one head instead");

  // ---- output: what the heads return together, and what the one head returns ----
  const wide = chartWidth(el), step = (wide - 20) / TOKENS, at = (i) => 10 + (i + 0.5) * step;
  const charts = [0, 1].map(() => {
    const svg = node("svg", { "aria-label": "Output", viewBox: `0 0 ${wide} 150`, role: "img", class: "olsattn-chart" });
    const zero = node("line", { x1: 10, x2: wide - 10, class: "olsattn-axis" });
    const marker = node("rect", { y: 4, width: step * 0.8, height: 142, fill: "var(--role-query)", "fill-opacity": 0.12 });
    const parts = [...Array(TOKENS).keys()].map((i) => {
      const gap = node("line", { stroke: "var(--role-negative)", "stroke-width": 3 });
      const dot = node("circle", { r: 6, fill: "var(--role-value)" });
      const cross = node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: "var(--role-ink)", "stroke-width": 2 });
      return { gap, dot, cross, hit: node("rect", { x: 10 + i * step, y: 0, width: step, height: 150, fill: "transparent", onclick: () => choose(i) }) };
    });
    svg.append(marker, zero, ...parts.flatMap(({ gap, dot, cross, hit }) => [gap, dot, cross, hit]));
    return { svg, zero, marker, parts, caption: node("figcaption") };
  });
  const chartFigures = charts.map(({ svg, caption }) => node("figure", {}, caption, svg));

  const readout = node("p", { class: "olsattn-readout" });
  const announce = announcer();
  const head = node("tr"), body = node("tbody");
  const table = node("table", {}, node("thead", {}, head), body);
  el.append(node("div", { class: "olsattn-widget olsattn-multi-head" },
    node("div", { class: "olsattn-controls" },
      field("Heads", "heads"), field("Width", "width"), field("Weighting", "weighting"), field("Temperature", "temperature"),
      field("Values", "value_size"), field("Data", "dataset"), field("Query", "query")),
    node("div", { class: "olsattn-maps" }, ...headMaps.map((m) => m.figure), sum.figure, one.figure),
    node("div", { class: "olsattn-panels olsattn-wide" }, ...chartFigures), readout, announce.element,
    node("details", {}, node("summary", {}, "The numbers"),
      node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": "Weights of the marked query, and outputs" }, table))));

  // ---- arithmetic ----
  function attend(X, V, heads, softened, temperature) {
    let output = X.map(() => V[0].map(() => 0));
    const maps = heads.map(({ omega, M }) => {
      const scores = multiply(multiply(X, omega), transpose(X)).map((row) => row.map((s) => s / temperature));
      const weights = softened ? scores.map(softmax) : scores;
      const part = multiply(multiply(weights, V), M);
      output = output.map((row, i) => row.map((v, k) => v + part[i][k]));
      return weights;
    });
    return { maps, output };
  }

  // merge_heads and first_order_head of olsattn.attention, for one head
  function replacement(heads, softened) {
    const flat = (A) => A.flat(), [P, M] = [heads[0].omega.length, heads[0].M.length];
    const fold = (row, n) => [...Array(n).keys()].map((i) => row.slice(i * n, (i + 1) * n));
    const combine = (shares, name) => shares.reduce(
      (total, share, h) => total.map((v, k) => v + share * flat(heads[h][name])[k]), flat(heads[0][name]).map(() => 0));
    if (softened) {
      const total = combine(heads.map(() => 1), "M");
      const shares = heads.map((h) => dot(flat(h.M), total) / dot(total, total));
      return { omega: fold(combine(shares, "omega"), P), M: fold(total, M) };
    }
    const omegas = heads.map((h) => flat(h.omega)), maps = heads.map((h) => flat(h.M));
    const operator = multiply(transpose(omegas), maps); // P^2 by M^2
    const { F, d, U } = svd(operator);
    return { omega: fold(F.map((row) => row[0] * d[0]), P), M: fold(U.map((row) => row[0]), M) };
  }

  function compute() {
    const count = model.get("heads"), width = model.get("width"), size = model.get("value_size");
    const softened = model.get("weighting") === "softmax", temperature = model.get("temperature");
    const { features: X, values, labels } = tokens[model.get("dataset")];
    const V = values.map((row) => row.slice(0, size));
    const cut = (A) => A.map((row) => row.slice(0, width));
    const heads = [...Array(count).keys()].map((h) => ({
      omega: multiply(cut(model.get("w_query")[h]), transpose(cut(model.get("w_key")[h]))),
      M: model.get("w_values")[h].slice(0, size).map((row) => row.slice(0, size)),
    }));
    const several = attend(X, V, heads, softened, temperature);
    const single = attend(X, V, [replacement(heads, softened)], softened, temperature);
    const gap = several.output.map((row, i) => row.map((v, k) => single.output[i][k] - v));
    // with one number a token the heads' maps can be added up, each times its value map
    const added = size > 1 ? null : several.maps[0].map((row, i) => row.map((_, j) =>
      several.maps.reduce((s, weights, h) => s + heads[h].M[0][0] * weights[i][j], 0)));
    const factor = size > 1 ? 1 : replacement(heads, softened).M[0][0];
    return {
      labels, several, single, added, size, softened, count,
      oneMap: size > 1 ? single.maps[0] : single.maps[0].map((row) => row.map((w) => w * factor)),
      residual: norm(gap.flat()) / norm(several.output.flat()),
    };
  }

  // ---- drawing ----
  function draw() {
    const state = compute(), { several, single, added, oneMap, labels, count } = state;
    const query = model.get("query");
    for (const name of Object.keys(controls)) controls[name].value = model.get(name);
    for (const name of Object.keys(shown)) shown[name].textContent = number(model.get(name), name === "temperature" ? 1 : 0);
    [...controls.query.options].forEach((o, i) => { o.textContent = labels[i]; });

    const largest = (maps) => Math.max(...maps.flat(2).map(Math.abs));
    const full = largest(several.maps);
    headMaps.forEach((picture, h) => {
      picture.figure.hidden = h >= count;
      if (h < count) { picture.draw(several.maps[h], full); picture.mark(query); }
    });
    sum.figure.hidden = !added;
    const both = added ? largest([added, oneMap]) : largest([oneMap]);
    if (added) { sum.draw(added, both); sum.mark(query); }
    one.draw(oneMap, both); one.mark(query);

    charts.forEach(({ svg, zero, marker, parts, caption }, k) => {
      chartFigures[k].hidden = k >= state.size;
      if (k >= state.size) return;
      const values = [...several.output, ...single.output].map((row) => row[k]);
      const low = Math.min(0, ...values), high = Math.max(0, ...values), y = (v) => 138 - ((v - low) / (high - low || 1)) * 126;
      update(zero, { y1: y(0), y2: y(0) });
      update(marker, { x: at(query) - step * 0.4 });
      parts.forEach(({ gap, dot: disc, cross }, i) => {
        const x = at(i), a = y(several.output[i][k]), b = y(single.output[i][k]);
        update(gap, { x1: x, x2: x, y1: a, y2: b });
        update(disc, { cx: x, cy: a });
        update(cross, { transform: `translate(${x} ${b})` });
      });
      caption.textContent = `Output${state.size > 1 ? ` ${k + 1}` : ""}: discs are the heads together, crosses the one head`;
      update(svg, { "aria-label": caption.textContent });
    });

    const bold = (text) => node("b", {}, text), percent = (v) => `${number(100 * v, v < 0.1 ? 2 : 0)} %`;
    readout.replaceChildren(
      bold(`${count} ${count === 1 ? "head" : "heads"}`), `, ${model.get("weighting")}, against one head: residual `,
      bold(percent(state.residual)), state.residual < 1e-9 ? ". The one head replaces them exactly." : ". The one head does not replace them.",
      ` Marked query: ${labels[query]}, output `, bold(several.output[query].map((v) => number(v)).join(", ")),
      ", with one head ", bold(single.output[query].map((v) => number(v)).join(", ")), ".");
    announce.say(readout.textContent);

    const each = (text) => several.output[0].map((_, k) => (state.size > 1 ? `${text} ${k + 1}` : text));
    head.replaceChildren(...["token", ...several.maps.map((_, h) => `head ${h + 1}`), "one head", ...each("output"), ...each("with one head")]
      .map((text) => node("th", { scope: "col" }, text)));
    body.replaceChildren(...labels.map((label, i) => {
      const cells = [...several.maps.map((weights) => weights[query][i]), single.maps[0][query][i]];
      return node("tr", {}, node("th", { scope: "row" }, label),
        ...[...cells, ...several.output[i], ...single.output[i]].map((v) => node("td", { "data-value": v }, number(v, 3))));
    }));
    readout.dataset.residual = state.residual;
  }

  return redrawOn(model, [...Object.keys(controls), "w_query", "w_key", "w_values"], draw, announce);
}

export default { render };
