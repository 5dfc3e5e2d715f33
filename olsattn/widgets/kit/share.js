// The state of a widget in the address of its page, and the way back. An address may say anything, so each trait that
// is shared has a test that a value must pass.

export const from = (low, high) => (v) => typeof v === "number" && v >= low && v <= high;
export const whole = (low, high) => (v) => Number.isInteger(v) && v >= low && v <= high;
export const oneOf = (values) => (v) => values.includes(v);
export const listOf = (test, count) => (v) => Array.isArray(v) && v.length === count && v.every(test);

// What an address says of the named widget, as far as it passes the tests: { trait: value }.
export function told(address, name, tests) {
  const text = new URL(address).searchParams.get(name);
  if (!text) return {};
  try {
    const given = JSON.parse(text);
    return Object.fromEntries(Object.entries(tests).flatMap(([k, test]) => (test(given[k]) ? [[k, given[k]]] : [])));
  } catch {
    return {};
  }
}

// The address that says the same of the named widget, and leads to it.
export function saying(address, name, values) {
  const url = new URL(address);
  url.searchParams.set(name, JSON.stringify(values));
  url.hash = name;
  return url.href;
}
