"""Autoregressions as self-attention, and least squares that never looks ahead."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from olsattn._arrays import as_floats, same_size
from olsattn.attention import ols_attention
from olsattn.least_squares import embedding


def lag_matrix(series, lags=1, *, intercept=True):
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
        If the series holds NaN or inf, or ``lags`` is out of range.
    """
    series = as_floats("series", series, (1, 2))
    T = len(series)
    if isinstance(lags, bool) or int(lags) != lags or not 1 <= lags < T:
        raise ValueError(f"lags must be a whole number from 1 to T - 1 = {T - 1}, got {lags}")
    columns = [series[lags - k : T - k].reshape(T - lags, -1) for k in range(1, lags + 1)]
    if intercept:
        columns.insert(0, np.ones((T - lags, 1)))
    return np.hstack(columns), series[lags:]


def ar_attention(series, lags=1, *, intercept=True):
    """Fitted values of an autoregression as self-attention of a series on itself.

    Parameters
    ----------
    series : array_like, shape (T,)
    lags : int
    intercept : bool

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
    """
    X, y = lag_matrix(as_floats("series", series, 1), lags, intercept=intercept)
    return ols_attention(X, X, y)


def var_attention(series, lags=1, *, intercept=True):
    """Fitted values of a vector autoregression as self-attention: one set of weights for all series.

    Parameters
    ----------
    series : array_like, shape (T, M)
    lags : int
    intercept : bool

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
    """
    X, y = lag_matrix(as_floats("series", series, 2), lags, intercept=intercept)
    return ols_attention(X, X, y)


def swapped_attention(series, *, corrected=False):
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
    return lagged @ omega @ lagged.T


@dataclass(frozen=True, eq=False)
class ExpandingFit:
    """One-step-ahead least squares on a growing window.

    Attributes
    ----------
    predictions : ndarray, shape (N,)
        ``predictions[t]`` uses rows before t only; NaN before ``start``.
    coefficients : ndarray, shape (N + 1, P)
        ``coefficients[t]`` is fitted on the rows before t; NaN before ``start``. The last row uses all.
    start : int
        The first row that is predicted.
    """

    predictions: np.ndarray
    coefficients: np.ndarray
    start: int
    _X: np.ndarray
    _ridge: float
    _forgetting: float

    def attention_matrix(self):
        """The causal weights: ``weights[t, s]`` is what response s < t contributes to prediction t.

        Returns
        -------
        ndarray, shape (N, N)
            Strictly lower triangular; rows before ``start`` are zero. ``weights @ y`` gives the
            predictions from ``start`` on. Costs O(N^2 P).
        """
        N = len(self._X)
        weights = np.zeros((N, N))
        for t, root in _roots(self._X, np.zeros(N), self._ridge, self._forgetting, self.start):
            if t < N:
                inner = np.linalg.solve(root[:-1, :-1].T, self._X[t])
                row = self._X[:t] @ np.linalg.solve(root[:-1, :-1], inner)
                weights[t, :t] = row * self._forgetting ** np.arange(t - 1, -1, -1.0)
        return weights


def expanding_least_squares(X, y, *, ridge=0.0, start=None, forgetting=1.0):
    """Predict each row from a least-squares fit on the rows before it, at the cost of about one fit.

    A triangular root of the Gram matrix is kept and updated with each new row by an orthogonal
    transformation, in O(P^2). Unlike the textbook recursion on the inverse it does not square the
    condition number, and it starts exactly.

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
        If shapes do not fit, an input holds NaN or inf, ``ridge`` or ``forgetting`` is out of range, or
        the rows before ``start`` do not determine the coefficients.

    Notes
    -----
    The fit before row t minimises the sum over s < t of ``forgetting**(t-1-s) * (y_s - x_s'b)**2``, plus
    ``ridge * forgetting**t * |b|**2``. The exact form of what Goulet Coulombe (2026), equation 35,
    approximates; for the update see Golub and Van Loan, *Matrix Computations*, Section 6.5.
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
    if isinstance(start, bool) or int(start) != start or not 0 <= start < N:
        raise ValueError(f"start must be a whole number from 0 to N - 1 = {N - 1}, got {start}")
    if not ridge and (start < P or np.linalg.matrix_rank(X[:start]) < P):
        raise ValueError(f"the {start} rows before start do not determine {P} coefficients; set ridge > 0")

    coefficients = np.full((N + 1, P), np.nan)
    for t, root in _roots(X, y, ridge, forgetting, start):
        solution, singular = lapack.dtrtrs(root[:-1, :-1], root[:-1, -1:])
        if singular:
            raise ValueError(f"the rows before {t} no longer determine the coefficients: forgetting = {forgetting}")
        coefficients[t] = solution[:, 0]
    predictions = np.einsum("tp,tp->t", X, coefficients[:-1])
    return ExpandingFit(predictions, coefficients, start, X, ridge, forgetting)


def masked_weights(X):
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
        nothing to look at, or whose weights sum to 0, is zero.

    Raises
    ------
    ValueError
        If X is not of full column rank, or holds NaN or inf.

    Notes
    -----
    Source: Goulet Coulombe (2026), equations 34 and 35.
    """
    F = embedding(X).scores
    H = F @ F.T
    result = {"unmasked": H}
    for name, offset in (("equation 35", 0), ("strict", -1)):
        lower = np.tril(H, offset)
        sums = lower.sum(axis=1, keepdims=True)
        result[name] = np.divide(lower, sums, out=np.zeros_like(lower), where=sums != 0)
    result["exact"] = expanding_least_squares(X, np.zeros(len(X))).attention_matrix()
    return result


def _first_determined(X):
    """The first t for which the rows before t have full column rank."""
    N, P = X.shape
    start = bisect_left(range(N + 1), True, key=lambda t: t >= P and np.linalg.matrix_rank(X[:t]) == P)
    if start > N:
        raise ValueError(f"X of shape {X.shape} has rank {np.linalg.matrix_rank(X)}, below {P}: set ridge > 0")
    return start


def _roots(X, y, ridge, forgetting, start):
    """Yield (t, triangular root of the Gram matrix of the rows [x_s, y_s] before t) for t from ``start`` to N."""
    N, P = X.shape
    rows = np.column_stack([X, y])
    prior = np.sqrt(ridge * forgetting**start) * np.eye(P + 1)
    prior[P, P] = 0.0
    past = np.sqrt(forgetting) ** np.arange(start - 1, -1, -1.0)[:, None] * rows[:start]
    root = np.asfortranarray(np.linalg.qr(np.vstack([prior, past]), mode="r"))
    yield start, root
    for t in range(start, N):
        if forgetting != 1.0:
            root *= np.sqrt(forgetting)
        # LAPACK's update of a triangle by a row: O(P^2), and orthogonal, so no digits are lost
        root, *_ = lapack.dtpqrt(0, 1, root, rows[t : t + 1].copy(order="F"), overwrite_a=1, overwrite_b=1)
        yield t + 1, root
