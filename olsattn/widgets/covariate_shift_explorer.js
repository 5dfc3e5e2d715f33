import { curve, ink } from "./kit/charts.js";
import { button, draggable, valueSlider } from "./kit/controls.js";
import { figure, folded, node, rich, update } from "./kit/dom.js";
import { announcer, redrawOn, traitSetter, traits } from "./kit/host.js";
import { apply, dot, inverse, multiply, norm, secondMoment, transpose } from "./kit/linear_algebra.js";
import { plane, SIZE } from "./kit/plane.js";
import { clamp, rounded } from "./kit/scales.js";
import { numbersTable } from "./kit/table.js";
import { number, percent, spoken } from "./kit/words.js";

const BETA = [1, 0.5];
const ROW = [1, 1];
const REACHES = [1.5, 2, 3, 5, 8, 12, 20, 35, 60];
const STEM = 1; // how far beyond one standard deviation a handle stands, so that none overlap
const TRAITS = ["train", "responses", "base", "stretch", "angle", "shift"];

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
export function explore({ train, responses, base, stretch, angle, shift }) {
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
    "prediction at (1, 1)": [dot(ROW, layer), dot(ROW, b)],
  };
  return { numbers, batch, D, layer, b };
}

function render({ model, el }) {
  const set = traitSetter(model);
  const { train, same } = traits(model, ["train", "same"]);

  // ---- what the reader moves ----
  const exchanged = (name, k, v) => ({ [name]: model.get(name).map((old, i) => (i === k ? v : old)) });
  const stretches = [0, 1].map((k) =>
    valueSlider(`Stretch ${k + 1}`, { min: 0.1, max: 2.5, step: 0.05 }, (v) => set(exchanged("stretch", k, v))),
  );
  const shifts = [0, 1].map((k) =>
    valueSlider(`Shift ${k + 1}`, { min: -2, max: 2, step: 0.05 }, (v) => set(exchanged("shift", k, v))),
  );
  const turn = valueSlider("Turn", { min: -180, max: 180, step: 1 }, (v) => set({ angle: v }));
  const preset = (text, factor) =>
    button(text, () =>
      set({
        stretch: same.stretch.map((v) => factor * v),
        angle: same.angle,
        shift: same.shift.map((v) => factor * v),
      }),
    );
  const sliders = [turn, ...stretches, ...shifts].map(({ field }) => field);
  const controls = [...sliders, preset("Same as training", 1), preset("Twice as large", 2)];

  // ---- the clouds ----
  const given = plane(
    "Training rows and the rows of this batch; drag the batch by its middle or by the end of an axis",
    6,
  );
  const at = (drawing, point) => drawing.at(point).map((v) => v.toFixed(1));
  const cross = (drawing) =>
    node("path", { d: `M0 ${drawing.y(0)}H${SIZE}M${drawing.x(0)} 0V${SIZE}`, class: "olsattn-axis" });
  // The image of the unit circle under M, moved to the middle.
  const ellipse = (drawing, M, middle = [0, 0]) =>
    `M${Array.from({ length: 72 }, (_, k) => {
      const [u, v] = apply(M, [Math.cos((k * Math.PI) / 36), Math.sin((k * Math.PI) / 36)]);
      return at(drawing, [middle[0] + u, middle[1] + v]).join(" ");
    }).join("L")}Z`;
  const dot3 = ([cx, cy]) => node("circle", { cx, cy, r: 3, fill: ink("key"), "fill-opacity": 0.7 });
  const diamonds = node("path", { fill: ink("query"), "fill-opacity": 0.75 });
  const stems = curve("query", 1.5);
  given.svg.append(cross(given), ...train.map((row) => dot3(at(given, row))), diamonds, stems);

  const grip = (name, fill, options) => {
    const group = node(
      "g",
      { class: "olsattn-handle", role: "button", tabindex: 0 },
      node("circle", { r: 8, fill: ink(fill), stroke: ink("query"), "stroke-width": 2 }),
      node("text", { y: 4, "text-anchor": "middle" }, name),
      node("circle", { r: 14, fill: "transparent" }),
    );
    given.svg.append(group);
    return draggable(group, { invert: given.invert, ...options });
  };
  const end = (k) => along(model.get("shift"), model.get("stretch")[k] + STEM, axes(model.get("angle"))[k]);
  const ends = [0, 1].map((k) =>
    grip(String(k + 1), "paper", {
      position: () => end(k),
      move([x, y]) {
        const [cx, cy] = model.get("shift");
        const size = rounded(clamp(Math.hypot(x - cx, y - cy) - STEM, 0.1, 2.5));
        const angle = (Math.atan2(y - cy, x - cx) * 180) / Math.PI - 90 * k; // the second axis stands 90 degrees on
        set({ ...exchanged("stretch", k, size), angle: rounded(angle < -180 ? angle + 360 : angle, 1) });
      },
    }),
  );
  const middle = grip("", "query", {
    position: () => model.get("shift"),
    move: (to) => set({ shift: to.map((v) => rounded(clamp(v, -2, 2))) }),
  });

  // ---- the distortion ----
  const effect = plane(
    "The distortion: the unit circle and its image, the coefficients and what the layer makes of them",
  );
  const circle = curve("soft", 1.5, "5 4");
  const image = curve("query", 2);
  const arrow = (colour, width) => ({
    shaft: curve(colour, width),
    tip: node("path", { d: "M0 0-9-4.5V4.5Z", fill: ink(colour) }),
    name: node("text", { "text-anchor": "middle" }),
  });
  const arrows = { b: arrow("key", 5), layer: arrow("query", 2.2) };
  const truth = node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: ink("ink"), "stroke-width": 2 });
  const sizes = [node("text", { x: 316, y: 174, "text-anchor": "end" }), node("text", { x: 165, y: 14 })];
  const drawn = Object.values(arrows).flatMap(Object.values);
  effect.svg.append(cross(effect), circle, image, ...drawn, truth, ...sizes);

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

  // ---- words and numbers ----
  const readout = node("p", { class: "olsattn-readout" });
  const announce = announcer();
  const table = numbersTable("The layer and the coefficients on this batch");
  const clouds = "Discs: training rows. Diamonds: this batch; drag its middle, or the end 1 or 2 of an axis";
  const product = ["Distortion S", node("sub", {}, "A"), node("sup", {}, "−1"), "S", node("sub", {}, "B")];
  const panels = [
    figure([`${clouds} to stretch and turn it`], given.svg),
    figure(
      [...product, " = D: dashed the unit circle, solid its image; arrows b and D b; cross the true β"],
      effect.svg,
    ),
  ];
  el.append(
    node(
      "div",
      { class: "olsattn-widget olsattn-covariate-shift" },
      node("div", { class: "olsattn-controls" }, ...controls),
      node("div", { class: "olsattn-panels" }, ...panels),
      readout,
      announce.element,
      folded("The numbers", table.element),
    ),
  );

  // ---- drawing ----
  function drawClouds(batch, { stretch, angle, shift }) {
    const diamond = (row) => `M${at(given, row).join(" ")}m0-4.5 4.5 4.5-4.5 4.5-4.5-4.5Z`;
    update(diamonds, { d: batch.map(diamond).join("") });
    const outline = transpose(axes(angle).map((axis, k) => axis.map((v) => v * stretch[k])));
    const stem = (k) => `M${at(given, shift)}L${at(given, end(k))}`;
    update(stems, { d: ellipse(given, outline, shift) + stem(0) + stem(1) });
    const grips = [
      [middle, shift, "middle of the batch"],
      ...ends.map((handle, k) => [handle, end(k), `end of axis ${k + 1}`]),
    ];
    for (const [handle, place, name] of grips) {
      update(handle, {
        transform: `translate(${at(given, place)})`,
        "aria-label": `${name} at ${spoken(place)}; arrow keys move it`,
      });
    }
  }

  function drawEffect({ D, layer, b }) {
    const extent = Math.max(1, norm(D.flat()), norm(layer), norm(b));
    effect.reach = REACHES.find((reach) => extent * 1.1 < reach);
    update(circle, {
      d: ellipse(effect, [
        [1, 0],
        [0, 1],
      ]),
    });
    update(image, { d: ellipse(effect, D) });
    drawArrow(arrows.b, b, "b", 1);
    drawArrow(arrows.layer, layer, "D b", -1);
    update(truth, { transform: `translate(${at(effect, BETA)})` });
    for (const size of sizes) size.textContent = String(effect.reach);
  }

  function draw() {
    const now = traits(model, TRAITS);
    const state = explore(now);
    const { D, numbers } = state;
    turn.show(now.angle, `${number(now.angle, Number.isInteger(now.angle) ? 0 : 1)}°`);
    stretches.forEach((slider, k) => {
      slider.show(now.stretch[k], number(now.stretch[k]));
    });
    shifts.forEach((slider, k) => {
      slider.show(now.shift[k], number(now.shift[k]));
    });
    drawClouds(state.batch, now);
    drawEffect(state);

    const [layerError, coefficientError] = numbers.error.map((v) => percent(v));
    const [fromLayer, fromTraining] = numbers["prediction at (1, 1)"].map((v) => number(v));
    const rows = D.map(([p, q]) => `(**${number(p)}**, **${number(q)}**)`);
    readout.replaceChildren(
      ...rich(
        `D has the rows ${rows[0]} and ${rows[1]}. On this batch the layer errs by **${layerError}**, `,
        `the coefficients by **${coefficientError}**. The same row (1, 1) gets **${fromTraining}** from the layer `,
        `in the training batch, **${fromLayer}** from it in this batch, and **${fromTraining}** from the coefficients.`,
      ),
    );
    announce.say(readout.textContent);
    const printed = (v, heading) => (heading === "error" ? percent(v) : number(v, 3));
    table.fill(numbers, printed, ["method", ["layer", "coefficients"]]);
  }

  return redrawOn(model, TRAITS, draw, announce);
}

export default { render };
