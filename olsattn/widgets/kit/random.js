// NumPy's random words: with them a page and a notebook draw the same patterns from the same seed.

// default_rng(entropy), SeedSequence and PCG64, as a function that returns the next 64-bit word.
export function generator(entropy) {
  let constant = 0x43b0d7e5;
  const scramble = (value, factor) => {
    const mixed = value ^ constant;
    constant = Math.imul(constant, factor);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
  const mix = (x, y) => {
    const v = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715);
    return (v ^ (v >>> 16)) >>> 0;
  };
  const hash = (value) => scramble(value, 0x931e8875);
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  for (const more of entropy.slice(4)) {
    for (let to = 0; to < 4; to++) pool[to] = mix(pool[to], hash(more));
  }
  constant = 0x8b51f9dd;
  const words = Array.from({ length: 8 }, (_, i) => BigInt(scramble(pool[i % 4], 0x58f38ded)));
  const wide = (i) => (words[i + 1] << 96n) | (words[i] << 64n) | (words[i + 3] << 32n) | words[i + 2];
  const FACTOR = 0x2360ed051fc65da44385df649fccf645n;
  const increment = BigInt.asUintN(128, (wide(4) << 1n) | 1n);
  let state = BigInt.asUintN(128, (increment + wide(0)) * FACTOR + increment);
  return () => {
    state = BigInt.asUintN(128, state * FACTOR + increment);
    const turn = state >> 122n;
    const folded = BigInt.asUintN(64, (state >> 64n) ^ state);
    return BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
  };
}

// Rows of signs, a bit each, as in olsattn's random_patterns.
export function randomPatterns(count, size, draw) {
  return Array.from({ length: count }, () => {
    const row = new Int8Array(size);
    for (let i = 0; i < size; i += 64) {
      const word = draw();
      const halves = [Number(word & 0xffffffffn), Number(word >> 32n)];
      for (let k = 0; k < 64 && i + k < size; k++) row[i + k] = (halves[k >> 5] >>> (k & 31)) & 1 ? 1 : -1;
    }
    return row;
  });
}

export function randomOrder(size, draw) {
  const keys = Array.from({ length: size }, draw);
  return keys.map((_, i) => i).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
}

// A copy of the pattern with that fraction of its signs wrong.
export function flipped(pattern, fraction, draw) {
  const cue = pattern.slice();
  const order = randomOrder(cue.length, draw);
  for (let k = 0; k < Math.floor(fraction * cue.length + 0.5); k++) cue[order[k]] *= -1;
  return cue;
}
