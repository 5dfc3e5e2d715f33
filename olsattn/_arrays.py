"""What every module shares: input checks that print the offending shapes, and one measure of agreement."""

from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: What the package returns and computes with; ``ArrayLike`` is what it takes.
Floats = NDArray[np.float64]


def as_floats(name: str, value: ArrayLike, ndim: int | tuple[int, ...]) -> Floats:
    """Return ``value`` as a float64 array with one of the allowed numbers of dimensions.

    Parameters
    ----------
    name : str
        What the caller calls the array, for the error message.
    value : array_like
        Real numbers, of any shape.
    ndim : int or tuple of int
        Allowed numbers of dimensions.

    Returns
    -------
    ndarray
        Of the same shape; a copy.

    Raises
    ------
    ValueError
        If the array is complex, not numeric, empty, of another dimension, or holds NaN or inf.

    Examples
    --------
    >>> as_floats("X", [[1, 2]], 2)
    array([[1., 2.]])
    >>> as_floats("X", [1, 2], 2)
    Traceback (most recent call last):
    ValueError: X must be 2-D, got shape (2,)
    """
    try:
        raw: Any = np.asarray(value)
    except ValueError as error:  # rows of unequal length
        raise ValueError(f"{name} is not a rectangular array: {error}") from error
    if raw.dtype.kind not in "biuf":
        numbers = raw.dtype.kind == "O" and not any(isinstance(entry, (str, bytes)) for entry in raw.flat)
        try:
            raw = raw.astype(float) if numbers else None  # fractions, sympy's numbers
        except (TypeError, ValueError):
            raw = None
        if raw is None:
            raise ValueError(f"{name} must hold real numbers, got dtype {np.asarray(value).dtype}")
    array: Floats = raw.astype(float)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if array.ndim not in allowed:
        dims = " or ".join(f"{d}-D" for d in allowed)
        raise ValueError(f"{name} must be {dims}, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: shape {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"{name} of shape {array.shape} has {int(bad.sum())} NaN or inf, the first at {first}")
    return array


def as_index(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return a whole number from ``low`` to ``high`` as an ``int``.

    Whatever Python itself takes as an index will do, NumPy's integers included; 2.0 and True will not.

    Parameters
    ----------
    name : str
        What the caller calls the number, for the error message.
    value : int
    low, high : int
        The range, both ends included; without ``high`` there is no upper end.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the value is not a whole number or out of range.

    Examples
    --------
    >>> as_index("rank", np.int64(2), 1, 3)
    2
    >>> as_index("rank", 2.0, 1, 3)
    Traceback (most recent call last):
    ValueError: rank must be a whole number of at least 1 and at most 3, got 2.0
    """
    wanted = f"{name} must be a whole number of at least {low}" + (f" and at most {high}" if high is not None else "")
    try:
        # True and False are numbers to Python, and NumPy's own to NumPy 2.0, with a warning
        number = None if isinstance(value, (bool, np.bool_)) else index(value)
    except TypeError:
        number = None
    if number is None or number < low or (high is not None and number > high):
        raise ValueError(f"{wanted}, got {value!r}")
    return number


def same_size(name_a: str, a: Floats, axis_a: int, name_b: str, b: Floats, axis_b: int, what: str) -> None:
    """Refuse two arrays whose axes should agree and do not.

    Parameters
    ----------
    name_a, name_b : str
        What the caller calls the arrays.
    a, b : ndarray
        Of any shape.
    axis_a, axis_b : int
        The axes that should have one length.
    what : str
        What they count, such as ``"columns"``.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> same_size("X", np.ones((2, 3)), 0, "y", np.ones(3), 0, "rows")
    Traceback (most recent call last):
    ValueError: X and y must have the same number of rows, got shapes (2, 3) and (3,)
    """
    if a.shape[axis_a] != b.shape[axis_b]:
        raise ValueError(
            f"{name_a} and {name_b} must have the same number of {what}, got shapes {a.shape} and {b.shape}"
        )


def relative_error(value: ArrayLike, exact: ArrayLike) -> float:
    """Distance of an array from the exact one, relative to the exact one's size: ``|value - exact| / |exact|``.

    Parameters
    ----------
    value, exact : array_like
        Of equal shape; the norm is that of all entries together.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ, an entry is NaN or inf, or ``exact`` is all zeros.

    Examples
    --------
    >>> relative_error([3.0, 4.5], [3.0, 4.0])
    0.1
    """
    any_ndim = tuple(range(5))
    value, exact = as_floats("value", value, any_ndim), as_floats("exact", exact, any_ndim)
    if value.shape != exact.shape:
        raise ValueError(f"value and exact must have one shape, got {value.shape} and {exact.shape}")
    size = np.linalg.norm(exact)
    if size == 0:
        raise ValueError("exact is all zeros: nothing to be relative to")
    return float(np.linalg.norm(value - exact) / size)
