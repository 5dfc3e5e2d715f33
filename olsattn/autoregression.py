"""Autoregressions of one or several series as self-attention."""

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index
from olsattn.attention import ols_attention
from olsattn.least_squares import embedding


def lag_matrix(series: ArrayLike, lags: int = 1, *, intercept: bool = True) -> tuple[Floats, Floats]:
    """The design of an autoregression, and the responses that go with it.

    Parameters
    ----------
    series : array_like, shape (T,) or (T, M)
        Observations in the order of time.
    lags : int
        Number of lags p, from 1 to T - 1.
    intercept : bool
        Whether the first column is ones.

    Returns
    -------
    X : ndarray, shape (T - p, p M) or (T - p, 1 + p M)
        Row t holds the M values one period earlier, then two periods earlier, and so on.
    y : ndarray, shape (T - p,) or (T - p, M)
        The series without its first p observations.

    Raises
    ------
    ValueError
        If the series holds NaN or inf, or ``lags`` is not a whole number in its range.

    Notes
    -----
    Source: the design of Goulet Coulombe (2026), equation 33, with any number of lags.

    Examples
    --------
    >>> X, y = lag_matrix([1, 2, 3, 4], 2)
    >>> X
    array([[1., 2., 1.],
           [1., 3., 2.]])
    >>> y
    array([3., 4.])
    """
    series = as_floats("series", series, (1, 2))
    T = len(series)
    if T < 2:
        raise ValueError(f"series must have at least 2 observations, got shape {series.shape}")
    lags = as_index("lags", lags, 1, T - 1)
    columns = [series[lags - k : T - k].reshape(T - lags, -1) for k in range(1, lags + 1)]
    if intercept:
        columns.insert(0, np.ones((T - lags, 1)))
    return np.hstack(columns), series[lags:]


def ar_attention(series: ArrayLike, lags: int = 1, *, intercept: bool = True) -> tuple[Floats, Floats]:
    """Fitted values of an autoregression as self-attention of a series on itself.

    Parameters
    ----------
    series : array_like, shape (T,)
    lags : int
        Number of lags p, from 1 to T - 1.
    intercept : bool
        Whether the regression has one.

    Returns
    -------
    fitted : ndarray, shape (T - p,)
        For the observations after the first p.
    weights : ndarray, shape (T - p, T - p)
        ``weights[t, s]`` is what observation s contributes to the fit of observation t. It is the hat
        matrix of the regression, so half of it looks ahead in time.

    Raises
    ------
    ValueError
        As for :func:`lag_matrix`, or if the series has more than one column.

    Notes
    -----
    Source: Goulet Coulombe (2026), equations 33 and 34.

    Examples
    --------
    A series that doubles, without intercept:

    >>> fitted, weights = ar_attention([1, 2, 4], intercept=False)
    >>> fitted.round(12), weights.round(12)
    (array([2., 4.]), array([[0.2, 0.4],
           [0.4, 0.8]]))
    """
    X, y = lag_matrix(as_floats("series", series, 1), lags, intercept=intercept)
    return ols_attention(X, X, y)


def var_attention(series: ArrayLike, lags: int = 1, *, intercept: bool = True) -> tuple[Floats, Floats]:
    """Fitted values of a vector autoregression as self-attention: one set of weights for all series.

    Parameters
    ----------
    series : array_like, shape (T, M)
    lags : int
        Number of lags p, from 1 to T - 1.
    intercept : bool
        Whether the regression has one.

    Returns
    -------
    fitted : ndarray, shape (T - p, M)
    weights : ndarray, shape (T - p, T - p)

    Raises
    ------
    ValueError
        As for :func:`lag_matrix`, or if the series is not a matrix.

    Notes
    -----
    Source: Goulet Coulombe (2026), Section 4.2.

    Examples
    --------
    Two series that exchange their values, without intercept:

    >>> fitted, weights = var_attention([[1, 2], [2, 1], [1, 2], [2, 1]], intercept=False)
    >>> fitted.round(12)
    array([[2., 1.],
           [1., 2.],
           [2., 1.]])
    >>> weights[0].round(12)
    array([0.5, 0. , 0.5])
    """
    X, y = lag_matrix(as_floats("series", series, 2), lags, intercept=intercept)
    return ols_attention(X, X, y)


def swapped_attention(series: ArrayLike, *, corrected: bool = False) -> Floats:
    """First-order self-attention with the Gram matrix of the series in place of that of its lag.

    Parameters
    ----------
    series : array_like, shape (T,) or (T, M)
        Without intercept: centre it first if it needs one.
    corrected : bool
        Whether to undo the swap exactly. The two Gram matrices differ by two observations, the last
        one that enters and the first one that leaves, so a correction of rank 2 restores the inverse.

    Returns
    -------
    ndarray, shape (T - 1, T - 1)

    Raises
    ------
    ValueError
        If the series holds NaN or inf, or is too short for its Gram matrix to have an inverse.

    Notes
    -----
    Source: Goulet Coulombe (2026), Section 4.2, which calls the swap numerically equivalent.

    Examples
    --------
    The lag is (1, 2), with a sum of squares of 5; the series without its first value is (2, 4), with 20:

    >>> swapped_attention([1, 2, 4]).round(12)
    array([[0.05, 0.1 ],
           [0.1 , 0.2 ]])
    >>> swapped_attention([1, 2, 4], corrected=True).round(12)
    array([[0.2, 0.4],
           [0.4, 0.8]])
    """
    lagged, now = lag_matrix(series, 1, intercept=False)
    now = now.reshape(len(now), -1)
    encoder = embedding(now)
    if encoder.weights.shape[1] < now.shape[1]:
        raise ValueError(f"the Gram matrix of a series of shape {now.shape} has no inverse: rank below {now.shape[1]}")
    omega = encoder.omega
    if corrected:  # Woodbury: (G - C S C')^-1 with C = [last, first] and S = diag(1, -1)
        C, S = np.column_stack([now[-1], lagged[0]]), np.diag([1.0, -1.0])
        omega = omega + omega @ C @ np.linalg.solve(S - C.T @ omega @ C, C.T @ omega)
    weights: Floats = lagged @ omega @ lagged.T
    return weights
