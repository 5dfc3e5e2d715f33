// From numbers to places in a drawing, and to paths through them.

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const rounded = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;

// Takes low to from and high to to, along a line; what lies outside stays at the ends.
export const scale = (low, high, from, to) => (v) => from + ((clamp(v, low, high) - low) / (high - low)) * (to - from);

export const line = (points) =>
  points.length ? `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` : "";

// Through the lowest and the highest point of each column of a drawing, where many points share one.
export function envelope(values, x, y) {
  const columns = new Map();
  values.forEach((v, k) => {
    const column = Math.round(x(k));
    const ends = columns.get(column);
    if (!ends) columns.set(column, [k, k]);
    else if (v < values[ends[0]]) ends[0] = k;
    else if (v > values[ends[1]]) ends[1] = k;
  });
  const kept = [...columns.values()].flatMap((ends) => [...ends].sort((a, b) => a - b));
  return line(kept.map((k) => [x(k), y(values[k])]));
}
