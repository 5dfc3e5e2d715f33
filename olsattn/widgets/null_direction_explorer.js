import { axis, chart, curve, disc, ink, words } from "./kit/charts.js";
import { across, draggable, handle, labelled, menu, scrubbed, segmented, valueSlider } from "./kit/controls.js";
import { figure, node, update } from "./kit/dom.js";
import { traits } from "./kit/host.js";
import { layout } from "./kit/layout.js";
import { apply, dot, inverse, norm, secondMoment, transpose } from "./kit/linear_algebra.js";
import { follower } from "./kit/motion.js";
import { plane } from "./kit/plane.js";
import { clamp, line, rounded, scale, ticks } from "./kit/scales.js";
import { from, oneOf } from "./kit/share.js";
import { numbersTable } from "./kit/table.js";
import { number, percent, spoken } from "./kit/words.js";

const FARTHEST = 8;
const PATIENT = 268;
const OTHERS = ["age", "blood sugar", "HDL cholesterol", "LDL cholesterol"];
const FITTED = ["progression", "both"];
const TRAITS = ["t", "direction", "other", "fitted"];
const HIGHEST = 3.2; // of the errors

const shared = {
  t: from(-FARTHEST, FARTHEST),
  direction: from(-180, 180),
  other: oneOf(OTHERS),
  fitted: oneOf(FITTED),
};

// What stays while the widget is there: standardised columns, the second moment of the two regressors, the Omega of
// least squares, b = X'y / N of the progression, and the unit vector w with w'b = 0.
function prepare(patients) {
  const columns = transpose(patients);
  const N = patients.length;
  const moments = columns.map((column) => {
    const mean = column.reduce((sum, v) => sum + v, 0) / N;
    return { mean, size: Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / N) };
  });
  const z = columns.map((column, k) => column.map((v) => (v - moments[k].mean) / moments[k].size));
  const X = transpose([z[0], z[1]]);
  const C = secondMoment(X);
  const towards = (v) => [dot(z[0], v) / N, dot(z[1], v) / N]; // X'v / N
  const b = towards(z[2]);
  const w = [-b[1] / norm(b), b[0] / norm(b)];
  return { N, moments, z, X, C, least: inverse(C), towards, b, w };
}

// The Omega of least squares plus t u w', with u at an angle.
function moved({ least, w }, t, direction) {
  const turn = (direction * Math.PI) / 180;
  const u = [Math.cos(turn), Math.sin(turn)];
  return least.map((row, i) => row.map((v, j) => v + t * u[i] * w[j]));
}

// Mean squared error of the predictions of v with these slopes; b = X'v / N.
const loss = ({ C, N }, v, b, slopes) => dot(v, v) / N - 2 * dot(slopes, b) + dot(slopes, apply(C, slopes));

// The table that the page prints, and the Omega that it is of.
function compare(data, { t, direction, other, fitted }) {
  const omega = moved(data, t, direction);
  const measured = [2, 3 + OTHERS.indexOf(other)];
  const targets = measured.map((k) => data.towards(data.z[k]));
  const errors = (form) => {
    const each = measured.map((k, i) => loss(data, data.z[k], targets[i], apply(form, targets[i])));
    return [...each, fitted === "both" ? (each[0] + each[1]) / 2 : each[0]];
  };
  const slopes = targets.map((b) => apply(omega, b));
  const its = measured.map((k, i) => {
    const { mean, size } = data.moments[k];
    return mean + size * dot(data.X[PATIENT], slopes[i]);
  });
  return {
    omega,
    numbers: {
      error: errors(omega),
      "by least squares": errors(data.least),
      "slope on body mass": [slopes[0][0], slopes[1][0], null],
      "slope on pressure": [slopes[0][1], slopes[1][1], null],
      [`patient ${PATIENT}`]: [...its, null],
    },
  };
}

export const explore = ({ patients, ...given }) => compare(prepare(patients), given);

const degrees = ([a, b]) => (Math.atan2(b, a) * 180) / Math.PI;

function render({ model, el }) {
  const set = (changes) => view.set(changes);
  const data = prepare(model.get("patients"));
  const { b, w, least } = data;
  const beta = apply(least, b);
  const narrow = el.clientWidth > 0 && el.clientWidth < 600;

  const mark = (role, d) => node("path", { d, fill: ink(role), stroke: ink("paper"), "stroke-width": 1.5 });

  // ---- the plane of slopes: the columns of Omega, weighed by b, as the two links of an arm ----
  // Of the arm for a response: its elbow b1 omega1 and its hand b1 omega1 + b2 omega2.
  const elbow = (omega, b) => [omega[0][0] * b[0], omega[1][0] * b[0]];
  const arm = (omega, b) => `M${at([0, 0])}L${at(elbow(omega, b))}L${at(apply(omega, b))}`;
  const start = elbow(least, b); // in the middle of the plane
  const reach = Math.abs(b[0] * w[0]) * FARTHEST; // how far from there the elbow goes
  const arms = plane("Slopes for both responses as arms of two links, the columns of Ω; drag the elbow", 1.04 * reach);
  const place = (point) => arms.at(point.map((v, i) => v - start[i]));
  const at = (point) => place(point).map((v) => v.toFixed(1));
  const straight = beta.map((v) => (2 * reach * v) / norm(beta));
  const here = () => elbow(moved(data, model.get("t"), model.get("direction")), b);
  const [left, floor] = place([0, 0]);
  const rankOne = { d: `M${at(straight.map((v) => -v))}L${at(straight)}` };
  const round = (r, dashes) =>
    node("circle", { cx: 160, cy: 160, r, fill: "none", stroke: ink("soft"), "stroke-dasharray": dashes });
  const fits = curve("omega", 3);
  const errs = curve("query", 2, "5 3");
  const hand = disc("value");
  const bend = node("circle", { r: 3.5, fill: ink("query") });
  const lost = mark("query", "M0-6.5 6.5 0 0 6.5-6.5 0Z");
  const wanted = node("path", { d: "M-5-5 5 5M-5 5 5-5", stroke: ink("query"), "stroke-width": 2 });
  const names = [words(0, 0, "progression", "start"), words(0, 0, "")];
  const ring = node("circle", { r: 7, fill: ink("paper"), stroke: ink("omega"), "stroke-width": 3 });
  const joint = handle({ role: "button" }, ring);
  arms.svg.append(
    node("path", { d: `M0 ${floor}H320M${left} 0V320`, class: "olsattn-axis" }),
    update(curve("soft", 1, "1 4"), rankOne),
    round(arms.x(reach) - 160, "2 4"),
    words(6, floor + 13, "slope on body mass", "start"),
    words(left + 5, 14, "slope on pressure", "start"),
    words(316, 40, "rank one", "end"),
    words(314, 312, "×: by least squares", "end"),
    round(4),
    words(171, 164, "t = 0", "start"),
    errs,
    bend,
    fits,
    wanted,
    lost,
    hand,
    ...names,
    joint,
  );
  draggable(joint, {
    invert: (...spot) => arms.invert(...spot).map((v, i) => v + start[i]),
    position: here,
    move(to) {
      // The elbow stands where u does, seen from that of least squares; which side t is on stays.
      const u = to.map((v, i) => (v - start[i]) / (b[0] * w[0]));
      const side = model.get("t") < 0 ? -1 : 1;
      const t = rounded(Math.min(FARTHEST, norm(u)));
      const angle = degrees([side * u[0], side * u[1]]);
      set(t ? { t: side * t, direction: rounded(angle, 1) } : { t: 0 });
    },
  });

  // ---- both errors against t ----
  const [WIDE, TOP, FLOOR, LEFT] = [360, 8, 144, 44];
  const RIGHT = WIDE - 10;
  const x = scale(-FARTHEST, FARTHEST, LEFT, RIGHT);
  const y = scale(0, HIGHEST, FLOOR, TOP);
  const errors = chart(WIDE, FLOOR + 20, "Errors for both responses against t; drag or press to move t", "group");
  const trained = update(curve("omega", 8), { "stroke-opacity": 0.3, "stroke-linecap": "round" });
  const [own, its] = [curve("value", 2.2), curve("query", 2.2, "5 3")];
  const upright = node("path", { stroke: ink("omega"), "stroke-width": 1.5 });
  const still = update(disc("value"), { r: 5 });
  const grip = handle(
    { role: "slider", "aria-label": "t, how far Ω is from least squares" },
    mark("query", "M0-9 9 0 0 9-9 0Z"),
  );
  const said = [0, 1].map(() => update(words(0, 0, ""), { class: "olsattn-halo" }));
  errors.append(
    axis(LEFT, RIGHT, FLOOR),
    update(axis(LEFT, RIGHT, y(1)), { "stroke-dasharray": "3 3" }),
    words(LEFT - 6, y(1) + 16, "mean", "end"),
    ...[0, 1, 2, 3].map((v) => words(LEFT - 6, y(v) + 4, percent(v, 0), "end")),
    ...[-8, -4, 0, 4, 8].map((v) => words(x(v), FLOOR + 15, v === 0 ? "t = 0" : number(v, 0))),
    trained,
    its,
    own,
    upright,
    still,
    ...said,
    grip,
  );
  const toT = (u) => -FARTHEST + ((u - LEFT) / (RIGHT - LEFT)) * 2 * FARTHEST;
  const go = (t) => set({ t: rounded(clamp(t, -FARTHEST, FARTHEST), 1) });
  scrubbed(errors, WIDE, (u) => go(toT(u)));
  draggable(grip, {
    position: () => [model.get("t"), 0],
    invert: (clientX) => [toT(across(errors, WIDE)(clientX)), 0],
    step: 0.2,
    move: ([t, up]) => go(t + up), // as a slider
  });

  // ---- what is predicted for each patient, against what was measured; pale, what least squares predicts ----
  // `high` is the end of the axis of predictions, in standard deviations, `who` the name of the patient that is ringed.
  function scatter(role, label, high, who) {
    const [side, left, bottom] = [176, 30, 136];
    const svg = chart(side, bottom + 20, label);
    const dots = (role, width, opacity) =>
      update(curve(role, width), { "stroke-linecap": "round", "stroke-opacity": opacity });
    const [ghosts, cloud] = [dots("line", 3, 1), dots(role, 3.4, 0.6)];
    const diagonal = curve("soft", 1, "4 3");
    const marks = node("g");
    const ringed = node("circle", { r: 5.5, fill: "none", stroke: ink("ink"), "stroke-width": 2 });
    const name = update(words(0, 0, ""), { class: "olsattn-halo" });
    svg.append(
      axis(left, side - 4, bottom),
      node("path", { d: `M${left} 4V${bottom}`, class: "olsattn-axis" }),
      marks,
      diagonal,
      ghosts,
      cloud,
      update(words(left + 4, 12, "predicted", "start"), { class: "olsattn-halo" }),
      update(words(side - 4, bottom - 5, "measured", "end"), { class: "olsattn-halo" }),
      ringed,
      name,
    );
    const v = scale(-high, high, bottom, 4);
    let h;
    let known;
    const spots = (z, by) => z.map((m, i) => `M${h(m).toFixed(1)} ${v(dot(data.X[i], by)).toFixed(1)}h0`).join("");
    // What stays while Omega moves.
    function lay(z, best, { mean, size }) {
      const [low, top] = [Math.min(...z), Math.max(...z)];
      const own = (m) => (m - mean) / size;
      const places = (low, high, count) => ticks(mean + low * size, mean + high * size, count);
      h = scale(low, top, left + 5, side - 8);
      known = z;
      update(ghosts, { d: spots(z, best) });
      update(diagonal, { d: line([low, top].map((m) => [h(m), v(m)])) });
      marks.replaceChildren(
        ...places(-high, high, 5).map((m) => words(left - 4, v(own(m)) + 4, number(m, 0), "end")),
        ...places(low, top, 4).map((m) => words(h(own(m)), bottom + 14, number(m, 0))),
      );
    }
    return {
      svg,
      // z are the measurements, standardised, `slopes` what Omega makes of them, and `best` what least squares does.
      draw(z, slopes, best, moments) {
        if (z !== known) lay(z, best, moments);
        update(cloud, { d: spots(z, slopes) });
        const level = dot(data.X[PATIENT], slopes);
        update(ringed, { cx: h(z[PATIENT]), cy: v(level) });
        update(name, {
          x: clamp(h(z[PATIENT]), left + 24, side - (who.length > 4 ? 46 : 24)),
          y: clamp(v(level) + (level > 0 ? -10 : 19), 12, bottom - 4),
        });
        name.textContent = `${who}: ${number(moments.mean + moments.size * level, 0)}`;
      },
    };
  }
  const first = scatter("value", "Progression, predicted against measured", 3, `patient ${PATIENT}`);
  const second = scatter("query", "The other response, predicted against measured", 5.2, String(PATIENT));
  const title = node("span");

  // ---- put together ----
  const angle = valueSlider("Direction", { min: -180, max: 180, step: 1, class: "olsattn-dial" }, (v) =>
    set({ direction: v }),
  );
  const fitted = segmented("Ω is fitted to", FITTED, (v) => set({ fitted: v }));
  const other = menu(OTHERS, (v) => set({ other: v }));
  const numbers = numbersTable("Both responses under this Ω and under that of least squares");
  const matrix = node("p");
  const rank = apply(
    least.map((row, i) => row.map((v, j) => (beta[i] * b[j]) / dot(b, b) - v)),
    w,
  );
  const alone = { fitted: FITTED[0] };
  const panel = node(
    "div",
    { class: "olsattn-captioned" },
    figure(["Ωb = b₁ω₁ + b₂ω₂, an arm: drag its elbow ○"], arms.svg),
  );
  const view = layout({
    model,
    el,
    name: "null-direction",
    shared,
    pictures: [
      node(
        "div",
        { class: "olsattn-beside olsattn-captioned" },
        narrow ? null : panel,
        node(
          "div",
          {},
          figure(["Error in % of variance; thick: in training"], errors),
          node(
            "div",
            { class: "olsattn-maps olsattn-grid", style: "--columns: 2" },
            figure(["Progression"], first.svg),
            figure([title], second.svg),
          ),
        ),
      ),
    ],
    controls: [node("div", { class: "olsattn-ends" }, angle.field), labelled("Fitted to", fitted.element)],
    chips: [
      ["least squares", { ...alone, t: 0 }],
      ["the other direction", { ...alone, t: FARTHEST, direction: -45 }],
      ["rank one", { ...alone, t: norm(rank), direction: degrees(rank) }],
      ["symmetric", { ...alone, t: FARTHEST, direction: degrees(w) }],
      ["fit both", { fitted: FITTED[1], t: 0 }],
    ],
    more: [labelled("Other response", other), narrow ? panel : null],
    table: { element: node("div", {}, matrix, numbers.element) },
  });

  // ---- drawing ----
  let given;
  let omega;
  // `mix` is 1 where both responses are fitted; z are the measurements of the other one.
  const shown = follower(([mix, z]) => {
    const { t, direction } = given;
    const target = data.towards(z);
    const slopes = apply(omega, target);
    const best = apply(least, target);
    const losses = (t) => {
      const form = moved(data, t, direction);
      return [loss(data, data.z[2], b, apply(form, b)), loss(data, z, target, apply(form, target))];
    };
    const places = Array.from({ length: 65 }, (_, k) => (k / 32 - 1) * FARTHEST);
    const along = places.map(losses);
    const through = (of) => line(along.map((pair, k) => [x(places[k]), y(of(pair))]));
    update(trained, { d: through(([e, f]) => (1 - mix / 2) * e + (mix / 2) * f) });
    update(own, { d: through(([e]) => e) });
    update(its, { d: through(([, f]) => f) });
    const [e, f] = losses(t);
    update(upright, { d: `M${x(t)} ${FLOOR}V${y(f)}` });
    update(still, { cx: x(t), cy: y(e) });
    update(grip, { transform: `translate(${x(t)} ${y(f)})` });
    const anchor = t > 0 ? "end" : "start";
    update(said[0], { x: x(t) + (t > 0 ? -9 : 9), y: y(e) + 16, "text-anchor": anchor });
    update(said[1], { x: x(t) + (t > 0 ? -14 : 14), y: y(f) + (f > 1.3 ? 4 : -10), "text-anchor": anchor });
    said[0].textContent = `progression ${percent(e, 0)}`;
    said[1].textContent = `${given.other} ${percent(f, 0)}`;

    update(errs, { d: arm(omega, target) });
    const [cx, cy] = at(elbow(omega, target));
    update(bend, { cx, cy });
    update(lost, { transform: `translate(${at(slopes)})` });
    update(wanted, { transform: `translate(${at(best)})` });
    const [hx, hy] = place(slopes);
    // Its name is where neither the hand for progression nor the arm is.
    const [leftward, below] = [slopes[0] < beta[0], slopes[1] < 0];
    const beside = { x: hx - 10, y: hy + 4, "text-anchor": "end" };
    update(names[1], leftward ? beside : { x: hx, y: hy + (below ? 20 : -11), "text-anchor": "middle" });
    names[1].textContent = given.other;
    second.draw(z, slopes, best, data.moments[3 + OTHERS.indexOf(given.other)]);
  });

  function verdict({ error, "by least squares": best }) {
    const [e, f, g] = error.map((v) => percent(v, 0, 0));
    const [, f0, g0] = best.map((v) => percent(v, 0, 0));
    const [[p, q], [r, s]] = omega;
    if (given.fitted === "both") {
      if (given.t === 0)
        return `Fitted to both responses, Ω is that of least squares and no other: any step from t = 0 raises the
          training error, **${g}** on average, though not that of progression, **${e}**.`;
      return `Fitted to both responses, this Ω is no solution: its training error is **${g}** on average, at t = 0
        **${g0}**. Progression alone, **${e}** at any t, would not tell.`;
    }
    if (given.t === 0)
      return `The Ω of least squares: its error is **${e}** of the variance for progression and **${f}** for
        ${given.other}. Move t, and only one of the two moves.`;
    const size = Math.max(Math.abs(p * s), Math.abs(q * r));
    let kind = "this Ω";
    if (Math.abs(p * s - q * r) < 1e-9 * size) kind = "this Ω of rank one";
    else if (Math.abs(q - r) < 1e-9) kind = "this symmetric Ω";
    const rival = f === f0 ? "as least squares does" : `least squares by ${f0}`;
    return `Training cannot tell ${kind} from least squares: the error for progression is **${e}** of its
      variance at any t. For ${given.other} the same Ω errs by **${f}**, ${rival}.`;
  }

  function draw() {
    const before = given;
    given = traits(model, TRAITS);
    const state = compare(data, given);
    omega = state.omega;
    const slopes = apply(omega, b);
    angle.show(given.direction, `${number(given.direction, Number.isInteger(given.direction) ? 0 : 1)}°`);
    fitted.show(given.fitted);
    other.value = given.other;
    title.textContent = `${given.other[0].toUpperCase()}${given.other.slice(1)}`;
    update(fits, { d: arm(omega, b) });
    update(joint, {
      transform: `translate(${at(elbow(omega, b))})`,
      "aria-label": `elbow, the first column of Ω, at ${spoken(elbow(omega, b))}; arrow keys move it`,
    });
    const [hx, hy] = place(slopes);
    update(hand, { transform: `translate(${at(slopes)})` });
    update(names[0], { x: hx + 10, y: hy + 4 });
    first.draw(data.z[2], slopes, beta, data.moments[2]);
    const [e, f] = state.numbers.error;
    update(grip, {
      "aria-valuenow": given.t,
      "aria-valuemin": -FARTHEST,
      "aria-valuemax": FARTHEST,
      "aria-valuetext": `${number(given.t, 1)}: error ${percent(e, 0)}, for ${given.other} ${percent(f, 0)}`,
    });
    const jump = before && (before.other !== given.other || before.fitted !== given.fitted);
    shown.to([given.fitted === "both" ? 1 : 0, data.z[3 + OTHERS.indexOf(given.other)]], jump);

    view.say(verdict(state.numbers).replace(/\s+/g, " "));
    const rows = omega.map((row) => `(${spoken(row)})`);
    matrix.textContent = `Ω has the rows ${rows[0]} and ${rows[1]}; b = (${spoken(b)}).`;
    const printed = (v, heading) =>
      heading.startsWith("slope") ? number(v) : heading.startsWith("patient") ? number(v, 1) : percent(v);
    numbers.fill(state.numbers, printed, ["response", ["progression", given.other, "in training"]]);
  }

  return view.live(TRAITS, draw, shown.halt);
}

export default { render, shared };
