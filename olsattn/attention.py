"""Attention: scores between queries and keys, a weighting of the scores, a weighted sum of values."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index, same_size
from olsattn.least_squares import embedding


def identity(scores):
    """Leave the scores as they are: weights may be negative and need not sum to one."""
    return scores


def softmax(scores):
    """Exponentiate and normalise each row: weights are positive and sum to one.

    Parameters
    ----------
    scores : ndarray, shape (J, N)
        Entries of ``-inf`` get weight 0; each row needs a finite entry.

    Returns
    -------
    ndarray, shape (J, N)
        Goulet Coulombe (2026), equation 15.
    """
    # Subtracting the row maximum changes nothing in exact arithmetic and keeps exp from overflowing.
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


WEIGHTINGS = {"identity": identity, "softmax": softmax}


def attention(queries, keys, values, *, weighting="identity", mask=None, scale=1.0):
    """Weighted sums of values, with weights made from inner products of queries and keys.

    Parameters
    ----------
    queries : array_like, shape (J, L)
    keys : array_like, shape (N, L)
    values : array_like, shape (N,) or (N, K)
    weighting : str or callable
        How scores become weights: ``"identity"``, ``"softmax"``, or a function from scores (J, N)
        to weights (J, N). A masked score reaches the function as ``-inf``.
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
    Source: Vaswani et al. (2017), equation 1; with a general weighting, Goulet Coulombe (2026),
    equation 17.
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    values = as_floats("values", values, (1, 2))
    scale = float(as_floats("scale", scale, 0))
    same_size("queries", queries, 1, "keys", keys, 1, "columns")
    same_size("keys", keys, 0, "values", values, 0, "rows")

    if callable(weighting):
        weigh = weighting
    elif isinstance(weighting, str) and weighting in WEIGHTINGS:
        weigh = WEIGHTINGS[weighting]
    else:
        raise ValueError(f"unknown weighting {weighting!r}: give a function or one of {sorted(WEIGHTINGS)}")

    with np.errstate(over="ignore"):
        scores = scale * (queries @ keys.T)
    if not np.isfinite(scores).all():
        raise ValueError(f"scores overflow: the largest query entry is {np.abs(queries).max():.3g}, "
                         f"the largest key entry {np.abs(keys).max():.3g}, scale {scale:.3g}")
    allowed = _as_mask(mask, scores.shape)
    if allowed is not None:
        scores = np.where(allowed, scores, -np.inf)
    weights = np.asarray(weigh(scores))
    if weights.shape != scores.shape:
        raise ValueError(f"weighting must keep the shape {scores.shape} of the scores, got {weights.shape}")
    if allowed is not None:
        weights = np.where(allowed, weights, 0.0)
    weights = as_floats("weights", weights, 2)
    return weights @ values, weights


def multi_head_attention(
    queries, keys, values, *, w_query, w_key, w_value, w_out, weighting="softmax", mask=None, scale=None
):
    """Several attention heads side by side, each with maps of its own, added up.

    Head h attends with queries ``queries @ w_query[h]`` and keys ``keys @ w_key[h]`` to the values
    ``values @ w_value[h]``; the output is the sum over heads of what each returns, times ``w_out[h]``.

    Parameters
    ----------
    queries : array_like, shape (J, P)
    keys : array_like, shape (N, R)
    values : array_like, shape (N,) or (N, K)
        One dimension counts as one column, K = 1.
    w_query : array_like, shape (H, P, L)
    w_key : array_like, shape (H, R, L)
    w_value : array_like, shape (H, K, D)
    w_out : array_like, shape (H, D, M)
        The H blocks of rows of the matrix that multiplies the concatenated heads.
    weighting : str or callable
        As for :func:`attention`, the same for every head.
    mask : array_like of bool, shape (J, N), optional
        True where a query may look, the same for every head.
    scale : float, optional
        Multiplies the scores; ``L ** -0.5``, a Transformer's choice, if not given.

    Returns
    -------
    output : ndarray, shape (J, M)
    weights : ndarray, shape (H, J, N)
        The attention weights of each head.

    Raises
    ------
    ValueError
        If shapes do not fit, or for the reasons given under :func:`attention`.

    Notes
    -----
    Source: Vaswani et al. (2017), Section 3.2.2; Goulet Coulombe (2026), equations 31 and 32. Without
    biases, and with the softmax, this is PyTorch's ``MultiheadAttention``.
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    values = as_floats("values", values, (1, 2))
    values = values[:, None] if values.ndim == 1 else values
    w_query, w_key, w_value, w_out = _as_heads(w_query, w_key, w_value, w_out)
    same_size("queries", queries, 1, "w_query", w_query, 1, "features")
    same_size("keys", keys, 1, "w_key", w_key, 1, "features")
    same_size("values", values, 1, "w_value", w_value, 1, "features")
    scale = w_query.shape[2] ** -0.5 if scale is None else scale

    output, weights = 0.0, []
    for query_map, key_map, value_map, out_map in zip(w_query, w_key, w_value, w_out, strict=True):
        head, head_weights = attention(
            queries @ query_map, keys @ key_map, values @ value_map, weighting=weighting, mask=mask, scale=scale
        )
        output = output + head @ out_map
        weights.append(head_weights)
    return output, np.stack(weights)


def merge_heads(w_query, w_key, w_value, w_out, *, heads=1):
    """The fewer heads that come closest to given ones, as linear maps, when the weighting is the identity.

    Linear heads act through the sum over h of the Kronecker products of ``Omega_h = w_query[h] w_key[h]'``
    and ``M_h = w_value[h] w_out[h]``. Its best approximation by ``heads`` such products, in the
    Frobenius norm, comes from a singular value decomposition of the sum of ``vec(Omega_h) vec(M_h)'``
    (Van Loan and Pitsianis 1993). It serves all tokens and values; for given ones another may be closer.

    Parameters
    ----------
    w_query, w_key, w_value, w_out : array_like
        As for :func:`multi_head_attention`.
    heads : int
        Number of heads to return, from 1 on.

    Returns
    -------
    w_query, w_key, w_value, w_out : ndarray
        Weights of the merged heads, of shapes (heads, P, P), (heads, R, P), (heads, K, K), (heads, K, M): pass
        them to :func:`multi_head_attention` with the same ``weighting="identity"`` and ``scale``.
    singular_values : ndarray
        Of the operator; the merged heads are exact when those after the first ``heads`` are zero. With
        scalar values (K = M = 1) there is only one.

    Raises
    ------
    ValueError
        If shapes do not fit or ``heads`` is not a positive whole number.
    """
    w_query, w_key, w_value, w_out = _as_heads(w_query, w_key, w_value, w_out)
    if isinstance(heads, bool) or int(heads) != heads or heads < 1:
        raise ValueError(f"heads must be a positive whole number, got {heads}")
    omegas, maps = w_query @ w_key.transpose(0, 2, 1), w_value @ w_out  # (H, P, R) and (H, K, M)
    operator = omegas.reshape(len(omegas), -1).T @ maps.reshape(len(maps), -1)
    left, size, right = np.linalg.svd(operator, full_matrices=False)
    kept = min(heads, len(size))
    new_omegas = (left[:, :kept] * size[:kept]).T.reshape(kept, *omegas.shape[1:])
    new_maps = right[:kept].reshape(kept, *maps.shape[1:])
    identity_query = np.broadcast_to(np.eye(omegas.shape[1]), (kept, omegas.shape[1], omegas.shape[1]))
    identity_value = np.broadcast_to(np.eye(maps.shape[1]), (kept, maps.shape[1], maps.shape[1]))
    return identity_query, new_omegas.transpose(0, 2, 1), identity_value, new_maps, size


def first_order_head(w_query, w_key, w_value, w_out):
    """The one softmax head that agrees with several to first order in their scores.

    For small scores a softmax is linear, ``1/N + (score - mean score)/N``. In that limit, and for scalar
    values, one head with the combined value map and a weighted mean of the ``Omega_h`` returns what the
    several return. For larger scores, or vector values, it is only a candidate.

    Parameters
    ----------
    w_query, w_key, w_value, w_out : array_like
        As for :func:`multi_head_attention`.

    Returns
    -------
    w_query, w_key, w_value, w_out : ndarray
        Weights of one head, as from :func:`merge_heads`.

    Raises
    ------
    ValueError
        If shapes do not fit, or the products ``w_value[h] w_out[h]`` sum to zero.
    """
    w_query, w_key, w_value, w_out = _as_heads(w_query, w_key, w_value, w_out)
    omegas, maps = w_query @ w_key.transpose(0, 2, 1), w_value @ w_out
    total = maps.sum(axis=0)
    if not total.any():
        raise ValueError("the value maps of the heads sum to zero: no single head has their first-order output")
    shares = np.einsum("hkm,km->h", maps, total) / np.sum(total**2)  # they sum to one
    omega = np.einsum("h,hpr->pr", shares, omegas)
    return np.eye(len(omega))[None], omega.T[None], np.eye(len(total))[None], total[None]


def _as_heads(w_query, w_key, w_value, w_out):
    named = dict(w_query=w_query, w_key=w_key, w_value=w_value, w_out=w_out)
    w_query, w_key, w_value, w_out = arrays = [as_floats(name, array, 3) for name, array in named.items()]
    if len({len(array) for array in arrays}) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(named, arrays, strict=True))
        raise ValueError(f"all weights must have the same number of heads (first axis), got {shapes}")
    same_size("w_query", w_query, 2, "w_key", w_key, 2, "columns (the width of a head)")
    same_size("w_value", w_value, 2, "w_out", w_out, 1, "inner features")
    return arrays


def _as_mask(mask, shape):
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.shape != shape:
        raise ValueError(f"mask must be boolean of shape {shape} (queries, keys), got {mask.dtype} {mask.shape}")
    blind = np.flatnonzero(~mask.any(axis=1))
    if blind.size:
        raise ValueError(f"every key is masked for query row(s) {blind[:5].tolist()}: no weights to give")
    return mask


def ols_attention(X_test, X_train, y):
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
        return powers / sums


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
