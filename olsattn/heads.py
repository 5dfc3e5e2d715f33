"""Attention heads side by side, and fewer heads in their place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index, same_size
from olsattn.attention import Weighting, attention


@dataclass(frozen=True, eq=False, init=False)
class Heads:
    """The weights of H attention heads, with the number that multiplies their scores.

    Head h attends with queries ``queries @ w_query[h]`` and keys ``keys @ w_key[h]`` to the values
    ``values @ w_value[h]``, and what it returns is multiplied by ``w_out[h]``.

    Parameters
    ----------
    w_query : array_like, shape (H, P, L)
    w_key : array_like, shape (H, R, L)
    w_value : array_like, shape (H, K, D)
    w_out : array_like, shape (H, D, M)
        The H blocks of rows of the matrix that multiplies the concatenated heads.
    scale : float, optional
        Multiplies the scores; ``L ** -0.5``, a Transformer's choice, if not given.

    Attributes
    ----------
    w_query, w_key, w_value, w_out : ndarray
    scale : float

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is NaN or inf.

    Notes
    -----
    Source: Vaswani et al. (2017), Section 3.2.2; Goulet Coulombe (2026), equations 31 and 32.

    Examples
    --------
    >>> heads = Heads(w_query=np.ones((3, 4, 2)), w_key=np.ones((3, 5, 2)),
    ...               w_value=np.ones((3, 1, 1)), w_out=np.ones((3, 1, 1)))
    >>> heads
    Heads(3 heads of width 2: queries of 4, keys of 5, values of 1 -> 1, scale 0.707)
    >>> heads.omegas.shape
    (3, 4, 5)
    """

    w_query: Floats
    w_key: Floats
    w_value: Floats
    w_out: Floats
    scale: float

    def __init__(
        self, w_query: ArrayLike, w_key: ArrayLike, w_value: ArrayLike, w_out: ArrayLike, scale: float | None = None
    ) -> None:
        given = dict(w_query=w_query, w_key=w_key, w_value=w_value, w_out=w_out)
        arrays = {name: as_floats(name, array, 3) for name, array in given.items()}
        if len({len(array) for array in arrays.values()}) > 1:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            raise ValueError(f"all weights must have the same number of heads (first axis), got {shapes}")
        same_size("w_query", arrays["w_query"], 2, "w_key", arrays["w_key"], 2, "columns (the width of a head)")
        same_size("w_value", arrays["w_value"], 2, "w_out", arrays["w_out"], 1, "inner features")
        width: int = arrays["w_query"].shape[2]
        for name, array in arrays.items():
            object.__setattr__(self, name, array)
        object.__setattr__(self, "scale", width**-0.5 if scale is None else float(as_floats("scale", scale, 0)))

    @property
    def omegas(self) -> Floats:
        """Who looks at whom: ``w_query[h] @ w_key[h].T`` for each head, shape (H, P, R)."""
        return self.w_query @ self.w_key.transpose(0, 2, 1)

    @property
    def maps(self) -> Floats:
        """What becomes of what is seen: ``w_value[h] @ w_out[h]`` for each head, shape (H, K, M)."""
        return self.w_value @ self.w_out

    def __len__(self) -> int:
        return len(self.w_query)

    def __repr__(self) -> str:
        _, P, L = self.w_query.shape
        R, K, M = self.w_key.shape[1], self.w_value.shape[1], self.w_out.shape[2]
        return (f"Heads({len(self)} heads of width {L}: queries of {P}, keys of {R}, values of {K} -> {M}, "
                f"scale {self.scale:.3g})")


def multi_head_attention(
    queries: ArrayLike,
    keys: ArrayLike,
    values: ArrayLike,
    heads: Heads,
    *,
    weighting: str | Weighting = "softmax",
    mask: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Several attention heads side by side, each with maps of its own, added up.

    Parameters
    ----------
    queries : array_like, shape (J, P)
    keys : array_like, shape (N, R)
    values : array_like, shape (N,) or (N, K)
        One dimension counts as one column, K = 1.
    heads : Heads
    weighting : str or callable
        As for :func:`olsattn.attention.attention`, the same for every head.
    mask : array_like of bool, shape (J, N), optional
        True where a query may look, the same for every head.

    Returns
    -------
    output : ndarray, shape (J, M)
    weights : ndarray, shape (H, J, N)
        The attention weights of each head.

    Raises
    ------
    ValueError
        If shapes do not fit, or for the reasons given under :func:`olsattn.attention.attention`.

    Notes
    -----
    Source: Vaswani et al. (2017), Section 3.2.2; Goulet Coulombe (2026), equations 31 and 32. Without
    biases, and with the softmax, this is PyTorch's ``MultiheadAttention``.

    Examples
    --------
    Two heads on one feature, one with a positive and one with a negative value map:

    >>> heads = Heads(w_query=[[[1.0]], [[2.0]]], w_key=[[[1.0]], [[1.0]]],
    ...               w_value=[[[1.0]], [[-1.0]]], w_out=[[[1.0]], [[1.0]]])
    >>> output, weights = multi_head_attention([[3.0]], [[1.0], [2.0]], [1.0, 10.0], heads, weighting="identity")
    >>> weights
    array([[[ 3.,  6.]],
    <BLANKLINE>
           [[ 6., 12.]]])
    >>> output
    array([[-63.]])
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    values = as_floats("values", values, (1, 2))
    values = values[:, None] if values.ndim == 1 else values
    same_size("queries", queries, 1, "w_query", heads.w_query, 1, "features")
    same_size("keys", keys, 1, "w_key", heads.w_key, 1, "features")
    same_size("values", values, 1, "w_value", heads.w_value, 1, "features")

    output, weights = np.zeros((len(queries), heads.w_out.shape[2])), []
    for query_map, key_map, value_map, out_map in zip(
        heads.w_query, heads.w_key, heads.w_value, heads.w_out, strict=True
    ):
        seen, head_weights = attention(
            queries @ query_map, keys @ key_map, values @ value_map, weighting=weighting, mask=mask, scale=heads.scale
        )
        output += seen @ out_map
        weights.append(head_weights)
    return output, np.stack(weights)


def kronecker_singular_values(heads: Heads) -> Floats:
    """How many linear heads are needed in place of several: as many as there are nonzero values here.

    With the identity as weighting, heads act through the sum over h of the Kronecker products of ``omegas[h]``
    and ``maps[h]``. Its singular values are those of the sum of ``vec(omegas[h]) vec(maps[h])'``
    (Van Loan and Pitsianis 1993).

    Parameters
    ----------
    heads : Heads

    Returns
    -------
    ndarray, shape (min(P R, K M),)
        In decreasing order. With scalar values (K = M = 1) there is only one.

    Examples
    --------
    Head 1 reads the first feature and returns the first entry of a value, head 2 does the same with the second:

    >>> selectors = np.array([[[1.0], [0.0]], [[0.0], [1.0]]])
    >>> two = Heads(selectors, selectors, selectors, selectors.transpose(0, 2, 1))
    >>> kronecker_singular_values(two)
    array([1., 1., 0., 0.])
    """
    return np.asarray(np.linalg.svd(_rearranged(heads), compute_uv=False), float)


def merge_heads(heads: Heads, count: int = 1) -> Heads:
    """The fewer heads that come closest to given ones, as linear maps, when the weighting is the identity.

    The sum of Kronecker products through which linear heads act is replaced by its best approximation with
    ``count`` products, in the Frobenius norm (Van Loan and Pitsianis 1993). It serves all tokens and values;
    for given ones another may be closer.

    Parameters
    ----------
    heads : Heads
        With the maps described under :class:`Heads`.
    count : int
        Number of heads to return, from 1 to min(P R, K M): one more could only be zero.

    Returns
    -------
    Heads
        Exactly ``count`` heads of width P and with the scale of the given ones, to be used with
        ``weighting="identity"``. They are exact if :func:`kronecker_singular_values` after the first ``count``
        are zero.

    Raises
    ------
    ValueError
        If ``count`` is not a whole number in its range.

    Examples
    --------
    Linear heads with scalar values are one head:

    >>> rng = np.random.default_rng(0)
    >>> several = Heads(rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 4, 2)),
    ...                 rng.normal(size=(3, 1, 1)), rng.normal(size=(3, 1, 1)))
    >>> tokens, values = rng.normal(size=(6, 4)), rng.normal(size=6)
    >>> outputs = [multi_head_attention(tokens, tokens, values, heads, weighting="identity")[0]
    ...            for heads in (several, merge_heads(several))]
    >>> np.allclose(*outputs)
    True
    """
    operator = _rearranged(heads)
    count = as_index("count", count, 1, min(operator.shape))
    left, size, right = np.linalg.svd(operator, full_matrices=False)
    omegas = (left[:, :count] * size[:count]).T.reshape(count, *heads.omegas.shape[1:])
    return _from_products(omegas, right[:count].reshape(count, *heads.maps.shape[1:]), heads.scale)


def first_order_head(heads: Heads) -> Heads:
    """The one softmax head that agrees with several to first order in their scores.

    For small scores a softmax is linear, ``1/N + (score - mean score)/N``. In that limit, and for scalar
    values, one head with the combined value map and a weighted mean of the ``omegas`` returns what the
    several return. For larger scores, or vector values, it is only a candidate.

    Parameters
    ----------
    heads : Heads

    Returns
    -------
    Heads
        One head, of width P and with the scale of the given ones.

    Raises
    ------
    ValueError
        If the ``maps`` of the heads sum to zero.

    Examples
    --------
    >>> several = Heads(w_query=[[[1.0]], [[5.0]]], w_key=[[[1.0]], [[1.0]]],
    ...                 w_value=[[[3.0]], [[1.0]]], w_out=[[[1.0]], [[1.0]]])
    >>> one = first_order_head(several)
    >>> one.omegas, one.maps  # (3 * 1 + 1 * 5) / 4, and 3 + 1
    (array([[[2.]]]), array([[[4.]]]))
    """
    omegas, maps = heads.omegas, heads.maps
    total = maps.sum(axis=0)
    if not total.any():
        raise ValueError(f"the value maps of the {len(heads)} heads sum to zero: no single head has their "
                         "first-order output")
    shares = np.einsum("hkm,km->h", maps, total) / np.sum(total**2)  # they sum to one
    return _from_products(np.einsum("h,hpr->pr", shares, omegas)[None], total[None], heads.scale)


def _rearranged(heads: Heads) -> Floats:
    """The sum of ``vec(omegas[h]) vec(maps[h])'``, shape (P R, K M)."""
    omegas, maps = heads.omegas, heads.maps
    return omegas.reshape(len(omegas), -1).T @ maps.reshape(len(maps), -1)


def _from_products(omegas: Floats, maps: Floats, scale: float) -> Heads:
    """Heads with given ``omegas`` (H, P, R) and ``maps`` (H, K, M): identity maps for queries and values."""
    count, P, _ = omegas.shape
    K = maps.shape[1]
    return Heads(
        w_query=np.broadcast_to(np.eye(P), (count, P, P)),
        w_key=omegas.transpose(0, 2, 1),
        w_value=np.broadcast_to(np.eye(K), (count, K, K)),
        w_out=maps,
        scale=scale,
    )
