"""Attention: scores between queries and keys, a weighting of the scores, a weighted sum of values."""

import numpy as np

from olsattn._arrays import as_floats, same_size
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
