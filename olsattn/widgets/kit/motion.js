// Movement that a reader can follow: a jump takes 300 ms, or none where less motion is asked for.

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const ease = (u) => u * u * (3 - 2 * u);

function mixed(from, to, u, round) {
  if (typeof from === "number" && typeof to === "number") {
    const v = from + (to - from) * u;
    return round && Number.isInteger(from) && Number.isInteger(to) ? Math.round(v) : v;
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.map((v, i) => mixed(v, to[i], u, round));
  return to;
}

// Half of the way from one value to another where that has a meaning: numbers, and arrays of equal shape. JSON does
// not tell 1.0 from 1, so whole numbers stay whole unless the trait's own test lets what lies between them pass.
export function between(from, to, u, fits = () => false) {
  const v = mixed(from, to, u, false);
  return fits(v) ? v : mixed(from, to, u, true);
}

// Moves traits to new values; Python is told at the end. `done` hears of the end, and of a stop before it; `tests` are
// those of the traits that are shared, `scales` pairs of functions, to a scale and back, for those that move evenly on
// another scale than their own. Returns what stops it on the way.
export function glide(model, changes, { time = 300, done = () => {}, tests = {}, scales = {} } = {}) {
  const names = Object.keys(changes);
  const from = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const partly = (name, u) => {
    const [to, back] = scales[name] ?? [];
    if (to) return back(mixed(to(from[name]), to(changes[name]), u, false));
    return between(from[name], changes[name], u, tests[name]);
  };
  const put = (u) => {
    for (const name of names) model.set(name, u < 1 ? partly(name, ease(u)) : changes[name]);
  };
  const finish = () => {
    put(1);
    model.save_changes();
    done();
  };
  let frame = null;
  if (still() || time === 0) {
    finish();
  } else {
    const began = performance.now();
    const step = (now) => {
      const u = (now - began) / time;
      if (u >= 1) {
        frame = null;
        return finish();
      }
      put(Math.max(0, u));
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }
  return () => {
    if (frame === null) return;
    cancelAnimationFrame(frame);
    frame = null;
    done();
  };
}

// What is drawn follows what is: after a jump it passes through what lies between, in 300 ms, else it is there at once.
// `draw` gets numbers, or arrays of them; where a shape changes there is nothing between.
export function follower(draw, time = 300) {
  let shown = null;
  let frame = null;
  const put = (values) => {
    shown = values;
    draw(values);
  };
  function halt() {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
  }
  function to(values, jump) {
    const [from, began] = [shown, performance.now()];
    const moving = frame !== null;
    halt();
    if ((!jump && !moving) || from === null || still()) return put(values);
    const step = (now) => {
      const u = Math.min(1, Math.max(0, (now - began) / time));
      frame = u < 1 ? requestAnimationFrame(step) : null;
      put(u < 1 ? mixed(from, values, ease(u), false) : values);
    };
    frame = requestAnimationFrame(step);
  }
  return { to, halt };
}

// Calls once when most of an element is in view, and not where less motion is asked for. Returns what ends the watch.
export function onceInView(element, begin) {
  if (still() || !globalThis.IntersectionObserver) return () => {};
  const watch = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      watch.disconnect();
      begin();
    },
    { threshold: 0.6 },
  );
  watch.observe(element);
  return () => watch.disconnect();
}
