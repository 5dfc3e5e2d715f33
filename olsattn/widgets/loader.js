// Modules where they cannot be files: a notebook takes a widget as one text, and a page opened by double click may not
// import files. Then each is a function that returns what it exports (see base.py), run when it is first needed.

export function registry() {
  const makers = {};
  const made = {};
  return {
    define(name, make) {
      makers[name] = make;
    },
    need(name) {
      made[name] ??= makers[name]();
      return made[name];
    },
  };
}
