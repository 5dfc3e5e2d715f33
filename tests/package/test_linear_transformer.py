"""The layer whose weights hold a regression: lstsq as oracle, and another batch."""

import numpy as np
import pytest
from designs import designs, seeds
from hypothesis import given
from hypothesis import strategies as st

from olsattn import relative_error
from olsattn.linear_transformer import LinearTransformer, distortion, ols_transformer


def regression(X, seed, responses=None):
    """Responses to a design, one or several columns, and the least-squares coefficients."""
    rng = np.random.default_rng(seed)
    shape = (X.shape[1],) if responses is None else (X.shape[1], responses)
    y = X @ rng.normal(size=shape)
    y = y + 0.3 * np.std(y) * rng.normal(size=y.shape)
    return y, np.linalg.lstsq(X, y, rcond=None)[0]


def moment(X):
    return X.T @ X / len(X)


def random_layer(rng, d=3, r=2, s=4, t=5, m=None):
    return LinearTransformer(rng.normal(size=(d, r)), rng.normal(size=(d, r)), rng.normal(size=(d, s)),
                             rng.normal(size=(s, t)), rng.normal(size=t if m is None else (t, m)))


# ---- the layer ----

@given(designs(), seeds, st.sampled_from([None, 1, 3]))
def test_on_its_training_rows_the_layer_is_least_squares(X, seed, responses):
    y, b = regression(X, seed, responses)
    output = ols_transformer(X, y)(X)
    assert output.shape == y.shape
    assert relative_error(output, X @ b) < 1e-10


@given(designs(wide=True), seeds)
def test_without_full_rank_the_fit_is_still_that_of_least_squares(X, seed):
    """More columns than rows, so that the coefficients are not settled and the fitted values are."""
    y = np.random.default_rng(seed).normal(size=len(X))
    layer = ols_transformer(X, y)
    assert layer.w_query.shape == (X.shape[1], np.linalg.matrix_rank(X))
    assert relative_error(layer(X), X @ np.linalg.lstsq(X, y, rcond=None)[0]) < 1e-9


def test_a_column_twice_changes_no_fitted_value():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    doubled = np.column_stack([X, X[:, 0]])
    layer = ols_transformer(doubled, y)
    assert layer.w_query.shape == (4, 3)
    assert relative_error(layer(doubled), ols_transformer(X, y)(X)) < 1e-12


@given(designs(condition=10), seeds, st.integers(1, 12), st.sampled_from([None, 2]))
def test_another_batch_distorts_the_coefficients_by_the_ratio_of_second_moments(A, seed, rows, responses):
    """Equation 10: ``X_B S_A^-1 S_B b``, with S_A^-1 from a solver."""
    y, b = regression(A, seed, responses)
    B = np.abs(A).max() * np.random.default_rng(seed + 1).normal(size=(rows, A.shape[1]))
    ratio = np.linalg.solve(moment(A), moment(B))
    assert relative_error(ols_transformer(A, y)(B), B @ ratio @ b) < 1e-9
    assert relative_error(distortion(A, B), ratio) < 1e-9


@given(designs(condition=100), st.integers(0, 3))
def test_batches_of_equal_second_moment_are_not_distorted(X, seed):
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(X), len(X))))
    for other in (X, X[::-1], -X, turn @ X, np.vstack([X, X])):
        assert relative_error(distortion(X, other), np.eye(X.shape[1])) < 1e-9


@given(seeds, st.floats(-3, 3).filter(lambda c: abs(c) > 0.01), st.sampled_from([None, 2]))
def test_the_layer_is_cubic(seed, factor, m):
    rng = np.random.default_rng(seed)
    layer, X = random_layer(rng, m=m), rng.normal(size=(7, 3))
    assert relative_error(layer(factor * X), factor**3 * layer(X)) < 1e-12


@given(seeds, st.sampled_from([None, 2]))
def test_scores_on_values_are_the_forward_pass(seed, m):
    rng = np.random.default_rng(seed)
    layer, X = random_layer(rng, m=m), rng.normal(size=(7, 3))
    scores = layer.scores(X)
    written_out = [[(X[i] @ layer.w_query) @ (X[j] @ layer.w_key) / 7 for j in range(7)] for i in range(7)]
    assert relative_error(scores, written_out) < 1e-12
    assert relative_error(scores @ (X @ layer.w_value) @ layer.w_ffn @ layer.w_out, layer(X)) < 1e-12


def test_scores_of_the_regression_are_its_hat_matrix():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(9, 3))
    assert relative_error(ols_transformer(X, rng.normal(size=9)).scores(X), X @ np.linalg.pinv(X)) < 1e-12


def test_new_batches_may_be_of_any_size_and_rows_do_not_have_an_order():
    rng = np.random.default_rng(2)
    layer, X = ols_transformer(rng.normal(size=(9, 3)), rng.normal(size=9)), rng.normal(size=(5, 3))
    assert layer(X[:1]).shape == (1,)
    order = rng.permutation(5)
    assert relative_error(layer(X[order]), layer(X)[order]) < 1e-12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(w_key=np.ones((4, 2))), r"w_query and w_key .* rows, got shapes \(3, 2\) and \(4, 2\)"),
        (dict(w_key=np.ones((3, 1))), r"w_query and w_key .* columns, got shapes \(3, 2\) and \(3, 1\)"),
        (dict(w_value=np.ones((2, 4))), r"w_query and w_value .* got shapes \(3, 2\) and \(2, 4\)"),
        (dict(w_ffn=np.ones((3, 5))), r"w_value and w_ffn .* got shapes \(3, 4\) and \(3, 5\)"),
        (dict(w_out=np.ones(4)), r"w_ffn and w_out .* got shapes \(4, 5\) and \(4,\)"),
        (dict(w_out=np.ones((5, 1, 1))), r"w_out must be 1-D or 2-D, got shape \(5, 1, 1\)"),
        (dict(w_query=np.ones(3)), r"w_query must be 2-D, got shape \(3,\)"),
        (dict(w_value=np.full((3, 4), np.nan)), r"w_value of shape \(3, 4\) has 12 NaN or inf"),
    ],
)
def test_weights_that_do_not_chain_are_named(change, message):
    layer = random_layer(np.random.default_rng(3))
    with pytest.raises(ValueError, match=message):
        LinearTransformer(**{**vars(layer), **change})


def test_bad_batches_are_named():
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=8)
    layer = ols_transformer(X, y)
    for call in (layer, layer.scores):
        with pytest.raises(ValueError, match=r"X and w_query .* features .* got shapes \(8, 2\) and \(3, 3\)"):
            call(X[:, :2])
        with pytest.raises(ValueError, match=r"X must be 2-D, got shape \(3,\)"):
            call(X[0])
    with pytest.raises(ValueError, match=r"X and y .* rows, got shapes \(8, 3\) and \(7,\)"):
        ols_transformer(X, y[:7])
    with pytest.raises(ValueError, match="NaN or inf"):
        ols_transformer(X, y * np.inf)
    with pytest.raises(ValueError, match=r"X_train and X_new .* columns, got shapes \(8, 3\) and \(8, 2\)"):
        distortion(X, X[:, :2])
    with pytest.raises(ValueError, match=r"X_train of shape \(2, 3\) has rank 2: S_A has no inverse"):
        distortion(X[:2], X)
