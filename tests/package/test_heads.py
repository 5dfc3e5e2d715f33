"""Several heads: torch as oracle, the collapse of linear heads, and its limits."""

import numpy as np
import pytest
import torch
from designs import seeds
from hypothesis import given
from hypothesis import strategies as st

from olsattn import embedding, relative_error
from olsattn.attention import attention
from olsattn.heads import Heads, first_order_head, kronecker_singular_values, merge_heads, multi_head_attention

# every size different, so that none can stand for another
P, R, L, K, D, M = 4, 5, 3, 2, 6, 7


def random_weights(rng, H, P=P, R=R, L=L, K=K, D=D, M=M):
    shapes = dict(w_query=(H, P, L), w_key=(H, R, L), w_value=(H, K, D), w_out=(H, D, M))
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def random_data(rng, J=3, N=9, P=P, R=R, K=K):
    return rng.normal(size=(J, P)), rng.normal(size=(N, R)), rng.normal(size=(N, K))


def linear(data, heads):
    return multi_head_attention(*data, heads, weighting="identity")[0]


@given(seeds, st.sampled_from([1, 2, 4]), st.sampled_from([(8, 8), (5, 3), (3, 11)]), st.booleans())
def test_softmax_heads_equal_torch(seed, H, sizes, masked):
    """The same weights in torch's MultiheadAttention give the same output and the same weights per head."""
    rng, width = np.random.default_rng(seed), 8
    J, N, (R, K) = 5, 7, sizes
    queries, keys, values = random_data(rng, J, N, width, R, K)
    mask = None
    if masked:
        mask = rng.random((J, N)) < 0.6
        mask[:, 0] = True
    module = torch.nn.MultiheadAttention(width, H, bias=False, kdim=R, vdim=K, batch_first=True, dtype=torch.float64)
    if module.in_proj_weight is None:
        inward = module.q_proj_weight, module.k_proj_weight, module.v_proj_weight
    else:
        inward = module.in_proj_weight.chunk(3)
    per_head = [part.detach().numpy().T.reshape(-1, H, width // H).transpose(1, 0, 2) for part in inward]
    w_out = module.out_proj.weight.detach().numpy().T.reshape(H, width // H, width)
    ours, weights = multi_head_attention(queries, keys, values, Heads(*per_head, w_out), mask=mask)
    theirs, their_weights = module(*(torch.from_numpy(a)[None] for a in (queries, keys, values)),
                                   attn_mask=None if mask is None else torch.from_numpy(~mask),
                                   average_attn_weights=False)
    assert relative_error(ours, theirs[0].detach().numpy()) < 1e-6
    assert relative_error(weights, their_weights[0].detach().numpy()) < 1e-6


@given(seeds, st.integers(1, 3), st.sampled_from([None, 0.3]), st.sampled_from(["softmax", "identity", np.tanh]))
def test_heads_are_added_attentions(seed, H, scale, weighting):
    """Heads of any shape, their scale and their mask: one attention for each, by itself."""
    rng = np.random.default_rng(seed)
    weights, data, mask = random_weights(rng, H), random_data(rng), rng.random((3, 9)) < 0.7
    mask[:, 4] = True
    heads = Heads(**weights, scale=scale)
    assert heads.scale == (L**-0.5 if scale is None else scale) and len(heads) == H
    output, maps = multi_head_attention(*data, heads, weighting=weighting, mask=mask)
    queries, keys, values = data
    expected = np.zeros((3, M))
    for h in range(H):
        one, map_ = attention(queries @ weights["w_query"][h], keys @ weights["w_key"][h],
                              values @ weights["w_value"][h], weighting=weighting, mask=mask, scale=heads.scale)
        expected += one @ weights["w_out"][h]
        assert relative_error(maps[h], map_) < 1e-12
        assert relative_error(heads.omegas[h], weights["w_query"][h] @ weights["w_key"][h].T) < 1e-12
        assert relative_error(heads.maps[h], weights["w_value"][h] @ weights["w_out"][h]) < 1e-12
    assert maps.shape == (H, 3, 9) and relative_error(output, expected) < 1e-12


def test_softmax_is_the_weighting_unless_told_otherwise():
    rng = np.random.default_rng(1)
    heads, data = Heads(**random_weights(rng, 2)), random_data(rng)
    assert (multi_head_attention(*data, heads)[0] == multi_head_attention(*data, heads, weighting="softmax")[0]).all()


@given(seeds, st.integers(1, 5), st.sampled_from([None, 0.3]))
def test_linear_heads_with_scalar_values_collapse_to_one(seed, H, scale):
    """The merged head returns the same as it stands, although it is wider: it carries its scale."""
    rng = np.random.default_rng(seed)
    heads = Heads(**random_weights(rng, H, K=1, D=1, M=1), scale=scale)
    queries, keys, _ = random_data(rng)
    y = rng.normal(size=9)
    merged = merge_heads(heads)
    assert len(merged) == 1 and merged.w_query.shape == (1, P, P) and merged.scale == heads.scale
    assert len(kronecker_singular_values(heads)) == 1
    assert relative_error(linear((queries, keys, y), merged), linear((queries, keys, y), heads)) < 1e-9


@given(seeds, st.integers(1, 6))
def test_linear_heads_with_vector_values_need_as_many_as_their_kronecker_rank(seed, H):
    rng = np.random.default_rng(seed)
    heads, data = Heads(**random_weights(rng, H, M=2)), random_data(rng)
    several, sizes = linear(data, heads), kronecker_singular_values(heads)
    rank = int(np.sum(sizes > 1e-10 * sizes[0]))
    assert rank == min(H, 4)  # at most K times M
    assert relative_error(linear(data, merge_heads(heads, rank)), several) < 1e-9
    if rank > 1:
        assert relative_error(linear(data, merge_heads(heads, rank - 1)), several) > 1e-6


@given(seeds, st.integers(2, 5), st.integers(1, 4))
def test_merged_heads_miss_by_the_singular_values_that_are_left_out(seed, H, count):
    """And by no more than any other heads of that number: each singular value is used once, not its square."""
    rng = np.random.default_rng(seed)
    heads = Heads(**random_weights(rng, H))
    sizes, merged = kronecker_singular_values(heads), merge_heads(heads, count)

    def operator(heads):
        return sum(np.kron(omega, map_) for omega, map_ in zip(heads.omegas, heads.maps, strict=True))

    missed = np.linalg.norm(operator(merged) - operator(heads))
    assert len(merged) == count
    assert missed == pytest.approx(np.linalg.norm(sizes[count:]), rel=1e-9, abs=1e-9)


def test_exactly_as_many_heads_are_returned_as_are_asked_for():
    rng = np.random.default_rng(3)
    two = Heads(**random_weights(rng, 2))
    assert [len(merge_heads(two, count)) for count in (1, 2, 5, 14)] == [1, 2, 5, 14]  # K M = 14
    scalar = Heads(**random_weights(rng, 3, K=1, D=1, M=1))
    for heads, count, most in ((two, 15, 14), (scalar, 3, 1), (two, 0, 14), (two, 1.0, 14), (two, True, 14)):
        with pytest.raises(ValueError, match=f"count must be a whole number .* at most {most}, got {count}"):
            merge_heads(heads, count)


@given(seeds, st.integers(2, 4))
def test_first_order_head_agrees_to_first_order_in_the_scores(seed, H):
    """Ten times smaller scores leave a hundredth of the difference: what remains is of second order."""
    rng = np.random.default_rng(seed)
    weights = random_weights(rng, H, K=1, D=1, M=1)
    weights["w_value"], weights["w_out"] = np.abs(weights["w_value"]), np.abs(weights["w_out"])
    queries, keys, _ = random_data(rng)
    data, gaps = (queries, keys, rng.normal(size=9)), []
    for scale in (1e-3, 1e-4):
        heads = Heads(**weights, scale=scale)
        one = first_order_head(heads)
        assert len(one) == 1 and one.scale == scale
        gaps.append(np.linalg.norm(multi_head_attention(*data, heads)[0] - multi_head_attention(*data, one)[0]))
    assert gaps[1] < gaps[0] / 50 + 1e-13


def test_first_order_head_keeps_the_scale_of_its_heads():
    """A head of width 1 in place of itself: the new one has width P, and no other scale."""
    rng = np.random.default_rng(5)
    heads, data = Heads(**random_weights(rng, 1, L=1)), random_data(rng)
    output, _ = multi_head_attention(*data, first_order_head(heads))
    assert relative_error(output, multi_head_attention(*data, heads)[0]) < 1e-12


def test_heads_that_cancel_have_no_first_order_head():
    weights = random_weights(np.random.default_rng(4), 2, K=1, D=1, M=1)
    weights["w_value"] = np.array([[[1.0]], [[-1.0]]])
    weights["w_out"] = np.ones((2, 1, 1))
    with pytest.raises(ValueError, match="the value maps of the 2 heads sum to zero"):
        first_order_head(Heads(**weights))


def test_one_full_head_is_multivariate_least_squares():
    rng = np.random.default_rng(0)
    X, X_new, Y = rng.normal(size=(30, 4)), rng.normal(size=(5, 4)), rng.normal(size=(30, 3))
    W = embedding(X).weights[None]
    head = Heads(w_query=W, w_key=W, w_value=np.eye(3)[None], w_out=np.eye(3)[None], scale=1.0)
    assert relative_error(linear((X_new, X, Y), head), X_new @ np.linalg.lstsq(X, Y, rcond=None)[0]) < 1e-10


def test_heads_are_frozen_and_keep_their_own_numbers():
    weights = random_weights(np.random.default_rng(6), 2)
    heads = Heads(**weights)
    weights["w_query"][:] = 0
    assert heads.w_query.all()
    with pytest.raises(AttributeError):
        heads.scale = 1.0
    assert repr(heads) == "Heads(2 heads of width 3: queries of 4, keys of 5, values of 2 -> 7, scale 0.577)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(w_query=np.ones((3, 4, 3))), r"number of heads .* w_query \(3, 4, 3\), w_key \(2, 5, 3\)"),
        (dict(w_out=np.ones((1, 6, 7))), r"number of heads .* w_value \(2, 2, 6\), w_out \(1, 6, 7\)"),
        (dict(w_key=np.ones((2, 5, 4))), r"w_query and w_key .* width of a head.* \(2, 4, 3\) and \(2, 5, 4\)"),
        (dict(w_out=np.ones((2, 3, 2))), r"w_value and w_out .* got shapes \(2, 2, 6\) and \(2, 3, 2\)"),
        (dict(w_out=np.full((2, 6, 7), np.nan)), "w_out of shape"),
        (dict(w_query=np.ones((4, 3))), r"w_query must be 3-D, got shape \(4, 3\)"),
        (dict(scale=np.nan), "scale of shape"),
        (dict(scale=[1.0, 2.0]), r"scale must be 0-D, got shape \(2,\)"),
    ],
)
def test_bad_heads_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        Heads(**{**random_weights(np.random.default_rng(2), 2), **change})


@pytest.mark.parametrize(
    ("place", "size", "message"),
    [
        (0, (6, 5), r"queries and w_query .* features, got shapes \(6, 5\) and \(2, 4, 3\)"),
        (1, (9, 4), r"keys and w_key .* features, got shapes \(9, 4\) and \(2, 5, 3\)"),
        (2, (9,), r"values and w_value .* features, got shapes \(9, 1\) and \(2, 2, 6\)"),
        (2, (8, 2), r"keys and values .* rows, got shapes \(9, 3\) and \(8, 6\)"),
    ],
)
def test_data_that_do_not_fit_the_heads_are_named(place, size, message):
    rng = np.random.default_rng(2)
    data = list(random_data(rng))
    data[place] = np.ones(size)
    with pytest.raises(ValueError, match=message):
        multi_head_attention(*data, Heads(**random_weights(rng, 2)))
