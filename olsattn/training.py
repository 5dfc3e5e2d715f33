"""Fitting attention by gradient descent: the only module that imports torch."""

import numpy as np
import torch

from olsattn._arrays import as_floats


def fit_softmax_heads(queries, keys, values, targets, *, heads, width, steps=400, rate=0.05, seed=0):
    """Fit the weights of softmax heads to many sequences at once.

    Parameters
    ----------
    queries : array_like, shape (B, J, P)
    keys : array_like, shape (B, N, R)
    values : array_like, shape (B, N, M)
    targets : array_like, shape (B, J, E)
        What the heads should return for each of B sequences.
    heads, width : int
        Number of heads H and width L of each.
    steps : int
        Full-batch Adam steps.
    rate : float
        Learning rate.
    seed : int
        For the starting weights.

    Returns
    -------
    weights : dict of str to ndarray
        ``w_query`` (H, P, L), ``w_key`` (H, R, L), ``w_value`` (H, M, M), ``w_out`` (H, M, E): arguments of
        :func:`olsattn.attention.multi_head_attention`.
    losses : ndarray, shape (steps,)
        Mean squared error before each step.

    Raises
    ------
    ValueError
        If an input holds NaN or inf, or is not three-dimensional.
    """
    named = dict(queries=queries, keys=keys, values=values, targets=targets)
    q, k, v, target = (torch.from_numpy(as_floats(name, array, 3)) for name, array in named.items())
    rng = np.random.default_rng(seed)
    shapes = {"w_query": (heads, q.shape[2], width), "w_key": (heads, k.shape[2], width),
              "w_value": (heads, v.shape[2], v.shape[2]), "w_out": (heads, v.shape[2], target.shape[2])}
    weights = {name: torch.tensor(rng.normal(size=shape) / np.sqrt(shape[1]), requires_grad=True)
               for name, shape in shapes.items()}
    optimiser = torch.optim.Adam(weights.values(), lr=rate)
    losses, threads = [], torch.get_num_threads()
    torch.set_num_threads(1)  # tensors this small wait for more threads longer than they gain
    for _ in range(steps):
        scores = torch.einsum("bjp,hpl,bnr,hrl->bhjn", q, weights["w_query"], k, weights["w_key"]) * width**-0.5
        output = torch.einsum("bhjn,bnm,hmd,hde->bje", torch.softmax(scores, dim=-1), v, weights["w_value"],
                              weights["w_out"])
        loss = torch.mean((output - target) ** 2)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    torch.set_num_threads(threads)
    return {name: weight.detach().numpy() for name, weight in weights.items()}, np.array(losses)
