"""Checks that energies and dynamics share."""

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, same_size


def patterns_and_states(patterns: ArrayLike, states: ArrayLike) -> tuple[Floats, Floats]:
    """Real patterns with states.

    Parameters
    ----------
    patterns : array_like, shape (N, d)
    states : array_like, shape (d,) or (T, d)

    Returns
    -------
    patterns, states : ndarray

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is NaN or inf.

    Examples
    --------
    >>> patterns_and_states([[1, 2]], [0.5, 0])
    (array([[1., 2.]]), array([0.5, 0. ]))
    """
    return _fitting(as_floats("patterns", patterns, 2), as_floats("states", states, (1, 2)))


def signs(patterns: ArrayLike, states: ArrayLike) -> tuple[Floats, Floats]:
    """Patterns of signs with states of signs.

    Parameters
    ----------
    patterns : array_like, shape (N, d) or (B, N, d)
        All entries -1 or 1.
    states : array_like, shape (d,) or (T, d), or (B, T, d) with B sets of patterns
        All entries -1 or 1.

    Returns
    -------
    patterns, states : ndarray

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is not a sign.

    Examples
    --------
    >>> signs([[1, -1]], [[1, 2]])
    Traceback (most recent call last):
    ValueError: states must have entries -1 and 1 only, got 2 in shape (1, 2)
    """
    keys, rows = as_floats("patterns", patterns, (2, 3)), as_floats("states", states, (1, 2, 3))
    if (keys.ndim == 3 or rows.ndim == 3) and (keys.ndim != rows.ndim or len(keys) != len(rows)):
        raise ValueError(f"sets of patterns (B, N, d) go with states (B, T, d), got shapes {keys.shape}, {rows.shape}")
    for name, array in (("patterns", keys), ("states", rows)):
        others = array[np.abs(array) != 1]
        if others.size:
            raise ValueError(f"{name} must have entries -1 and 1 only, got {others[0]:g} in shape {array.shape}")
    return _fitting(keys, rows)


def _fitting(patterns: Floats, states: Floats) -> tuple[Floats, Floats]:
    same_size("patterns", patterns, -1, "states", states, -1, "entries in a row")
    return patterns, states
