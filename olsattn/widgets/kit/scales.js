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

// Round numbers from low to high, about as many as asked for.
export function ticks(low, high, count = 4) {
  const rough = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => rounded((first + k) * step, 9));
}
