"""The checks that every module shares: what they let through, and what they print about the rest."""

from fractions import Fraction

import numpy as np
import pytest

from olsattn import relative_error
from olsattn._arrays import as_floats, as_index, same_size


@pytest.mark.parametrize(
    "value",
    [[[1, 2]], [[True, False]], np.ones((1, 2), np.uint8), np.ones((1, 2), np.float32), [[Fraction(1, 2), 2]],
     np.array([[1.0, 2]], object)],
)
def test_real_numbers_become_floats(value):
    array = as_floats("X", value, 2)
    assert array.dtype == np.float64 and array.shape == (1, 2)
    assert array.tolist() == [[float(entry) for entry in row] for row in value]


def test_the_array_of_the_caller_is_not_shared():
    given = np.ones(3)
    as_floats("y", given, 1)[0] = 7
    assert given[0] == 1


@pytest.mark.parametrize(
    ("value", "ndim", "message"),
    [
        ([1.0], 2, r"^X must be 2-D, got shape \(1,\)$"),
        ([[[1.0]]], (1, 2), r"^X must be 1-D or 2-D, got shape \(1, 1, 1\)$"),
        (np.ones((0, 2)), 2, r"^X is empty: shape \(0, 2\)$"),
        ([[1.0, np.nan], [np.inf, 1.0]], 2, r"^X of shape \(2, 2\) has 2 NaN or inf, the first at \(0, 1\)$"),
        ([[1.0], [1.0, 2.0]], 2, "^X is not a rectangular array: "),
        ([1j], 1, r"^X must hold real numbers, got dtype complex128$"),
        (["a"], 1, r"^X must hold real numbers, got dtype <U1$"),
        (np.array(["1.5"]), 1, r"^X must hold real numbers, got dtype <U3$"),
        (np.array([None]), 1, "NaN or inf|must hold real numbers"),
        (np.array([{}]), 1, r"^X must hold real numbers, got dtype object$"),
        (np.array([b"1"], object), 1, r"^X must hold real numbers, got dtype object$"),
        (np.array([2, "1"], object), 1, r"^X must hold real numbers, got dtype object$"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_named(value, ndim, message):
    with pytest.raises(ValueError, match=message):
        as_floats("X", value, ndim)


def test_a_number_has_no_dimension():
    assert as_floats("ridge", 2, 0).shape == ()
    assert as_floats("w", [1], (0, 1)).shape == (1,)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_whole_numbers_are_what_python_takes_as_an_index(value):
    number = as_index("rank", value, 3, 3)
    assert number == 3 and type(number) is int


@pytest.mark.parametrize("value", [2, 4, 3.0, True, np.True_, "3", None, np.array([3, 3]), np.float64(3)])
def test_other_numbers_are_refused(value):
    with pytest.raises(ValueError, match=r"^rank must be a whole number of at least 3 and at most 3, got "):
        as_index("rank", value, 3, 3)


@pytest.mark.parametrize("value", [True, np.True_, np.False_, False])
def test_a_truth_value_is_no_number_even_in_range(value):
    with pytest.raises(ValueError, match="must be a whole number of at least 0, got "):
        as_index("lags", value, 0)


def test_without_an_upper_end_any_size_will_do():
    assert as_index("steps", 10**9, 0) == 10**9 and as_index("steps", -3, -3) == -3
    with pytest.raises(ValueError, match=r"^steps must be a whole number of at least 0, got -1$"):
        as_index("steps", -1, 0)


def test_axes_of_one_length_pass():
    X, y = np.ones((2, 3)), np.ones(3)
    same_size("X", X, 1, "y", y, 0, "columns")
    with pytest.raises(ValueError, match=r"^X and y must .* number of rows, got shapes \(2, 3\) and \(3,\)$"):
        same_size("X", X, 0, "y", y, 0, "rows")


def test_relative_error_is_a_distance_over_a_size():
    assert relative_error([1.0, 1.1], [1.0, 1.0]) == pytest.approx(0.1 / np.sqrt(2))
    assert relative_error([[3.0, 4.5]], [[3.0, 4.0]]) == pytest.approx(0.1)
    assert relative_error([4.0, 5.0], [3.0, 4.0]) == pytest.approx(2**0.5 / 5)
    assert relative_error(3.0, 2.0) == 0.5 and relative_error(np.ones((2, 2, 2, 2)), np.ones((2, 2, 2, 2))) == 0
    with pytest.raises(ValueError, match=r"^value and exact must have one shape, got \(2,\) and \(1,\)$"):
        relative_error([1, 2], [1])
    with pytest.raises(ValueError, match=r"^exact is all zeros: nothing to be relative to$"):
        relative_error([1.0], [0.0])
    with pytest.raises(ValueError, match=r"^exact of shape \(1,\) has 1 NaN"):
        relative_error([1.0], [np.nan])
    with pytest.raises(ValueError, match=r"^value of shape \(1,\) has 1 NaN"):
        relative_error([np.nan], [1.0])
    with pytest.raises(ValueError, match=r"got shape \(1, 1, 1, 1, 1\)"):
        relative_error(np.ones((1,) * 5), np.ones((1,) * 5))
