// As much of a page as the kit's functions need, for Node, and how numbers are compared.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

class Text {
  constructor(text) {
    this.textContent = text;
  }
}

class Element extends EventTarget {
  constructor(tag) {
    super();
    this.tag = tag;
    this.attributes = {};
    this.childNodes = [];
    this.captured = new Set();
    this.box = { left: 0, top: 0, width: 100, height: 100 };
    this.classList = {
      add: (name) => this.setAttribute("class", `${this.getAttribute("class") ?? ""} ${name}`.trim()),
    };
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  removeAttribute(name) {
    delete this.attributes[name];
  }
  append(...nodes) {
    this.childNodes.push(...nodes.map((node) => (node instanceof Element ? node : new Text(String(node)))));
  }
  replaceChildren(...nodes) {
    this.childNodes = [];
    this.append(...nodes);
  }
  get children() {
    return this.childNodes.filter((node) => node instanceof Element);
  }
  get firstChild() {
    return this.childNodes[0] ?? null;
  }
  get textContent() {
    return this.childNodes.map((node) => node.textContent).join("");
  }
  set textContent(text) {
    this.childNodes = text === "" ? [] : [new Text(text)];
  }
  focus() {
    document.activeElement = this;
  }
  setPointerCapture(id) {
    this.captured.add(id);
  }
  hasPointerCapture(id) {
    return this.captured.has(id);
  }
  getBoundingClientRect() {
    return this.box;
  }
}

globalThis.document = { createElement: (tag) => new Element(tag), createElementNS: (_, tag) => new Element(tag) };

// Sends an event, with what else it carries; false if its default was prevented.
export const fire = (element, type, details = {}) =>
  element.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), details));

export const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url)));

// Numbers, null and arrays of them are equal to the tolerance, relative to 1 or to their size.
export function close(found, expected, tolerance = 1e-12, where = "") {
  if (Array.isArray(expected)) {
    assert.equal(found.length, expected.length, `${where}: length`);
    expected.forEach((value, i) => {
      close(found[i], value, tolerance, `${where}[${i}]`);
    });
  } else if (expected === null || Number.isNaN(expected)) {
    assert.equal(found, expected, where);
  } else {
    const gap = Math.abs(found - expected);
    assert.ok(gap <= tolerance * Math.max(1, Math.abs(expected)), `${where}: ${found} is not ${expected}`);
  }
}
