"""Several heads: torch as oracle, the collapse of linear heads, and its limits."""

import numpy as np
import pytest
import torch
from designs import seeds
from hypothesis import given
from hypothesis import strategies as st

from olsattn import embedding, relative_error
from olsattn.attention import attention, first_order_head, merge_heads, multi_head_attention


def random_heads(rng, H, P=4, L=3, K=2, D=2, M=2):
    shapes = dict(w_query=(H, P, L), w_key=(H, P, L), w_value=(H, K, D), w_out=(H, D, M))
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@given(seeds, st.sampled_from([1, 2, 4]), st.booleans())
def test_softmax_heads_equal_torch(seed, H, masked):
    """The same weights in torch's MultiheadAttention give the same output and the same weights per head."""
    rng, width = np.random.default_rng(seed), 8
    J, N, L = 5, 7, width // H
    queries, keys, values = (rng.normal(size=(n, width)) for n in (J, N, N))
    mask = None
    if masked:
        mask = rng.random((J, N)) < 0.6
        mask[:, 0] = True
    module = torch.nn.MultiheadAttention(width, H, bias=False, batch_first=True, dtype=torch.float64)
    per_head = [part.detach().numpy().T.reshape(width, H, L).transpose(1, 0, 2)
                for part in module.in_proj_weight.chunk(3)]
    w_out = module.out_proj.weight.detach().numpy().T.reshape(H, L, width)
    ours, weights = multi_head_attention(queries, keys, values, w_query=per_head[0], w_key=per_head[1],
                                         w_value=per_head[2], w_out=w_out, mask=mask)
    theirs, their_weights = module(*(torch.from_numpy(a)[None] for a in (queries, keys, values)),
                                   attn_mask=None if mask is None else torch.from_numpy(~mask),
                                   average_attn_weights=False)
    assert relative_error(ours, theirs[0].detach().numpy()) < 1e-6
    assert relative_error(weights, their_weights[0].detach().numpy()) < 1e-6


@given(seeds, st.integers(1, 5))
def test_linear_heads_with_scalar_values_collapse_to_one(seed, H):
    rng = np.random.default_rng(seed)
    heads = random_heads(rng, H, K=1, D=1, M=1)
    X, X_new, y = rng.normal(size=(9, 4)), rng.normal(size=(3, 4)), rng.normal(size=9)
    several, _ = multi_head_attention(X_new, X, y, **heads, weighting="identity")
    *merged, singular_values = merge_heads(**heads)
    names = ("w_query", "w_key", "w_value", "w_out")
    one, _ = multi_head_attention(X_new, X, y, **dict(zip(names, merged, strict=True)), weighting="identity",
                                  scale=3**-0.5)
    assert len(singular_values) == 1
    assert relative_error(one, several) < 1e-9


@given(seeds, st.integers(1, 6))
def test_linear_heads_with_vector_values_need_as_many_as_their_kronecker_rank(seed, H):
    rng = np.random.default_rng(seed)
    heads = random_heads(rng, H)
    X, X_new, V = rng.normal(size=(9, 4)), rng.normal(size=(3, 4)), rng.normal(size=(9, 2))
    several, _ = multi_head_attention(X_new, X, V, **heads, weighting="identity", scale=1.0)
    *_, singular_values = merge_heads(**heads)
    rank = int(np.sum(singular_values > 1e-10 * singular_values[0]))
    assert rank == min(H, 4)  # at most K times M
    *merged, _ = merge_heads(**heads, heads=rank)
    fewer, _ = multi_head_attention(X_new, X, V, **dict(zip(heads, merged, strict=True)), weighting="identity",
                                    scale=1.0)
    assert relative_error(fewer, several) < 1e-9
    if rank > 1:
        *short, _ = merge_heads(**heads, heads=rank - 1)
        too_few, _ = multi_head_attention(X_new, X, V, **dict(zip(heads, short, strict=True)),
                                          weighting="identity", scale=1.0)
        assert relative_error(too_few, several) > 1e-6


@given(seeds, st.integers(2, 4))
def test_first_order_head_agrees_to_first_order_in_the_scores(seed, H):
    """Ten times smaller scores leave a hundredth of the difference: what remains is of second order."""
    rng = np.random.default_rng(seed)
    heads = random_heads(rng, H, K=1, D=1, M=1)
    heads["w_value"], heads["w_out"] = np.abs(heads["w_value"]), np.abs(heads["w_out"])
    X, X_new, y = rng.normal(size=(9, 4)), rng.normal(size=(3, 4)), rng.normal(size=9)
    one = dict(zip(heads, first_order_head(**heads), strict=True))
    gaps = []
    for scale in (1e-3, 1e-4):
        several, _ = multi_head_attention(X_new, X, y, **heads, scale=scale)
        single, _ = multi_head_attention(X_new, X, y, **one, scale=scale)
        gaps.append(np.linalg.norm(several - single))
    assert gaps[1] < gaps[0] / 50 + 1e-13


def test_heads_that_cancel_have_no_first_order_head():
    heads = random_heads(np.random.default_rng(4), 2, K=1, D=1, M=1)
    heads["w_value"], heads["w_out"] = np.ones((2, 1, 1)), np.array([[[1.0]], [[-1.0]]])
    with pytest.raises(ValueError, match="sum to zero"):
        first_order_head(**heads)


def test_one_full_head_is_multivariate_least_squares():
    rng = np.random.default_rng(0)
    X, X_new, Y = rng.normal(size=(30, 4)), rng.normal(size=(5, 4)), rng.normal(size=(30, 3))
    W = embedding(X).weights[None]
    output, _ = multi_head_attention(X_new, X, Y, w_query=W, w_key=W, w_value=np.eye(3)[None], w_out=np.eye(3)[None],
                                     weighting="identity", scale=1.0)
    assert relative_error(output, X_new @ np.linalg.lstsq(X, Y, rcond=None)[0]) < 1e-10


def test_a_single_head_is_attention_with_the_transformers_scale():
    rng = np.random.default_rng(1)
    heads = random_heads(rng, 1)
    X, V = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    output, weights = multi_head_attention(X, X, V, **heads)
    expected, expected_weights = attention(X @ heads["w_query"][0], X @ heads["w_key"][0],
                                           V @ heads["w_value"][0], weighting="softmax", scale=3**-0.5)
    assert relative_error(output, expected @ heads["w_out"][0]) < 1e-12
    assert weights.shape == (1, 6, 6) and relative_error(weights[0], expected_weights) < 1e-12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(w_query=np.ones((3, 4, 3))), r"number of heads .* w_query \(3, 4, 3\), w_key \(2, 4, 3\)"),
        (dict(w_key=np.ones((2, 4, 5))), r"w_query and w_key .* width of a head.* got shapes \(2, 4, 3\)"),
        (dict(w_query=np.ones((2, 5, 3))), r"queries and w_query .* got shapes \(6, 4\) and \(2, 5, 3\)"),
        (dict(w_value=np.ones((2, 3, 2))), r"values and w_value .* got shapes \(6, 2\) and \(2, 3, 2\)"),
        (dict(w_out=np.ones((2, 3, 2))), r"w_value and w_out .* got shapes \(2, 2, 2\) and \(2, 3, 2\)"),
        (dict(w_out=np.full((2, 2, 2), np.nan)), "w_out of shape"),
        (dict(w_query=np.ones((4, 3))), r"w_query must be 3-D, got shape \(4, 3\)"),
    ],
)
def test_bad_heads_are_named(change, message):
    rng = np.random.default_rng(2)
    heads = {**random_heads(rng, 2), **change}
    with pytest.raises(ValueError, match=message):
        multi_head_attention(rng.normal(size=(6, 4)), rng.normal(size=(6, 4)), rng.normal(size=(6, 2)), **heads)


def test_number_of_merged_heads_is_checked():
    with pytest.raises(ValueError, match="heads must be a positive whole number, got 0"):
        merge_heads(**random_heads(np.random.default_rng(3), 2), heads=0)
