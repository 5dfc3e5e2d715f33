const MASKS = ["unmasked", "equation 35", "strict", "exact"], FIRST = 24; // the first quarter with 20 rows under every design

function render({ model, el }) {
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
  };
  const series = model.get("series"), dates = model.get("dates"), T = dates.length;
  const inflation = series.map((row) => row[0]);
  const WIDE = chartWidth(el), LEFT = 30, RIGHT = WIDE - 8;

  // ---- controls ----
  const scrub = node("input", { type: "range", min: FIRST, max: T - 1, step: 1, oninput: () => set({ date: dates[Number(scrub.value)] }) });
  const when = node("output");
  const menu = (name, options, convert = (v) => v) => {
    const select = node("select", { onchange: () => set({ [name]: convert(select.value) }) }, ...options);
    return select;
  };
  const mask = menu("mask", MASKS.map((name) => option(name)));
  const context = menu("context", [option("inflation", "lags of inflation"), option("economy", "lags of inflation, unemployment, interest")]);
  const lags = menu("lags", [1, 2, 3, 4].map((p) => option(p)), Number);
  const story = node("button", { type: "button", onclick: () => set({ date: "1978Q1", mask: "unmasked" }) }, "1974 and 1978");

  // ---- charts on one time axis ----
  const x = (t) => LEFT + ((t + 0.5) / T) * (RIGHT - LEFT);
  const chart = (height, label) => node("svg", { viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": label, class: "olsattn-chart" });
  const line = (attributes) => node("path", { fill: "none", "stroke-width": 1.8, ...attributes });
  const path = (points) => points.map(([a, b], k) => `${k ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");

  const top = chart(170, "US inflation and the forecast"), low = Math.min(...inflation), high = Math.max(...inflation);
  const yTop = (v) => 150 - ((clamp(v, low - 4, high + 4) - low + 4) / (high - low + 8)) * 140;
  const future = node("rect", { y: 6, height: 144, fill: "var(--role-soft)", "fill-opacity": 0.12 });
  const now = node("line", { y1: 6, y2: 150, stroke: "var(--role-query)", "stroke-width": 2 });
  const forecastMark = node("path", { d: "M0-7 7 0 0 7-7 0Z", fill: "var(--role-query)" });
  const actualMark = node("circle", { r: 5, fill: "var(--role-value)" });
  top.append(future, node("line", { x1: LEFT, x2: RIGHT, y1: yTop(0), y2: yTop(0), class: "olsattn-axis" }),
    line({ stroke: "var(--role-value)", d: path(inflation.map((v, t) => [x(t), yTop(v)])) }), now, actualMark, forecastMark,
    ...[0, 5, 10].map((v) => node("text", { x: LEFT - 4, y: yTop(v) + 4, "text-anchor": "end" }, String(v))),
    ...dates.flatMap((date, t) => (/(60|70|80|90|00)Q1$/.test(date)
      ? [node("text", { x: x(t), y: 166, "text-anchor": "middle" }, date.slice(0, 4))] : [])));

  const middle = chart(130, "Attention to each quarter"), bars = dates.map(() => node("rect", { width: (RIGHT - LEFT) / T * 0.85 }));
  const zero = node("line", { x1: LEFT, x2: RIGHT, class: "olsattn-axis" }), barNow = node("line", { y1: 4, y2: 126, stroke: "var(--role-query)", "stroke-width": 2 });
  const marked = node("path", { d: "M0 0-4-7H4Z", fill: "var(--role-ink)" }), markedName = node("text", { "text-anchor": "middle" }, "1974Q1");
  middle.append(zero, ...bars, barNow, marked, markedName);

  const bottom = chart(120, "Running error of each mask"), errorLines = MASKS.map(() => line({}));
  const errorNow = node("line", { y1: 4, y2: 116, stroke: "var(--role-query)", "stroke-width": 2 }), ticks = node("g");
  bottom.append(...errorLines, errorNow, ticks);
  // dashes tell the masks apart without colour
  const looks = { unmasked: ["soft", "2 3"], "equation 35": ["negative", "7 3"], strict: ["key", "7 3 2 3"], exact: ["positive", null] };
  const strokes = Object.fromEntries(MASKS.map((name) => [name, { stroke: `var(--role-${looks[name][0]})`, "stroke-dasharray": looks[name][1] }]));
  MASKS.forEach((name, k) => update(errorLines[k], strokes[name]));

  for (const svg of [top, middle, bottom]) { // press or drag on a chart to go to a date
    const go = (event) => {
      const box = svg.getBoundingClientRect(), u = ((event.clientX - box.left) / box.width) * WIDE;
      set({ date: dates[clamp(Math.floor(((u - LEFT) / (RIGHT - LEFT)) * T), FIRST, T - 1)] });
    };
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); go(event); });
    svg.addEventListener("pointermove", (event) => { if (svg.hasPointerCapture(event.pointerId)) go(event); });
    svg.classList.add("olsattn-scrub");
  }

  const readout = node("p", { class: "olsattn-readout" }), storyText = node("p", { class: "olsattn-readout" }), announce = announcer();
  const rows = Object.fromEntries(MASKS.map((name) => [name, node("tr", {}, node("th", { scope: "row" },
    node("svg", { viewBox: "0 0 32 10", class: "olsattn-swatch", "aria-hidden": "true" }, line({ ...strokes[name], d: "M0 5H32" })), name),
    ...[0, 1, 2, 3].map(() => node("td")))]));
  const table = node("table", {}, node("thead", {}, node("tr", {}, ...["mask", "forecast", "error", "on future or itself", "running error"]
    .map((text) => node("th", { scope: "col" }, text)))), node("tbody", {}, ...Object.values(rows)));
  const figure = (text, svg) => node("figure", {}, node("figcaption", {}, text), svg);
  el.append(node("div", { class: "olsattn-widget olsattn-masking" },
    node("div", { class: "olsattn-controls" }, labelled("Forecast for", scrub), when, labelled("Mask", mask),
      labelled("From", context), labelled("Lags", lags), story),
    node("div", { class: "olsattn-panels olsattn-wide" },
      figure("Inflation, percent: disc what came, diamond the forecast", top),
      figure("Attention to each quarter, up for positive and down for negative weights", middle),
      figure("Running root mean squared error of each mask, percent", bottom)),
    readout, storyText, announce.element,
    node("div", { class: "olsattn-scroll", tabindex: 0, role: "region", "aria-label": "The four masks at this date" }, table)));

  // ---- arithmetic ----
  // All forecasts of a design, once; the weights of one date when it is shown.
  let design = null;
  function prepare() {
    const p = model.get("lags"), M = model.get("context") === "inflation" ? 1 : 3;
    const key = `${p} ${M}`;
    if (design?.key === key) return;
    const X = [], y = inflation.slice(p);
    for (let t = p; t < T; t++) {
      const row = [1];
      for (let k = 1; k <= p; k++) row.push(...series[t - k].slice(0, M));
      X.push(row);
    }
    const F = embedding(X).F; // encoded, so that what follows is well conditioned
    design = { key, p, F, y };
    design.forecasts = Object.fromEntries(MASKS.map((name) => [name, y.map(() => NaN)]));
    // recursive least squares on the encoded rows, from an exact start
    const first = FIRST - p, { W } = embedding(F.slice(0, first));
    let omega = multiply(W, transpose(W));
    let beta = omega.map((row) => F.slice(0, first).reduce((s, f, i) => s + dot(row, f) * y[i], 0));
    for (let t = first; t < y.length; t++) {
      const all = maskedAt(t);
      for (const name of Object.keys(all)) design.forecasts[name][t] = dot(all[name], y);
      const forecast = design.forecasts.exact[t] = dot(F[t], beta);
      const spread = omega.map((row) => dot(row, F[t])), size = 1 + dot(F[t], spread);
      beta = beta.map((v, k) => v + (spread[k] / size) * (y[t] - forecast));
      omega = omega.map((row, k) => row.map((v, l) => v - (spread[k] * spread[l]) / size));
    }
  }
  function maskedAt(t) {
    const H = design.F.map((row) => dot(row, design.F[t]));
    const normalised = (test) => {
      const total = H.reduce((s, w, i) => (test(i) ? s + w : s), 0);
      return H.map((w, i) => (test(i) && total ? w / total : 0));
    };
    return { unmasked: H, "equation 35": normalised((s) => s <= t), strict: normalised((s) => s < t) };
  }
  function weightsAt(t) {
    const { F, y } = design, past = embedding(F.slice(0, t)); // the regression on the rows before t
    const q = transpose(past.W).map((column) => dot(F[t], column));
    return { ...maskedAt(t), exact: y.map((_, s) => (s < t ? dot(past.F[s], q) : 0)) };
  }

  // ---- drawing ----
  function draw() {
    prepare();
    const { p, y, forecasts } = design, date = model.get("date"), chosen = model.get("mask"), at = dates.indexOf(date), t = at - p;
    const all = weightsAt(t), weights = all[chosen];
    scrub.value = at; when.textContent = date; scrub.setAttribute("aria-valuetext", date);
    mask.value = chosen; context.value = model.get("context"); lags.value = p;

    update(future, { x: x(at + 0.5), width: Math.max(0, RIGHT - x(at + 0.5)) });
    [now, barNow, errorNow].forEach((element) => update(element, { x1: x(at), x2: x(at) }));
    update(actualMark, { cx: x(at), cy: yTop(y[t]) });
    update(forecastMark, { transform: `translate(${x(at)} ${yTop(forecasts[chosen][t])})` });

    const tall = Math.max(...weights.map(Math.abs)) || 1, up = Math.max(0, ...weights), down = Math.max(0, ...weights.map((w) => -w));
    const unit = 96 / (up + down || tall), base = 22 + up * unit;
    update(zero, { y1: base, y2: base });
    bars.forEach((bar, s) => {
      const w = s < p ? 0 : weights[s - p], height = Math.abs(w) * unit;
      update(bar, { x: x(s) - (RIGHT - LEFT) / T * 0.425, y: w < 0 ? base : base - height, height, fill: w < 0 ? "var(--role-negative)" : "var(--role-positive)" });
    });
    const crisis = dates.indexOf("1974Q1"), showStory = at > crisis;
    const tip = base - Math.max(0, weights[crisis - p]) * unit;
    [marked, markedName].forEach((element) => update(element, { display: showStory ? null : "none" }));
    update(marked, { transform: `translate(${x(crisis)} ${tip - 2})` });
    update(markedName, { x: x(crisis), y: Math.max(10, tip - 11) });

    const squared = Object.fromEntries(MASKS.map((name) => [name, 0])), paths = MASKS.map(() => []), errors = {};
    let count = 0;
    for (let s = FIRST - p; s < y.length; s++) {
      count += 1;
      MASKS.forEach((name, k) => {
        squared[name] += (forecasts[name][s] - y[s]) ** 2;
        const rms = Math.sqrt(squared[name] / count);
        if (s === t) errors[name] = rms;
        paths[k].push([s + p, rms]);
      });
    }
    // scaled to the errors that can be compared; equation 35 may leave the drawing
    const limit = 1.6 * Math.max(...["unmasked", "exact"].flatMap((name) => paths[MASKS.indexOf(name)].slice(8).map(([, v]) => v)));
    const yLow = (v) => 110 - (Math.min(v, limit) / limit) * 100;
    paths.forEach((points, k) => update(errorLines[k], { d: path(points.map(([s, v]) => [x(s), yLow(v)])), opacity: MASKS[k] === chosen ? 1 : 0.75, "stroke-width": MASKS[k] === chosen ? 3 : 1.6 }));
    ticks.replaceChildren(...[0, 1, 2, 3, 4].filter((v) => v < limit).map((v) => node("text", { x: LEFT - 4, y: yLow(v) + 4, "text-anchor": "end" }, String(v))));

    const share = (row, test) => row.reduce((s, w, k) => s + (test(k) ? Math.abs(w) : 0), 0) / row.reduce((s, w) => s + Math.abs(w), 0);
    const percent = (v) => `${number(100 * v, v > 0 && v < 0.1 ? 1 : 0)} %`, bold = (text) => node("b", {}, text);
    const negative = share(weights, (k) => weights[k] < 0);
    readout.replaceChildren("Forecast for ", bold(date), " under the mask ", bold(chosen), ": ", bold(number(forecasts[chosen][t], 1)), ", came ",
      bold(number(y[t], 1)), ". Of all attention ", bold(percent(share(weights, (k) => k > t))), " goes to later quarters, ",
      bold(percent(share(weights, (k) => k === t))), " to the quarter itself, ", bold(percent(negative)), " is negative.");
    announce.say(readout.textContent);
    const nth = (row) => 1 + row.slice(0, t).filter((w) => w > row[crisis - p]).length;
    storyText.replaceChildren(...(showStory ? ["1974Q1 gets ", bold(percent(share(all.unmasked.slice(0, t), (k) => k === crisis - p))), ` of the attention to the past with Ω from all data (rank ${nth(all.unmasked)} of ${t}), and `,
      bold(percent(share(all.exact.slice(0, t), (k) => k === crisis - p))), ` with Ω from the past alone (rank ${nth(all.exact)}).`] : []));
    MASKS.forEach((name) => {
      const cells = [forecasts[name][t], forecasts[name][t] - y[t], share(all[name], (k) => k >= t), errors[name]];
      const [, ...data] = rows[name].children;
      data.forEach((cell, k) => { cell.textContent = k === 2 ? percent(cells[k]) : number(cells[k]); cell.dataset.value = cells[k]; });
    });
  }

  return redrawOn(model, ["date", "mask", "context", "lags"], draw, announce);
}

export default { render };
