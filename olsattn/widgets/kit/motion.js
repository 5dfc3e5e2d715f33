// Movement that a reader can follow: a jump takes 300 ms, or none where less motion is asked for.

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const ease = (u) => u * u * (3 - 2 * u);

// Half of the way from one value to another where that has a meaning: numbers, and arrays of equal shape.
export function between(from, to, u) {
  if (typeof from === "number" && typeof to === "number") {
    const v = from + (to - from) * u;
    return Number.isInteger(from) && Number.isInteger(to) ? Math.round(v) : v;
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.map((v, i) => between(v, to[i], u));
  return to;
}

// Moves traits to new values; Python is told at the end. Returns what stops it on the way.
export function glide(model, changes, { time = 300, done = () => {} } = {}) {
  const names = Object.keys(changes);
  const from = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const put = (u) => {
    for (const name of names) model.set(name, u < 1 ? between(from[name], changes[name], ease(u)) : changes[name]);
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
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
  };
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
