"""Linear memories of pairs of keys and values: the sum of outer products, and least squares."""

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, same_size


def hebbian_memory(keys: ArrayLike, values: ArrayLike) -> Floats:
    """The sum of outer products of keys and values, ``keys' values``: linear attention before a query arrives.

    Parameters
    ----------
    keys : array_like, shape (N, d)
    values : array_like, shape (N,) or (N, m)

    Returns
    -------
    ndarray, shape (d,) or (d, m)
        A query q recalls ``q @ memory``; exact for the keys if they are orthonormal.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or an entry is NaN or inf.

    Notes
    -----
    Source: Kohonen (1972), who calls it a correlation matrix memory.

    Examples
    --------
    >>> memory = hebbian_memory([[1, 0, 0], [0, 1, 0]], [5.0, 7.0])
    >>> float([0, 1, 0] @ memory)
    7.0
    """
    keys, values = _pairs(keys, values)
    return keys.T @ values


def pseudo_inverse_memory(keys: ArrayLike, values: ArrayLike) -> Floats:
    """The least-squares memory ``keys^+ values``: of minimum norm where several recall equally well.

    Parameters
    ----------
    keys : array_like, shape (N, d)
    values : array_like, shape (N,) or (N, m)

    Returns
    -------
    ndarray, shape (d,) or (d, m)
        A query q recalls ``q @ memory``; exact for the keys if they are linearly independent.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or an entry is NaN or inf.

    Notes
    -----
    Sources: Kohonen and Ruohonen (1973); Personnaz, Guyon and Dreyfus (1985).

    Examples
    --------
    >>> memory = pseudo_inverse_memory([[1, 0, 0], [1, 1, 0]], [5.0, 7.0])
    >>> round(float([1, 1, 0] @ memory), 9)
    7.0
    """
    keys, values = _pairs(keys, values)
    return np.asarray(np.linalg.lstsq(keys, values, rcond=None)[0], float)


def _pairs(keys: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    keys, values = as_floats("keys", keys, 2), as_floats("values", values, (1, 2))
    same_size("keys", keys, 0, "values", values, 0, "rows")
    return keys, values
