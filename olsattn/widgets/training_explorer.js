import { axis, chart, chartWidth, curve, disc, ink, swatch, upright, words } from "./kit/charts.js";
import { button, draggable, labelled, menu, scrubbed, valueSlider } from "./kit/controls.js";
import { figure, folded, node, rich, update } from "./kit/dom.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { clamp, envelope, line, rounded, scale } from "./kit/scales.js";
import { numbersTable } from "./kit/table.js";
import { figures, number, percent, raised } from "./kit/words.js";

const EPOCHS = 5000;
const REACH = 2.5;
const CUT = 1e6;
const PLAY = 8000; // milliseconds for all epochs
const MARKED = [0, 100, 200, 500, 1000, 2000, 5000];
const TRAITS = ["second_moment", "coefficient", "floor", "optimiser", "rate", "start", "epoch"];

// The recursion of olsattn.linear_transformer.scalar_descent, cut where it is cut there.
export function descend({ second_moment: s, coefficient: b, optimiser, rate, start }) {
  const path = [start];
  let w = start;
  let mean = 0;
  let square = 0;
  for (let t = 1; t <= EPOCHS; t++) {
    const gradient = 8 * s ** 3 * b ** 2 * w ** 3 * (s ** 2 * w ** 4 - 1);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient ** 2;
    const adam = mean / (1 - 0.9 ** t) / (Math.sqrt(square / (1 - 0.999 ** t)) + 1e-8);
    w -= rate * (optimiser === "Adam" ? adam : gradient);
    if (!(Math.abs(w) <= CUT)) break;
    path.push(w);
  }
  return path;
}

// The error surface: distance of the layer's output from the least-squares fit, and what that adds to the floor.
const surface = ({ second_moment: s, coefficient: b }) => {
  const distance = (w) => Math.abs(s ** 2 * w ** 4 - 1);
  return { distance, excess: (w) => s * b ** 2 * distance(w) ** 2, target: 1 / Math.sqrt(s) };
};

// The marked epochs and the one that is shown; null where the path is cut before.
export function explore(given, path = descend(given)) {
  const { distance, excess } = surface(given);
  const epochs = [...MARKED, given.epoch];
  const there = (f) => epochs.map((k) => (k < path.length ? f(path[k]) : null));
  const numbers = { epoch: epochs, w: there((w) => w), "MSE minus floor": there(excess), distance: there(distance) };
  return { numbers, path };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const { floor } = traits(model, ["floor"]);
  const { distance, excess, target } = surface(traits(model, TRAITS));

  // ---- the path of w, once for each setting ----
  const setting = () => ["optimiser", "rate", "start"].map((name) => model.get(name)).join();
  let descent = null;
  function descended() {
    const key = setting();
    if (descent?.key === key) return descent;
    const path = descend(traits(model, TRAITS));
    const errors = path.map((w) => floor + excess(w));
    descent = {
      key,
      path,
      errors,
      cut: path.length <= EPOCHS,
      last: Math.min(EPOCHS, path.length), // the last epoch to show: where it diverges
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
    const { key, last } = descended();
    const first = model.get("epoch") < last ? model.get("epoch") : 0;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return set({ epoch: last });
    set({ epoch: first });
    const began = performance.now() - (PLAY * Math.log(first + 1)) / Math.log(EPOCHS + 1);
    playing = { key, last, began, epoch: first, frame: requestAnimationFrame(advance) };
    play.textContent = "Pause";
  }
  function advance(now) {
    if (setting() !== playing.key || model.get("epoch") !== playing.epoch) return pause();
    const epoch = Math.floor((EPOCHS + 1) ** ((now - playing.began) / PLAY)) - 1; // ever faster: most happens early
    playing.epoch = clamp(epoch, playing.epoch, playing.last);
    set({ epoch: playing.epoch });
    if (playing.epoch === playing.last) return pause();
    playing.frame = requestAnimationFrame(advance);
  }

  // ---- controls ----
  const optimiser = menu(["Adam", "gradient descent"], (name) => set({ optimiser: name }));
  const rate = valueSlider("Rate", { min: -4, max: -1, step: 0.05 }, (power) =>
    set({ rate: Number((10 ** power).toPrecision(2)) }),
  );
  const start = valueSlider("Start", { min: -REACH, max: REACH, step: 0.05 }, (w) => set({ start: w }));
  const epoch = valueSlider("Epoch", { min: 0, max: EPOCHS, step: 1 }, (k) => set({ epoch: k }));
  const play = button("Play", () => (playing ? pause() : begin()));
  const step = button("Step", () => set({ epoch: Math.min(EPOCHS, model.get("epoch") + 1) }));
  const reset = button("Reset", () => {
    pause(); // epoch 0 is shown for some frames, where the next line changes nothing
    set({ epoch: 0 });
  });
  const controls = [labelled("Optimiser", optimiser), rate.field, start.field, epoch.field, play, step, reset];

  // ---- the error against the weight ----
  const wide = chartWidth(el);
  const LEFT = 44;
  const RIGHT = wide - 10;
  const EDGE = REACH + 0.1;
  const tick = (y, text) => [axis(LEFT, RIGHT, y), words(LEFT - 9, y + 4, text, "end")];
  const xWeight = scale(-EDGE, EDGE, LEFT, RIGHT);
  const yLog = scale(Math.log(floor / 4), Math.log(floor + excess(EDGE)), 222, 8);
  const yError = (error) => yLog(Math.log(error));
  const onCurve = (w) => [xWeight(w), yError(floor + excess(w))];
  const grid = Array.from({ length: 261 }, (_, k) => -EDGE + (k / 130) * EDGE);
  const loss = chart(wide, 250, "Mean squared error for each weight, with the weight at this epoch", "group");
  const lossCurve = update(curve("soft"), { d: line(grid.map(onCurve)) });
  const trail = curve("query", 3);
  const iterate = disc("query");
  const stationary = [
    [-target, "−1/√s"],
    [0, "flat maximum at 0"],
    [target, "1/√s"],
  ].map(([w, name]) => {
    const [cx, cy] = onCurve(w);
    const [foot, text] = w ? [cy + 10, cy + 21] : [cy - 42, cy - 47];
    const dashes = { stroke: ink("positive"), "stroke-dasharray": "3 3" };
    const ring = { fill: ink("paper"), stroke: ink("positive"), "stroke-width": 2 };
    return node(
      "g",
      {},
      node("line", { x1: cx, x2: cx, y1: cy, y2: foot, ...dashes }),
      node("circle", { cx, cy, r: 4, ...ring }),
      words(cx, text, name),
    );
  });
  const startName = update(words(0, 0, "start"), { "paint-order": "stroke", stroke: ink("paper"), "stroke-width": 3 });
  const handle = node(
    "g",
    { class: "olsattn-handle", role: "button", tabindex: 0 },
    node("circle", { r: 10, fill: "none", stroke: ink("value"), "stroke-width": 2.5 }),
    startName,
    node("circle", { r: 16, fill: "transparent" }),
  );
  const errorTicks = [1, 10, 100, 1000].flatMap((v) => tick(yError(v), String(v)));
  const weightTicks = [-2, -1, 0, 1, 2].map((w) => words(xWeight(w), 237, number(w, 0)));
  const marks = [lossCurve, ...stationary, trail, iterate, handle];
  loss.append(...errorTicks, axis(LEFT, RIGHT, 222), ...weightTicks, ...marks);
  draggable(handle, {
    position: () => [model.get("start"), 0],
    invert(clientX) {
      const box = loss.getBoundingClientRect();
      const u = ((clientX - box.left) / box.width) * wide;
      return [-EDGE + ((u - LEFT) / (RIGHT - LEFT)) * 2 * EDGE, 0];
    },
    step: 0.05,
    move: ([w]) => set({ start: rounded(clamp(w, -REACH, REACH)) }),
  });

  // ---- against the epochs ----
  const logarithm = Math.log(EPOCHS + 1);
  const xEpoch = (k) => LEFT + (Math.log(k + 1) / logarithm) * (RIGHT - LEFT);
  const epochAt = (u) => clamp(Math.round(Math.exp(((u - LEFT) / (RIGHT - LEFT)) * logarithm)) - 1, 0, EPOCHS);
  const epochTicks = (y) =>
    [0, 1, 10, 100, 1000, EPOCHS].map((k) => words(xEpoch(k), y, String(k), k === EPOCHS ? "end" : "middle"));

  const decay = chart(wide, 210, "Mean squared error minus floor, and relative distance, against epochs");
  const yPower = scale(-16, 5, 184, 8);
  const yDecay = (v) => yPower(Math.log10(Math.max(v, 1e-16)));
  const excessCurve = curve("value", 2.2);
  const distanceCurve = curve("positive", 2.2, "7 3");
  const excessNow = disc("value");
  const distanceNow = disc("positive");
  const decayNow = upright(6, 184);
  const powers = [0, -4, -8, -12, -16].flatMap((power) => tick(yPower(power), power ? `10${raised(power)}` : "1"));
  decay.append(...powers, ...epochTicks(200), decayNow, excessCurve, distanceCurve, excessNow, distanceNow);

  const course = chart(wide, 130, "Weight against epochs");
  const courseTicks = node("g");
  const courseCurve = curve("query", 2.2);
  const courseDisc = disc("query");
  const courseNow = upright(6, 108);
  const targetLine = curve("soft", 1.8, "5 4");
  const targetName = words(RIGHT, 0, "", "end");
  course.append(courseTicks, ...epochTicks(124), targetLine, targetName, courseNow, courseCurve, courseDisc);

  for (const svg of [decay, course]) scrubbed(svg, wide, (u) => set({ epoch: epochAt(u) }));

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" });
  const note = node("p", { class: "olsattn-note" });
  const announce = announcer();
  const table = numbersTable("The path, epoch by epoch");
  const legend = [swatch("value"), "MSE minus floor and ", swatch("positive", "7 3")];
  const panels = [
    figure(
      ["Mean squared error against w (logarithmic): disc the weight at this epoch, ring the start, to drag"],
      loss,
    ),
    figure([...legend, "distance from the OLS fit, against epochs (both logarithmic)"], decay),
    figure(["w against epochs (logarithmic), dashed the target"], course),
  ];
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-training" },
      node("div", { class: "olsattn-controls" }, ...controls),
      node("div", { class: "olsattn-panels olsattn-wide" }, ...panels),
      readout,
      note,
      announce.element,
      folded("The numbers; the last row is this epoch", table.element),
    ),
  );

  // ---- drawing ----
  function drawPath(state, aim) {
    // once for each setting
    const { path } = state;
    if (state.yCourse) return;
    update(excessCurve, { d: envelope(path.map(excess), xEpoch, yDecay) });
    update(distanceCurve, { d: envelope(path.map(distance), xEpoch, yDecay) });
    const seen = [...path, 0, aim].map((w) => clamp(w, -3, 3));
    const [low, high] = [Math.min(...seen), Math.max(...seen)];
    const y = scale(low - 0.1, high + 0.1, 108, 8);
    update(courseCurve, { d: envelope(path, xEpoch, y) });
    const inside = [-3, -2, -1, 0, 1, 2, 3].filter((w) => w >= low && w <= high);
    courseTicks.replaceChildren(...inside.flatMap((w) => tick(y(w), number(w, 0))));
    update(targetLine, { d: `M${LEFT} ${y(aim)}H${RIGHT}` });
    update(targetName, { y: y(aim) + (aim > 0 ? 14 : -6) });
    targetName.textContent = aim > 0 ? "1/√s" : "−1/√s";
    state.yCourse = y;
  }

  function drawTrail(from, w) {
    const [low, high] = [Math.min(from, w), Math.max(from, w)];
    const between = grid.filter((v) => v > low && v < high);
    update(trail, { d: line([low, ...between, high].map(onCurve)) });
    const [cx, cy] = onCurve(w);
    update(iterate, { cx, cy });
    const [x, y] = onCurve(from);
    update(handle, {
      transform: `translate(${x} ${y})`,
      "aria-label": `start at ${number(from)}; left and right arrow keys move it`,
    });
    update(startName, { y: y < 40 ? 26 : -15 });
  }

  function draw() {
    const given = traits(model, TRAITS);
    const state = descended();
    const { path, errors, cut, last, reached, rises } = state;
    const { epoch: k, start: from } = given;
    const gone = k >= path.length;
    const at = gone ? path.length - 1 : k;
    const w = path[at];
    const far = distance(w);
    const aim = (cut ? from : path[path.length - 1]) < 0 ? -target : target;
    optimiser.value = given.optimiser;
    rate.show(Math.log10(given.rate), String(given.rate));
    start.show(from, number(from));
    epoch.show(k, String(k));

    drawTrail(from, w);
    drawPath(state, aim);
    for (const mark of [decayNow, courseNow]) update(mark, { x1: xEpoch(k), x2: xEpoch(k) });
    update(excessNow, { cx: xEpoch(at), cy: yDecay(excess(w)) });
    update(distanceNow, { cx: xEpoch(at), cy: yDecay(far) });
    update(courseDisc, { cx: xEpoch(at), cy: state.yCourse(w) });

    const share = far < 1e-4 || far >= 100 ? figures(far) : percent(far);
    readout.replaceChildren(
      ...rich(
        `Epoch **${k}**: w **${figures(w)}**, target **${number(aim, 3)}** (${aim < 0 ? "−" : ""}1/√s). `,
        `MSE **${figures(errors[at])}**, of which ${figures(floor)} is the floor. `,
        `The output's distance from the OLS fit, relative to it: **${share}**`,
        reached < 0 ? `; not below 1 % in ${EPOCHS} epochs.` : `; first below 1 % at epoch ${reached}.`,
        cut ? ` It **diverges at epoch ${last}**${gone ? ": shown is the last epoch before." : "."}` : "",
      ),
    );
    note.hidden = !rises;
    note.textContent = `The MSE rose in ${rises} ${rises === 1 ? "epoch" : "epochs"}.`;
    announce.say(readout.textContent);
    const printed = { epoch: String, w: (v) => number(v, 5) };
    table.fill(explore(given, path).numbers, (v, heading) => (printed[heading] ?? figures)(v));
  }

  const stop = redrawOn(model, TRAITS, draw, announce);
  return () => {
    pause();
    stop();
  };
}

export default { render };
