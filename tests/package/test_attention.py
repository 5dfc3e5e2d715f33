"""Attention: the least-squares identity, torch as oracle for softmax and masks, and errors."""

import numpy as np
import pytest
import torch
from designs import designs, seeds
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from olsattn import embedding, ols_attention, relative_error
from olsattn.attention import attention, softmax


@given(designs(), seeds, st.sampled_from([None, 1, 3]))
def test_ols_attention_equals_lstsq(X, seed, responses):
    """Predictions equal X_test beta, and the same weights serve every response."""
    rng = np.random.default_rng(seed)
    X_test = rng.normal(size=(4, X.shape[1]))
    y = rng.normal(size=len(X) if responses is None else (len(X), responses))
    predictions, weights = ols_attention(X_test, X, y)
    exact = X_test @ np.linalg.lstsq(X, y, rcond=None)[0]
    assert predictions.shape == exact.shape and weights.shape == (4, len(X))
    assert relative_error(predictions, exact) < 1e-9
    assert relative_error(weights, X_test @ np.linalg.pinv(X)) < 1e-9


@given(designs(condition=10), seeds)
def test_only_the_inverse_gram_works_for_all_responses(X, seed):
    """With N unit responses at once the output is X_test Omega X' itself, so Omega can be read back."""
    rng = np.random.default_rng(seed)
    P = X.shape[1]
    omega = rng.normal(size=(P, P))
    output, _ = attention(np.eye(P) @ omega, X, np.eye(len(X)))
    recovered = output @ np.linalg.pinv(X.T)
    assert relative_error(recovered, omega) < 1e-8
    regression, _ = ols_attention(np.eye(P), X, np.eye(len(X)))
    assert relative_error(regression @ np.linalg.pinv(X.T), embedding(X).omega) < 1e-8


@given(seeds, st.integers(1, 6), st.integers(1, 9), st.integers(1, 5), st.booleans())
def test_softmax_equals_torch(seed, J, N, L, masked):
    rng = np.random.default_rng(seed)
    queries, keys, values = rng.normal(size=(J, L)), rng.normal(size=(N, L)), rng.normal(size=(N, 3))
    mask = rng.random((J, N)) < 0.6 if masked else None
    if masked:
        mask[:, rng.integers(N)] = True
    ours, weights = attention(queries, keys, values, weighting="softmax", mask=mask, scale=L**-0.5)
    theirs = scaled_dot_product_attention(
        *map(torch.from_numpy, (queries, keys, values)), attn_mask=None if mask is None else torch.from_numpy(mask)
    )
    assert relative_error(ours, theirs.numpy()) < 1e-10
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-12 and weights.min() >= 0
    if masked:
        assert (weights[~mask] == 0).all()


class Dial:
    """A weighting with a parameter: an object that can be called."""

    def __init__(self, beta):
        self.beta = beta

    def __call__(self, scores):
        powers = np.exp(self.beta * (scores - scores.max(axis=1, keepdims=True)))
        return (powers / powers.mean(axis=1, keepdims=True) - 1) / self.beta


def row_normalised(scores):
    return scores / scores.sum(axis=1, keepdims=True)


def ranks(scores):
    return scores.argsort(axis=1).argsort(axis=1)


ROW_WISE = {
    "identity": "identity",
    "softmax": "softmax",
    "the function softmax": softmax,
    "divided by the sum": row_normalised,
    "centred": lambda s: s - s.mean(axis=1, keepdims=True),
    "softplus": lambda s: np.log1p(np.exp(s)),
    "ranks": ranks,
    "the largest only": lambda s: s == s.max(axis=1, keepdims=True),
    "in place": lambda s: np.exp(s, out=s),
    "dial": Dial(0.5),
}


@pytest.mark.parametrize("weighting", ROW_WISE.values(), ids=ROW_WISE)
@given(seeds, st.integers(1, 6), st.integers(1, 7), st.floats(0.1, 0.9))
def test_a_masked_key_is_as_good_as_absent(weighting, seed, J, N, share):
    """Row by row, for any weighting, whatever the other queries may see."""
    rng = np.random.default_rng(seed)
    queries, keys, values = rng.normal(size=(J, 2)), rng.normal(size=(N, 2)), rng.normal(size=(N, 2))
    mask = rng.random((J, N)) < share
    mask[np.arange(J), rng.integers(N, size=J)] = True
    output, weights = attention(queries, keys, values, weighting=weighting, mask=mask, scale=0.7)
    assert weights.dtype == float and not weights[~mask].any()
    for j, keep in enumerate(mask):
        alone, kept = attention(queries[[j]], keys[keep], values[keep], weighting=weighting, scale=0.7)
        assert np.abs(output[j] - alone[0]).max() <= 1e-9 * max(1, np.abs(alone).max())
        assert np.abs(weights[j, keep] - kept[0]).max() <= 1e-9 * max(1, np.abs(kept).max())


def test_queries_that_see_the_same_keys_are_weighed_together():
    seen = []

    def watched(scores):
        seen.append(scores.shape)
        return scores

    mask = np.array([[True, True, False], [True, False, True], [True, True, False], [True, True, True]])
    attention(np.ones((4, 1)), np.ones((3, 1)), np.ones(3), weighting=watched, mask=mask)
    assert sorted(seen) == [(1, 2), (1, 3), (2, 2)]


@pytest.mark.parametrize("mask", [None, np.tri(3, dtype=bool)])
def test_what_a_weighting_may_not_return(mask):
    def spoiled(number):
        return lambda s: np.where(s == 4.0, number, s)

    data = dict(queries=[[1.0], [2.0], [3.0]], keys=[[1.0], [2.0], [5.0]], values=np.ones(3), mask=mask)
    for number in (np.nan, np.inf, -np.inf):
        with pytest.raises(ValueError, match=r"weighting returned NaN or inf for query row\(s\) \[1\]"):
            attention(**data, weighting=spoiled(number))
    with pytest.raises(ValueError, match=r"weighting must keep the shape \(., .\) of the scores, got \(.,\)"):
        attention(**data, weighting=lambda s: s[:, 0])
    with pytest.raises(ValueError, match="weighting must return real numbers, got dtype complex128"):
        attention(**data, weighting=lambda s: s + 0j)


def test_softmax_survives_huge_scores():
    output, weights = attention([[1e3]], [[1e3], [-1e3]], [1.0, 5.0], weighting="softmax")
    assert output[0] == 1.0 and weights.tolist() == [[1.0, 0.0]]


@given(seeds, st.integers(2, 7), st.floats(0.1, 20))
def test_softmax_jacobian_norm_is_at_most_one_half(seed, n, size):
    scores = torch.from_numpy(size * np.random.default_rng(seed).normal(size=n))
    jacobian = torch.autograd.functional.jacobian(lambda s: torch.softmax(s, 0), scores).numpy()
    p = softmax(scores.numpy()[None])[0]
    assert np.abs(jacobian - (np.diag(p) - np.outer(p, p))).max() < 1e-12
    assert np.linalg.norm(jacobian, 2) <= 0.5 + 1e-12


def test_a_function_can_be_the_weighting():
    def relu(scores):
        return np.maximum(scores, 0)
    output, weights = attention(np.eye(2), [[1.0, -1.0], [2.0, 3.0]], [10.0, 1.0], weighting=relu)
    assert weights.tolist() == [[1.0, 2.0], [0.0, 3.0]] and output.tolist() == [12.0, 3.0]


def test_a_column_of_values_keeps_its_shape():
    assert attention(np.eye(2), np.eye(2), np.ones((2, 1)))[0].shape == (2, 1)
    assert attention(np.eye(2), np.eye(2), np.ones(2))[0].shape == (2,)


GOOD = dict(queries=np.ones((2, 3)), keys=np.ones((4, 3)), values=np.ones(4))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(keys=np.ones((4, 2))), r"queries and keys .* columns, got shapes \(2, 3\) and \(4, 2\)"),
        (dict(values=np.ones(5)), r"keys and values .* rows, got shapes \(4, 3\) and \(5,\)"),
        (dict(values=np.ones((4, 1, 1))), "values must be 1-D or 2-D"),
        (dict(queries=np.full((2, 3), np.nan)), "queries of shape"),
        (dict(values=np.array([1, 2, np.inf, 0])), r"values of shape \(4,\) has 1 NaN or inf, the first at \(2,\)"),
        (dict(weighting="sofmax"), r"unknown weighting 'sofmax': .*\['identity', 'softmax'\]"),
        (dict(weighting=3), "unknown weighting 3"),
        (dict(weighting=lambda s: s.sum(axis=1)), r"must keep the shape \(2, 4\) of the scores, got \(2,\)"),
        (dict(weighting=lambda s: s / 0.0), r"NaN or inf for query row\(s\) \[0, 1\]"),
        (dict(mask=np.ones((4, 2), bool)), r"mask must be boolean of shape \(2, 4\) .* got bool \(4, 2\)"),
        (dict(mask=np.ones((2, 4))), "mask must be boolean"),
        (dict(mask=np.array([[True] * 4, [False] * 4])), r"every key is masked for query row\(s\) \[1\]"),
        (dict(scale=np.inf), "scale"),
        (dict(weighting=""), "unknown weighting ''"),
        (dict(queries=np.full((2, 3), 1e200), keys=np.full((4, 3), 1e200)), "scores overflow"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_input_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        attention(**{**GOOD, **changes})


@pytest.mark.parametrize(
    ("X_test", "X_train", "y", "message"),
    [
        (np.ones((1, 2)), np.ones((5, 3)), np.ones(5), r"X_test and X_train .* got shapes \(1, 2\) and \(5, 3\)"),
        (np.ones((1, 3)), np.ones((5, 3)), np.ones(4), r"X_train and y .* got shapes \(5, 3\) and \(4,\)"),
        (np.ones(3), np.ones((5, 3)), np.ones(5), r"X_test must be 2-D, got shape \(3,\)"),
        (np.ones((1, 3)), np.ones((5, 3)), np.full(5, np.nan), "y of shape"),
    ],
)
def test_ols_attention_names_bad_input(X_test, X_train, y, message):
    with pytest.raises(ValueError, match=message):
        ols_attention(X_test, X_train, y)
