"""Sequences: statsmodels and padasip as oracles, brute-force refits, and errors."""

import numpy as np
import padasip
import pytest
from designs import designs, seeds
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.regression.recursive_ls import RecursiveLS
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg

from olsattn import relative_error
from olsattn.datasets import us_macro
from olsattn.least_squares import embedding, masked_refit
from olsattn.sequence import ar_attention, expanding_least_squares, lag_matrix, swapped_attention, var_attention

MACRO = us_macro()


def refits(X, y, start, ridge=0.0, forgetting=1.0):
    """Each prediction from a fit of its own, by lstsq on weighted rows and the rows of the penalty."""
    N, P = X.shape
    predictions = []
    for t in range(start, N):
        weights = np.sqrt(forgetting) ** np.arange(t - 1, -1, -1.0)
        rows = np.vstack([X[:t] * weights[:, None], np.sqrt(ridge * forgetting**t) * np.eye(P)])
        responses = np.concatenate([y[:t] * weights, np.zeros(P)])
        predictions.append(X[t] @ np.linalg.lstsq(rows, responses, rcond=None)[0])
    return np.array(predictions)


@pytest.mark.parametrize("lags", [1, 2, 5])
def test_ar_attention_equals_statsmodels(lags):
    inflation = MACRO.column("inflation")
    fitted, weights = ar_attention(inflation, lags)
    assert relative_error(fitted, AutoReg(inflation, lags).fit().fittedvalues) < 1e-8
    assert relative_error(weights @ inflation[lags:], fitted) < 1e-12
    without, _ = ar_attention(inflation, lags, intercept=False)
    assert relative_error(without, AutoReg(inflation, lags, trend="n").fit().fittedvalues) < 1e-8


@pytest.mark.parametrize("lags", [1, 2, 4])
def test_var_attention_equals_statsmodels(lags):
    fitted, weights = var_attention(MACRO.values, lags)
    assert relative_error(fitted, VAR(MACRO.values).fit(lags).fittedvalues) < 1e-8
    assert np.abs(weights @ weights - weights).max() < 1e-9


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
    assert relative_error(swapped_attention(series), exact) > 1e-6
    ends = np.outer(series[-1], series[-1]) - np.outer(series[0], series[0])
    assert relative_error(now.T @ now - lagged.T @ lagged, ends) < 1e-8


@given(designs(max_rows=30, max_columns=4, condition=1e2), seeds)
def test_expanding_fit_equals_refits(X, seed):
    """Predictions, coefficients and causal weights against brute force, from the first determined row on."""
    assume(len(X) > X.shape[1] + 2)
    X = X / np.abs(X).max()
    y = np.random.default_rng(seed).normal(size=len(X))
    fit = expanding_least_squares(X, y)
    start = fit.start
    assume(np.linalg.cond(X[:start]) < 1e4)
    exact = refits(X, y, start)
    assert np.isnan(fit.predictions[:start]).all()
    assert relative_error(fit.predictions[start:], exact) < 1e-9
    assert relative_error(fit.coefficients[-1], np.linalg.lstsq(X, y, rcond=None)[0]) < 1e-9
    weights = fit.attention_matrix()
    assert not np.triu(weights).any() and not weights[:start].any()
    assert relative_error((weights @ y)[start:], exact) < 1e-9


@pytest.mark.parametrize("options", [dict(start=20), dict(ridge=0.5), dict(ridge=0.5, forgetting=0.97),
                                     dict(forgetting=0.98, start=30), dict(ridge=2.0, forgetting=0.95, start=25)])
def test_penalty_and_forgetting_equal_weighted_refits(options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = X @ [1, 2, 3, 4] + rng.normal(size=300)
    fit = expanding_least_squares(X, y, **options)
    exact = refits(X, y, fit.start, options.get("ridge", 0.0), options.get("forgetting", 1.0))
    assert relative_error(fit.predictions[fit.start:], exact) < 1e-9
    assert relative_error((fit.attention_matrix() @ y)[fit.start:], exact) < 1e-9


def test_expanding_fit_equals_padasip_and_statsmodels():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(150, 3))
    y = X @ [1.0, -2.0, 0.5] + rng.normal(size=150)
    filtered = padasip.filters.FilterRLS(n=3, mu=0.95, eps=0.7, w="zeros")
    theirs, _, _ = filtered.run(y, X)
    assert relative_error(expanding_least_squares(X, y, ridge=0.7, forgetting=0.95).predictions, theirs) < 1e-9
    path = RecursiveLS(y, X).fit().recursive_coefficients.filtered.T
    assert relative_error(expanding_least_squares(X, y).coefficients[20:], path[19:]) < 1e-8


def test_the_update_survives_ill_conditioning():
    """At condition number 1e8 the textbook recursion on the inverse is off by far more than the root."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 3))
    X[:, 2] = X[:, 0] + 1e-8 * rng.normal(size=300)
    y = X @ np.ones(3) + rng.normal(size=300)
    exact, fit = refits(X, y, 20), expanding_least_squares(X, y, start=20)
    omega = np.linalg.inv(X[:20].T @ X[:20])
    beta, naive = omega @ X[:20].T @ y[:20], []
    for x, response in zip(X[20:], y[20:], strict=True):
        naive.append(x @ beta)
        gain = omega @ x / (1 + x @ omega @ x)
        beta = beta + gain * (response - x @ beta)
        omega = omega - np.outer(gain, x @ omega)
    assert relative_error(fit.predictions[20:], exact) < 1e-6
    assert relative_error(naive, exact) > 100 * relative_error(fit.predictions[20:], exact)


def test_start_waits_until_the_rows_determine_the_fit():
    X = np.column_stack([np.ones(12), np.arange(12) >= 7])
    fit = expanding_least_squares(X, np.arange(12.0))
    assert fit.start == 8 and np.isfinite(fit.predictions[8:]).all()


@given(designs(max_rows=25, max_columns=4, condition=1e2), seeds, st.booleans())
def test_masked_refit_equals_refit(X, seed, several_responses):
    rng = np.random.default_rng(seed)
    N, P = X.shape
    assume(N > P + 2)
    rows = rng.choice(N, size=rng.integers(1, N - P), replace=False)
    rest = np.setdiff1d(np.arange(N), rows)
    X = X / np.abs(X).max()
    assume(np.linalg.cond(X[rest]) < 1e3)
    y = rng.normal(size=(N, 2) if several_responses else N)
    exact = X[rows] @ np.linalg.lstsq(X[rest], y[rest], rcond=None)[0]
    assert relative_error(masked_refit(X, y, rows), exact) < 1e-8
    changed = y.copy()
    changed[rows] = 1e6  # the responses left out must not matter
    assert relative_error(masked_refit(embedding(X), changed, rows), exact) < 1e-8


def test_masked_refit_takes_masks_and_shared_factorisations():
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(10, 2)), rng.normal(size=10)
    mask = np.zeros(10, bool)
    mask[[2, 9]] = True
    assert relative_error(masked_refit(X, y, mask), masked_refit(embedding(X), y, [2, -1])) < 1e-12


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "rows must be row numbers"),
        ([10], "design with 10 rows"),
        ([1.5], "rows must be row numbers"),
        ([1, 1], "rows repeats an entry: 2 given, 1 different"),
        (np.ones(9, bool), "boolean of shape"),
        (range(9), "the 1 remaining rows do not determine the fit: rank below 2"),
    ],
)
def test_masked_refit_names_bad_rows(rows, message):
    rng = np.random.default_rng(5)
    with pytest.raises(ValueError, match=message):
        masked_refit(rng.normal(size=(10, 2)), rng.normal(size=10), rows)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lag_matrix(np.ones(5), 5), "lags must be a whole number from 1 to T - 1 = 4, got 5"),
        (lambda: lag_matrix([1, np.nan, 2]), "series of shape"),
        (lambda: ar_attention(np.ones((5, 2))), r"series must be 1-D, got shape \(5, 2\)"),
        (lambda: var_attention(np.ones(5)), r"series must be 2-D, got shape \(5,\)"),
        (lambda: swapped_attention(np.ones((6, 2))), "has no inverse"),
        (lambda: expanding_least_squares(np.eye(3), [1, 2]), r"got shapes \(3, 3\) and \(2,\)"),
        (lambda: expanding_least_squares(np.ones((4, 2)), np.ones(4)), "has rank 1, below 2: set ridge > 0"),
        (lambda: expanding_least_squares(np.eye(4), np.ones(4), start=2), "the 2 rows before start do not determine 4"),
        (lambda: expanding_least_squares(np.ones((4, 1)), np.ones(4), start=4), "start must be"),
        (lambda: expanding_least_squares(np.ones((4, 1)), np.ones(4), forgetting=1.1), "forgetting must lie"),
        (lambda: expanding_least_squares(np.ones((4, 1)), np.ones(4), ridge=-1), "ridge must be at least 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
