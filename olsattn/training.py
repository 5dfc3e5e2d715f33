"""Fitting attention by gradient descent: the only module that needs torch, and only where a function says so.

:func:`scalar_descent` and :func:`train_tied_layer`, whose gradients are in closed form, run on NumPy alone; torch is
imported by the first call of a function that differentiates automatically. So the module can be imported, and its
NumPy half used, where there is no torch: in a widget, or in the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index, same_size
from olsattn.heads import Heads

OPTIMISERS = ("Adam", "gradient descent")


@contextmanager
def _torch() -> Iterator[Any]:
    """PyTorch on one thread: tensors this small wait for more threads longer than they gain."""
    try:
        import torch
    except ImportError as error:
        raise ImportError("this function of olsattn.training needs PyTorch: pip install torch") from error
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield torch
    finally:
        torch.set_num_threads(threads)


def _known(optimiser: str) -> str:
    if optimiser not in OPTIMISERS:
        raise ValueError(f"unknown optimiser {optimiser!r}: give one of {OPTIMISERS}")
    return optimiser


def _positive(name: str, value: float) -> float:
    number = float(as_floats(name, value, 0))
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}")
    return number


def scalar_descent(
    second_moment: float,
    coefficient: float,
    *,
    optimiser: str = "Adam",
    rate: float = 1e-3,
    start: float = 0.1,
    epochs: int = 5000,
) -> Floats:
    """Train the one free number of a linear Transformer for a single regressor, its gradient in closed form.

    All weights are tied to the scalar w: ``w_query = w_key = w_value = w`` and ``w_out = w x'y / n``. With
    ``s = x'x / n`` and the least-squares coefficient b the mean squared error is the residual one plus
    ``s b^2 (s^2 w^4 - 1)^2``. Needs no torch.

    Parameters
    ----------
    second_moment : float
        s, positive.
    coefficient : float
        b.
    optimiser : str
        ``"Adam"`` with the usual constants 0.9, 0.999, 1e-8, or ``"gradient descent"``.
    rate : float
        Learning rate, positive.
    start : float
        w before the first epoch.
    epochs : int
        Full-batch steps, at least 0.

    Returns
    -------
    ndarray, shape (epochs + 1,)
        w before the first and after each epoch; shorter if w exceeds 1e6 in size, where it is cut.

    Raises
    ------
    ValueError
        If ``second_moment`` or ``rate`` is not positive, another number is NaN or inf, ``epochs`` is not a whole
        number, or the optimiser is unknown.

    See Also
    --------
    train_scalar : the same by automatic differentiation of the layer.

    Notes
    -----
    Source: the experiment of Tan and Zhao (2026), Section 2.3, which names Adam and 5000 epochs.

    Examples
    --------
    w ends at 1 / sqrt(s), whatever the coefficient:

    >>> scalar_descent(4.0, 2.0)[-1].round(6), scalar_descent(4.0, -7.0)[-1].round(6)
    (np.float64(0.5), np.float64(0.5))
    """
    s, rate = _positive("second_moment", second_moment), _positive("rate", rate)
    b, w = float(as_floats("coefficient", coefficient, 0)), float(as_floats("start", start, 0))
    adam = _known(optimiser) == "Adam"
    mean = square = 0.0
    path = [w]
    for t in range(1, as_index("epochs", epochs, 0) + 1):
        gradient = 8 * s**3 * b**2 * w**3 * (s**2 * w**4 - 1)
        if adam:
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            step = mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        else:
            step = gradient
        w -= rate * step
        if not abs(w) <= 1e6:
            break
        path.append(w)
    return np.array(path)


def fit_softmax_heads(
    queries: ArrayLike,
    keys: ArrayLike,
    values: ArrayLike,
    targets: ArrayLike,
    *,
    heads: int,
    width: int,
    steps: int = 400,
    rate: float = 0.05,
    seed: int = 0,
) -> tuple[Heads, Floats]:
    """Fit the weights of softmax heads to many sequences at once.

    Parameters
    ----------
    queries : array_like, shape (B, J, P)
    keys : array_like, shape (B, N, R)
    values : array_like, shape (B, N, K)
    targets : array_like, shape (B, J, M)
        What the heads should return for each of B sequences.
    heads, width : int
        Number of heads H and width L of each.
    steps : int
        Full-batch Adam steps, at least 0.
    rate : float
        Learning rate, positive.
    seed : int
        For the starting weights.

    Returns
    -------
    fitted : olsattn.heads.Heads
        Its maps of values are K by K, its scale is that of a Transformer, ``L ** -0.5``.
    losses : ndarray, shape (steps,)
        Mean squared error before each step.

    Raises
    ------
    ValueError
        If an input holds NaN or inf, or is not three-dimensional; if the numbers of sequences, queries or keys
        differ; if a count is not a whole number, or the rate is not positive.
    ImportError
        If there is no PyTorch.

    Examples
    --------
    One sequence whose target is the mean of its values, where every fit starts close:

    >>> fitted, losses = fit_softmax_heads([[[1.0]]], [[[0.0], [0.0]]], [[[1.0], [3.0]]], [[[2.0]]],
    ...                                    heads=1, width=1, steps=200)
    >>> fitted, bool(losses[-1] < 1e-3)
    (Heads(1 heads of width 1: queries of 1, keys of 1, values of 1 -> 1, scale 1), True)
    """
    q, k = as_floats("queries", queries, 3), as_floats("keys", keys, 3)
    v, target = as_floats("values", values, 3), as_floats("targets", targets, 3)
    for name, array in {"keys": k, "values": v, "targets": target}.items():
        same_size("queries", q, 0, name, array, 0, "sequences (first axis)")
    same_size("queries", q, 1, "targets", target, 1, "queries (second axis)")
    same_size("keys", k, 1, "values", v, 1, "keys (second axis)")
    H, L, rate = as_index("heads", heads, 1), as_index("width", width, 1), _positive("rate", rate)
    steps = as_index("steps", steps, 0)
    rng = np.random.default_rng(seed)
    shapes = {
        "w_query": (H, q.shape[2], L),
        "w_key": (H, k.shape[2], L),
        "w_value": (H, v.shape[2], v.shape[2]),
        "w_out": (H, v.shape[2], target.shape[2]),
    }
    start = {name: rng.normal(size=shape) / np.sqrt(shape[1]) for name, shape in shapes.items()}
    with _torch() as torch:
        weights = {name: torch.tensor(array, requires_grad=True) for name, array in start.items()}
        w_query, w_key, w_value, w_out = weights.values()
        q, k, v, target = (torch.from_numpy(array) for array in (q, k, v, target))
        descent = torch.optim.Adam(weights.values(), lr=rate)
        losses = np.empty(steps)
        for step in range(steps):
            scores = torch.einsum("bjp,hpl,bnr,hrl->bhjn", q, w_query, k, w_key) * L**-0.5
            output = torch.einsum("bhjn,bnk,hkd,hdm->bjm", torch.softmax(scores, dim=-1), v, w_value, w_out)
            loss = torch.mean((output - target) ** 2)
            descent.zero_grad()
            loss.backward()
            descent.step()
            losses[step] = loss.item()
        return Heads(**{name: weight.detach().numpy() for name, weight in weights.items()}, scale=L**-0.5), losses


@dataclass(frozen=True, eq=False)
class ScalarRun:
    """What :func:`train_scalar` recorded, before the first and after each epoch.

    Attributes
    ----------
    weights : ndarray, shape (epochs + 1,)
        The scalar w.
    errors : ndarray, shape (epochs + 1,)
        Mean squared error.
    distances : ndarray, shape (epochs + 1,)
        Distance of the output from the least-squares fit, relative to the fit.

    Examples
    --------
    >>> ScalarRun(weights=np.zeros(3), errors=np.ones(3), distances=np.ones(3))
    ScalarRun(2 epochs: w from 0 to 0)
    """

    weights: Floats
    errors: Floats
    distances: Floats

    def __repr__(self) -> str:
        return f"ScalarRun({len(self.weights) - 1} epochs: w from {self.weights[0]:.4g} to {self.weights[-1]:.4g})"


def train_scalar(
    x: ArrayLike,
    y: ArrayLike,
    *,
    optimiser: str = "Adam",
    rate: float = 1e-3,
    start: float = 0.1,
    epochs: int = 5000,
) -> ScalarRun:
    """Train the tied scalar of a linear Transformer by automatic differentiation.

    The layer is Tan and Zhao (2026), equation 2, with ``w_query = w_key = w_value = w``, the identity and
    ``w_out = w x'y / n``; gradients flow through all of them.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Neither all zeros; their inner product must not be 0 either, else there is no fit to approach.
    optimiser : str
        ``"Adam"`` or ``"gradient descent"``, on the full batch.
    rate, start : float
        Learning rate, positive, and w before the first epoch.
    epochs : int
        At least 0.

    Returns
    -------
    ScalarRun

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is NaN or inf, x'y is 0, the rate is not positive, or the optimiser is unknown.
    ImportError
        If there is no PyTorch.

    See Also
    --------
    scalar_descent : the same without torch.

    Examples
    --------
    >>> run = train_scalar([1.0, -1.0, 2.0], [2.0, -1.0, 4.0], epochs=1000)
    >>> run
    ScalarRun(1000 epochs: w from 0.1 to 0.7071)
    """
    x, y = as_floats("x", x, 1), as_floats("y", y, 1)
    same_size("x", x, 0, "y", y, 0, "entries")
    rate, start = _positive("rate", rate), float(as_floats("start", start, 0))
    epochs, optimiser = as_index("epochs", epochs, 0), _known(optimiser)
    if x @ y == 0:
        raise ValueError(f"x'y is 0: the fit of y, shape {y.shape}, on x is all zeros")
    record = np.empty((3, epochs + 1))
    with _torch() as torch:
        kind = torch.optim.Adam if optimiser == "Adam" else torch.optim.SGD
        fit = torch.from_numpy(x * (x @ y) / (x @ x))
        inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        descent = kind([w], lr=rate)
        for epoch in range(epochs + 1):
            queries = keys = values = inputs * w
            output = queries * (keys @ values / len(x)) * (w * (inputs @ targets) / len(x))
            loss = torch.mean((targets - output) ** 2)
            record[:, epoch] = w.item(), loss.item(), (torch.norm(output - fit) / torch.norm(fit)).item()
            descent.zero_grad()
            loss.backward()
            descent.step()
    return ScalarRun(*record)


def train_tied_layer(
    X: ArrayLike, Y: ArrayLike, *, start: ArrayLike, rate: float = 0.03, epochs: int = 4000
) -> tuple[Floats, Floats]:
    """Train the tied matrix W of a linear Transformer on one or many responses, by gradient descent.

    The layer has ``w_query = w_key = w_value = W``, the identity and ``w_out = W'X'Y / n``. Its loss is the mean over
    rows and responses of the squared error, and its gradient is in closed form: needs no torch.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Of full column rank.
    Y : array_like, shape (n, m)
        One column for each task.
    start : array_like, shape (d, r) or (k, d, r)
        W before the first epoch, or k such starts, which are trained side by side.
    rate : float
        Learning rate, positive.
    epochs : int
        Full-batch steps, at least 0.

    Returns
    -------
    W : ndarray, shape (d, r) or (k, d, r)
    excess : ndarray, shape () or (k,)
        Mean squared error above that of least squares, both on the training data.

    Raises
    ------
    ValueError
        If shapes do not fit, X is rank deficient, an entry is NaN or inf, the rate is not positive, ``epochs`` is not
        a whole number of at least 0, or the descent diverges.

    Notes
    -----
    With ``S = X'X / n``, ``Omega = W W'`` and the least-squares coefficients B the loss above its floor is
    ``tr(D'SD) / m`` with ``D = Omega S Omega S B - B``.

    Examples
    --------
    As many tasks as features leave nothing open: W W' is the inverse of the second moment.

    >>> X = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> W, excess = train_tied_layer(X, X, start=[[1.0, 0.2], [0.1, 1.0]])
    >>> (W @ W.T).round(6) + 0.0
    array([[2., 0.], [0., 2.]])
    """
    X, Y, W = as_floats("X", X, 2), as_floats("Y", Y, 2), as_floats("start", start, (2, 3))
    same_size("X", X, 0, "Y", Y, 0, "rows")
    same_size("X", X, 1, "start", W, -2, "features (columns of X, rows of start)")
    rate, epochs = _positive("rate", rate), as_index("epochs", epochs, 0)
    B, _, rank, _ = np.linalg.lstsq(X, Y, rcond=None)
    if rank < X.shape[1]:
        raise ValueError(f"X of shape {X.shape} has rank {rank}: its second moment has no inverse to find")
    S, m = X.T @ X / len(X), Y.shape[1]
    SB = S @ B

    def missed(W: Floats) -> tuple[Floats, Floats]:
        omega = W @ np.swapaxes(W, -1, -2)
        return omega, omega @ S @ omega @ SB - B

    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            omega, D = missed(W)
            # the derivative by omega, made symmetric, and by the chain rule by W
            slope = S @ D @ np.swapaxes(S @ omega @ SB, -1, -2) + S @ omega @ S @ D @ SB.T
            W = W - rate * 2 / m * (slope + np.swapaxes(slope, -1, -2)) @ W
        _, D = missed(W)
        excess = np.sum(D * (S @ D), axis=(-1, -2)) / m
    if not np.isfinite(excess).all():
        raise ValueError(f"descent diverges at the rate {rate} from a start of shape {np.shape(start)}: lower either")
    return W, excess
