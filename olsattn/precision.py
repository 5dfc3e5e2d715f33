"""Least squares in few digits: numbers stored in short formats, Gram matrices that are summed in them, four routes.

What a format does is imitated: values are rounded to it and computed with in a longer one, so that every step that
loses digits is a visible call. Processors do the same when they multiply short numbers and add in float32.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, same_size

#: Significant bits of each format, the leading one included. Its unit roundoff is 2 to the power of minus that.
BITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}

#: Ways from X and y to coefficients: two through ``X'X``, two through X itself.
ROUTES = ("eigen", "cholesky", "qr", "svd")


def _check(name: str, value: str, allowed: Any) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def stored(values: ArrayLike, form: str) -> Floats:
    """The numbers that are left when values are stored in a format.

    Parameters
    ----------
    values : array_like
        Of any shape up to four dimensions.
    form : str
        ``"float64"``, ``"float32"``, ``"float16"`` or ``"bfloat16"``.

    Returns
    -------
    ndarray
        Of the same shape, in float64, rounded to nearest with ties to even. What is too large for the format is inf.

    Raises
    ------
    ValueError
        If there is no such format, or a value is NaN or inf.

    Notes
    -----
    Formats: IEEE 754 binary64, binary32 and binary16; bfloat16 has the eight exponent bits of binary32 and eight
    significant bits. Its subnormal numbers are not imitated.

    Examples
    --------
    >>> stored([1 / 3, 257, 70000], "float16"), stored([1 / 3, 257], "bfloat16")
    (array([  0.33325195, 257.        ,          inf]), array([  0.33398438, 256.        ]))
    """
    _check("form", form, BITS)
    array = as_floats("values", values, tuple(range(5)))
    if form == "bfloat16":
        mantissa, exponent = np.frexp(array)
        short: Floats = np.ldexp(np.rint(mantissa * 2.0**8), exponent - 8)
        return np.where(np.abs(short) >= 2.0**128, np.copysign(np.inf, short), short)
    with np.errstate(over="ignore"):
        return array.astype(form).astype(float)


def gram_matrix(X: ArrayLike, *, rows: str, total: str) -> Floats:
    """The Gram matrix ``X'X``, summed row by row with a running total in a format.

    Parameters
    ----------
    X : array_like, shape (N, P)
    rows : str
        Format that the entries of X are stored in; see :func:`stored`.
    total : str
        Format of the running total, which is rounded to it after each row.

    Returns
    -------
    ndarray, shape (P, P)
        Symmetric, in float64; an entry that outgrows ``total`` is inf.

    Raises
    ------
    ValueError
        If there is no such format, X is not a matrix or holds NaN or inf, or an entry does not fit in ``rows``.

    Examples
    --------
    Three hundred ones. In bfloat16 the total stops at 256, because 257 needs nine significant bits:

    >>> ones = np.ones((300, 1))
    >>> gram_matrix(ones, rows="bfloat16", total="float32"), gram_matrix(ones, rows="bfloat16", total="bfloat16")
    (array([[300.]]), array([[256.]]))
    """
    _check("total", total, BITS)
    X = as_floats("X, as stored,", stored(as_floats("X", X, 2), rows), 2)
    running = np.zeros((X.shape[1], X.shape[1]))
    full = np.zeros(running.shape, dtype=bool)
    for row in X:
        running = stored(np.where(full, 0.0, running + np.outer(row, row)), total)
        full |= np.isinf(running)
        running[full] = 0.0
    running[full] = np.inf
    return running


def coefficients(X: ArrayLike, y: ArrayLike, *, route: str, form: str) -> Floats:
    """Least-squares coefficients by one of four routes, with all that is kept stored in a format.

    Kept are X and y, and after the first step X'X and X'y (``"eigen"``, ``"cholesky"``), the triangular root R and
    Q'y (``"qr"``), or D, U and F'y of ``X = F D U'`` (``"svd"``). The arithmetic between is float64 for
    ``form = "float64"`` and float32 for all others, sums included.

    Parameters
    ----------
    X : array_like, shape (N, P)
        With N >= P.
    y : array_like, shape (N,)
    route : str
        ``"eigen"``, ``"cholesky"``, ``"qr"`` or ``"svd"``.
    form : str
        See :func:`stored`.

    Returns
    -------
    ndarray, shape (P,)
        In float64; all NaN if the route breaks down: an entry of X, y or X'X overflows, an eigenvalue or a pivot is
        negative or zero.

    Raises
    ------
    ValueError
        If there is no such route or format, the shapes do not fit, N < P, or X or y holds NaN or inf.

    Notes
    -----
    Source: Golub and Van Loan (2013), *Matrix Computations*, chapter 5.

    Examples
    --------
    Two columns that differ by one part in ten thousand. Their Gram matrix is singular in float32:

    >>> X, y = [[1.0, 1.0], [1e-4, 0.0], [0.0, 1e-4]], [2.0, 1e-4, 1e-4]
    >>> coefficients(X, y, route="cholesky", form="float32"), coefficients(X, y, route="qr", form="float32").round(3)
    (array([nan, nan]), array([1., 1.]))
    """
    _check("route", route, ROUTES)
    _check("form", form, BITS)
    X, y = as_floats("X", X, 2), as_floats("y", y, 1)
    same_size("X", X, 0, "y", y, 0, "rows")
    if X.shape[0] < X.shape[1]:
        raise ValueError(f"X must have at least as many rows as columns, got shape {X.shape}")
    work = np.float64 if form == "float64" else np.float32

    def keep(values: Any) -> Any:
        return stored(values, form).astype(work)

    with np.errstate(all="ignore"):
        try:
            found = _solved(keep(X), keep(y), route, keep)
        except (np.linalg.LinAlgError, ValueError):  # a negative pivot; inf where it overflowed
            found = np.full(X.shape[1], np.nan)
    return found.astype(float) if np.isfinite(found).all() else np.full(X.shape[1], np.nan)


def _solved(X: Any, y: Any, route: str, keep: Any) -> Any:
    """Coefficients in the precision of X; ``keep`` rounds what is stored. LinAlgError or NaN where it breaks down."""
    if route == "qr":
        Q, R = np.linalg.qr(X)
        return np.linalg.solve(keep(R), keep(Q.T @ y))
    if route == "svd":
        F, d, Ut = np.linalg.svd(X, full_matrices=False)
        return keep(Ut).T @ (keep(F.T @ y) / keep(d))
    S, moments = keep(X.T @ X), keep(X.T @ y)
    if not np.isfinite(S).all():
        raise np.linalg.LinAlgError("X'X overflows")
    if route == "cholesky":
        C = np.linalg.cholesky(S)
        return np.linalg.solve(C.T, np.linalg.solve(C, moments))
    eigenvalues, U = np.linalg.eigh(S)
    W = U / np.sqrt(eigenvalues)
    return W @ (W.T @ moments)
