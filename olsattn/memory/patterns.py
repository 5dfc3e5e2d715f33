"""Random patterns of signs, random orders of their entries, and cues with wrong signs.

Everything here draws whole 64-bit words, which another language can draw too: the page of a widget makes the same
patterns, cues and orders as this module.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from olsattn._arrays import Floats, as_floats, as_index


def random_patterns(count: int, size: int, rng: np.random.Generator) -> Floats:
    """Independent patterns of fair signs.

    Each row takes words of its own, so that the first rows do not depend on ``count``.

    Parameters
    ----------
    count, size : int
        Number of patterns N and of entries d, at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N, d)
        Entries -1.0 and 1.0.

    Raises
    ------
    ValueError
        If ``count`` or ``size`` is not a whole number of at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> random_patterns(2, 5, np.random.default_rng(0))
    array([[ 1.,  1.,  1.,  1.,  1.],
           [ 1., -1., -1., -1., -1.]])
    """
    count, size = as_index("count", count, 1), as_index("size", size, 1)
    words = _words(count * -(-size // 64), rng).astype("<u8").reshape(count, -1)
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :size]
    return 2.0 * bits.astype(float) - 1


def random_order(size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """A random order of entries: they are sorted by one 64-bit word each.

    Parameters
    ----------
    size : int
        Number of entries d, at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (d,)
        Each of 0 to d - 1 once.

    Raises
    ------
    ValueError
        If ``size`` is not a whole number of at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> random_order(6, np.random.default_rng(0))
    array([3, 2, 1, 0, 4, 5])
    """
    return np.argsort(_words(as_index("size", size, 1), rng), kind="stable")


def flip(patterns: ArrayLike, fraction: float, rng: np.random.Generator) -> Floats:
    """Turn a fraction of each pattern's signs, as many in each row, at random places.

    Parameters
    ----------
    patterns : array_like, shape (T, d)
    fraction : float
        In [0, 1]; ``fraction * d`` is rounded to the nearest whole number, halves up.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (T, d)
        A copy.

    Raises
    ------
    ValueError
        If ``patterns`` is not two-dimensional or ``fraction`` is outside [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> flip([[1, 1, 1, 1, 1]], 0.4, np.random.default_rng(0))
    array([[ 1.,  1., -1., -1.,  1.]])
    """
    cues = as_floats("patterns", patterns, 2)
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must lie in [0, 1], got {fraction}")
    wrong = int(fraction * cues.shape[1] + 0.5)
    for row in cues:
        row[random_order(len(row), rng)[:wrong]] *= -1
    return cues


def _words(count: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    if isinstance(rng.bit_generator, np.random.MT19937):  # its raw words have 32 bits
        return rng.integers(0, 2**64, size=count, dtype=np.uint64)
    words: NDArray[np.uint64] = rng.bit_generator.random_raw(count)
    return words
