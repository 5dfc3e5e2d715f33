import { axis, chart, chartWidth, curve, ink, words } from "./kit/charts.js";
import { draggable, handle, valueSlider } from "./kit/controls.js";
import { figure, node, update } from "./kit/dom.js";
import { traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { apply, dot, inverse, multiply, norm, secondMoment, transpose } from "./kit/linear_algebra.js";
import { plane, SIZE } from "./kit/plane.js";
import { clamp, rounded, scale, ticks } from "./kit/scales.js";
import { from, listOf } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { number, percent, spoken } from "./kit/words.js";

const BETA = [1, 0.5];
const REACH = 4.4; // of the plane
const ROOM = 124; // for the name of a needle
const STEM = 0.7; // how far beyond one standard deviation a handle stands, so that none overlap
const TRAITS = ["train", "responses", "base", "stretch", "angle", "shift", "row"];

const shared = {
  stretch: listOf(from(0.1, 2.5), 2),
  angle: from(-180, 180),
  shift: listOf(from(-2, 2), 2),
  row: listOf(from(-4, 4), 2),
};

// Unit vectors along the two axes of the cloud.
function axes(angle) {
  const turn = (angle * Math.PI) / 180;
  return [
    [Math.cos(turn), Math.sin(turn)],
    [-Math.sin(turn), Math.cos(turn)],
  ];
}
const along = ([x, y], t, [dx, dy]) => [x + t * dx, y + t * dy];

// The layer made of the training rows, and the coefficients, on the batch that the reader made.
export function explore({ train, responses, base, stretch, angle, shift, row }) {
  const [first, second] = axes(angle);
  const batch = base.map(([u, v]) => along(along(shift, u * stretch[0], first), v * stretch[1], second));
  const moments = transpose(train).map((column) => dot(column, responses) / train.length);
  const toTrain = inverse(secondMoment(train));
  const b = apply(toTrain, moments);
  const D = multiply(toTrain, secondMoment(batch));
  const layer = apply(D, b);
  const exact = apply(batch, BETA);
  const error = (coefficients) => norm(apply(batch, coefficients).map((v, i) => v - exact[i])) / norm(exact);
  const numbers = {
    error: [error(layer), error(b)],
    "coefficient 1": [layer[0], b[0]],
    "coefficient 2": [layer[1], b[1]],
    "prediction for the row": [dot(row, layer), dot(row, b)],
  };
  return { numbers, batch, D, layer, b };
}

function render({ model, el }) {
  const set = (changes) => view.set(changes);
  const { train, same } = traits(model, ["train", "same"]);
  const wide = chartWidth(el);
  const narrow = wide < 500;

  // ---- sliders, which the handles repeat ----
  const exchanged = (name, k, v) => ({ [name]: model.get(name).map((old, i) => (i === k ? v : old)) });
  const pair = (name, label, min, max) =>
    [0, 1].map((k) => valueSlider(`${label} ${k + 1}`, { min, max, step: 0.05 }, (v) => set(exchanged(name, k, v))));
  const stretches = pair("stretch", "Stretch", 0.1, 2.5);
  const shifts = pair("shift", "Shift", -2, 2);
  const places = pair("row", "Row", -4, 4);
  const turn = valueSlider("Direction", { min: -180, max: 180, step: 1, class: "olsattn-dial" }, (v) =>
    set({ angle: v }),
  );

  // ---- the plane: training rows, this batch, and a row to ask about ----
  const clouds = plane("Training rows, the rows of this batch, and the row x; drag the batch and the row", REACH);
  const at = (drawing, point) => drawing.at(point).map((v) => v.toFixed(1));
  const cross = (drawing) =>
    node("path", { d: `M0 ${drawing.y(0)}H${SIZE}M${drawing.x(0)} 0V${SIZE}`, class: "olsattn-axis" });
  // The image of the unit circle under M, moved to the middle.
  const ellipse = (drawing, M, middle = [0, 0]) =>
    `M${Array.from({ length: 72 }, (_, k) => {
      const [u, v] = apply(M, [Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]);
      return at(drawing, [middle[0] + u, middle[1] + v]).join(" ");
    }).join("L")}Z`;
  const disc = ([cx, cy]) => node("circle", { cx, cy, r: 3, fill: ink("key"), "fill-opacity": 0.7 });
  const diamonds = node("path", { fill: ink("query"), "fill-opacity": 0.75 });
  const stems = curve("query", 1.5);
  clouds.svg.append(cross(clouds), ...train.map((row) => disc(at(clouds, row))), diamonds, stems);

  const grip = (shape, name, options) => {
    const group = handle({ role: "button" }, shape, node("text", { y: 4, "text-anchor": "middle" }, name));
    clouds.svg.append(group);
    return draggable(group, { invert: clouds.invert, ...options });
  };
  const ring = (fill) => node("circle", { r: 8, fill: ink(fill), stroke: ink("query"), "stroke-width": 2 });
  const middle = grip(ring("query"), "", {
    position: () => model.get("shift"),
    move: (to) => set({ shift: to.map((v) => rounded(clamp(v, -2, 2))) }),
  });
  // At the edge of the plane where the batch is larger than that.
  const end = (k) =>
    along(model.get("shift"), model.get("stretch")[k] + STEM, axes(model.get("angle"))[k]).map((v) =>
      clamp(v, 0.3 - REACH, REACH - 0.3),
    );
  const ends = [0, 1].map((k) =>
    grip(ring("paper"), String(k + 1), {
      position: () => end(k),
      move([x, y]) {
        const [cx, cy] = model.get("shift");
        const size = rounded(clamp(Math.hypot(x - cx, y - cy) - STEM, 0.1, 2.5));
        const angle = (Math.atan2(y - cy, x - cx) * 180) / Math.PI - 90 * k; // the second axis stands 90 degrees on
        set({ ...exchanged("stretch", k, size), angle: rounded(angle < -180 ? angle + 360 : angle, 1) });
      },
    }),
  );
  const square = node("path", { d: "M-8-8H8V8H-8Z", fill: ink("paper"), stroke: ink("ink"), "stroke-width": 2.5 });
  const asked = grip(square, "x", {
    position: () => model.get("row"),
    move: (to) => set({ row: to.map((v) => rounded(clamp(v, -4, 4))) }),
  });

  // ---- what the layer makes of the coefficients; the scale follows without a jump ----
  const effect = plane("The unit circle and its image under D, the coefficients b, and D b");
  const circle = curve("soft", 1.5, "5 4");
  const image = curve("query", 2);
  const arrow = (colour, width) => ({
    shaft: curve(colour, width),
    tip: node("path", { d: "M0 0-9-4.5V4.5Z", fill: ink(colour) }),
    name: node("text", { "text-anchor": "middle" }),
  });
  const arrows = { b: arrow("key", 5), layer: arrow("query", 2.2) };
  const truth = node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: ink("ink"), "stroke-width": 2 });
  const sizes = node("g");
  const drawn = Object.values(arrows).flatMap(Object.values);
  effect.svg.append(cross(effect), circle, sizes, image, ...drawn, truth);

  function drawArrow({ shaft, tip, name }, to, text, side) {
    const [x, y] = effect.at(to);
    const size = Math.hypot(x - 160, y - 160) || 1;
    const [dx, dy] = [(x - 160) / size, (y - 160) / size];
    const short = Math.max(0, size - 8);
    update(shaft, { d: `M160 160L${160 + dx * short} ${160 + dy * short}` });
    update(tip, { transform: `translate(${x} ${y}) rotate(${(Math.atan2(dy, dx) * 180) / Math.PI})` });
    // The two names stand on different sides of their arrows, which may lie on each other.
    update(name, {
      x: clamp(x + 8 * dx - side * 13 * dy, 12, 296),
      y: clamp(y + 8 * dy + side * 13 * dx + 4, 14, 312),
    });
    name.textContent = text;
  }

  // ---- one number line with two needles ----
  const line = chart(wide, 68, "Two predictions for the row x on one number line");
  const [LEFT, RIGHT, FLOOR] = [8, wide - 8, 44];
  const marks = node("g");
  const gap = node("path", { stroke: ink("soft"), "stroke-width": 5, "stroke-opacity": 0.5 });
  const needle = (role, top) => ({
    top,
    mark: node("path", { fill: ink(role), stroke: ink(role), "stroke-width": 2.2 }),
    name: update(words(0, top, ""), { class: "olsattn-halo" }),
  });
  const needles = [needle("query", 12), needle("key", 27)];
  line.append(
    axis(LEFT, RIGHT, FLOOR),
    marks,
    gap,
    ...needles.map((one) => one.mark),
    ...needles.map((one) => one.name),
  );

  function drawLine(predictions) {
    const reach = Math.max(4, ...predictions.map((v) => 1.1 * Math.abs(v)));
    const x = scale(-reach, reach, LEFT, RIGHT);
    marks.replaceChildren(
      ...ticks(-reach, reach, 12).flatMap((v) => [
        node("path", { d: `M${x(v)} ${FLOOR}v5`, class: "olsattn-axis" }),
        words(clamp(x(v), LEFT + 8, RIGHT - 8), FLOOR + 18, number(v, 0)),
      ]),
    );
    update(gap, { d: `M${x(predictions[0])} ${FLOOR}H${x(predictions[1])}` });
    needles.forEach(({ top, mark, name }, k) => {
      const u = x(predictions[k]);
      update(mark, { d: `M${u} ${top + 4}V${FLOOR - 7}m-4 0h8l-4 6Z` });
      // Each name stands away from the other needle, or over its own where there is no room.
      const left = predictions[k] < predictions[1 - k];
      const roomy = left ? u > LEFT + ROOM : u < RIGHT - ROOM;
      if (roomy) update(name, { x: left ? u - 4 : u + 4, "text-anchor": left ? "end" : "start" });
      else update(name, { x: clamp(u, LEFT + ROOM / 2, RIGHT - ROOM / 2), "text-anchor": "middle" });
      name.textContent = `${["the layer", "least squares"][k]}: ${number(predictions[k])}`;
    });
  }

  // ---- put together ----
  const table = numbersTable("The layer and least squares on this batch");
  const matrix = node("p");
  const like = (factor, angle = same.angle, shift = same.shift) => ({
    stretch: same.stretch.map((v) => factor * v),
    angle,
    shift,
  });
  const who = "● training, ◆ this batch, □ row x: drag";
  const what = "D: circle to ellipse, b to D b; × the true β";
  const panel = figure([what], effect.svg);
  const fields = (sliders) => sliders.map(({ field }) => field);
  const view = layout({
    model,
    el,
    name: "covariate-shift",
    shared,
    pictures: [
      node("div", { class: "olsattn-panels olsattn-pair" }, figure([who], clouds.svg), narrow ? null : panel),
      line,
    ],
    controls: [node("div", { class: "olsattn-ends" }, turn.field)],
    chips: [
      ["same as training", like(1)],
      ["turned by 25°", like(1, same.angle + 25)],
      ["a quarter turn", like(1, same.angle + 90)],
      ["twice as large", like(2)],
      ["shifted", like(1, same.angle, [1.5, 0])],
    ],
    more: [...fields([...stretches, ...shifts, ...places]), narrow ? panel : null],
    table: { element: node("div", {}, matrix, table.element) },
  });

  // ---- drawing ----
  function drawClouds(batch, { stretch, angle, shift, row }) {
    const diamond = (one) => `M${at(clouds, one).join(" ")}m0-4.5 4.5 4.5-4.5 4.5-4.5-4.5Z`;
    update(diamonds, { d: batch.map(diamond).join("") });
    const outline = transpose(axes(angle).map((axis, k) => axis.map((v) => v * stretch[k])));
    const stem = (k) => `M${at(clouds, shift)}L${at(clouds, end(k))}`;
    update(stems, { d: ellipse(clouds, outline, shift) + stem(0) + stem(1) });
    const grips = [
      [middle, shift, "middle of the batch"],
      ...ends.map((handle, k) => [handle, end(k), `end of axis ${k + 1}`]),
      [asked, row, "the row x"],
    ];
    for (const [handle, place, name] of grips) {
      update(handle, {
        transform: `translate(${at(clouds, place)})`,
        "aria-label": `${name} at ${spoken(place)}; arrow keys move it`,
      });
    }
  }

  function drawEffect({ D, layer, b }) {
    effect.reach = 1.12 * Math.max(1.6, norm(D.flat()), norm(layer), norm(b));
    const unit = [
      [1, 0],
      [0, 1],
    ];
    update(circle, { d: ellipse(effect, unit) });
    update(image, { d: ellipse(effect, D) });
    drawArrow(arrows.b, b, "b", 1);
    drawArrow(arrows.layer, layer, "D b", -1);
    update(truth, { transform: `translate(${at(effect, BETA)})` });
    sizes.replaceChildren(
      ...ticks(0, effect.reach, 4)
        .filter((v) => v > 0)
        .map((v) => words(effect.x(v), effect.y(0) + 13, number(v, Number.isInteger(v) ? 0 : 1))),
    );
  }

  function draw() {
    const now = traits(model, TRAITS);
    const state = explore(now);
    const { D, numbers } = state;
    turn.show(now.angle, `${number(now.angle, Number.isInteger(now.angle) ? 0 : 1)}°`);
    for (const [name, sliders] of Object.entries({ stretch: stretches, shift: shifts, row: places }))
      sliders.forEach((slider, k) => {
        slider.show(now[name][k], number(now[name][k]));
      });
    const predictions = numbers["prediction for the row"];
    drawClouds(state.batch, now);
    drawEffect(state);
    drawLine(predictions);

    const [layerError, ownError] = numbers.error.map((v) => percent(v));
    const [here, always] = predictions.map((v) => number(v));
    const row = `x = (${spoken(now.row)})`;
    view.say(
      here === always
        ? `The layer gives ${row} **${here}**, as in training, and as least squares always does. `
        : `In this batch the layer gives ${row} **${here}**; in training **${always}**, as least squares always does. `,
      `Over the batch it errs by **${layerError}**, least squares by **${ownError}**.`,
    );
    const rows = D.map(([p, q]) => `(${number(p)}, ${number(q)})`);
    matrix.textContent = `D has the rows ${rows[0]} and ${rows[1]}.`;
    const printed = (v, heading) => (heading === "error" ? percent(v) : number(v, 3));
    table.fill(numbers, printed, ["method", ["layer", "least squares"]]);
  }

  return view.live(TRAITS, draw);
}

export default { render, shared };
