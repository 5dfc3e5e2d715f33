"""A linear Transformer layer, and least squares stored in its weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, same_size
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

    See Also
    --------
    ols_transformer : the layer that holds a regression.

    Examples
    --------
    With every weight 1 the output of a row is itself times the mean square of the batch:

    >>> layer = LinearTransformer([[1.0]], [[1.0]], [[1.0]], [[1.0]], [1.0])
    >>> layer([[1.0], [3.0]])
    array([ 5., 15.])
    """

    w_query: Floats
    w_key: Floats
    w_value: Floats
    w_ffn: Floats
    w_out: Floats

    def __post_init__(self) -> None:
        for name in ("w_query", "w_key", "w_value", "w_ffn", "w_out"):
            ndim = (1, 2) if name == "w_out" else 2
            object.__setattr__(self, name, as_floats(name, getattr(self, name), ndim))
        same_size("w_query", self.w_query, 0, "w_key", self.w_key, 0, "rows")
        same_size("w_query", self.w_query, 1, "w_key", self.w_key, 1, "columns")
        same_size("w_query", self.w_query, 0, "w_value", self.w_value, 0, "rows")
        same_size("w_value", self.w_value, 1, "w_ffn", self.w_ffn, 0, "entries of a value")
        same_size("w_ffn", self.w_ffn, 1, "w_out", self.w_out, 0, "entries of the output of w_ffn")

    def scores(self, X: ArrayLike) -> Floats:
        """The attention weights of a batch: ``(1/n) X w_query w_key' X'``.

        Parameters
        ----------
        X : array_like, shape (n, d)

        Returns
        -------
        ndarray, shape (n, n)

        Raises
        ------
        ValueError
            If X does not have d columns, or holds NaN or inf.

        Examples
        --------
        Those of a regression are its hat matrix:

        >>> ols_transformer([[1.0], [1.0]], [3.0, 5.0]).scores([[1.0], [1.0]]).round(12)
        array([[0.5, 0.5], [0.5, 0.5]])
        """
        X = self._batch(X)
        return (X @ self.w_query) @ (X @ self.w_key).T / len(X)

    def __call__(self, X: ArrayLike) -> Floats:
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

        Examples
        --------
        >>> ols_transformer([[1.0], [1.0]], [3.0, 5.0])([[1.0], [1.0]]).round(12)
        array([4., 4.])
        """
        X = self._batch(X)
        # keys meet values first: the same sum without the n by n scores
        memory = (X @ self.w_key).T @ (X @ self.w_value) / len(X)
        return (X @ self.w_query) @ memory @ self.w_ffn @ self.w_out

    def _batch(self, X: ArrayLike) -> Floats:
        X = as_floats("X", X, 2)
        same_size("X", X, 1, "w_query", self.w_query, 0, "features (columns of X, rows of w_query)")
        return X


def ols_transformer(X: ArrayLike, y: ArrayLike) -> LinearTransformer:
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

    Examples
    --------
    Another batch of half the second moment gets half the prediction for the same row, 1:

    >>> layer = ols_transformer([[1.0], [1.0]], [3.0, 5.0])
    >>> layer([[1.0], [1.0]])[0].round(12), layer([[1.0], [0.0]])[0].round(12)
    (np.float64(4.0), np.float64(2.0))
    """
    X, y = as_floats("X", X, 2), as_floats("y", y, (1, 2))
    same_size("X", X, 0, "y", y, 0, "rows")
    design = embedding(X)
    L = design.weights * np.sqrt(len(X))
    # L'X'y / n = sqrt(n) F'y / n, and the scores F are orthonormal to rounding
    return LinearTransformer(L, L, L, np.eye(L.shape[1]), design.scores.T @ y / np.sqrt(len(X)))


def distortion(X_train: ArrayLike, X_new: ArrayLike) -> Floats:
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

    Examples
    --------
    >>> distortion([[1.0], [1.0]], [[1.0], [0.0]]).round(12)
    array([[0.5]])
    """
    X_train, X_new = as_floats("X_train", X_train, 2), as_floats("X_new", X_new, 2)
    same_size("X_train", X_train, 1, "X_new", X_new, 1, "columns")
    design = embedding(X_train)
    if design.weights.shape[1] < X_train.shape[1]:
        raise ValueError(f"X_train of shape {X_train.shape} has rank {design.weights.shape[1]}: S_A has no inverse")
    return len(X_train) * design.omega @ (X_new.T @ X_new / len(X_new))
