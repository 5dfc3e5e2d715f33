// Linear algebra on arrays of rows; vectors may be typed arrays.

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm = (a) => Math.sqrt(dot(a, a));
export const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));
export const apply = (A, v) => A.map((row) => dot(row, v));

export function multiply(A, B) {
  const columns = transpose(B);
  return A.map((row) => columns.map((column) => dot(row, column)));
}

export const means = (A) => transpose(A).map((column) => column.reduce((sum, v) => sum + v, 0) / A.length);

// X'X / N
export const secondMoment = (X) => multiply(transpose(X), X).map((row) => row.map((v) => v / X.length));

// The inverse of a matrix of two rows and columns.
export function inverse([[a, b], [c, d]]) {
  const size = a * d - b * c;
  return [
    [d / size, -b / size],
    [-c / size, a / size],
  ];
}

// The singular value decomposition A = F diag(d) U' by one-sided Jacobi rotations: accurate for the
// small singular values too, which an eigendecomposition of A'A is not.
export function svd(A) {
  const columns = transpose(A);
  const V = columns.map((_, i) => columns.map((_, j) => (i === j ? 1 : 0))); // V[i] is the i-th vector
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < columns.length - 1; p++) {
      for (let q = p + 1; q < columns.length; q++) {
        const a = dot(columns[p], columns[p]);
        const b = dot(columns[q], columns[q]);
        const c = dot(columns[p], columns[q]);
        if (Math.abs(c) <= 1e-15 * Math.sqrt(a * b)) continue;
        rotated = true;
        const zeta = (b - a) / (2 * c);
        const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        rotate(columns, p, q, tangent);
        rotate(V, p, q, tangent);
      }
    }
  }
  const order = columns.map((column, i) => [norm(column), i]).sort((x, y) => y[0] - x[0]);
  return {
    F: transpose(order.map(([size, i]) => columns[i].map((v) => (size ? v / size : 0)))),
    d: order.map(([size]) => size),
    U: transpose(order.map(([, i]) => V[i])),
  };
}

function rotate(rows, p, q, tangent) {
  const cos = 1 / Math.hypot(1, tangent);
  const sin = cos * tangent;
  const [first, second] = [rows[p], rows[q]];
  for (let i = 0; i < first.length; i++) {
    const [u, v] = [first[i], second[i]];
    first[i] = cos * u - sin * v;
    second[i] = sin * u + cos * v;
  }
}

// The map W with W W' = (X'X)^+ and the encoded rows F = X W, with the cut-off of olsattn's embedding;
// `symmetric` is the symmetric square root of (X'X)^+: it turns with the cloud without flipping, which W need not.
export function embedding(X) {
  const { F, d, U } = svd(X);
  const floor = Math.max(X.length, X[0].length) * Number.EPSILON * d[0];
  const rank = d.filter((size) => size > floor).length;
  const W = U.map((row) => row.slice(0, rank).map((v, k) => v / d[k]));
  const symmetric = W.map((row) => U.map((other) => dot(row, other)));
  return { W, F: F.map((row) => row.slice(0, rank)), symmetric };
}

// An orthonormal basis of what the rows span, by Gram and Schmidt, twice over for accuracy.
export function orthonormal(rows) {
  const basis = [];
  for (const row of rows) {
    if (basis.length === row.length) break;
    const v = Float64Array.from(row);
    for (let pass = 0; pass < 2; pass++) {
      for (const b of basis) {
        const along = dot(b, v);
        for (let i = 0; i < v.length; i++) v[i] -= along * b[i];
      }
    }
    const length = norm(v);
    if (length > 1e-9 * row.length) basis.push(v.map((x) => x / length));
  }
  return basis;
}
