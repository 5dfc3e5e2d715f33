// One layout for all widgets: the picture, a sentence that says what is seen, at most three controls, chips to try,
// and the rest folded away.

import { button } from "./controls.js";
import { node, rich, update } from "./dom.js";
import { announcer, redrawOn, traitSetter } from "./host.js";
import { glide } from "./motion.js";

// `pictures`, `controls` and `more` are elements, `chips` pairs of words and changes, `table` a table of numbers,
// `shared` the tests of the traits that an address may set, `scales` those on which traits move (see `glide`).
export function layout(given) {
  const { model, el, name, shared, scales, pictures, controls, chips = [], more = [], table = null, numbers } = given;
  const verdict = node("p", { class: "olsattn-verdict" });
  const announce = announcer();
  let stop = () => {};
  const go = (changes, options) => {
    stop();
    stop = glide(model, changes, { tests: shared, scales, ...options });
  };
  // Of what a chip sets, what an address could set decides whether it holds; the rest follows from that.
  const same = (name, value) => JSON.stringify(model.get(name)) === JSON.stringify(value);
  const holds = (changes) =>
    Object.entries(changes).every(([name, value]) => (shared && !(name in shared)) || same(name, value));
  const strip = chips.map(([words, changes]) => button(words, () => go(changes)));
  const copy = model.link ? button("Copy link", () => copyLink(model.link(), copy)) : null;
  const folded = (summary, ...inside) => node("details", {}, node("summary", {}, summary), ...inside);
  const rest = more.length ? folded("More", node("div", { class: "olsattn-controls" }, ...more)) : null;
  const figures = table ? folded(numbers ?? "The numbers", table.element) : null;
  const root = node(
    "div",
    { class: `olsattn-widget olsattn-${name}` },
    node("div", { class: "olsattn-pictures" }, ...pictures),
    verdict,
    node("div", { class: "olsattn-controls" }, ...controls),
    strip.length ? node("div", { class: "olsattn-chips" }, node("span", {}, "Try"), ...strip) : null,
    node("div", { class: "olsattn-folds" }, rest, figures, copy),
    announce.element,
  );
  el.append(root);
  return {
    root,
    announce,
    go,
    halt: () => stop(),
    // The reader's hand goes before what a chip has begun.
    set(changes) {
      stop();
      traitSetter(model)(changes);
    },
    // Draws, now and after each change of a trait. Returns what a notebook calls when it takes the widget away;
    // `ends` are what else has to stop then.
    live(names, draw, ...ends) {
      const shown = () => {
        draw();
        strip.forEach((chip, k) => {
          update(chip, { "aria-pressed": String(holds(chips[k][1])) });
        });
      };
      const leave = redrawOn(model, names, shown, announce);
      return () => {
        for (const end of [...ends, stop, leave]) end();
      };
    },
    say(...pieces) {
      verdict.replaceChildren(...rich(...pieces));
      announce.say(verdict.textContent);
    },
  };
}

// To the clipboard where the browser lets us, and in any case to the bar where the reader can copy it.
async function copyLink(address, from) {
  history.replaceState(null, "", address);
  const words = from.textContent;
  try {
    await navigator.clipboard.writeText(address);
    from.textContent = "Copied";
  } catch {
    from.textContent = "Copy it from the address bar";
  }
  setTimeout(() => {
    from.textContent = words;
  }, 2000);
}
