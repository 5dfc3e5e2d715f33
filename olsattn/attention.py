"""Attention: scores between queries and keys, a weighting of the scores, a weighted sum of values."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from olsattn._arrays import Floats, as_floats, as_index, same_size
from olsattn.least_squares import embedding

# Takes scores (J, N) and returns weights (J, N), each row by itself: a function, or an object with parameters.
Weighting = Callable[[Floats], Floats]


def identity(scores: Floats) -> Floats:
    """Leave the scores as they are: weights may be negative and need not sum to one.

    Parameters
    ----------
    scores : ndarray, shape (J, N)

    Returns
    -------
    ndarray, shape (J, N)
        The weighting of least squares: Goulet Coulombe (2026), equation 17.

    Examples
    --------
    >>> identity(np.array([[1.0, -2.0]]))
    array([[ 1., -2.]])
    """
    return scores


def softmax(scores: Floats) -> Floats:
    """Exponentiate and normalise each row: weights are positive and sum to one.

    Parameters
    ----------
    scores : ndarray, shape (J, N)
        Entries of ``-inf`` get weight 0; each row needs a finite entry.

    Returns
    -------
    ndarray, shape (J, N)
        Goulet Coulombe (2026), equation 15.

    Examples
    --------
    >>> softmax(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    # Subtracting the row maximum changes nothing in exact arithmetic and keeps exp from overflowing.
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return weights


WEIGHTINGS: dict[str, Weighting] = {"identity": identity, "softmax": softmax}


def attention(
    queries: ArrayLike,
    keys: ArrayLike,
    values: ArrayLike,
    *,
    weighting: str | Weighting = "identity",
    mask: ArrayLike | None = None,
    scale: float = 1.0,
) -> tuple[Floats, Floats]:
    """Weighted sums of values, with weights made from inner products of queries and keys.

    Parameters
    ----------
    queries : array_like, shape (J, L)
    keys : array_like, shape (N, L)
    values : array_like, shape (N,) or (N, K)
    weighting : str or callable
        How scores become weights: ``"identity"``, ``"softmax"``, or a function (or an object that can be called)
        from scores (j, n) to weights (j, n) that treats each row by itself.
    mask : array_like of bool, shape (J, N), optional
        True where a query may look. A masked weight is exactly 0.
    scale : float
        Multiplies the scores before the weighting; ``L ** -0.5`` in a Transformer.

    Returns
    -------
    output : ndarray, shape (J,) or (J, K)
        ``weights @ values``.
    weights : ndarray, shape (J, N)

    Raises
    ------
    ValueError
        If shapes do not fit, an input holds NaN or inf, the weighting is unknown or returns a wrong
        shape or a number that is not finite, or a query has every key masked.

    Notes
    -----
    To mask a key is to leave it out: a weighting is given the scores of the keys that a query may see and no
    others. It is called once for each different row of the mask, with the queries that have this row.

    Source: Vaswani et al. (2017), equation 1; with a general weighting, Goulet Coulombe (2026),
    equation 17.

    Examples
    --------
    >>> output, weights = attention([[1.0]], [[1.0], [3.0], [4.0]], [10.0, 20.0, 30.0],
    ...                             weighting=lambda s: s / s.sum(axis=1, keepdims=True), mask=[[True, True, False]])
    >>> weights
    array([[0.25, 0.75, 0.  ]])
    >>> output
    array([17.5])
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    values = as_floats("values", values, (1, 2))
    scale = float(as_floats("scale", scale, 0))
    same_size("queries", queries, 1, "keys", keys, 1, "columns")
    same_size("keys", keys, 0, "values", values, 0, "rows")

    if isinstance(weighting, str) and weighting in WEIGHTINGS:
        weighting = WEIGHTINGS[weighting]
    if not callable(weighting):
        raise ValueError(f"unknown weighting {weighting!r}: give a function or one of {sorted(WEIGHTINGS)}")

    with np.errstate(over="ignore"):
        scores = scale * (queries @ keys.T)
    if not np.isfinite(scores).all():
        raise ValueError(f"scores overflow: the largest query entry is {np.abs(queries).max():.3g}, "
                         f"the largest key entry {np.abs(keys).max():.3g}, scale {scale:.3g}")
    weights = _weigh(weighting, scores, _as_mask(mask, scores.shape))
    return weights @ values, weights


def _weigh(weighting: Weighting, scores: Floats, allowed: NDArray[np.bool_] | None) -> Floats:
    """Weights for the scores, each query with the keys that it may see."""
    if allowed is None:
        return _checked(weighting, scores, np.arange(len(scores)))
    if weighting is identity:  # the two that every chapter uses need no grouping
        return np.where(allowed, scores, 0.0)
    if weighting is softmax:
        return softmax(np.where(allowed, scores, -np.inf))
    weights = np.zeros(scores.shape)
    patterns, pattern_of = np.unique(allowed, axis=0, return_inverse=True)
    for number, seen in enumerate(patterns):
        rows = np.flatnonzero(pattern_of.ravel() == number)
        weights[np.ix_(rows, seen)] = _checked(weighting, scores[np.ix_(rows, seen)], rows)
    return weights


def _checked(weighting: Weighting, scores: Floats, rows: NDArray[np.intp]) -> Floats:
    weights = np.asarray(weighting(scores))
    if weights.shape != scores.shape:
        raise ValueError(f"weighting must keep the shape {scores.shape} of the scores, got {weights.shape}")
    if weights.dtype.kind not in "biuf":
        raise ValueError(f"weighting must return real numbers, got dtype {weights.dtype}")
    bad = rows[~np.isfinite(weights).all(axis=1)]
    if bad.size:
        raise ValueError(f"weighting returned NaN or inf for query row(s) {bad[:5].tolist()}")
    return weights.astype(float)


def _as_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    allowed = np.asarray(mask)
    if allowed.dtype != bool or allowed.shape != shape:
        raise ValueError(f"mask must be boolean of shape {shape} (queries, keys), got {allowed.dtype} {allowed.shape}")
    blind = np.flatnonzero(~allowed.any(axis=1))
    if blind.size:
        raise ValueError(f"every key is masked for query row(s) {blind[:5].tolist()}: no weights to give")
    return allowed


def ols_attention(X_test: ArrayLike, X_train: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Least-squares predictions as the output of an attention module.

    Queries are the encoded test rows, keys the encoded training rows, values the responses, and the
    weighting is the identity.

    Parameters
    ----------
    X_test : array_like, shape (J, P)
    X_train : array_like, shape (N, P)
        Include a column of ones in both for an intercept.
    y : array_like, shape (N,) or (N, K)

    Returns
    -------
    predictions : ndarray, shape (J,) or (J, K)
        Equal to ``X_test @ beta`` for the least-squares coefficients, of minimum norm if X_train is
        rank deficient.
    weights : ndarray, shape (J, N)
        ``X_test (X_train' X_train)^-1 X_train'``: what each training response contributes. They do
        not depend on y.

    Raises
    ------
    ValueError
        If shapes do not fit or an input holds NaN or inf.

    Notes
    -----
    Source: Goulet Coulombe (2026), equations 7 and 17 to 19.

    Examples
    --------
    A line through three points, read off at 3:

    >>> predictions, weights = ols_attention([[1, 3]], [[1, 0], [1, 1], [1, 2]], [0, 1, 2])
    >>> predictions.round(12), weights.round(12)
    (array([3.]), array([[-0.66666667,  0.33333333,  1.33333333]]))
    """
    X_test, X_train = as_floats("X_test", X_test, 2), as_floats("X_train", X_train, 2)
    y = as_floats("y", y, (1, 2))
    same_size("X_test", X_test, 1, "X_train", X_train, 1, "columns")
    same_size("X_train", X_train, 0, "y", y, 0, "rows")
    encoder = embedding(X_train)
    return attention(encoder.encode(X_test), encoder.scores, y)


@dataclass(frozen=True)
class Dial:
    """The weighting that turns least squares into softmax attention.

    Each row of scores ``s`` becomes ``1/N + (softmax(beta s) - 1/N) / beta``: the softmax is heated, and what it adds
    to the mean is amplified by as much. At ``beta = 1`` it is the softmax. At ``beta = 0``, the limit, the weights are
    ``(1 + s - mean(s)) / N``: with the whitened scores of :func:`dial_attention` those of least squares with an
    intercept. A row sums to one at every ``beta``.

    Parameters
    ----------
    beta : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If ``beta`` is out of range; when called, if a row holds NaN, ``inf``, or nothing but ``-inf``.

    Notes
    -----
    Built of exponential tilting, as in saddlepoint approximation: see the chapter *One dial*.

    Examples
    --------
    >>> scores = np.array([[1.0, 0.0, -1.0]])
    >>> Dial(0)(scores)
    array([[0.66666667, 0.33333333, 0.        ]])
    >>> np.allclose(Dial(1)(scores), softmax(scores))
    True
    """

    beta: float

    def __post_init__(self) -> None:
        if not 0 <= self.beta <= 1:
            raise ValueError(f"beta must lie in [0, 1], got {self.beta}")

    def __call__(self, scores: ArrayLike) -> Floats:
        """Weights of each row of scores (J, N); a score of ``-inf`` gets weight 0 and is not counted in N."""
        scores = np.asarray(scores, dtype=float)
        seen = ~np.isneginf(scores)
        if not np.all(np.isfinite(scores) == seen) or not seen.any(axis=-1).all():
            raise ValueError(f"each row of scores {scores.shape} needs a finite entry, and none that is NaN or inf")
        N = seen.sum(axis=-1, keepdims=True)
        # The weights do not change when a number is added to a row; with a top of 0 nothing overflows.
        shifted = np.where(seen, scores - np.max(scores, axis=-1, keepdims=True), 0.0)
        # expm1 loses no digits near 0; far below that the product itself would.
        grown = np.expm1(self.beta * shifted) / self.beta if self.beta > 1e-150 else shifted
        grown = np.where(seen, grown, 0.0)
        mean = grown.sum(axis=-1, keepdims=True) / N
        # As (1 + grown - (1 - beta) mean) is never negative at beta = 1, neither are the weights of the softmax.
        weights = (1 + grown - (1 - self.beta) * mean) / (N * (1 + self.beta * mean))
        return np.where(seen, weights, 0.0)


@dataclass(frozen=True)
class Power:
    """The weighting ``(1 + s / n)^n``, each row divided by its sum: from least squares to the softmax in whole steps.

    With scores that sum to zero, ``Power(1)`` gives the weights of least squares with an intercept;
    ``Power(math.inf)`` is the softmax.

    Parameters
    ----------
    degree : int or math.inf
        The power n, at least 1.

    Raises
    ------
    ValueError
        If ``degree`` is not a whole number of at least 1; when called, if the powers of a row sum to (nearly) zero.

    Notes
    -----
    Kin of polynomial attention (Kacham, Mirrokni and Zhong, 2024) and of the energies of
    Krotov and Hopfield (2016): see the chapter *One dial*.

    Examples
    --------
    >>> Power(2)(np.array([[2.0, 0.0, -2.0]]))
    array([[0.8, 0.2, 0. ]])
    """

    degree: float

    def __post_init__(self) -> None:
        if self.degree != math.inf:
            as_index("degree", self.degree, 1)

    def __call__(self, scores: ArrayLike) -> Floats:
        """Weights of each row of scores (J, N); a score of ``-inf`` gets weight 0."""
        scores = np.asarray(scores, dtype=float)
        if self.degree == math.inf:
            return softmax(scores)
        with np.errstate(invalid="ignore"):
            powers = np.where(np.isneginf(scores), 0.0, (1 + scores / self.degree) ** int(self.degree))
        sums = powers.sum(axis=-1, keepdims=True)
        lost = np.abs(sums) <= 1e-12 * np.abs(powers).sum(axis=-1, keepdims=True)
        if lost.any():
            row = int(np.argwhere(lost)[0][0])
            raise ValueError(f"the powers of degree {self.degree} of row {row} sum to {sums.ravel()[row]:.3g}: "
                             "no weights to give")
        weights: Floats = powers / sums
        return weights


def dial_attention(X_test: ArrayLike, X_train: ArrayLike, y: ArrayLike, *, dial: float = 0.0,
                   ridge: float = 0.0) -> tuple[Floats, Floats]:
    """From least squares with an intercept to softmax attention, on one dial.

    Queries and keys are rows less the mean of the training rows, scores their whitened inner products
    ``(x_j - m)' N (Xc'Xc + ridge I)^-1 (x_i - m)``, and the weighting is :class:`Dial`.

    Parameters
    ----------
    X_test : array_like, shape (J, P)
    X_train : array_like, shape (N, P)
        Both without a column of ones.
    y : array_like, shape (N,) or (N, K)
    dial : float
        From 0, least squares, to 1, softmax attention.
    ridge : float
        Penalty on the squared coefficients, at least 0, in the units of
        :func:`olsattn.least_squares.embedding`; the intercept stays free.

    Returns
    -------
    predictions : ndarray, shape (J,) or (J, K)
    weights : ndarray, shape (J, N)
        Each row sums to one.

    Raises
    ------
    ValueError
        If shapes do not fit, an input holds NaN or inf, or a number is out of range.

    Examples
    --------
    >>> predictions, weights = dial_attention([[3.0]], [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> predictions  # the line through the three points
    array([7.])
    >>> predictions, weights = dial_attention([[3.0]], [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], dial=1.0)
    >>> round(float(predictions[0]), 2)  # softmax attention stays within the responses
    4.9
    """
    X_test, X_train = as_floats("X_test", X_test, 2), as_floats("X_train", X_train, 2)
    y = as_floats("y", y, (1, 2))
    same_size("X_test", X_test, 1, "X_train", X_train, 1, "columns")
    same_size("X_train", X_train, 0, "y", y, 0, "rows")
    centre = X_train.mean(axis=0)
    varied = np.ptp(X_train, axis=0) > 0  # of a constant column centring leaves rounding errors, if anything
    if not varied.any():  # nothing to tell the rows apart by
        return attention(np.zeros((len(X_test), 1)), np.zeros((len(y), 1)), y, weighting=Dial(dial))
    encoder = embedding((X_train - centre)[:, varied], ridge=ridge)
    queries = encoder.encode((X_test - centre)[:, varied])
    return attention(queries, encoder.scores, y, weighting=Dial(dial), scale=len(y))
