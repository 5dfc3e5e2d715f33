"""One dial: least squares at one end, softmax attention at the other, and powers beside it."""

import math
import re

import mpmath
import numpy as np
import pytest
from designs import designs, seeds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from olsattn import dial_attention, embedding, relative_error
from olsattn.attention import Dial, Power, attention, softmax

betas = st.floats(0, 1)


@given(designs(), seeds)
def test_at_zero_the_dial_is_least_squares_with_an_intercept(X, seed):
    rng = np.random.default_rng(seed)
    y, X_test = rng.normal(size=(len(X), 2)), rng.normal(size=(4, X.shape[1]))
    with_ones = [np.column_stack([np.ones(len(rows)), rows]) for rows in (X, X_test)]
    if np.linalg.matrix_rank(with_ones[0]) < with_ones[0].shape[1]:
        with_ones[1], X_test = with_ones[0], X  # elsewhere the data leave the coefficients open
    predictions, weights = dial_attention(X_test, X, y)
    assert np.allclose(weights.sum(axis=1), 1)
    expected = with_ones[1] @ np.linalg.lstsq(with_ones[0], y, rcond=None)[0]
    assert relative_error(predictions, expected) < 1e-8


def test_at_zero_on_skewed_data_to_ten_digits():
    rng = np.random.default_rng(0)
    X, y = rng.exponential(size=(60, 4)), rng.exponential(size=60)
    X_test = 3 * rng.exponential(size=(20, 4))
    expected = np.column_stack([np.ones(20), X_test]) @ np.linalg.lstsq(np.column_stack([np.ones(60), X]), y)[0]
    assert relative_error(dial_attention(X_test, X, y)[0], expected) < 1e-12


@given(seeds, st.floats(0.01, 100))
def test_a_penalty_leaves_the_intercept_free(seed, ridge):
    rng = np.random.default_rng(seed)
    X, y, X_test = rng.normal(2, 1, (15, 3)), rng.normal(5, 1, 15), rng.normal(size=(4, 3))
    theirs = Ridge(alpha=ridge).fit(X, y).predict(X_test)
    assert relative_error(dial_attention(X_test, X, y, ridge=ridge)[0], theirs) < 1e-10


@given(seeds)
def test_at_one_the_dial_is_softmax_attention(seed):
    rng = np.random.default_rng(seed)
    X, y, X_test = rng.normal(size=(20, 3)), rng.normal(size=20), rng.normal(size=(5, 3))
    centred, queries = X - X.mean(axis=0), X_test - X.mean(axis=0)
    omega = np.linalg.inv(centred.T @ centred / 20)
    expected, weights = attention(queries @ omega, centred, y, weighting="softmax")
    ours, our_weights = dial_attention(X_test, X, y, dial=1.0)
    assert relative_error(ours, expected) < 1e-10 and relative_error(our_weights, weights) < 1e-10


@given(seeds, betas, st.floats(0.1, 300))
def test_weights_are_those_of_four_hundred_digits(seed, beta, size):
    scores = size * np.random.default_rng(seed).normal(size=(1, 6))
    with mpmath.workdps(400):  # many more than beta has zeros
        row = [mpmath.mpf(float(s)) for s in scores[0]]
        if beta == 0:
            exact = [(1 + s - mpmath.fsum(row) / 6) / 6 for s in row]
        else:
            powers = [mpmath.exp(beta * s) for s in row]
            exact = [mpmath.mpf(1) / 6 + (p / mpmath.fsum(powers) - mpmath.mpf(1) / 6) / beta for p in powers]
        exact = np.array([[float(w) for w in exact]])
    assert relative_error(Dial(beta)(scores), exact) < 1e-12


@given(seeds)
def test_the_path_starts_without_a_jump(seed):
    scores = np.random.default_rng(seed).normal(size=(3, 9))
    for beta in (5e-324, 1e-300, 1e-17, 1e-9):
        assert relative_error(Dial(beta)(scores), Dial(0)(scores)) < 20 * max(beta, 1e-16)


@given(seeds, betas, st.floats(-1e3, 1e3))
def test_rows_sum_to_one_and_a_shift_of_the_scores_changes_nothing(seed, beta, shift):
    scores = np.random.default_rng(seed).normal(size=(3, 9))
    weights = Dial(beta)(scores)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-12)
    assert np.allclose(Dial(beta)(scores + shift), weights, atol=1e-11)
    assert (weights < 0).any(axis=1).tolist() == (softmax(beta * scores) < (1 - beta) / 9).any(axis=1).tolist() \
        or beta < 1e-6


def test_the_end_of_the_dial_has_no_negative_weight():
    scores = np.array([[0.0, -800.0, -30.0, 5.0], [700.0, 0.0, -700.0, 699.0]])
    assert (Dial(1)(scores) >= 0).all() and np.allclose(Dial(1)(scores), softmax(scores), atol=1e-15)


@given(seeds, betas, st.sampled_from([Dial, Power]))
def test_a_masked_key_might_as_well_not_be_there(seed, beta, kind):
    rng = np.random.default_rng(seed)
    scores, keep = rng.uniform(-0.9, 0.9, (2, 7)), rng.permutation(7) < 4
    weighting = Dial(beta) if kind is Dial else Power(3)
    masked = weighting(np.where(keep, scores, -np.inf))
    assert np.allclose(masked[:, keep], weighting(scores[:, keep])) and (masked[:, ~keep] == 0).all()
    queries, keys, values = rng.normal(size=(2, 3)), rng.normal(size=(7, 3)), rng.normal(size=7)
    through, _ = attention(queries, keys, values, weighting=Dial(beta), mask=np.tile(keep, (2, 1)))
    assert np.allclose(through, attention(queries, keys[keep], values[keep], weighting=Dial(beta))[0])


def test_on_gaussian_keys_nothing_moves():
    rng = np.random.default_rng(1)
    x = rng.normal(size=100_000)
    x = np.concatenate([x, -x])  # no odd cumulants at all
    y = 0.5 * x
    predictions = [dial_attention([[1.0]], x[:, None], y, dial=beta)[0][0] for beta in (0, 0.25, 0.5, 0.75, 1)]
    assert np.allclose(predictions, 0.5, atol=0.01)


@given(seeds)
def test_the_power_one_is_least_squares_and_the_last_power_the_softmax(seed):
    rng = np.random.default_rng(seed)
    X, y, X_test = rng.normal(size=(12, 2)), rng.normal(size=12), rng.normal(size=(3, 2))
    centre = X.mean(axis=0)
    encoder = embedding(X - centre)
    scores = 12 * encoder.encode(X_test - centre) @ encoder.scores.T
    assert relative_error(Power(1)(scores) @ y, dial_attention(X_test, X, y)[0]) < 1e-10
    assert relative_error(Power(math.inf)(scores) @ y, dial_attention(X_test, X, y, dial=1.0)[0]) < 1e-10
    assert relative_error(Power(10**7)(scores), softmax(scores)) < 1e-3


def test_powers_follow_steins_ratio():
    """On Gaussian keys degree 2 predicts 4/(4 + v) of the regression, v the squared length of the query."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=400_000)
    x = (x - x.mean()) / x.std()
    for degree, ratio in ((2, 4 / 5), (3, 10 / 12)):
        assert abs(Power(degree)(x[None] * 1.0)[0] @ x - ratio) < 0.01


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Dial(-0.1), "beta must lie in [0, 1], got -0.1"),
    (lambda: Dial(math.nan), "beta must lie in [0, 1], got nan"),
    (lambda: Dial(0.5)([[1.0, math.nan]]), "each row of scores (1, 2)"),
    (lambda: Dial(0.5)([[-math.inf, -math.inf]]), "finite entry"),
    (lambda: Power(0), "degree must be a whole number of at least 1, got 0"),
    (lambda: Power(2.0), "degree must be a whole number of at least 1, got 2.0"),
    (lambda: Power(1)([[0.0, 1.0], [-2.0, 0.0]]), "row 1 sum to 0"),
    (lambda: dial_attention([[1.0]], [[1.0], [2.0]], [1.0, 2.0], dial=2.0), "beta must lie in"),
    (lambda: dial_attention([[1.0, 2.0]], [[1.0], [2.0]], [1.0, 2.0]), r"shapes (1, 2) and (2, 1)"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("dial", [0.0, 0.5, 1.0])
def test_constant_regressors_predict_the_mean(dial):
    predictions, weights = dial_attention([[7.0]], [[0.1], [0.1], [0.1]], [1.0, 2.0, 6.0], dial=dial)
    assert np.allclose(predictions, 3) and np.allclose(weights, 1 / 3)
