"""Checks that energies and dynamics share."""

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, same_size


def patterns_and_states(patterns: ArrayLike, states: ArrayLike) -> tuple[Floats, Floats]:
    """Real patterns (M, d) with states (d,) or (T, d)."""
    return _fitting(as_floats("patterns", patterns, 2), as_floats("states", states, (1, 2)))


def signs(patterns: ArrayLike, states: ArrayLike) -> tuple[Floats, Floats]:
    """Patterns (M, d) with states (d,) or (T, d), or sets of them (B, M, d) with (B, T, d); all entries -1 or 1."""
    keys, rows = as_floats("patterns", patterns, (2, 3)), as_floats("states", states, (1, 2, 3))
    if (keys.ndim == 3 or rows.ndim == 3) and (keys.ndim != rows.ndim or len(keys) != len(rows)):
        raise ValueError(f"sets of patterns (B, M, d) go with states (B, T, d), got shapes {keys.shape}, {rows.shape}")
    for name, array in (("patterns", keys), ("states", rows)):
        others = array[np.abs(array) != 1]
        if others.size:
            raise ValueError(f"{name} must have entries -1 and 1 only, got {others[0]:g} in shape {array.shape}")
    return _fitting(keys, rows)


def _fitting(patterns: Floats, states: Floats) -> tuple[Floats, Floats]:
    same_size("patterns", patterns, -1, "states", states, -1, "entries in a row")
    return patterns, states
