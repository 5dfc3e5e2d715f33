"""Least squares as an embedding against scikit-learn and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge

from olsattn import dial_attention, embedding, relative_error
from olsattn.datasets import diabetes, job_training
from olsattn.least_squares import hat_matrix, implied_weights, leave_one_out


def test_ridge_equals_scikit_learn():
    rng = np.random.default_rng(0)
    X, X_new, y = rng.normal(size=(40, 5)), rng.normal(size=(7, 5)), rng.normal(size=40)
    encoder = embedding(X, ridge=2.5)
    ours = encoder.encode(X_new) @ encoder.encode(X).T @ y
    theirs = Ridge(alpha=2.5, fit_intercept=False, solver="svd").fit(X, y).predict(X_new)
    assert relative_error(ours, theirs) < 1e-10


def test_hat_matrix_of_ridge_equals_scikit_learn():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(12, 3))
    model = Ridge(alpha=2.5, fit_intercept=False, solver="svd")
    theirs = np.column_stack([model.fit(X, y).predict(X) for y in np.eye(12)])
    assert relative_error(hat_matrix(X, ridge=2.5), theirs) < 1e-12


def test_rank_equals_principal_components_regression():
    rng = np.random.default_rng(1)
    X, X_new, y = rng.normal(size=(40, 5)), rng.normal(size=(7, 5)), rng.normal(size=40)
    middle, level = X.mean(axis=0), y.mean()
    encoder = embedding(X - middle, rank=2)
    ours = level + encoder.encode(X_new - middle) @ encoder.encode(X - middle).T @ (y - level)
    components = PCA(2).fit(X)
    theirs = LinearRegression().fit(components.transform(X), y).predict(components.transform(X_new))
    assert relative_error(ours, theirs) < 1e-10


def test_leverages_equal_those_of_statsmodels():
    rng = np.random.default_rng(4)
    X, y = sm.add_constant(rng.normal(size=(30, 3))), rng.normal(size=30)
    theirs = sm.OLS(y, X).fit().get_influence().hat_matrix_diag
    assert relative_error(np.diag(hat_matrix(X)), theirs) < 1e-10


def test_ridge_with_a_free_intercept_equals_scikit_learn():
    """On the patients, at the penalties of the chapter on ridge."""
    others, one = diabetes().single_out(268)
    mean, size = others.X[:, 1:].mean(axis=0), others.X[:, 1:].std(axis=0)
    X, x = ((part.X[:, 1:] - mean) / size for part in (others, one))
    for penalty in (1.0, 100.0, 441.0, 1e4):
        encoder = embedding(X, ridge=penalty)
        weights = 1 / len(X) + encoder.encode(x) @ encoder.scores.T
        theirs = Ridge(alpha=penalty, solver="svd").fit(X, others.y).predict(x)
        assert relative_error(weights @ others.y, theirs) < 1e-10
        assert relative_error(dial_attention(x, X, others.y, ridge=penalty)[0], theirs) < 1e-10


def test_ledoit_and_wolf_is_a_ridge_map_times_a_number():
    """The exercise of the chapter on ridge: its share 0.021 and its penalty 9.5 are those of scikit-learn."""
    X = diabetes().single_out(268)[0].standardised().X[:, 1:]
    theirs = LedoitWolf(assume_centered=True).fit(X)
    share = theirs.shrinkage_
    penalty = len(X) * share / (1 - share)  # the mean variance is 1
    assert (round(share, 3), round(penalty, 1)) == (0.021, 9.5)
    ours = len(X) * embedding(X, ridge=penalty).omega / (1 - share)
    assert relative_error(ours, np.linalg.inv(theirs.covariance_)) < 1e-10


@pytest.mark.parametrize("controls", ["lottery", "survey"])
def test_implied_weights_give_the_coefficient_of_statsmodels(controls):
    """On real data, with regressors whose sizes differ by 25,000."""
    data = job_training(controls)
    weights = implied_weights(np.delete(data.X, 1, axis=1), data.X[:, 1])
    assert weights @ data.y == pytest.approx(sm.OLS(data.y, data.X).fit().params[1], rel=1e-10)


def test_errors_of_left_out_patients_equal_those_of_statsmodels():
    data = diabetes()
    theirs = sm.OLS(data.y, data.X).fit().get_influence().resid_press
    assert relative_error(data.y - leave_one_out(data.X, data.y), theirs) < 1e-10
