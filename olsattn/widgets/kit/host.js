// What a widget has to do with the notebook or page around it.

// Changes traits together and tells Python once.
export const traitSetter = (model) => (changes) => {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
};

// Traits by name, as they are now.
export const traits = (model, names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));

// Screen readers hear a summary once the movement rests, not every frame of it.
export function announcer() {
  const element = document.createElement("div");
  element.setAttribute("role", "status");
  element.setAttribute("class", "olsattn-unseen");
  let timer = null;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        element.textContent = text;
      }, 400);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

// Redraw at most once a frame when any of the named traits changes, from the page or from Python.
// Returns what a notebook calls when it takes the widget away.
export function redrawOn(model, names, draw, announce) {
  let waiting = null;
  const later = () => {
    waiting ??= requestAnimationFrame(() => {
      waiting = null;
      draw();
    });
  };
  for (const name of names) model.on(`change:${name}`, later);
  draw();
  return () => {
    if (waiting !== null) cancelAnimationFrame(waiting);
    announce.stop();
    for (const name of names) model.off(`change:${name}`, later);
  };
}
