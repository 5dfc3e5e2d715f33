// Elements of the page.

const SVG = new Set(["svg", "g", "circle", "path", "line", "rect", "text", "title", "polygon"]);

export function node(tag, attributes = {}, ...children) {
  const element = SVG.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  update(element, attributes);
  element.append(...children.filter((child) => child != null));
  return element;
}

// Sets attributes; `on...` listens to an event, false and null take an attribute away.
export function update(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === false || value == null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

// A sentence, given in pieces, with **this** in bold.
export const rich = (...pieces) =>
  pieces
    .join("")
    .split("**")
    .map((part, i) => (i % 2 ? node("b", {}, part) : part));

export const figure = (caption, picture) => node("figure", {}, node("figcaption", {}, ...caption), picture);
export const folded = (summary, ...children) => node("details", {}, node("summary", {}, summary), ...children);
