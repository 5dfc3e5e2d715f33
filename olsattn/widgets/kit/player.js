// A slider between two ends, and a button that plays it from one to the other.

import { button, valueSlider } from "./controls.js";
import { node } from "./dom.js";
import { traitSetter } from "./host.js";

// The trait goes from 0 to 1 in `time` milliseconds. `view()` is the layout that the element becomes part of.
export function player({ model, view, trait, label, ends, time, before = () => {} }) {
  const set = traitSetter(model);
  let playing = false;
  const slider = valueSlider(label, { min: 0, max: 1, step: 0.005, class: "olsattn-dial" }, (v) => {
    view().halt();
    set({ [trait]: v });
  });
  const play = button("Play", () => (playing ? view().halt() : begin()));
  function rest() {
    playing = false;
    play.textContent = "Play";
  }
  function begin() {
    before();
    const now = model.get(trait);
    const goal = now < 1 ? 1 : 0;
    playing = true;
    play.textContent = "Pause";
    view().go({ [trait]: goal }, { time: time * Math.abs(goal - now), done: rest });
  }
  const [first, last] = ends.map((end) => node("span", {}, end));
  const element = node("div", { class: "olsattn-ends" }, first, slider.field, last, play);
  return { element, begin, input: slider.input, show: slider.show };
}
