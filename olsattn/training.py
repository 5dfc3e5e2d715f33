"""Fitting attention by gradient descent: the only module that imports torch."""

from contextlib import contextmanager

import numpy as np

from olsattn._arrays import as_floats, same_size

try:
    import torch
except ImportError as error:
    raise ImportError("olsattn.training needs PyTorch: pip install torch") from error


@contextmanager
def _one_thread():
    """Tensors this small wait for more threads longer than they gain."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _optimiser(name, parameters, rate):
    known = {"Adam": torch.optim.Adam, "gradient descent": torch.optim.SGD}
    if name not in known:
        raise ValueError(f"unknown optimiser {name!r}: give one of {tuple(known)}")
    return known[name](parameters, lr=rate)


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
        :class:`olsattn.heads.Heads`.
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
    optimiser = _optimiser("Adam", weights.values(), rate)
    losses = []
    with _one_thread():
        for _ in range(steps):
            scores = torch.einsum("bjp,hpl,bnr,hrl->bhjn", q, weights["w_query"], k, weights["w_key"]) * width**-0.5
            output = torch.einsum("bhjn,bnm,hmd,hde->bje", torch.softmax(scores, dim=-1), v, weights["w_value"],
                                  weights["w_out"])
            loss = torch.mean((output - target) ** 2)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return {name: weight.detach().numpy() for name, weight in weights.items()}, np.array(losses)


def train_scalar(x, y, *, optimiser="Adam", rate=1e-3, start=0.1, epochs=5000):
    """Train the tied scalar of the linear Transformer layer by automatic differentiation.

    The layer is Tan and Zhao (2026), equation 2, with ``w_query = w_key = w_value = w``, the identity and
    ``w_out = w x'y / n``; gradients flow through all of them.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    optimiser : str
        ``"Adam"`` or ``"gradient descent"``, on the full batch.
    rate, start : float
        Learning rate, and w before the first epoch.
    epochs : int

    Returns
    -------
    weights : ndarray, shape (epochs + 1,)
        w before the first and after each epoch.
    errors : ndarray, shape (epochs + 1,)
        Mean squared error at each w.
    distances : ndarray, shape (epochs + 1,)
        Distance of the output from the least-squares fit, relative to the fit.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is NaN or inf, or the optimiser is unknown.
    """
    x, y = as_floats("x", x, 1), as_floats("y", y, 1)
    same_size("x", x, 0, "y", y, 0, "entries")
    fit = torch.from_numpy(x * (x @ y) / (x @ x))
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    w = torch.tensor(float(start), dtype=torch.float64, requires_grad=True)
    descent = _optimiser(optimiser, [w], rate)
    record = np.empty((3, epochs + 1))
    with _one_thread():
        for epoch in range(epochs + 1):
            queries = keys = values = x * w
            output = queries * (keys @ values / len(x)) * (w * (x @ y) / len(x))
            loss = torch.mean((y - output) ** 2)
            record[:, epoch] = w.item(), loss.item(), (torch.norm(output - fit) / torch.norm(fit)).item()
            descent.zero_grad()
            loss.backward()
            descent.step()
    return tuple(record)


def train_tied_layer(X, Y, *, start, epochs=300):
    """Train the tied matrix L of the linear Transformer layer on one or many responses.

    The layer has ``w_query = w_key = w_value = L``, the identity and ``w_out = L'X'Y / n``. L-BFGS minimises the
    mean over rows and responses of the squared error.

    Parameters
    ----------
    X : array_like, shape (n, d)
    Y : array_like, shape (n, m)
        One column for each task.
    start : array_like, shape (d, r)
        L before the first step.
    epochs : int
        Calls of the optimiser, each of up to 20 line searches.

    Returns
    -------
    L : ndarray, shape (d, r)
    excess : float
        Mean squared error above that of least squares, both on the training data.

    Raises
    ------
    ValueError
        If shapes do not fit, or an entry is NaN or inf.
    """
    X, Y, start = as_floats("X", X, 2), as_floats("Y", Y, 2), as_floats("start", start, 2)
    same_size("X", X, 0, "Y", Y, 0, "rows")
    same_size("X", X, 1, "start", start, 0, "features (columns of X, rows of start)")
    # Only X'X and X'Y matter: the error splits into that of least squares and the distance from its fit.
    fit = torch.from_numpy(X @ np.linalg.lstsq(X, Y, rcond=None)[0])
    X, Y = torch.from_numpy(X), torch.from_numpy(Y)
    L = torch.tensor(start, requires_grad=True)
    descent = torch.optim.LBFGS([L], tolerance_grad=1e-15, tolerance_change=1e-18, line_search_fn="strong_wolfe")

    def excess():
        encoded = X @ L
        output = encoded @ (encoded.T @ encoded / len(X)) @ (L.T @ (X.T @ Y) / len(X))
        return torch.mean((output - fit) ** 2)

    def closure():
        descent.zero_grad()
        loss = excess()
        loss.backward()
        return loss

    with _one_thread():
        for _ in range(epochs):
            descent.step(closure)
    return L.detach().numpy(), excess().item()
