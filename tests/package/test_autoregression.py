"""Autoregressions as attention: statsmodels as oracle, the swap of Gram matrices, and errors."""

import numpy as np
import pytest
from designs import seeds
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg

from olsattn import relative_error
from olsattn.autoregression import ar_attention, lag_matrix, swapped_attention, var_attention
from olsattn.datasets import us_macro

MACRO = us_macro()


@pytest.mark.parametrize("lags", [1, 2, 5])
@pytest.mark.parametrize("intercept", [True, False])
def test_ar_attention_equals_statsmodels(lags, intercept):
    inflation = MACRO.column("inflation")
    fitted, weights = ar_attention(inflation, lags, intercept=intercept)
    reference = AutoReg(inflation, lags, trend="c" if intercept else "n").fit().fittedvalues
    assert relative_error(fitted, reference) < 1e-8
    assert relative_error(weights @ inflation[lags:], fitted) < 1e-12


@pytest.mark.parametrize("lags", [1, 2, 4])
@pytest.mark.parametrize("intercept", [True, False])
def test_var_attention_equals_statsmodels(lags, intercept):
    fitted, weights = var_attention(MACRO.values, lags, intercept=intercept)
    reference = VAR(MACRO.values).fit(lags, trend="c" if intercept else "n").fittedvalues
    assert relative_error(fitted, reference) < 1e-8
    assert np.abs(weights @ weights - weights).max() < 1e-9


def test_both_have_one_lag_and_an_intercept_unless_told_otherwise():
    inflation = MACRO.column("inflation")
    assert (ar_attention(inflation)[1] == ar_attention(inflation, 1, intercept=True)[1]).all()
    assert (var_attention(MACRO.values)[1] == var_attention(MACRO.values, 1, intercept=True)[1]).all()
    assert lag_matrix(inflation)[0].shape == (len(inflation) - 1, 2)


def test_lag_matrix_puts_the_newest_lag_first():
    X, y = lag_matrix([[1, 10], [2, 20], [3, 30]], 2)
    assert X.tolist() == [[1, 2, 20, 1, 10]] and y.tolist() == [[3, 30]]
    X, y = lag_matrix([1, 2, 3, 4], 1, intercept=False)
    assert X.tolist() == [[1], [2], [3]] and y.tolist() == [2, 3, 4]


@given(seeds, st.integers(1, 5), st.integers(30, 80))
def test_the_swap_of_gram_matrices_is_undone_exactly_by_rank_two(seed, M, T):
    series = np.random.default_rng(seed).normal(size=(T, M)).cumsum(axis=0)
    lagged, now = lag_matrix(series, 1, intercept=False)
    exact = lagged @ np.linalg.pinv(lagged)
    assert relative_error(swapped_attention(series, corrected=True), exact) < 1e-8
    assert relative_error(swapped_attention(series), lagged @ np.linalg.inv(now.T @ now) @ lagged.T) < 1e-8
    assert relative_error(swapped_attention(series), exact) > 1e-6
    ends = np.outer(series[-1], series[-1]) - np.outer(series[0], series[0])
    assert relative_error(now.T @ now - lagged.T @ lagged, ends) < 1e-8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lag_matrix(np.ones(5), 5), "lags must be a whole number of at least 1 and at most 4, got 5"),
        (lambda: lag_matrix(np.ones(5), 0), "lags must be a whole number of at least 1 and at most 4, got 0"),
        (lambda: lag_matrix(np.ones(5), 1.0), r"lags must be a whole number .* got 1\.0"),
        (lambda: lag_matrix(np.ones(5), True), "lags must be a whole number .* got True"),
        (lambda: lag_matrix([1.0]), r"series must have at least 2 observations, got shape \(1,\)"),
        (lambda: lag_matrix([1, np.nan, 2]), "series of shape"),
        (lambda: ar_attention(np.ones((5, 2))), r"series must be 1-D, got shape \(5, 2\)"),
        (lambda: ar_attention(np.ones(5), 1.0), r"lags must be a whole number .* got 1\.0"),
        (lambda: var_attention(np.ones(5)), r"series must be 2-D, got shape \(5,\)"),
        (lambda: swapped_attention(np.ones((6, 2))), r"series of shape \(5, 2\) has no inverse: rank below 2"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
