// Imports modules from their texts, where there are no files to import from: in a notebook a widget is one text,
// and a page opened by double click may not import files. `modules` are { name: text }, each after those that it
// imports, with names for addresses in `from "..."`. A text gets an address once, so that widgets share the kit.

const addresses = {};

export function importText(modules, name) {
  for (const [own, text] of Object.entries(modules)) {
    if (addresses[own]) continue;
    const linked = text.replace(/from "([^"]+)"/g, (_, other) => `from "${addresses[other]}"`);
    const named = `${linked}\n//# sourceURL=olsattn/${own}`; // what a browser's tools call it
    addresses[own] = URL.createObjectURL(new Blob([named], { type: "text/javascript" }));
  }
  return import(addresses[name]);
}
