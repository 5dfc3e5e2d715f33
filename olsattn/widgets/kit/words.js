// Numbers as people write them.

// A true minus sign, and no "−0.00".
export function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

// The second set of digits is for what would otherwise round to zero.
export const percent = (v, digits = 1, finer = 2) => `${number(100 * v, v > 0 && v < 0.1 ? finer : digits)} %`;

export const raised = (power) =>
  String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

// Three figures, with a power of ten where that is shorter.
export function figures(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e4)) return number(value, size < 0.1 ? 4 : 3);
  const [front, power] = value.toExponential(1).split("e");
  return `${front.replace("-", "−")}·10${raised(Number(power))}`;
}

export const spoken = (point) => point.map((v) => number(v)).join(", ");
