"""The layer whose weights hold a regression: lstsq as oracle, another batch, and its training by hand and by torch."""

import numpy as np
import pytest
from designs import designs, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from olsattn import relative_error
from olsattn.linear_transformer import OPTIMISERS, LinearTransformer, distortion, ols_transformer, scalar_descent
from olsattn.training import train_scalar, train_tied_layer


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


# ---- training one scalar ----

def experiment(seed=0, n=500):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, 2 * x + 0.5 * rng.normal(size=n)


def moments(x, y):
    return x @ x / len(x), x @ y / (x @ x)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("rate", [1e-4, 1e-3, 5e-3])
@pytest.mark.parametrize("start", [0.1, -0.4, 1.1])
def test_descent_by_hand_is_that_of_torch(optimiser, rate, start):
    x, y = experiment(n=40)
    s, b = moments(x, y)
    options = dict(optimiser=optimiser, rate=rate, start=start, epochs=1500)
    by_hand, (by_torch, errors, distances) = scalar_descent(s, b, **options), train_scalar(x, y, **options)
    assert by_hand[0] == by_torch[0] == start and len(by_hand) == 1501
    assert abs(by_hand[-1] - start) > 1e-3  # it went somewhere
    assert np.abs(by_hand - by_torch).max() < 1e-9
    far = s**2 * by_hand**4 - 1
    assert np.abs(errors - (np.mean((y - b * x) ** 2) + s * b**2 * far**2)).max() < 1e-9
    assert np.abs(distances - np.abs(far)).max() < 1e-9


@settings(max_examples=30)
@given(st.floats(0.3, 3), st.floats(-3, 3).filter(lambda b: abs(b) > 0.3), st.sampled_from([-1, 1]))
def test_adam_finds_the_well_on_its_side(second_moment, coefficient, side):
    path = scalar_descent(second_moment, coefficient, rate=3e-3, start=side * 0.3)
    assert path[-1] == pytest.approx(side * second_moment**-0.5, abs=1e-6)


def test_the_experiment_of_the_paper():
    """Adam at its usual rate from 0.1: distance below 1 % after some hundred of 5000 epochs, and down to rounding."""
    s, b = moments(*experiment())
    path = scalar_descent(s, b)
    distance = np.abs(s**2 * path**4 - 1)
    assert len(path) == 5001 and np.argmax(distance < 0.01) == 573 and distance[-1] < 1e-12
    assert (scalar_descent(s, b, start=0.0) == 0).all()  # the maximum is flat: nothing moves


@pytest.mark.parametrize("start", [2.5, -2.5])
def test_divergence_is_cut(start):
    s, b = moments(*experiment())
    path = scalar_descent(s, b, optimiser="gradient descent", rate=0.1, start=start)
    assert path[0] == start and len(path) < 10
    assert np.abs(path).max() <= 1e6
    after = path[-1] - 0.1 * 8 * s**3 * b**2 * path[-1] ** 3 * (s**2 * path[-1] ** 4 - 1)
    assert abs(after) > 1e6


def test_a_weight_is_cut_beyond_a_million():
    """One step of 0.8 w^7 takes 7 to less than that, and 9.4 to more."""
    options = dict(optimiser="gradient descent", rate=0.1, epochs=1)
    assert len(scalar_descent(1.0, 1.0, start=7, **options)) == 2
    assert len(scalar_descent(1.0, 1.0, start=9.4, **options)) == 1


def test_bad_descents_are_named():
    x, y = experiment(n=5)
    for options in (dict(second_moment=0.0), dict(rate=-1.0), dict(rate=np.nan), dict(second_moment=-1.0)):
        with pytest.raises(ValueError, match="second_moment and rate must be positive, got"):
            scalar_descent(**{"second_moment": 1.0, "coefficient": 1.0, **options})
    with pytest.raises(ValueError, match="unknown optimiser 'SGD': give one of"):
        scalar_descent(1.0, 1.0, optimiser="SGD")
    with pytest.raises(ValueError, match="unknown optimiser 'adam': give one of"):
        train_scalar(x, y, optimiser="adam")
    with pytest.raises(ValueError, match=r"x and y .* entries, got shapes \(5,\) and \(4,\)"):
        train_scalar(x, y[:4])
    with pytest.raises(ValueError, match=r"x must be 1-D, got shape \(5, 1\)"):
        train_scalar(x[:, None], y)


# ---- training the tied matrix ----

def tasks(m, seed=0, n=80, d=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ np.array([[1.0, 0.4, 0.0], [0.0, 0.8, 0.3], [0.0, 0.0, 1.2]])
    return X, X @ rng.normal(size=(d, m)) + 0.1 * rng.normal(size=(n, m)), 0.3 * rng.normal(size=(d, d))


def test_one_task_is_fitted_without_the_inverse_gram_matrix():
    """The output is that of least squares, and L L' is not S^-1: one response leaves most of it open."""
    X, Y, start = tasks(1)
    L, excess = train_tied_layer(X, Y, start=start)
    assert 0 <= excess < 1e-12
    assert relative_error(L @ L.T, np.linalg.inv(moment(X))) > 0.3
    layer = LinearTransformer(L, L, L, np.eye(3), L.T @ X.T @ Y / len(X))
    assert relative_error(layer(X), X @ np.linalg.lstsq(X, Y, rcond=None)[0]) < 1e-5


def test_many_tasks_leave_the_inverse_gram_matrix_only():
    X, Y, start = tasks(6)
    L, excess = train_tied_layer(X, Y, start=start)
    assert excess < 1e-12
    assert relative_error(L @ L.T, np.linalg.inv(moment(X))) < 1e-6


def test_the_excess_is_what_the_layer_errs_above_least_squares():
    """After no step at all, L is the start, and the forward pass of the layer gives the same error."""
    X, Y, start = tasks(2)
    L, excess = train_tied_layer(X, Y, start=start, epochs=0)
    assert (L == start).all()
    layer = LinearTransformer(L, L, L, np.eye(3), L.T @ X.T @ Y / len(X))
    least = np.mean((Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]) ** 2)
    assert excess == pytest.approx(np.mean((Y - layer(X)) ** 2) - least, rel=1e-9)


def test_bad_tasks_are_named():
    X, Y, start = tasks(2)
    with pytest.raises(ValueError, match=r"X and Y .* rows, got shapes \(80, 3\) and \(79, 2\)"):
        train_tied_layer(X, Y[:79], start=start)
    with pytest.raises(ValueError, match=r"X and start .* features .* got shapes \(80, 3\) and \(2, 3\)"):
        train_tied_layer(X, Y, start=start[:2])
    with pytest.raises(ValueError, match=r"Y must be 2-D, got shape \(80,\)"):
        train_tied_layer(X, Y[:, 0], start=start)
