const EPOCHS = 5000, REACH = 2.5, CUT = 1e6, LEAST = 1e-16, PLAY = 8000; // PLAY: milliseconds for all epochs
const MARKED = [0, 100, 200, 500, 1000, 2000, 5000];

// The recursion of olsattn.linear_transformer.scalar_descent, cut where it is cut there.
function descend(s, b, optimiser, rate, start) {
  const path = [start];
  for (let t = 1, w = start, mean = 0, square = 0; t <= EPOCHS; t++) {
    const gradient = 8 * s ** 3 * b ** 2 * w ** 3 * (s ** 2 * w ** 4 - 1);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient ** 2;
    w -= rate * (optimiser === "Adam" ? mean / (1 - 0.9 ** t) / (Math.sqrt(square / (1 - 0.999 ** t)) + 1e-8) : gradient);
    if (!(Math.abs(w) <= CUT)) break;
    path.push(w);
  }
  return path;
}

const raised = (power) => String(power).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
// Three figures, with a power of ten where that is shorter.
function figures(value) {
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return number(value, Math.abs(value) < 0.1 ? 4 : 3);
  const [front, power] = value.toExponential(1).split("e");
  return `${front.replace("-", "−")}·10${raised(Number(power))}`;
}

function render({ model, el }) {
  const set = traitSetter(model);
  const s = model.get("second_moment"), b = model.get("coefficient"), floor = model.get("floor"), target = 1 / Math.sqrt(s);
  const distance = (w) => Math.abs(s ** 2 * w ** 4 - 1), excess = (w) => s * b ** 2 * distance(w) ** 2;

  // ---- the path of w, once for each setting ----
  const settings = () => ["optimiser", "rate", "start"].map((name) => model.get(name));
  let descent = null;
  function descended() {
    const key = settings().join();
    if (descent?.key === key) return descent;
    const path = descend(s, b, ...settings()), errors = path.map((w) => floor + excess(w));
    descent = {
      key, path, errors, cut: path.length <= EPOCHS, last: Math.min(EPOCHS, path.length), // the last epoch to show: where it diverges
      reached: path.findIndex((w) => distance(w) < 0.01),
      rises: errors.filter((error, k) => k && error > errors[k - 1] * (1 + 1e-12)).length, // more than rounding
    };
    return descent;
  }

  // ---- playing: each frame goes on from where the last one left the widget, and stops if it is elsewhere now ----
  let playing = null;
  function pause() {
    if (playing) cancelAnimationFrame(playing.frame);
    playing = null;
    play.textContent = "Play";
  }
  function begin() {
    const { key, last } = descended(), first = model.get("epoch") < last ? model.get("epoch") : 0;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return set({ epoch: last });
    set({ epoch: first });
    playing = { key, last, epoch: first, began: performance.now() - PLAY * Math.log(first + 1) / Math.log(EPOCHS + 1) };
    playing.frame = requestAnimationFrame(advance);
    play.textContent = "Pause";
  }
  function advance(now) {
    if (settings().join() !== playing.key || model.get("epoch") !== playing.epoch) return pause();
    const epoch = Math.floor((EPOCHS + 1) ** ((now - playing.began) / PLAY)) - 1; // ever faster: most happens early
    playing.epoch = clamp(epoch, playing.epoch, playing.last);
    set({ epoch: playing.epoch });
    if (playing.epoch === playing.last) return pause();
    playing.frame = requestAnimationFrame(advance);
  }

  // ---- controls ----
  const optimiser = node("select", { onchange: () => set({ optimiser: optimiser.value }) }, option("Adam"), option("gradient descent"));
  const rate = valueSlider("Rate", { min: -4, max: -1, step: 0.05 }, (power) => set({ rate: Number((10 ** power).toPrecision(2)) }));
  const start = valueSlider("Start", { min: -REACH, max: REACH, step: 0.05 }, (w) => set({ start: w }));
  const epoch = valueSlider("Epoch", { min: 0, max: EPOCHS, step: 1 }, (k) => set({ epoch: k }));
  const button = (text, onclick) => node("button", { type: "button", onclick }, text);
  const play = button("Play", () => (playing ? pause() : begin()));
  const step = button("Step", () => set({ epoch: Math.min(EPOCHS, model.get("epoch") + 1) }));
  const reset = button("Reset", () => { pause(); set({ epoch: 0 }); }); // epoch 0 is shown for some frames, where this changes nothing

  // ---- charts ----
  const WIDE = chartWidth(el), LEFT = 44, RIGHT = WIDE - 10;
  const chart = (height, label, role = "img") => node("svg", { viewBox: `0 0 ${WIDE} ${height}`, role, "aria-label": label, class: "olsattn-chart" });
  const curve = (colour, width = 1.8, dashes = null) => node("path", { fill: "none", stroke: `var(--role-${colour})`, "stroke-width": width, "stroke-dasharray": dashes });
  const across = (y) => node("line", { x1: LEFT, x2: RIGHT, y1: y, y2: y, class: "olsattn-axis" });
  const words = (x, y, text, anchor = "middle") => node("text", { x, y, "text-anchor": anchor }, text);
  const tick = (y, text) => [across(y), words(LEFT - 9, y + 4, text, "end")];
  const line = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
  const scale = (low, high, from, to) => (v) => from + ((clamp(v, low, high) - low) / (high - low)) * (to - from);
  const disc = (colour) => node("circle", { r: 6, fill: `var(--role-${colour})`, stroke: "var(--role-paper)", "stroke-width": 1.5 });

  const EDGE = REACH + 0.1, xWeight = scale(-EDGE, EDGE, LEFT, RIGHT);
  const yLog = scale(Math.log(floor / 4), Math.log(floor + excess(EDGE)), 222, 8), yError = (error) => yLog(Math.log(error));
  const loss = chart(250, "Mean squared error for each weight, with the weight at this epoch", "group");
  const grid = [...Array(261).keys()].map((k) => -EDGE + (k / 130) * EDGE), lossCurve = curve("soft");
  const iterate = disc("query"), trail = curve("query", 3);
  const ring = node("circle", { r: 10, fill: "none", stroke: "var(--role-value)", "stroke-width": 2.5 }), startName = update(words(0, 0, "start"), { "paint-order": "stroke", stroke: "var(--role-paper)", "stroke-width": 3 });
  const handle = node("g", { class: "olsattn-handle", role: "button", tabindex: 0 }, ring, startName, node("circle", { r: 16, fill: "transparent" }));
  update(lossCurve, { d: line(grid.map((w) => [xWeight(w), yError(floor + excess(w))])) });
  const stationary = [[-target, "−1/√s"], [0, "flat maximum at 0"], [target, "1/√s"]].map(([w, name]) => {
    const x = xWeight(w), y = yError(floor + excess(w)), below = w !== 0;
    return node("g", {}, node("line", { x1: x, x2: x, y1: y, y2: below ? y + 10 : y - 42, stroke: "var(--role-positive)", "stroke-dasharray": "3 3" }),
      node("circle", { cx: x, cy: y, r: 4, fill: "var(--role-paper)", stroke: "var(--role-positive)", "stroke-width": 2 }), words(x, below ? y + 21 : y - 47, name));
  });
  loss.append(...[1, 10, 100, 1000].flatMap((v) => tick(yError(v), String(v))), across(222),
    ...[-2, -1, 0, 1, 2].map((w) => words(xWeight(w), 237, number(w, 0))), lossCurve, ...stationary, trail, iterate, handle);
  const weightUnder = (clientX) => {
    const box = loss.getBoundingClientRect(), u = ((clientX - box.left) / box.width) * WIDE;
    return -EDGE + ((u - LEFT) / (RIGHT - LEFT)) * 2 * EDGE;
  };
  draggable(handle, {
    grab() {}, position: () => [model.get("start"), 0], invert: (clientX) => [weightUnder(clientX), 0], step: 0.05,
    move: ([w]) => set({ start: Math.round(clamp(w, -REACH, REACH) * 100) / 100 }),
  });

  const logarithm = Math.log(EPOCHS + 1), xEpoch = (k) => LEFT + (Math.log(k + 1) / logarithm) * (RIGHT - LEFT);
  const epochAt = (x) => clamp(Math.round(Math.exp(((x - LEFT) / (RIGHT - LEFT)) * logarithm)) - 1, 0, EPOCHS);
  const epochTicks = (y) => [0, 1, 10, 100, 1000, EPOCHS].map((k) => words(xEpoch(k), y, String(k), k === EPOCHS ? "end" : "middle"));
  const now = () => node("line", { stroke: "var(--role-query)", "stroke-width": 2 });
  // Through the lowest and the highest point of each column of the drawing: thousands of epochs share it.
  function through(values, y) {
    const columns = new Map();
    values.forEach((v, k) => {
      const column = Math.round(xEpoch(k)), ends = columns.get(column);
      if (!ends) columns.set(column, [k, k]);
      else if (v < values[ends[0]]) ends[0] = k;
      else if (v > values[ends[1]]) ends[1] = k;
    });
    return line([...columns.values()].flatMap((ends) => [...ends].sort((a, c) => a - c)).map((k) => [xEpoch(k), y(values[k])]));
  }

  const decay = chart(210, "Mean squared error minus floor, and relative distance, against epochs");
  const yPower = scale(-16, 5, 184, 8), yDecay = (v) => yPower(Math.log10(Math.max(v, LEAST)));
  const excessCurve = curve("value", 2.2), distanceCurve = curve("positive", 2.2, "7 3"), decayNow = now(), excessNow = disc("value"), distanceNow = disc("positive");
  decay.append(...[0, -4, -8, -12, -16].flatMap((power) => tick(yPower(power), power ? `10${raised(power)}` : "1")), ...epochTicks(200),
    decayNow, excessCurve, distanceCurve, excessNow, distanceNow);

  const course = chart(130, "Weight against epochs"), courseCurve = curve("query", 2.2), courseNow = now(), courseDisc = disc("query"), courseTicks = node("g");
  const targetLine = curve("soft", 1.8, "5 4"), targetName = words(RIGHT, 0, "", "end");
  course.append(courseTicks, ...epochTicks(124), targetLine, targetName, courseNow, courseCurve, courseDisc);
  for (const svg of [decay, course]) { // press or drag to go to an epoch
    const go = (event) => {
      const box = svg.getBoundingClientRect();
      set({ epoch: epochAt(((event.clientX - box.left) / box.width) * WIDE) });
    };
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); go(event); });
    svg.addEventListener("pointermove", (event) => { if (svg.hasPointerCapture(event.pointerId)) go(event); });
    svg.classList.add("olsattn-scrub");
  }

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" }), note = node("p", { class: "olsattn-note" }), announce = announcer();
  const table = numbersTable("The numbers; the last row is this epoch", "The path, epoch by epoch", ["epoch", "w", "MSE minus floor", "distance"], MARKED.length + 1);
  const key = (colour, dashes) => node("svg", { viewBox: "0 0 32 10", class: "olsattn-swatch", "aria-hidden": "true" }, update(curve(colour, 2.5, dashes), { d: "M0 5H32" }));
  el.append(node("div", { class: "olsattn-widget olsattn-training" },
    node("div", { class: "olsattn-controls" }, labelled("Optimiser", optimiser), rate.field, start.field, epoch.field, play, step, reset),
    node("div", { class: "olsattn-panels olsattn-wide" },
      pictured(["Mean squared error against w (logarithmic): disc the weight at this epoch, ring the start, to drag"], loss),
      pictured([key("value"), "MSE minus floor and ", key("positive", "7 3"), "distance from the OLS fit, against epochs (both logarithmic)"], decay),
      pictured(["w against epochs (logarithmic), dashed the target"], course)),
    readout, note, announce.element, table.element));

  // ---- drawing ----
  let drawn = null;
  function drawCourse({ key: made, path }, aim) {
    if (drawn === made) return;
    drawn = made;
    update(excessCurve, { d: through(path.map(excess), yDecay) });
    update(distanceCurve, { d: through(path.map(distance), yDecay) });
    const ends = [...path, 0, aim].map((w) => clamp(w, -3, 3));
    const yCourse = scale(Math.min(...ends) - 0.1, Math.max(...ends) + 0.1, 108, 8);
    update(courseCurve, { d: through(path, yCourse) });
    courseTicks.replaceChildren(...[-3, -2, -1, 0, 1, 2, 3].filter((w) => w >= Math.min(...ends) && w <= Math.max(...ends)).flatMap((w) => tick(yCourse(w), number(w, 0))));
    update(targetLine, { d: `M${LEFT} ${yCourse(aim)}H${RIGHT}` });
    update(targetName, { y: yCourse(aim) + (aim > 0 ? 14 : -6) });
    targetName.textContent = aim > 0 ? "1/√s" : "−1/√s";
    descent.yCourse = yCourse;
  }

  function draw() {
    const state = descended(), { path, errors, cut, last, reached, rises } = state, k = model.get("epoch");
    const gone = k >= path.length, at = gone ? path.length - 1 : k, w = path[at], far = distance(w), from = model.get("start");
    const side = (v) => (v < 0 ? -target : target), aim = side(cut ? from : path[path.length - 1]);
    optimiser.value = model.get("optimiser");
    rate.show(Math.log10(model.get("rate")), String(model.get("rate")));
    start.show(from, number(from));
    epoch.show(k, String(k));

    const onCurve = (v) => [xWeight(v), yError(floor + excess(v))];
    const [x, y] = onCurve(w), [startX, startY] = onCurve(from);
    update(iterate, { cx: x, cy: y });
    const between = grid.filter((v) => v > Math.min(from, w) && v < Math.max(from, w)), ordered = [Math.min(from, w), ...between, Math.max(from, w)];
    update(trail, { d: line(ordered.map(onCurve)) });
    update(handle, { transform: `translate(${startX} ${startY})`, "aria-label": `start at ${number(from)}; left and right arrow keys move it` });
    update(startName, { y: startY < 40 ? 26 : -15 });

    drawCourse(state, aim);
    [decayNow, courseNow].forEach((mark, i) => update(mark, { x1: xEpoch(k), x2: xEpoch(k), y1: 6, y2: i ? 108 : 184 }));
    [[excessNow, yDecay(excess(w))], [distanceNow, yDecay(far)], [courseDisc, state.yCourse(w)]].forEach(([mark, cy]) => update(mark, { cx: xEpoch(at), cy }));

    const share = far < 1e-4 || far >= 100 ? figures(far) : percent(far);
    readout.replaceChildren("Epoch ", bold(String(k)), ": w ", bold(figures(w)), ", target ", bold(number(aim, 3)), ` (${aim < 0 ? "−" : ""}1/√s). MSE `,
      bold(figures(errors[at])), `, of which ${figures(floor)} is the floor. The output's distance from the OLS fit, relative to it: `, bold(share),
      reached < 0 ? `; not below 1 % in ${EPOCHS} epochs.` : `; first below 1 % at epoch ${reached}.`,
      ...(cut ? [" It ", bold(`diverges at epoch ${last}`), gone ? ": shown is the last epoch before." : "."] : []));
    note.hidden = !rises;
    note.textContent = `The MSE rose in ${rises} ${rises === 1 ? "epoch" : "epochs"}.`;
    announce.say(readout.textContent);
    [...MARKED, k].forEach((epochOf, i) => {
      const there = epochOf < path.length, v = path[epochOf], values = there ? [v, excess(v), distance(v)] : [null, null, null];
      table.fill(i, [epochOf, ...values], [String(epochOf), ...(there ? [number(v, 5), figures(values[1]), figures(values[2])] : [])]);
    });
  }

  const stop = redrawOn(model, ["optimiser", "rate", "start", "epoch"], draw, announce);
  return () => { pause(); stop(); };
}

export default { render };
