// Statistics of few numbers.

// Wilson's 95 percent interval for a probability.
export function wilson(good, trials) {
  const z = 1.959963984540054;
  const p = good / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / shrink;
  const half = (z / shrink) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return [centre - half, centre + half];
}

// What part of all absolute weight lies where the test holds.
export function share(weights, test) {
  let part = 0;
  let whole = 0;
  weights.forEach((w, i) => {
    whole += Math.abs(w);
    if (test(i)) part += Math.abs(w);
  });
  return part / whole;
}

// The root mean square of the errors up to each one.
export function runningRms(errors) {
  let squared = 0;
  return errors.map((error, i) => {
    squared += error ** 2;
    return Math.sqrt(squared / (i + 1));
  });
}
