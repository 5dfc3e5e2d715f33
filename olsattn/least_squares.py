"""Least squares as an embedding: factor scores, the matrix Omega, the hat matrix.

Everything goes through the singular value decomposition of the design, ``X = F D U'``: the columns
of ``U`` are the eigenvectors of ``X'X``, the squares of the diagonal of ``D`` its eigenvalues, and
``F`` holds the orthonormal factor scores. Forming ``X'X`` first would square the condition number.
"""

from dataclasses import dataclass

import numpy as np

from olsattn._arrays import as_floats, same_size


@dataclass(frozen=True, eq=False)
class Embedding:
    """A linear map that turns regressors into queries and keys.

    Attributes
    ----------
    weights : ndarray, shape (P, L)
        The matrix W. Queries are ``X_test @ weights``, keys ``X_train @ weights``.
    singular_values : ndarray, shape (L,)
        Singular values of the design along the L retained directions, in decreasing order.
    scores : ndarray, shape (N, L)
        The encoded design. Equal to ``encode(X)`` in exact arithmetic, and closer to it than that
        product when X is ill conditioned: without a penalty its columns are orthonormal to rounding.
    """

    weights: np.ndarray
    singular_values: np.ndarray
    scores: np.ndarray

    @property
    def omega(self):
        """The bilinear form of the scores, ``weights @ weights.T``, shape (P, P)."""
        return self.weights @ self.weights.T

    def encode(self, X):
        """Map regressors to factor scores.

        Parameters
        ----------
        X : array_like, shape (J, P)
            Rows in the units of the design that made the embedding.

        Returns
        -------
        ndarray, shape (J, L)

        Raises
        ------
        ValueError
            If X does not have P columns, or holds NaN or inf.
        """
        X = as_floats("X", X, 2)
        same_size("X", X, 1, "weights", self.weights, 0, "regressors (columns of X, rows of weights)")
        return X @ self.weights

    def __repr__(self):
        P, L = self.weights.shape
        return f"Embedding({P} regressors -> {L} factors)"


def embedding(X, *, ridge=0.0, rank=None):
    """The embedding whose inner products are least-squares weights.

    With ``ridge = 0`` the weights satisfy ``W W' = (X'X)^-1`` and the encoded design is orthonormal,
    ``F'F = I``. With a ridge penalty ``W W' = (X'X + ridge I)^-1``. With ``rank = L`` only the L
    directions of largest variance are kept, which gives principal components regression.

    Parameters
    ----------
    X : array_like, shape (N, P)
        The training design. An intercept, if wanted, is a column of ones (and is penalised like
        any other column when ``ridge`` is positive).
    ridge : float
        Penalty on the squared coefficients, in units of the diagonal of ``X'X``; at least 0.
    rank : int, optional
        Number of directions L to keep, from 1 to P.

    Returns
    -------
    Embedding
        With L = P factors, unless ``rank`` says otherwise or the design is rank deficient.

    Raises
    ------
    ValueError
        If X holds NaN or inf or is not a matrix; if ``ridge`` is negative; if ``rank`` is not
        between 1 and P, or exceeds the rank of X while ``ridge`` is 0; if X is all zeros and
        ``ridge`` is 0.

    Notes
    -----
    Rank-deficient designs, N < P among them, are answered with the pseudo-inverse: directions whose
    singular value is at most ``max(N, P) * eps`` times the largest are dropped, W W' is the
    pseudo-inverse of X'X, and predictions are those of the minimum-norm least-squares solution.

    Source: Goulet Coulombe (2026), equations 4 to 6 (least squares), 22 to 25 (principal
    components), 29 and 30 (ridge).
    """
    X = as_floats("X", X, 2)
    N, P = X.shape
    ridge = float(as_floats("ridge", ridge, 0))
    if ridge < 0:
        raise ValueError(f"ridge must be at least 0, got {ridge}")
    if rank is not None and (isinstance(rank, bool) or int(rank) != rank or not 1 <= rank <= P):
        raise ValueError(f"rank must be a whole number from 1 to P = {P}, got {rank}")

    # With a penalty the directions that X does not span still belong to Omega, so U must be square.
    F, d, Ut = np.linalg.svd(X, full_matrices=bool(ridge) and N < P)
    if d[0] == 0 and not ridge:
        raise ValueError(f"X of shape {X.shape} is all zeros: no direction to embed")
    spanned = int(np.sum(d > max(N, P) * np.finfo(float).eps * d[0]))
    L = rank if rank is not None else (P if ridge else spanned)
    if not ridge and L > spanned:
        raise ValueError(f"rank = {L} exceeds the numerical rank {spanned} of X, shape {X.shape}; set ridge > 0")
    missing = len(Ut) - len(d)
    d, F = np.pad(d, (0, missing))[:L], np.pad(F, ((0, 0), (0, max(0, len(Ut) - F.shape[1]))))[:, :L]
    scale = np.hypot(d, np.sqrt(ridge))
    return Embedding(weights=Ut[:L].T / scale, singular_values=d, scores=F * (d / scale))


def hat_matrix(X, *, ridge=0.0, rank=None):
    """The matrix H that puts the hat on y: fitted values are ``H @ y``.

    Parameters
    ----------
    X : array_like, shape (N, P)
        The design.
    ridge, rank
        As for :func:`embedding`.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric; with ``ridge = 0`` also idempotent, with trace equal to the number of factors.
        Its diagonal is the leverage of each row.
    """
    F = embedding(X, ridge=ridge, rank=rank).scores
    return F @ F.T


def cosine_weights(queries, keys):
    """Split least-squares weights into a length and an angle.

    The weight of key i for query j is ``|q_j| |k_i| cos(angle)``, Goulet Coulombe (2026), equation 9.

    Parameters
    ----------
    queries : array_like, shape (J, L)
    keys : array_like, shape (N, L)
        Encoded rows, none of them the zero vector.

    Returns
    -------
    scale : ndarray, shape (J, N)
        Products of the norms.
    cosine : ndarray, shape (J, N)
        Cosines of the angles, in [-1, 1].

    Raises
    ------
    ValueError
        If the widths differ, or a row is the zero vector (its angle is undefined).
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    same_size("queries", queries, 1, "keys", keys, 1, "columns")
    scale = np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(keys, axis=1))
    if not scale.all():
        raise ValueError("a query or key is the zero vector: its angle is undefined")
    return scale, np.clip(queries @ keys.T / scale, -1.0, 1.0)
