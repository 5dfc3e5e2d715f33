"""Few digits: formats against NumPy and PyTorch, running totals, four routes, and errors."""

import numpy as np
import pytest
import torch
from designs import designs, seeds
from hypothesis import given
from hypothesis import strategies as st

from olsattn import relative_error
from olsattn.precision import BITS, ROUTES, coefficients, gram_matrix, stored


@given(seeds, st.floats(-30, 30))
def test_bfloat16_is_that_of_pytorch(seed, power):
    values = (np.random.default_rng(seed).normal(size=50) * 2.0**power).astype(np.float32)
    expected = torch.tensor(values).to(torch.bfloat16).double().numpy()
    assert np.array_equal(stored(values, "bfloat16"), expected)


def test_ties_go_to_even_and_what_is_too_large_is_infinite():
    assert stored([257, 259, -257], "bfloat16").tolist() == [256, 260, -256]
    assert stored([2049, 2051, 65504, 70000, -70000], "float16").tolist() == [2048, 2052, 65504, np.inf, -np.inf]
    assert stored([3.38e38, 3.4e38, -3.4e38], "bfloat16")[1:].tolist() == [np.inf, -np.inf]
    assert np.isfinite(stored(3.38e38, "bfloat16")) and stored(0.0, "bfloat16") == 0


@given(seeds, st.sampled_from(list(BITS)))
def test_rounding_is_within_the_unit_roundoff_and_happens_once(seed, form):
    values = np.random.default_rng(seed).normal(size=50)
    short = stored(values, form)
    assert np.abs(short / values - 1).max() <= 2.0 ** -BITS[form]
    assert np.array_equal(stored(short, form), short)
    if form != "float64":
        assert np.abs(short / values - 1).max() > 2.0 ** -(BITS[form] + 2)


@given(designs(), st.sampled_from(["float64", "float32"]))
def test_a_long_total_is_the_gram_matrix_of_the_stored_rows(X, total):
    X = X / np.linalg.norm(X)
    rows = stored(X, "float32")
    gram = gram_matrix(X, rows="float32", total=total)
    assert np.array_equal(gram, gram.T)
    assert relative_error(gram, rows.T @ rows) < 2.0 ** -BITS[total] * (len(X) + 2)


@pytest.mark.parametrize(("total", "stops"), [("bfloat16", 256), ("float16", 2048)])
def test_a_short_total_of_ones_stops(total, stops):
    assert gram_matrix(np.ones((stops - 1, 1)), rows=total, total=total)[0, 0] == stops - 1
    assert gram_matrix(np.ones((stops + 99, 1)), rows=total, total=total)[0, 0] == stops


def test_an_entry_that_outgrows_its_format_stays_infinite():
    gram = gram_matrix([[300.0, 1.0], [1.0, -1.0], [300.0, 0.0]], rows="float16", total="float16")
    assert gram[0, 0] == np.inf and gram[1, 1] == 2 and gram[0, 1] == gram[1, 0] == 299


@given(designs(condition=50), seeds, st.sampled_from(ROUTES))
def test_every_route_is_least_squares_in_float64(X, seed, route):
    y = np.random.default_rng(seed).normal(size=len(X))
    exact = np.linalg.lstsq(X, y, rcond=None)[0]
    assert relative_error(coefficients(X, y, route=route, form="float64"), exact) < 1e-8


def of_condition(condition, seed):
    """A design of six columns with that condition number, and coefficients."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(rows, 6)))[0] for rows in (40, 6))
    return left * np.geomspace(1, 1 / condition, 6) @ right.T, rng.normal(size=6)


@pytest.mark.parametrize(("form", "condition"), [("float64", 1e6), ("float32", 300), ("float16", 20), ("bfloat16", 8)])
def test_routes_through_the_gram_matrix_lose_digits_with_the_square(form, condition):
    """The median error is near u cond(X) by QR and SVD of X, near u cond(X)^2 by eigenvectors and Cholesky of X'X."""
    def median(route):
        errors = []
        for seed in range(15):
            X, b = of_condition(condition, seed)
            errors.append(relative_error(coefficients(X, X @ b, route=route, form=form), b))
        return np.median(errors)

    unit = 2.0 ** -BITS[form]
    for route, power in (("qr", 1), ("svd", 1), ("eigen", 2), ("cholesky", 2)):
        assert 1 / 40 < median(route) / (unit * condition**power) < 8, route


@pytest.mark.parametrize("route", ["eigen", "cholesky"])
def test_what_breaks_down_is_nan_and_a_root_is_not(route):
    near = np.array([[1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]])
    y = np.array([2.0, 1e-9, 1e-9])
    assert np.isnan(coefficients(near, y, route=route, form="float64")).all()
    assert relative_error(coefficients(near, y, route="qr", form="float64"), [1, 1]) < 1e-6
    large = np.array([[300.0, 1.0], [10.0, 300.0], [1.0, 2.0]])  # X'X does not fit in float16
    assert np.isnan(coefficients(large, y, route=route, form="float16")).all()
    assert np.isfinite(coefficients(large, y, route="svd", form="float16")).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: stored([1.0], "float8"), "form must be one of float64, float32, float16, bfloat16, got 'float8'"),
    (lambda: stored([np.nan], "float16"), "values of shape (1,) has 1 NaN"),
    (lambda: gram_matrix([1.0], rows="float16", total="float16"), "X must be 2-D, got shape (1,)"),
    (lambda: gram_matrix([[1e6]], rows="float16", total="float32"), "as stored, of shape (1, 1) has 1 NaN or inf"),
    (lambda: gram_matrix([[1.0]], rows="float16", total="half"), "total must be one of"),
    (lambda: coefficients([[1.0]], [1.0], route="lu", form="float64"), "route must be one of eigen, cholesky, qr, svd"),
    (lambda: coefficients([[1.0]], [1.0], route="qr", form="x"), "form must be one of"),
    (lambda: coefficients([[1.0], [2.0]], [1.0], route="qr", form="float64"), "same number of rows"),
    (lambda: coefficients([[1.0, 2.0]], [1.0], route="qr", form="float64"), "at least as many rows as columns"),
])
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert message in str(error.value)
