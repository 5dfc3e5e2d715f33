"""A linear Transformer layer, and least squares stored in its weights."""

from dataclasses import dataclass

import numpy as np

from olsattn._arrays import as_floats, same_size
from olsattn.least_squares import embedding


@dataclass(frozen=True, eq=False)
class LinearTransformer:
    """One layer without softmax: attention, a feed-forward matrix, an output head.

    On a batch X of n rows it returns ``(1/n) (X w_query) (X w_key)' (X w_value) w_ffn w_out``: Tan and
    Zhao (2026), equation 2. The layer is cubic in X, and no y enters but through its weights.

    Attributes
    ----------
    w_query, w_key : ndarray, shape (d, r)
    w_value : ndarray, shape (d, s)
    w_ffn : ndarray, shape (s, t)
    w_out : ndarray, shape (t,) or (t, m)

    Raises
    ------
    ValueError
        If the shapes do not chain, or an entry is NaN or inf.
    """

    w_query: np.ndarray
    w_key: np.ndarray
    w_value: np.ndarray
    w_ffn: np.ndarray
    w_out: np.ndarray

    def __post_init__(self):
        for name in ("w_query", "w_key", "w_value", "w_ffn", "w_out"):
            ndim = (1, 2) if name == "w_out" else 2
            object.__setattr__(self, name, as_floats(name, getattr(self, name), ndim))
        same_size("w_query", self.w_query, 0, "w_key", self.w_key, 0, "rows")
        same_size("w_query", self.w_query, 1, "w_key", self.w_key, 1, "columns")
        same_size("w_query", self.w_query, 0, "w_value", self.w_value, 0, "rows")
        same_size("w_value", self.w_value, 1, "w_ffn", self.w_ffn, 0, "entries of a value")
        same_size("w_ffn", self.w_ffn, 1, "w_out", self.w_out, 0, "entries of the output of w_ffn")

    def scores(self, X):
        """The attention weights of a batch: ``(1/n) X w_query w_key' X'``.

        Parameters
        ----------
        X : array_like, shape (n, d)

        Returns
        -------
        ndarray, shape (n, n)
        """
        X = self._batch(X)
        return (X @ self.w_query) @ (X @ self.w_key).T / len(X)

    def __call__(self, X):
        """The forward pass.

        Parameters
        ----------
        X : array_like, shape (n, d)

        Returns
        -------
        ndarray, shape (n,) or (n, m)

        Raises
        ------
        ValueError
            If X does not have d columns, or holds NaN or inf.
        """
        X = self._batch(X)
        # keys meet values first: the same sum without the n by n scores
        memory = (X @ self.w_key).T @ (X @ self.w_value) / len(X)
        return (X @ self.w_query) @ memory @ self.w_ffn @ self.w_out

    def _batch(self, X):
        X = as_floats("X", X, 2)
        same_size("X", X, 1, "w_query", self.w_query, 0, "features (columns of X, rows of w_query)")
        return X


def ols_transformer(X, y):
    """The layer whose forward pass on X is the least-squares fit of y.

    With ``L L' = (X'X / n)^-1`` its weights are ``w_query = w_key = w_value = L``, the identity, and
    ``w_out = L'X'y / n``. On another batch ``X_B`` it returns ``X_B S_A^-1 S_B b``, with the second
    moments ``S_A = X'X / n`` and ``S_B`` of the two batches and the least-squares coefficients b.

    Parameters
    ----------
    X : array_like, shape (n, d)
        For rank-deficient X the pseudo-inverse takes the place of the inverse.
    y : array_like, shape (n,) or (n, m)

    Returns
    -------
    LinearTransformer

    Raises
    ------
    ValueError
        If the numbers of rows differ, or an entry is NaN or inf.

    Notes
    -----
    Source: Tan and Zhao (2026), equations 3 to 8 (the weights) and 9, 10 (another batch). L is one of
    many square roots: those of :func:`olsattn.least_squares.embedding`, times the square root of n.
    """
    X, y = as_floats("X", X, 2), as_floats("y", y, (1, 2))
    same_size("X", X, 0, "y", y, 0, "rows")
    design = embedding(X)
    L = design.weights * np.sqrt(len(X))
    # L'X'y / n = sqrt(n) F'y / n, and the scores F are orthonormal to rounding
    return LinearTransformer(L, L, L, np.eye(L.shape[1]), design.scores.T @ y / np.sqrt(len(X)))


def distortion(X_train, X_new):
    """What another batch does to the coefficients of :func:`ols_transformer`: ``S_A^-1 S_B``.

    Parameters
    ----------
    X_train : array_like, shape (n_A, d)
        Of full column rank.
    X_new : array_like, shape (n_B, d)

    Returns
    -------
    ndarray, shape (d, d)
        The identity if the second moments agree. Tan and Zhao (2026), equation 10.

    Raises
    ------
    ValueError
        If the numbers of columns differ, ``X_train`` is rank deficient, or an entry is NaN or inf.
    """
    X_train, X_new = as_floats("X_train", X_train, 2), as_floats("X_new", X_new, 2)
    same_size("X_train", X_train, 1, "X_new", X_new, 1, "columns")
    design = embedding(X_train)
    if design.weights.shape[1] < X_train.shape[1]:
        raise ValueError(f"X_train of shape {X_train.shape} has rank {design.weights.shape[1]}: S_A has no inverse")
    return len(X_train) * design.omega @ (X_new.T @ X_new / len(X_new))


OPTIMISERS = ("Adam", "gradient descent")


def scalar_descent(second_moment, coefficient, *, optimiser="Adam", rate=1e-3, start=0.1, epochs=5000):
    """Train the one free number of the layer for a single regressor, from the gradient in closed form.

    All weights are tied to the scalar w: ``w_query = w_key = w_value = w`` and ``w_out = w x'y / n``. With
    ``s = x'x / n`` and the least-squares coefficient b the mean squared error is the residual one plus
    ``s b^2 (s^2 w^4 - 1)^2``.

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
        Full-batch steps.

    Returns
    -------
    ndarray, shape (epochs + 1,)
        w before the first and after each epoch; shorter if w exceeds 1e6 in size, where it is cut.

    Raises
    ------
    ValueError
        If ``second_moment`` or ``rate`` is not positive, or the optimiser is unknown.

    Notes
    -----
    Source: the experiment of Tan and Zhao (2026), Section 2.3, which names Adam and 5000 epochs.
    ``olsattn.training.train_scalar`` is the same by automatic differentiation of the layer.
    """
    if not second_moment > 0 or not rate > 0:
        raise ValueError(f"second_moment and rate must be positive, got {second_moment} and {rate}")
    if optimiser not in OPTIMISERS:
        raise ValueError(f"unknown optimiser {optimiser!r}: give one of {OPTIMISERS}")
    w, mean, square = float(start), 0.0, 0.0
    path = [w]
    for t in range(1, epochs + 1):
        gradient = 8 * second_moment**3 * coefficient**2 * w**3 * (second_moment**2 * w**4 - 1)
        if optimiser == "Adam":
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
