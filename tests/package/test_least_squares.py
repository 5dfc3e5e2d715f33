"""Least squares as an embedding: identities, limits, and errors."""

import numpy as np
import pytest
from designs import designs, seeds
from hypothesis import assume, given
from hypothesis import strategies as st

from olsattn import embedding, ols_attention, relative_error
from olsattn.least_squares import cosine_weights, hat_matrix, implied_weights, leave_one_out, nearest_omega


@given(designs())
def test_encoded_design_is_orthonormal(X):
    encoder = embedding(X)
    F = encoder.encode(X)
    assert np.abs(F.T @ F - np.eye(X.shape[1])).max() < 1e-10
    assert np.abs(F - encoder.scores).max() < 1e-10


@given(designs(condition=1e2))
def test_omega_is_the_inverse_of_the_gram_matrix(X):
    product = embedding(X).omega @ (X.T @ X)
    assert np.abs(product - np.eye(X.shape[1])).max() < 1e-10


@given(designs(condition=1e2), st.floats(1e-3, 1e3))
def test_ridge_omega_solves_the_penalised_normal_equations(X, ridge):
    penalised = X.T @ X + ridge * np.eye(X.shape[1])
    assert relative_error(embedding(X, ridge=ridge).omega, np.linalg.inv(penalised)) < 1e-8


@given(designs(wide=True), st.floats(1e-2, 10))
def test_ridge_omega_is_complete_when_columns_outnumber_rows(X, ridge):
    """Omega must be the full P x P inverse, also in directions that no training row spans."""
    ridge *= np.linalg.norm(X) ** 2  # in units of the design
    encoder = embedding(X, ridge=ridge)
    assert encoder.weights.shape == (X.shape[1], X.shape[1])
    assert np.abs(encoder.scores - encoder.encode(X)).max() < 1e-10
    penalised = X.T @ X + ridge * np.eye(X.shape[1])
    assert relative_error(encoder.omega @ penalised, np.eye(X.shape[1])) < 1e-8


@given(designs(wide=True), seeds)
def test_wide_designs_give_the_minimum_norm_solution(X, seed):
    rng = np.random.default_rng(seed)
    X_new, y = rng.normal(size=(3, X.shape[1])), rng.normal(size=len(X))
    assert relative_error(ols_attention(X_new, X, y)[0], X_new @ np.linalg.pinv(X) @ y) < 1e-8


def test_rank_deficiency_is_found_and_answered():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 6))
    encoder = embedding(X)
    assert encoder.weights.shape == (6, 3)
    assert relative_error(encoder.omega, np.linalg.pinv(X.T @ X, rcond=1e-10)) < 1e-8
    with pytest.raises(ValueError, match=r"rank = 4 exceeds the numerical rank 3 of X, shape \(20, 6\)"):
        embedding(X, rank=4)


def with_singular_values(values, shape, seed=0):
    """A design of this shape with these singular values, to rounding."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(side, len(values))))[0] for side in shape)
    return left * values @ right.T


@pytest.mark.parametrize("shape", [(1000, 2), (2, 1000)])
@pytest.mark.parametrize(("size", "rank"), [(100, 1), (10_000, 2)])
def test_the_numerical_rank_counts_the_rounding_of_every_row_and_column(shape, size, rank):
    """A singular value of 100 eps is rounding where the longer side is 1000, and one of 10,000 eps is not."""
    X = with_singular_values(np.array([1.0, size * np.finfo(float).eps]), shape)
    assert embedding(7 * X).weights.shape == (shape[1], rank)
    assert np.linalg.matrix_rank(X) == rank  # the rule is that of NumPy


@pytest.mark.parametrize("shape", [(9, 4), (4, 9)])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_singular_values_are_those_of_the_design(shape, ridge):
    """In decreasing order; with a penalty, directions that no row spans count with 0."""
    values = np.array([3.0, 2.0, 1.0, 0.25])
    encoder = embedding(with_singular_values(values, shape), ridge=ridge)
    expected = np.zeros(shape[1] if ridge else 4)
    expected[:4] = values
    assert np.abs(encoder.singular_values - expected).max() < 1e-13
    assert encoder.scores.shape == (shape[0], len(expected))
    assert np.abs(encoder.scores - encoder.encode(with_singular_values(values, shape))).max() < 1e-13


@pytest.mark.parametrize("shape", [(9, 4), (4, 9)])
@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_rank_and_ridge_shrink_together(shape, rank, ridge):
    """By the singular value decomposition: Omega is the sum of u u' / (d^2 + ridge) over the first directions."""
    X = with_singular_values(np.array([3.0, 2.0, 1.0, 0.25]), shape)
    F, d, Ut = np.linalg.svd(X, full_matrices=False)
    encoder = embedding(X, ridge=ridge, rank=rank)
    omega = sum(np.outer(u, u) / (size**2 + ridge) for u, size in zip(Ut[:rank], d[:rank], strict=True))
    hat = sum(np.outer(f, f) * size**2 / (size**2 + ridge) for f, size in zip(F.T[:rank], d[:rank], strict=True))
    assert encoder.weights.shape == (shape[1], rank)
    assert relative_error(encoder.omega, omega) < 1e-12
    assert relative_error(hat_matrix(X, ridge=ridge, rank=rank), hat) < 1e-12
    assert relative_error(hat_matrix(X, ridge=ridge, rank=rank), encoder.scores @ encoder.scores.T) < 1e-14


def test_every_rank_from_one_to_p_is_allowed():
    X = np.random.default_rng(6).normal(size=(7, 3))
    for rank in (1, 2, 3, np.int64(3)):
        assert embedding(X, rank=rank).weights.shape == (3, rank)
    assert relative_error(embedding(X, rank=3).omega, embedding(X).omega) < 1e-15


def test_tall_designs_do_not_get_a_square_basis():
    """20,000 rows: the full basis of the column space would take 3.2 GB."""
    X = np.random.default_rng(7).normal(size=(20_000, 2))
    for ridge in (0.0, 1.0):
        assert embedding(X, ridge=ridge).scores.shape == (20_000, 2)


def test_a_design_of_zeros_needs_a_penalty():
    encoder = embedding(np.zeros((3, 2)), ridge=4.0)
    assert (encoder.omega == np.eye(2) / 4).all() and (encoder.scores == 0).all()


def test_the_singular_value_route_survives_ill_conditioning():
    """Through X'X every digit would be lost at condition number 1e8; through X half of them stay."""
    rng = np.random.default_rng(3)
    left, right = np.linalg.qr(rng.normal(size=(50, 4)))[0], np.linalg.qr(rng.normal(size=(4, 4)))[0]
    X = left * np.geomspace(1, 1e-8, 4) @ right.T
    y = X @ np.ones(4)
    prediction, _ = ols_attention(np.eye(4), X, y)
    assert relative_error(prediction, np.ones(4)) < 1e-6
    F = embedding(X).scores
    assert np.abs(F.T @ F - np.eye(4)).max() < 1e-14


@given(designs())
def test_hat_matrix_is_a_projection_with_bounded_entries(X):
    H = hat_matrix(X)
    assert np.abs(H - H.T).max() < 1e-14
    assert np.abs(H @ H - H).max() < 1e-10
    assert abs(np.trace(H) - X.shape[1]) < 1e-9
    off_diagonal = H - np.diag(np.diag(H))
    assert np.abs(off_diagonal).max() <= 0.5 + 1e-10
    assert -1e-12 <= np.diag(H).min() and np.diag(H).max() <= 1 + 1e-10


@given(designs())
def test_leverage_is_at_least_one_over_n_with_an_intercept(X):
    design = np.column_stack([np.ones(len(X)), X / np.abs(X).max()])
    assert np.diag(hat_matrix(design)).min() >= 1 / len(X) - 1e-9
    assert np.abs(hat_matrix(design).sum(axis=1) - 1).max() < 1e-8


@given(designs(), seeds)
def test_cosine_and_scale_recover_the_weights(X, seed):
    X_new = np.random.default_rng(seed).normal(size=(3, X.shape[1]))
    encoder = embedding(X)
    queries, keys = encoder.encode(X_new), encoder.encode(X)
    assume(np.linalg.norm(keys, axis=1).min() > 1e-9)
    scale, cosine = cosine_weights(queries, keys)
    assert np.abs(cosine).max() <= 1
    assert relative_error(scale * cosine, queries @ keys.T) < 1e-10


def test_lengths_are_those_of_each_row():
    queries, keys = np.array([[3.0, 4.0], [0.0, 2.0]]), np.array([[1.0, 0.0], [0.0, -10.0], [1.0, 1.0]])
    scale, cosine = cosine_weights(queries, keys)
    assert scale == pytest.approx(np.array([[5, 50, 5 * 2**0.5], [2, 20, 2 * 2**0.5]]))
    assert cosine == pytest.approx(np.array([[0.6, -0.8, 1.4 / 2**0.5], [0, -1, 0.5**0.5]]))


def test_a_cosine_leaves_its_range_not_even_by_rounding():
    """Parallel rows, both ways; without clipping some of these quotients are above 1 in size."""
    rows = np.random.default_rng(8).normal(size=(500, 3))
    norms = np.linalg.norm(rows, axis=1)
    assert np.max(rows @ rows.T / np.outer(norms, norms)) > 1
    for sign in (1, -1):
        _, cosine = cosine_weights(rows, sign * rows)
        assert cosine.max() <= 1 and cosine.min() >= -1
        assert np.diag(cosine) == pytest.approx(np.full(500, float(sign)))


@pytest.mark.parametrize("shapes", [((2, 3), (2, 2)), ((1, 2), (5, 3))])
def test_queries_and_keys_of_different_width_are_refused(shapes):
    with pytest.raises(ValueError, match=r"queries and keys must have the same number of columns, got shapes"):
        cosine_weights(*map(np.ones, shapes))


def test_identical_row_can_have_the_smallest_weight():
    _, weights = ols_attention([[1.0]], [[1.0], [2.0], [3.0]], [0.0, 0.0, 0.0])
    assert relative_error(weights, np.array([[1, 2, 3]]) / 14) < 1e-15


@given(designs(condition=10), seeds)
def test_raw_inner_products_fit_worse_unless_eigenvector(X, seed):
    """No multiple of X'y beats least squares in sample, and an eigenvector of X'X attains it."""
    rng = np.random.default_rng(seed)
    def residual(y, b):
        return np.sum((y - X @ b) ** 2)
    y = rng.normal(size=len(X))
    raw, best = X.T @ y, np.linalg.pinv(X) @ y
    scale = raw @ raw / np.sum((X @ raw) ** 2)
    assert residual(y, scale * raw) >= residual(y, best) - 1e-9
    direction = np.linalg.svd(X)[2][0]
    y = X @ direction
    raw = X.T @ y
    scale = raw @ raw / np.sum((X @ raw) ** 2)
    assert relative_error(scale * raw, direction) < 1e-8


@given(designs(condition=10), seeds)
def test_centring_only_the_design_loses_the_mean(X, seed):
    assume(len(X) > X.shape[1] + 1)
    X = X / np.abs(X).max()
    y = np.random.default_rng(seed).normal(size=len(X)) + 3
    centred, with_ones = X - X.mean(axis=0), np.column_stack([np.ones(len(X)), X])
    assume(np.linalg.cond(with_ones) < 1e4)
    difference = ols_attention(with_ones, with_ones, y)[0] - ols_attention(centred, centred, y)[0]
    assert relative_error(difference, np.full(len(X), y.mean())) < 1e-8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(X=[[1, np.nan], [2, 3]]), r"X of shape \(2, 2\) has 1 NaN or inf, the first at \(0, 1\)"),
        (dict(X=[[np.inf]]), "NaN or inf"),
        (dict(X=[1, 2, 3]), r"X must be 2-D, got shape \(3,\)"),
        (dict(X=np.ones((0, 2))), r"X is empty: shape \(0, 2\)"),
        (dict(X=np.zeros((3, 2))), r"X of shape \(3, 2\) is all zeros"),
        (dict(X=[[1, 2], [3]]), "X is not a rectangular array"),
        (dict(X=[["a"]]), "X must hold real numbers"),
        (dict(X=[[1j]]), "X must hold real numbers"),
        (dict(X=np.eye(2), ridge=-1), "ridge must be at least 0, got -1"),
        (dict(X=np.eye(2), ridge=np.nan), "ridge"),
        (dict(X=np.eye(2), rank=3), "rank must be a whole number of at least 1 and at most 2, got 3"),
        (dict(X=np.eye(2), rank=0), "rank must be"),
        (dict(X=np.eye(2), rank=1.5), "rank must be"),
        (dict(X=np.eye(2), rank=2.0), r"rank must be .* got 2\.0"),
        (dict(X=np.eye(2), rank=True), "rank must be .* got True"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        embedding(**arguments)


def test_encoding_rows_of_another_width_is_refused():
    with pytest.raises(ValueError, match=r"got shapes \(4, 3\) and \(2, 2\)"):
        embedding(np.eye(2)).encode(np.ones((4, 3)))


def test_angle_of_a_zero_vector_is_refused():
    for queries, keys in ([[0.0, 0.0]], [[1.0, 0.0]]), ([[1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]):
        with pytest.raises(ValueError, match="a query or key is the zero vector: its angle is undefined"):
            cosine_weights(queries, keys)


def test_repr_says_what_the_embedding_does():
    assert repr(embedding(np.eye(3), rank=2)) == "Embedding(3 regressors -> 2 factors)"


@given(designs(), st.floats(1e-2, 1e3))
def test_what_ridge_takes_from_the_scores_it_gives_to_the_map(X, ridge):
    """Goulet Coulombe (2026), Section 3.3: not the keys but the map turns orthonormal, and both together always are."""
    ridge *= np.linalg.norm(X) ** 2 / X.shape[1]  # in units of the design
    shares = []
    for penalty in (ridge, 2 * ridge):
        encoder, eye = embedding(X, ridge=penalty), np.eye(X.shape[1])
        keys, turned = encoder.scores.T @ encoder.scores, np.sqrt(penalty) * encoder.weights
        assert np.abs(keys + turned.T @ turned - eye).max() < 1e-10
        assert np.abs(keys - eye).max() > 1e-12  # any other root W T of Omega has T' (keys) T: not orthonormal either
        shares.append([np.linalg.norm(keys - eye), np.linalg.norm(penalty * encoder.omega - eye)])
    assert shares[0][0] < shares[1][0] and shares[0][1] > shares[1][1]


@given(designs(), st.floats(1e-2, 1e3), seeds)
def test_ridge_is_least_squares_with_rows_of_value_zero(X, ridge, seed):
    ridge *= np.linalg.norm(X) ** 2 / X.shape[1]
    new = np.random.default_rng(seed).normal(size=(3, X.shape[1]))
    phantoms = np.vstack([X, np.sqrt(ridge) * np.eye(X.shape[1])])
    _, weights = ols_attention(new, phantoms, np.zeros(len(phantoms)))
    encoder = embedding(X, ridge=ridge)
    assert relative_error(weights[:, : len(X)], encoder.encode(new) @ encoder.scores.T) < 1e-10


@given(designs(wide=True), st.floats(1e-2, 1e3), seeds)
def test_dual_coefficients_of_ridge_are_residuals_over_the_penalty(X, ridge, seed):
    """Goulet Coulombe (2026), Section 2.1, with the missing y; for designs with more columns than rows too."""
    ridge *= np.linalg.norm(X) ** 2 / X.shape[1]
    y = np.random.default_rng(seed).normal(size=len(X))
    dual = np.linalg.solve(X @ X.T + ridge * np.eye(len(X)), y)
    encoder = embedding(X, ridge=ridge)
    fitted = encoder.scores @ encoder.scores.T @ y
    assert relative_error((y - fitted) / ridge, dual) < 1e-10
    assert relative_error(X.T @ dual, encoder.omega @ X.T @ y) < 1e-10


@given(designs(), seeds)
def test_ridge_times_its_penalty_tends_to_raw_inner_products(X, seed):
    new = np.random.default_rng(seed).normal(size=(3, X.shape[1]))
    widest = np.linalg.norm(X, 2) ** 2
    for times in (1e3, 1e6):
        encoder = embedding(X, ridge=times * widest)
        weights = times * widest * encoder.encode(new) @ encoder.scores.T
        assert relative_error(weights, new @ X.T) < 3 * np.sqrt(X.shape[1]) / times * np.linalg.cond(X)


def test_ridge_has_the_best_omega_for_random_coefficients():
    """No other Omega has a smaller expected squared error, at any query, for coefficients of variance 1 / ridge."""
    rng = np.random.default_rng(7)
    X, ridge = rng.normal(size=(20, 4)) * [3, 1, 0.5, 0.1], 2.5
    S, eye, best = X.T @ X, np.eye(4), embedding(X, ridge=ridge).omega

    def risk(omega):  # of noise of variance 1: a quadratic form in the query
        return (omega @ S - eye) @ (omega @ S - eye).T / ridge + omega @ S @ omega.T

    assert relative_error(risk(best), best) < 1e-10
    for _ in range(50):
        other = best + 0.3 * rng.normal(size=(4, 4))
        assert np.linalg.eigvalsh(risk(other) - risk(best)).min() > 0


def two_groups(seed, N=24, P=3):
    """An intercept and other regressors, a treatment that depends on them, and a response."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(N), rng.normal(size=(N, P - 1))])
    treated = (X[:, 1] + rng.normal(size=N) > 0).astype(float)
    treated[:2] = 0, 1
    return X, treated, rng.normal(size=N)


@given(seeds)
def test_implied_weights_are_a_difference_of_two_predictions(seed):
    """B-56: predict for any row with the treatment and without; the weights differ by the same, wherever one starts."""
    X, treated, y = two_groups(seed)
    design = np.column_stack([treated, X])
    with_, without = np.column_stack([np.ones(24), X]), np.column_stack([np.zeros(24), X])
    rows = ols_attention(with_, design, y)[1] - ols_attention(without, design, y)[1]
    weights = implied_weights(X, treated)
    assert relative_error(rows, np.tile(weights, (24, 1))) < 1e-10
    assert abs(weights @ y - np.linalg.lstsq(design, y, rcond=None)[0][0]) < 1e-10 * np.abs(weights) @ np.abs(y)


@given(seeds)
def test_implied_weights_balance_and_sum_to_one_in_each_group(seed):
    X, treated, _ = two_groups(seed)
    weights = implied_weights(X, treated)
    assert weights[treated == 1].sum() == pytest.approx(1, abs=1e-12)
    assert weights[treated == 0].sum() == pytest.approx(-1, abs=1e-12)
    assert np.abs(weights @ X).max() < 1e-12


@given(seeds)
def test_implied_weights_are_the_shortest_that_balance(seed):
    """Anything that balances as well is longer, by the square of what it differs by (Pythagoras)."""
    X, treated, y = two_groups(seed)
    design = np.column_stack([treated, X])
    aside = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    weights = implied_weights(X, treated)
    other = weights + aside
    assert np.abs(other @ X).max() < 1e-10 and other @ treated == pytest.approx(1)
    assert other @ other == pytest.approx(weights @ weights + aside @ aside)


@given(seeds)
def test_implied_weights_are_an_equal_share_tilted_by_the_gap_between_the_groups(seed):
    X, treated, _ = two_groups(seed)
    means = [X[treated == group, 1:].mean(axis=0) for group in (1, 0)]
    inside = X[:, 1:] - np.where(treated[:, None], *means)
    gap = means[0] - means[1]
    shares = np.where(treated, 1 / treated.sum(), -1 / (24 - treated.sum()))
    tilt = inside @ np.linalg.solve(inside.T @ inside, gap)
    assert relative_error(implied_weights(X, treated), shares - tilt) < 1e-9


def test_implied_weights_without_other_regressors_are_a_difference_of_means():
    weights = implied_weights(np.ones((5, 1)), [True, True, False, False, False])
    assert np.allclose(weights, [1 / 2, 1 / 2, -1 / 3, -1 / 3, -1 / 3], rtol=0, atol=1e-15)
    assert np.allclose(implied_weights(np.zeros((2, 1)), [3.0, 4.0]), [0.12, 0.16], rtol=0, atol=1e-15)


def test_implied_weights_do_not_mind_units_or_repeated_columns():
    X, treated, _ = two_groups(5)
    weights = implied_weights(X, treated)
    assert relative_error(implied_weights(X * [1, 1e-9, 1e9], treated), weights) < 1e-12
    assert relative_error(implied_weights(np.column_stack([X, X[:, 1] - X[:, 2]]), treated), weights) < 1e-12
    assert relative_error(implied_weights(X, 4 * treated), weights / 4) < 1e-14


@pytest.mark.parametrize("combination", [[0, 1, 0], [0.5, 0, -1e6], [0, 0, 0]])
def test_a_treatment_without_a_coefficient_of_its_own_is_refused(combination):
    X = two_groups(6)[0]
    with pytest.raises(ValueError, match=r"treated of shape \(24,\) is a linear combination of the columns of X, shape "
                                         r"\(24, 3\): it has no coefficient of its own"):
        implied_weights(X, X @ combination)


def test_implied_weights_name_the_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"X and treated must have the same number of rows, got shapes \(3, 1\) and"):
        implied_weights(np.ones((3, 1)), [0, 1])
    with pytest.raises(ValueError, match="treated must be 1-D"):
        implied_weights(np.ones((3, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"treated of shape \(3,\) has 1 NaN or inf"):
        implied_weights(np.ones((3, 1)), [0, 1, np.nan])


@given(designs(condition=1e2), seeds, st.sampled_from([None, 1, 3]))
def test_leaving_a_row_out_is_refitting_without_it(X, seed, responses):
    N, P = X.shape
    assume(N > P and (1 - np.diag(hat_matrix(X))).min() > 1e-3)
    y = np.random.default_rng(seed).normal(size=N if responses is None else (N, responses))
    refits = [X[i] @ np.linalg.lstsq(np.delete(X, i, 0), np.delete(y, i, 0), rcond=None)[0] for i in range(N)]
    assert leave_one_out(X, y).shape == y.shape
    assert relative_error(leave_one_out(X, y), refits) < 1e-10


@given(designs(condition=1e2), seeds)
def test_with_an_intercept_leaving_out_is_masking_and_dividing_by_the_rest(X, seed):
    X = np.column_stack([np.ones(len(X)), X])
    H = hat_matrix(X)
    assume((1 - np.diag(H)).min() > 1e-3)
    masked = H - np.diag(np.diag(H))
    y = np.random.default_rng(seed).normal(size=len(X))
    assert relative_error(leave_one_out(X, y), masked @ y / masked.sum(axis=1)) < 1e-9


def test_leaving_out_of_a_rank_deficient_design_is_the_refit_of_least_norm():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 6)), rng.normal(size=20)
    refits = [X[i] @ np.linalg.pinv(np.delete(X, i, 0), rcond=1e-10) @ np.delete(y, i) for i in range(20)]
    assert relative_error(leave_one_out(X, y), refits) < 1e-10


def test_a_row_that_stands_alone_cannot_be_left_out():
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    for alone in ([7], [7, 21]):
        dummies = np.column_stack([np.arange(30) == i for i in alone])
        with pytest.raises(ValueError, match=rf"rows \{alone} of X have a leverage of 1".replace("]", r"\]")):
            leave_one_out(np.column_stack([X, dummies]), y)
    with pytest.raises(ValueError, match=r"number of rows, got shapes \(30, 4\) and \(29,\)"):
        leave_one_out(X, y[1:])


def responses_and_start(X, M, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(len(X), M)), rng.normal(size=(X.shape[1], X.shape[1])) / np.linalg.norm(X) ** 2


@given(designs(condition=1e2), st.integers(1, 3), seeds)
def test_the_nearest_omega_fits_as_well_as_least_squares(X, M, seed):
    Y, start = responses_and_start(X, M, seed)
    for begin in (None, start):
        omega = nearest_omega(X, Y, start=begin)
        assert relative_error(X @ omega @ (X.T @ Y), hat_matrix(X) @ Y) < 1e-8


@given(designs(condition=1e2), seeds)
def test_no_omega_that_fits_is_nearer(X, seed):
    """What it changes of the start is orthogonal to every direction in which the error does not move."""
    (y, start), P = responses_and_start(X, 1, seed), X.shape[1]
    change = nearest_omega(X, y, start=start) - start
    products = X.T @ y[:, 0]
    null = np.random.default_rng(seed).normal(size=(P, P))
    size = np.linalg.norm(change) * np.linalg.norm(null)
    null -= np.outer(null @ products, products) / (products @ products)
    assert abs(np.sum(change * null)) < 1e-8 * size
    assert np.linalg.matrix_rank(change, tol=1e-8 * np.linalg.norm(change)) <= 1


def test_as_many_responses_as_columns_find_the_inverse_and_fewer_do_not():
    rng = np.random.default_rng(0)
    X, Y, start = rng.normal(size=(40, 4)), rng.normal(size=(40, 6)), rng.normal(size=(4, 4))
    inverse = np.linalg.inv(X.T @ X)
    for M in (4, 6):
        assert relative_error(nearest_omega(X, Y[:, :M], start=start), inverse) < 1e-10
    for M in (1, 2, 3):
        assert relative_error(nearest_omega(X, Y[:, :M]), inverse) > 0.01
        assert np.linalg.matrix_rank(nearest_omega(X, Y[:, :M])) == M
    doubled = np.column_stack([Y[:, :3], Y[:, :3].sum(axis=1)])  # four responses of rank three
    assert np.linalg.matrix_rank(nearest_omega(X, doubled), tol=1e-10) == 3


def test_gradient_descent_ends_at_the_nearest_omega():
    rng = np.random.default_rng(1)
    X, Y, start = rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), rng.normal(size=(3, 3))
    products, omega = X.T @ Y, start
    rate = 1 / (np.linalg.norm(X, 2) * np.linalg.norm(products, 2)) ** 2
    for _ in range(20_000):
        omega = omega + rate * X.T @ (Y - X @ omega @ products) @ products.T
    assert relative_error(nearest_omega(X, Y, start=start), omega) < 1e-8


def test_a_vanishing_penalty_leads_to_the_nearest_omega():
    """The penalised problem as one least-squares problem in the stacked entries, at a small penalty."""
    rng = np.random.default_rng(2)
    X, y, start = rng.normal(size=(15, 3)), rng.normal(size=15), rng.normal(size=(3, 3))
    design = np.kron((X.T @ y)[None], X)
    small = 1e-4
    stacked = np.vstack([design, small * np.eye(9)])
    target = np.concatenate([y, small * start.ravel(order="F")])
    penalised = np.linalg.lstsq(stacked, target, rcond=None)[0].reshape(3, 3, order="F")
    assert relative_error(nearest_omega(X, y, start=start), penalised) < 1e-6


def test_nearest_omega_answers_wide_designs_and_useless_responses():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(3, 5))
    y = rng.normal(size=3)
    assert relative_error(X @ nearest_omega(X, y) @ X.T @ y, y) < 1e-10  # as many rows as the fit can reach
    start = rng.normal(size=(2, 2))
    orthogonal = nearest_omega([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [0.0, 0.0, 1.0], start=start)
    assert np.array_equal(orthogonal, start)  # nothing to learn from


@pytest.mark.parametrize(("X", "Y", "start", "message"), [
    (np.ones((3, 2)), np.ones(4), None, r"rows.*\(3, 2\).*\(4, 1\)"),
    (np.eye(2), np.ones(2), np.ones((2, 3)), r"start must have shape \(2, 2\).*got \(2, 3\)"),
    (np.eye(2), [1.0, np.nan], None, "Y"),
    (np.zeros((2, 2)), np.ones(2), None, "all zeros"),
])
def test_nearest_omega_says_what_does_not_fit(X, Y, start, message):
    with pytest.raises(ValueError, match=message):
        nearest_omega(X, Y, start=start)
