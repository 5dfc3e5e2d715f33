"""Least squares that never looks ahead: refits, padasip and statsmodels as oracles, lost digits, and errors."""

from unittest.mock import patch

import mpmath
import numpy as np
import padasip
import pytest
from designs import designs, seeds
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.regression.recursive_ls import RecursiveLS

from olsattn import causal, embedding, relative_error
from olsattn.causal import expanding_least_squares, masked_refit, masked_weights


def refits(X, y, times, ridge=0.0, forgetting=1.0):
    """Coefficients before each of the times from a fit of its own: lstsq on weighted rows and the penalty's rows."""
    P = X.shape[1]
    coefficients = []
    for t in times:
        weights = np.sqrt(forgetting) ** np.arange(t - 1, -1, -1.0)
        rows = np.vstack([X[:t] * weights[:, None], np.sqrt(ridge * forgetting**t) * np.eye(P)])
        coefficients.append(np.linalg.lstsq(rows, np.append(y[:t] * weights, np.zeros(P)), rcond=None)[0])
    return np.array(coefficients)


def exact_refits(X, y, times, ridge=0.0, forgetting=1.0):
    """The same with sixty digits, by the normal equations."""
    with mpmath.workdps(60):
        f, results = mpmath.mpf(forgetting), []
        for t in times:
            rows, responses = mpmath.matrix(X[:t].tolist()), mpmath.matrix(y[:t].tolist())
            weighted = rows.T * mpmath.diag([f ** (t - 1 - s) for s in range(t)])
            gram = weighted * rows + mpmath.mpf(ridge) * f**t * mpmath.eye(X.shape[1])
            results.append([float(b) for b in mpmath.lu_solve(gram, weighted * responses)])
    return np.array(results)


def worst(coefficients, exact):
    return max(relative_error(*pair) for pair in zip(coefficients, exact, strict=True))


def collinear(N, P, condition, seed):
    """Rows whose last column is the first but for 1 part in ``condition``, and responses to all of them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N, P))
    X[:, -1] = X[:, 0] + X[:, -1] / condition
    return X, X @ np.ones(P) + rng.normal(size=N)


@given(
    seeds,
    st.integers(1, 5),
    st.integers(0, 120),
    st.sampled_from([0.0, 1e-6, 0.5, 1e3]),
    st.sampled_from([1.0, 0.99, 0.9, 0.5]),
    st.integers(0, 20),
    st.sampled_from([(1, 32.0), (2, 32.0), (5, 2.0), (96, 32.0), (96, 1e3)]),
)
def test_expanding_fit_equals_refits(seed, P, more, ridge, forgetting, late, chunks):
    """Predictions, coefficients and causal weights against brute force, however the rows are cut into chunks.

    With a penalty the first rows are copies of one, so that they do not determine the fit.
    """
    rng = np.random.default_rng(seed)
    N = 3 * P + 10 + late + more
    X = rng.normal(size=(N, P)) * rng.choice([0.1, 1.0, 3.0], size=(N, 1))
    start = late if ridge else 2 * P + late
    if ridge:
        X[: P + 2] = X[0]
    y = X @ rng.normal(size=P) + rng.normal(size=N)
    with patch.multiple(causal, LONGEST=chunks[0], LARGEST_LEVERAGE=chunks[1]):
        fit = expanding_least_squares(X, y, ridge=ridge, start=start, forgetting=forgetting)
        weights = fit.attention_matrix()
    assert fit.start == start and np.isnan(fit.predictions[:start]).all() and np.isnan(fit.coefficients[:start]).all()
    assert fit.predictions.shape == (N,) and fit.coefficients.shape == (N + 1, P)
    assert not np.triu(weights).any() and not weights[:start].any()
    assert relative_error((weights @ y)[start:], fit.predictions[start:]) < 1e-8
    times = np.append(rng.choice(np.arange(start, N), size=10), start)
    exact = refits(X, y, times, ridge, forgetting)
    assert relative_error(fit.predictions[times], np.sum(X[times] * exact, axis=1)) < 1e-8
    assert relative_error(fit.coefficients[times], exact) < 1e-8
    assert relative_error(fit.coefficients[-1:], refits(X, y, [N], ridge, forgetting)) < 1e-8


@given(designs(max_rows=30, max_columns=4, condition=1e2), seeds)
def test_without_options_it_starts_as_soon_as_it_can(X, seed):
    assume(len(X) > X.shape[1] + 2)
    y = np.random.default_rng(seed).normal(size=len(X))
    fit = expanding_least_squares(X, y)
    start = fit.start
    assert np.linalg.matrix_rank(X[:start]) == X.shape[1] > np.linalg.matrix_rank(X[: start - 1])
    assume(np.linalg.cond(X[:start]) < 1e4)
    exact = refits(X, y, range(start, len(X) + 1))
    assert relative_error(fit.coefficients[start:], exact) < 1e-8
    assert relative_error(fit.predictions[start:], np.sum(X[start:] * exact[:-1], axis=1)) < 1e-8


def test_start_waits_until_the_rows_determine_the_fit():
    for late in (3, 7, 10):
        X = np.column_stack([np.ones(12), np.arange(12) >= late])
        fit = expanding_least_squares(X, np.arange(12.0))
        assert fit.start == late + 1 and np.isfinite(fit.predictions[late + 1 :]).all()
        assert not masked_weights(X)["exact"][: late + 1].any()


def test_rows_that_only_together_determine_the_fit_predict_nothing():
    fit = expanding_least_squares(np.eye(3), [1.0, 2.0, 3.0])
    assert fit.start == 3 and np.isnan(fit.predictions).all()
    assert relative_error(fit.coefficients[3], [1, 2, 3]) < 1e-12
    assert not fit.attention_matrix().any()


def test_expanding_fit_equals_padasip_and_statsmodels():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(150, 3))
    y = X @ [1.0, -2.0, 0.5] + rng.normal(size=150)
    filtered = padasip.filters.FilterRLS(n=3, mu=0.95, eps=0.7, w="zeros")
    theirs, _, _ = filtered.run(y, X)
    assert relative_error(expanding_least_squares(X, y, ridge=0.7, forgetting=0.95).predictions, theirs) < 1e-9
    path = RecursiveLS(y, X).fit().recursive_coefficients.filtered.T
    assert relative_error(expanding_least_squares(X, y).coefficients[20:], path[19:]) < 1e-8


@pytest.mark.parametrize("P", [3, 20])
@pytest.mark.parametrize("forgetting", [1.0, 0.97])
def test_the_update_survives_ill_conditioning(P, forgetting):
    """At condition number 1e8 predictions are right to 1e-8, and coefficients as good as those of lstsq,
    which are off by some 1e-8 to 1e-6. The textbook recursion on the inverse loses everything.
    """
    X, y = collinear(160, P, 5e7, seed=2)
    assert 5e7 < np.linalg.cond(X) < 2e8
    start = 3 * P
    times = [start, start + 1, start + 5, 100, 159]
    exact = exact_refits(X, y, times, forgetting=forgetting)
    predictions = np.sum(X[times] * exact, axis=1)
    fit = expanding_least_squares(X, y, start=start, forgetting=forgetting)
    assert relative_error(fit.predictions[times], predictions) < 1e-8
    assert relative_error((fit.attention_matrix() @ y)[times], predictions) < 1e-8
    for coefficients in (fit.coefficients[times], refits(X, y, times, forgetting=forgetting)):
        assert 1e-9 < worst(coefficients, exact) < 1e-6
    omega = np.linalg.inv(X[:start].T @ X[:start])
    beta, naive = omega @ X[:start].T @ y[:start], []
    for x, response in zip(X[start:], y[start:], strict=True):
        naive.append(x @ beta)
        gain = omega @ x / (forgetting + x @ omega @ x)
        beta = beta + gain * (response - x @ beta)
        omega = (omega - np.outer(gain, x @ omega)) / forgetting
    assert relative_error(naive, fit.predictions[start:]) > 1e-3


@pytest.mark.parametrize("forgetting", [0.1, 1e-3, 1e-8, 1e-12])
def test_hardly_any_memory_loses_no_digits(forgetting):
    """The last rows are all but interpolated: sixty digits as oracle."""
    rng = np.random.default_rng(9)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    times = [3, 4, 5, 17, 30]
    fit = expanding_least_squares(X, y, forgetting=forgetting)
    assert worst(fit.coefficients[times], exact_refits(X, y, times, forgetting=forgetting)) < 1e-10
    assert relative_error((fit.attention_matrix() @ y)[3:], fit.predictions[3:]) < 1e-10


@pytest.mark.parametrize("ridge", [1e-6, 1e-10, 1e-16, 1e-20])
@pytest.mark.parametrize("condition", [1.0, 1e5])
def test_a_small_penalty_loses_no_digits(ridge, condition):
    """Before the rows determine the fit, a small penalty makes it that of minimum norm: sixty digits as oracle."""
    X, y = collinear(30, 5, condition, seed=3)
    times = [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 29]
    exact = exact_refits(X, y, times, ridge)
    fit = expanding_least_squares(X, y, ridge=ridge)
    theirs = worst(refits(X, y, times, ridge), exact)
    assert worst(fit.coefficients[times], exact) < 10 * theirs + 1e-12
    predictions = np.sum(X[times] * exact, axis=1)
    assert relative_error(fit.predictions[times], predictions) < 1e-9
    assert relative_error((fit.attention_matrix() @ y)[times], predictions) < 1e-9


def test_the_units_of_a_regressor_do_not_matter():
    """A column 1e15 times smaller than the other is no lost direction, as long as the penalty lets it be seen."""
    rng = np.random.default_rng(10)
    X, y = rng.normal(size=(200, 2)) * [1.0, 1e-15], rng.normal(size=200)
    fit = expanding_least_squares(X, y, ridge=1e-40)
    assert worst(fit.coefficients[[50, 200]], exact_refits(X, y, [50, 200], 1e-40)) < 1e-10


def test_a_regressor_that_wakes_up_late_loses_no_digits():
    """A dummy that is zero for long: its first row has a huge leverage, in the middle of a chunk."""
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(200), rng.normal(size=200), np.arange(200) >= 133])
    y = rng.normal(size=200)
    times = [100, 133, 134, 135, 200]
    fit = expanding_least_squares(X, y, ridge=1e-14)
    assert worst(fit.coefficients[times], exact_refits(X, y, times, 1e-14)) < 1e-10


def test_the_mask_is_a_cholesky_factor():
    """For the whole sample with a penalty the causal weights are I - diag(L) L^-1, with LL' = I + XX'/ridge."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(150, 4)), rng.normal(size=150)
    L = np.linalg.cholesky(np.eye(150) + X @ X.T / 0.7)
    exact = np.eye(150) - np.diag(L)[:, None] * np.linalg.inv(L)
    fit = expanding_least_squares(X, y, ridge=0.7)
    assert relative_error(fit.attention_matrix(), exact) < 1e-12
    assert relative_error(fit.predictions, y - np.diag(L) * np.linalg.solve(L, y)) < 1e-12


def test_no_prediction_depends_on_what_comes_later():
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(300, 3)), rng.normal(size=300)
    before = expanding_least_squares(X, y).predictions
    for t in (50, 120, 299):
        later = np.arange(300) >= t
        assert (expanding_least_squares(X, np.where(later, 1e9, y)).predictions[3 : t + 1] == before[3 : t + 1]).all()
        changed = np.where(later[:, None] & (np.arange(300) > t)[:, None], 1e3, X)
        after = expanding_least_squares(changed, np.where(later, 1e9, y)).predictions
        assert relative_error(after[3 : t + 1], before[3 : t + 1]) < 1e-12


def test_a_lost_direction_is_reported():
    """Two columns that were told apart by early rows only: forgetting wears the difference down to nothing."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(2000, 2))
    X[20:, 1] = X[20:, 0]
    with pytest.raises(ValueError, match=r"rows before \d+ do not determine .* ridge = 0.0 and forgetting = 0.9"):
        expanding_least_squares(X, X[:, 0], forgetting=0.9)
    assert np.isfinite(expanding_least_squares(X, X[:, 0]).coefficients[-1]).all()
    with pytest.raises(ValueError, match=r"do not determine .* ridge = 1e-30"):
        expanding_least_squares(np.outer(rng.normal(size=50), [1.0, 3.0]), np.ones(50), ridge=1e-30)


@pytest.mark.parametrize(("forgetting", "N"), [(0.5, 3000), (1e-3, 400), (1e-200, 20)])
def test_a_root_that_underflows_is_reported(forgetting, N):
    """A dummy that is 1 in the first rows only keeps its coefficient until its weight leaves the range of numbers."""
    X = np.column_stack([np.ones(N), np.arange(N) < 2, np.arange(N) % 2])
    with pytest.raises(ValueError, match=f"do not determine the coefficients .* forgetting = {forgetting}"):
        expanding_least_squares(X, np.arange(float(N)), start=4, forgetting=forgetting)


def test_a_last_row_that_wears_out_the_root_is_reported():
    """Nothing is left to predict then, but there would be coefficients."""
    X = np.column_stack([np.ones(6), [1, 0, 0, 0, 0, 0]])
    fit = expanding_least_squares(X[:5], np.ones(5), start=2, forgetting=1e-150)
    assert np.isfinite(fit.coefficients[2:]).all()
    with pytest.raises(ValueError, match="the rows before 6 do not determine"):
        expanding_least_squares(X, np.ones(6), start=2, forgetting=1e-150)


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
    assert relative_error(masked_refit(X, y, [-10]), masked_refit(X, y, [0])) < 1e-12


@pytest.mark.parametrize("masked", [[1], [1, 2, 3]])
def test_masked_refit_refuses_what_it_could_not_compute(masked):
    """The fit may hang on a row a hundred thousand times smaller than those left out, but not on a smaller one."""
    for size, fine in ((2e-5, True), (5e-6, True), (2e-6, False)):
        X, y = np.array([[size], [1.0], [0.0], [0.0]]), np.array([3 * size, 0.0, 0.0, 0.0])
        if fine:
            assert relative_error(masked_refit(X, y, masked)[0], 3.0) < 1e-4
        else:
            with pytest.raises(ValueError, match="remaining rows do not determine the fit: rank below 1"):
                masked_refit(X, y, masked)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "rows must be row numbers"),
        ([10], "design with 10 rows"),
        ([-11], "design with 10 rows"),
        ([[1]], "rows must be row numbers"),
        ([1.5], "rows must be row numbers"),
        ([1, 1], "rows repeats an entry: 2 given, 1 different"),
        ([1, -9], "rows repeats an entry: 2 given, 1 different"),
        (np.ones(9, bool), "boolean of shape"),
        (range(9), "the 1 remaining rows do not determine the fit: rank below 2"),
    ],
)
def test_masked_refit_names_bad_rows(rows, message):
    rng = np.random.default_rng(5)
    with pytest.raises(ValueError, match=message):
        masked_refit(rng.normal(size=(10, 2)), rng.normal(size=10), rows)


def test_masked_weights_are_what_their_names_say():
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    X[0] = 0  # a row that nothing is like
    masks = masked_weights(X)
    assert list(masks) == ["unmasked", "equation 35", "strict", "exact"]
    H = X @ np.linalg.pinv(X)
    assert relative_error(masks["unmasked"], H) < 1e-12
    H[0] = H[:, 0] = 0  # not only within rounding
    for t in range(12):
        for name, seen in (("equation 35", H[t, : t + 1]), ("strict", H[t, :t])):
            weights = seen / seen.sum() if seen.any() else np.zeros(len(seen))
            assert np.abs(masks[name][t, : len(seen)] - weights).max(initial=0.0) < 1e-9
            assert not masks[name][t, len(seen) :].any()
    assert masks["equation 35"][1, 1] == 1 and not masks["strict"][1].any()
    assert not masks["exact"][:3].any()
    exact = refits(X, y, range(3, 12))
    assert relative_error((masks["exact"] @ y)[3:], np.sum(X[3:] * exact, axis=1)) < 1e-10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(X=np.eye(3), y=[1, 2]), r"got shapes \(3, 3\) and \(2,\)"),
        (dict(X=np.ones((4, 2))), r"X of shape \(4, 2\) has rank 1, below 2: set ridge > 0"),
        (dict(X=np.ones((1, 2)), y=[1.0]), r"X of shape \(1, 2\) has rank 1, below 2: set ridge > 0"),
        (dict(X=np.eye(4), start=2), "the 2 rows before start do not determine 4"),
        (dict(X=np.ones((4, 2)), start=3), "the 3 rows before start do not determine 2"),
        (dict(start=0), "the 0 rows before start do not determine 1"),
        (dict(start=4), "start must be a whole number of at least 0 and at most 3, got 4"),
        (dict(start=-1, ridge=1), "start must be a whole number of at least 0 and at most 3, got -1"),
        (dict(start=2.0), r"start must be a whole number .* got 2\.0"),
        (dict(start=True), "start must be a whole number .* got True"),
        (dict(forgetting=1.1), r"forgetting must lie in \(0, 1\], got 1.1"),
        (dict(forgetting=0), r"forgetting must lie in \(0, 1\], got 0"),
        (dict(forgetting=np.nan), "forgetting"),
        (dict(ridge=-1), "ridge must be at least 0, got -1"),
        (dict(y=[1, 2, np.inf, 3]), r"y of shape \(4,\) has 1 NaN or inf"),
    ],
)
def test_bad_input_is_named(arguments, message):
    arguments = {"X": np.ones((4, 1)), "y": np.ones(4), **arguments}
    with pytest.raises(ValueError, match=message):
        expanding_least_squares(arguments.pop("X"), arguments.pop("y"), **arguments)


def test_masked_weights_refuse_what_the_fit_refuses():
    with pytest.raises(ValueError, match=r"X of shape \(4, 2\) has rank 1, below 2"):
        masked_weights(np.ones((4, 2)))
    with pytest.raises(ValueError, match="X must be 2-D"):
        masked_weights(np.ones(4))
