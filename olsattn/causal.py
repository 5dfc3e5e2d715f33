"""Least squares that never looks ahead: refits without a set of rows, and a fit before each row."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts where they are first used
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index, same_size
from olsattn.least_squares import Embedding, embedding

# Rows are taken in chunks: at most so many, and only while their leverages with respect to the rows before them sum
# to at most so much. The Cholesky factors of a chunk then have condition numbers below 6, so that they cost no digit.
LONGEST, LARGEST_LEVERAGE = 96, 32.0
ROUNDING, SMALLEST = np.finfo(float).eps, np.finfo(float).tiny


def masked_refit(X: ArrayLike | Embedding, y: ArrayLike, rows: ArrayLike) -> Floats:
    """Predictions for some rows from a least-squares fit on all the others, without refitting.

    With B the masked rows, R the rest and H the hat matrix of the full design, the predictions are
    ``(I - H_BB)^-1 H_BR y_R``: the masked attention of the full fit, renormalised by a matrix.

    Parameters
    ----------
    X : array_like, shape (N, P), or Embedding
        The full design, or its embedding when several sets of rows share one factorisation.
    y : array_like, shape (N,) or (N, K)
        Responses. Those in ``rows`` do not enter.
    rows : array_like of int, or of bool with shape (N,)
        The rows B to leave out and predict, each once; negative numbers count from the end.

    Returns
    -------
    ndarray, shape (B,) or (B, K)
        In the order of ``rows``.

    Raises
    ------
    ValueError
        If shapes do not fit, ``rows`` is empty, repeats or leaves the range, or the other rows do not
        determine the fit: the smallest eigenvalue of I - H_BB is below 1e-11.

    Notes
    -----
    Cost: the factorisation of X, then O(N P^2) at most for each call. Source: a correction to Goulet
    Coulombe (2026), equation 35; for a single row it is the leave-one-out formula.

    Examples
    --------
    The line through the first two points, read off at the third:

    >>> masked_refit([[1, 0], [1, 1], [1, 2]], [0.0, 1.0, 7.0], [2]).round(12)
    array([2.])
    """
    F = (X if isinstance(X, Embedding) else embedding(X)).scores
    y = as_floats("y", y, (1, 2))
    same_size("the design", F, 0, "y", y, 0, "rows")
    N = len(F)
    rows = np.asarray(rows)
    rows = np.flatnonzero(rows) if rows.dtype == bool and rows.shape == (N,) else rows
    if rows.ndim != 1 or rows.size == 0 or rows.dtype.kind not in "iu" or rows.min() < -N or rows.max() >= N:
        raise ValueError(f"rows must be row numbers of a design with {N} rows, or a boolean of shape ({N},)")
    rows = rows % N
    rest = np.ones(N, bool)
    rest[rows] = False
    if rest.sum() != N - len(rows):
        raise ValueError(f"rows repeats an entry: {len(rows)} given, {N - rest.sum()} different")
    F_B, F_R = F[rows], F[rest]
    masked = F_R.T @ y[rest]  # H_BR y_R = F_B masked
    # (I - F_B F_B')^-1 F_B = F_B (I - F_B'F_B)^-1, so solve the smaller of the two systems.
    small = len(rows) <= F.shape[1]
    system = np.eye(len(rows)) - F_B @ F_B.T if small else np.eye(F.shape[1]) - F_B.T @ F_B
    if np.linalg.eigvalsh(system)[0] < 1e-11:
        raise ValueError(f"the {int(rest.sum())} remaining rows do not determine the fit: rank below {F.shape[1]}")
    predictions: Floats = np.linalg.solve(system, F_B @ masked) if small else F_B @ np.linalg.solve(system, masked)
    return predictions


@dataclass(frozen=True, eq=False)
class ExpandingFit:
    """One-step-ahead least squares on a growing window.

    Attributes
    ----------
    predictions : ndarray, shape (N,)
        ``predictions[t]`` uses rows before t only; NaN before ``start``.
    coefficients : ndarray, shape (N + 1, P)
        ``coefficients[t]`` is fitted on the rows before t; NaN before ``start``. The last row uses all.
    X : ndarray, shape (N, P)
        The design.
    start : int
        The first row that is predicted; N if only all rows together determine the coefficients.
    ridge, forgetting : float
        As given to :func:`expanding_least_squares`.

    Examples
    --------
    The mean of the rows before, from the second row on:

    >>> fit = expanding_least_squares(np.ones((3, 1)), [1.0, 3.0, 5.0])
    >>> fit.start, fit.predictions.round(12), fit.coefficients.ravel().round(12)
    (1, array([nan,  1.,  2.]), array([nan,  1.,  2.,  3.]))
    """

    predictions: Floats
    coefficients: Floats
    X: Floats
    start: int
    ridge: float
    forgetting: float

    def attention_matrix(self) -> Floats:
        """The causal weights: ``weights[t, s]`` is what response s < t contributes to prediction t.

        They do not depend on the responses: they are the predictions of N responses at once, of which number s is
        1 in row s and 0 elsewhere.

        Returns
        -------
        ndarray, shape (N, N)
            Strictly lower triangular; rows before ``start`` are zero. ``weights @ y`` gives the
            predictions from ``start`` on. Costs O(N^2 P).

        Examples
        --------
        An expanding mean:

        >>> fit = expanding_least_squares(np.ones((4, 1)), [1.0, 3.0, 5.0, 7.0])
        >>> fit.attention_matrix().round(12)
        array([[0.        , 0.        , 0.        , 0.        ],
               [1.        , 0.        , 0.        , 0.        ],
               [0.5       , 0.5       , 0.        , 0.        ],
               [0.33333333, 0.33333333, 0.33333333, 0.        ]])
        """
        return _causal_weights(self.X, self.start, self.ridge, self.forgetting)


def expanding_least_squares(
    X: ArrayLike, y: ArrayLike, *, ridge: float = 0.0, start: int | None = None, forgetting: float = 1.0
) -> ExpandingFit:
    """Predict each row from a least-squares fit on the rows before it, at the cost of about one fit.

    Parameters
    ----------
    X : array_like, shape (N, P)
        Rows in the order of time.
    y : array_like, shape (N,)
    ridge : float
        Penalty on the squared coefficients, at least 0.
    start : int, optional
        First row to predict. Without a penalty the rows before it must have full column rank; if not
        given it is the first row for which that holds (0 with a penalty).
    forgetting : float
        Factor in (0, 1] by which earlier rows, and the penalty, lose weight with each new row.

    Returns
    -------
    ExpandingFit

    Raises
    ------
    ValueError
        If shapes do not fit, an input holds NaN or inf, ``ridge``, ``start`` or ``forgetting`` is out of range, or
        the rows before a prediction do not determine the coefficients to working precision.

    Notes
    -----
    The fit before row t minimises the sum over s < t of ``forgetting**(t-1-s) * (y_s - x_s'b)**2``, plus
    ``ridge * forgetting**t * |b|**2``. It is the exact form of what Goulet Coulombe (2026), equation 35,
    approximates.

    The mask is a Cholesky factor. Let R be a triangular root of the Gram matrix of the rows before a chunk of rows
    X_c, and b their coefficients. With ``A = X_c R^-1`` and ``LL' = I + AA'``, the chunk's forecast errors, each
    divided by its standard deviation, are ``e = L^-1 (y_c - X_c b)``: the recursive residuals of Brown, Durbin and
    Evans (1975). All of its predictions are ``X_c b`` plus the strictly lower part of L times e. With
    ``CC' = I + A'A`` the root after the chunk is ``C'R``. Chunks are cut so that L and C are well conditioned:
    nothing squares the condition number, as the textbook recursion on the inverse does. Rows that tell much that is
    new are taken one by one, by rotations, so that the first rows after a small penalty lose no digits either.

    Examples
    --------
    Points on a line: from the third on, two earlier ones determine it.

    >>> fit = expanding_least_squares([[1, 0], [1, 1], [1, 2], [1, 3]], [1.0, 3.0, 5.0, 7.0])
    >>> fit.predictions.round(12)
    array([nan, nan,  5.,  7.])
    >>> fit.coefficients[-1].round(12)
    array([1., 2.])
    """
    X, y = as_floats("X", X, 2), as_floats("y", y, 1)
    same_size("X", X, 0, "y", y, 0, "rows")
    ridge, forgetting = float(as_floats("ridge", ridge, 0)), float(as_floats("forgetting", forgetting, 0))
    if ridge < 0:
        raise ValueError(f"ridge must be at least 0, got {ridge}")
    if not 0 < forgetting <= 1:
        raise ValueError(f"forgetting must lie in (0, 1], got {forgetting}")
    N, P = X.shape
    if start is None:
        start = 0 if ridge else _first_determined(X)
    else:
        start = as_index("start", start, 0, N - 1)
        if not ridge and (start < P or np.linalg.matrix_rank(X[:start]) < P):
            raise ValueError(f"the {start} rows before start do not determine {P} coefficients; set ridge > 0")

    predictions, coefficients = np.full(N + 1, np.nan), np.full((N + 1, P), np.nan)
    # a last row of zeros, whose prediction is dropped, asks for the coefficients after all rows
    X_asked, y_asked = np.vstack([X, np.zeros(P)]), np.append(y, 0.0)
    root, take = _begin(X, start, ridge, forgetting)
    image = take @ y[:start]
    for chunk in _chunks(X_asked, root, start, ridge, forgetting):
        responses = chunk.scale * y_asked[chunk.rows]
        unknown = np.column_stack([chunk.encoded, responses - chunk.encoded @ image])
        solved = _solve(chunk.factor, unknown, lower=True)
        gains, errors = solved[:, :-1], solved[:, -1:]
        # what Q'y is before each row, in the basis of the chunk's first row
        path = np.vstack([image, (errors * gains)[:-1]]).cumsum(axis=0)
        predictions[chunk.rows] = np.einsum("bp,bp->b", chunk.encoded, path) / chunk.scale
        coefficients[chunk.rows] = _solve(chunk.root, path.T).T
        image = chunk.keep @ image + chunk.take @ responses
    return ExpandingFit(predictions[:-1], coefficients, X, start, ridge, forgetting)


def masked_weights(X: ArrayLike) -> dict[str, Floats]:
    """Attention matrices of four ways to keep a regression from looking ahead.

    Parameters
    ----------
    X : array_like, shape (N, P)
        Rows in the order of time.

    Returns
    -------
    dict of str to ndarray, shape (N, N)
        ``"unmasked"``: the hat matrix. ``"equation 35"``: its lower triangle with the diagonal, rows
        divided by their sums. ``"strict"``: the same without the diagonal. ``"exact"``: the weights of a
        regression on the rows before; zero until those determine the coefficients. A row that has
        nothing to look at, or whose weights sum to 0 within rounding, is zero.

    Raises
    ------
    ValueError
        If X is not of full column rank, or holds NaN or inf.

    Notes
    -----
    Source: Goulet Coulombe (2026), equations 34 and 35.

    Examples
    --------
    With a column of ones all weights are means, of all rows, of the rows so far, and of the rows before:

    >>> for name, weights in masked_weights(np.ones((4, 1))).items():
    ...     print(f"{name}: {weights[2].round(2)}")
    unmasked: [0.25 0.25 0.25 0.25]
    equation 35: [0.33 0.33 0.33 0.  ]
    strict: [0.5 0.5 0.  0. ]
    exact: [0.5 0.5 0.  0. ]
    """
    X = as_floats("X", X, 2)
    F = embedding(X).scores
    H = F @ F.T
    result = {"unmasked": H}
    for name, offset in (("equation 35", 0), ("strict", -1)):
        lower = np.tril(H, offset)
        sums = lower.sum(axis=1, keepdims=True)
        result[name] = np.divide(lower, sums, out=np.zeros_like(lower), where=np.abs(sums) > len(X) * ROUNDING)
    result["exact"] = _causal_weights(X, _first_determined(X), ridge=0.0, forgetting=1.0)
    return result


def _first_determined(X: Floats) -> int:
    """The first t for which the rows before t have full column rank."""
    N, P = X.shape

    def determined(t: int) -> bool:
        return t >= P and bool(np.linalg.matrix_rank(X[:t]) == P)

    enough = P
    while enough < N and not determined(enough):  # most designs are determined early: do not begin in the middle
        enough *= 2
    start = bisect_left(range(N + 1), True, lo=enough // 2, hi=min(enough, N) + 1, key=determined)
    if start > N:
        raise ValueError(f"X of shape {X.shape} has rank {np.linalg.matrix_rank(X)}, below {P}: set ridge > 0")
    return start


def _causal_weights(X: Floats, start: int, ridge: float, forgetting: float) -> Floats:
    N, P = X.shape
    weights, image = np.zeros((N, N)), np.zeros((P, N))  # the responses are the columns of an identity matrix
    root, image[:, :start] = _begin(X, start, ridge, forgetting)
    for chunk in _chunks(X, root, start, ridge, forgetting):
        rows, past, scale = chunk.rows, slice(chunk.rows.start), chunk.scale[:, None]
        solved = _solve(chunk.factor, np.hstack([chunk.encoded, np.eye(len(scale))]), lower=True)
        # with L = factor, predictions are y_c - diag(L) L^-1 (y_c - A Q'y)
        solved *= chunk.factor.diagonal()[:, None] / scale
        weights[rows, past] = solved[:, :P] @ image[:, past]
        weights[rows, rows] = np.tril(-solved[:, P:], -1) * scale.T
        image[:, past] = chunk.keep @ image[:, past]
        image[:, rows] = chunk.take * scale.T
    return weights


@dataclass(frozen=True, eq=False)
class _Chunk:
    """A few rows X_c, seen from the rows before them: b rows, P columns."""

    rows: slice
    scale: Floats  # (b,), what the rows and their responses y_c are multiplied by
    root: Floats  # (P, P), upper triangular R with R'R the Gram matrix of the rows before
    encoded: Floats  # (b, P), A = X_c R^-1
    factor: Floats  # (b, b), L with LL' = I + AA'
    keep: Floats  # (P, P), and
    take: Floats  # (P, b): after the chunk Q'y is keep Q'y + take y_c


def _begin(X: Floats, start: int, ridge: float, forgetting: float) -> tuple[Floats, Floats]:
    """The root of the rows before ``start``, and the matrix (P, start) that takes their responses to Q'y."""
    # The newest, largest rows first and the penalty last: so a small penalty keeps its digits.
    age = np.sqrt(forgetting) ** np.arange(start)[:, None]
    prior = np.sqrt(ridge * forgetting**start) * np.eye(X.shape[1])
    Q, root = np.linalg.qr(np.vstack([age * X[:start][::-1], prior]))
    return np.asfortranarray(root), np.asarray((age * Q[:start])[::-1].T)


def _chunks(X: Floats, root: Floats, start: int, ridge: float, forgetting: float) -> Iterator[_Chunk]:
    """The rows from ``start`` on, a chunk at a time."""
    N, P = X.shape
    # Within a chunk rows grow where those before should shrink, but not by too much.
    longest = LONGEST if forgetting == 1 else int(np.clip(-8 / np.log(forgetting), 1, LONGEST))
    growth = np.exp(-0.5 * np.log(forgetting) * np.arange(1, longest + 1)) if longest > 1 else np.ones(1)
    t = start
    while t < N:
        diagonal = np.abs(root.diagonal())
        if diagonal.min() < SMALLEST:
            raise _undetermined(t, ridge, forgetting)
        encoded = _solve(root, X[t : t + longest].T, transposed=True).T
        scale = growth[: len(encoded)]
        with np.errstate(over="ignore"):
            leverage = np.cumsum(np.einsum("bp,bp->b", encoded, encoded) * scale**2)
        size = max(1, int(np.searchsorted(leverage, LARGEST_LEVERAGE)))
        rows = slice(t, t + size)
        if size == 1:  # perhaps a row that tells much that is new
            # Givens rotations: unlike reflections they keep the digits of rows of very different size.
            Q, both = scipy.linalg.qr_insert(np.eye(P), np.sqrt(forgetting) * root, X[t], P, check_finite=False)
            keep, take = np.sqrt(forgetting) * Q[:P, :P].T, Q[P:, :P].T
            yield _Chunk(rows, np.ones(1), root, encoded[:1], np.ones((1, 1)), keep, take)
            root = np.asfortranarray(both[:P])
        else:
            if (diagonal <= max(t, P) * ROUNDING * np.linalg.norm(root, axis=0)).any():
                raise _undetermined(t, ridge, forgetting)
            scale, encoded = scale[:size], scale[:size, None] * encoded[:size]
            factor, turn = _cholesky(encoded @ encoded.T), _cholesky(encoded.T @ encoded)
            decay = forgetting ** (size / 2)
            both = decay * _solve(turn, np.hstack([np.eye(P), encoded.T]), lower=True)
            yield _Chunk(rows, scale, root, encoded, factor, both[:, :P], both[:, P:])
            root = np.asfortranarray(decay * turn.T @ root)
        t += size


def _solve(triangle: Floats, right: Floats, *, transposed: bool = False, lower: bool = False) -> Floats:
    solution: Floats = scipy.linalg.lapack.dtrtrs(triangle, right, trans=int(transposed), lower=int(lower))[0]
    return solution


def _cholesky(gram: Floats) -> Floats:
    """Lower triangular L with ``LL' = I + gram``; overwrites ``gram``."""
    gram.flat[:: len(gram) + 1] += 1.0
    factor: Floats = scipy.linalg.lapack.dpotrf(gram.T, lower=1, overwrite_a=1)[0]
    return factor


def _undetermined(t: int, ridge: float, forgetting: float) -> ValueError:
    return ValueError(f"the rows before {t} do not determine the coefficients to working precision, "
                      f"with ridge = {ridge} and forgetting = {forgetting}")
