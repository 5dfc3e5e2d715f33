"""Least squares as an embedding: factor scores, the matrix Omega, the hat matrix.

Everything goes through the singular value decomposition of the design, ``X = F D U'``: the columns
of ``U`` are the eigenvectors of ``X'X``, the squares of the diagonal of ``D`` its eigenvalues, and
``F`` holds the orthonormal factor scores. Forming ``X'X`` first would square the condition number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index, same_size


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

    See Also
    --------
    embedding : makes one from a design.

    Examples
    --------
    >>> encoder = embedding([[3.0, 0.0], [0.0, 4.0]])
    >>> encoder, encoder.singular_values
    (Embedding(2 regressors -> 2 factors), array([4., 3.]))
    """

    weights: Floats
    singular_values: Floats
    scores: Floats

    @property
    def omega(self) -> Floats:
        """The bilinear form of the scores, ``weights @ weights.T``, shape (P, P).

        Examples
        --------
        The inverse of X'X, the covariance of the coefficients for errors of variance 1:

        >>> embedding([[2.0, 0.0], [0.0, 4.0]]).omega
        array([[0.25  , 0.    ], [0.    , 0.0625]])
        """
        return self.weights @ self.weights.T

    def encode(self, X: ArrayLike) -> Floats:
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

        Examples
        --------
        >>> embedding([[4.0], [3.0]]).encode([[10.0]])
        array([[2.]])
        """
        X = as_floats("X", X, 2)
        same_size("X", X, 1, "weights", self.weights, 0, "regressors (columns of X, rows of weights)")
        return X @ self.weights

    def __repr__(self) -> str:
        P, L = self.weights.shape
        return f"Embedding({P} regressors -> {L} factors)"


def embedding(X: ArrayLike, *, ridge: float = 0.0, rank: int | None = None) -> Embedding:
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

    Examples
    --------
    The inner products of encoded rows are the weights of least squares:

    >>> encoder = embedding([[1.0], [2.0], [3.0]])
    >>> query, keys = encoder.encode([[1.0]]), encoder.encode([[1.0], [2.0], [3.0]])
    >>> (query @ keys.T * 14).round(12)  # X'X = 14
    array([[1., 2., 3.]])
    """
    X = as_floats("X", X, 2)
    N, P = X.shape
    ridge = float(as_floats("ridge", ridge, 0))
    if ridge < 0:
        raise ValueError(f"ridge must be at least 0, got {ridge}")
    if rank is not None:
        rank = as_index("rank", rank, 1, P)

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


def nearest_omega(X: ArrayLike, Y: ArrayLike, *, start: ArrayLike | None = None) -> Floats:
    """The matrix closest to a starting one among all that fit the responses as well as least squares does.

    A matrix Omega predicts ``X Omega X'Y``. The squared error of that does not say what Omega is: with fewer
    than P responses many matrices have the smallest error there is. This is the one at which gradient descent
    from ``start`` comes to rest, and the limit of a penalty on the distance from ``start`` as it goes to 0.

    Parameters
    ----------
    X : array_like, shape (N, P)
        The design.
    Y : array_like, shape (N,) or (N, M)
        One response or several.
    start : array_like, shape (P, P), optional
        Zero if not given, which makes the result the fitting matrix with the least sum of squares.

    Returns
    -------
    ndarray, shape (P, P)
        ``start + B (X'Y)^+``, where B holds the coefficients of a regression of ``Y - X start X'Y`` on X and
        ``^+`` is the pseudo-inverse. It is ``(X'X)^-1`` for every start if X and X'Y have rank P.

    Raises
    ------
    ValueError
        If X is not a matrix or all zeros, if the rows of X and Y or the shape of ``start`` do not fit, or if an
        entry is NaN or inf.

    See Also
    --------
    embedding : its ``omega`` fits every response.

    Examples
    --------
    One response leaves a matrix of rank one, two responses find the inverse of X'X:

    >>> X = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> nearest_omega(X, [2.0, 2.0, 1.0]).round(3)
    array([[0.167, 0.167],
           [0.167, 0.167]])
    >>> nearest_omega(X, [[2.0, 3.0], [2.0, 0.0], [1.0, 0.0]]).round(3)
    array([[ 0.667, -0.333],
           [-0.333,  0.667]])
    """
    X, Y = as_floats("X", X, 2), as_floats("Y", Y, (1, 2))
    Y = Y.reshape(len(Y), -1)
    same_size("X", X, 0, "Y", Y, 0, "rows")
    P = X.shape[1]
    begin = np.zeros((P, P)) if start is None else as_floats("start", start, 2)
    if begin.shape != (P, P):
        raise ValueError(f"start must have shape {(P, P)}, one row and column for each column of X, got {begin.shape}")
    encoder, products = embedding(X), X.T @ Y
    missing = encoder.weights @ (encoder.scores.T @ (Y - X @ (begin @ products)))
    smallest = max(products.shape) * np.finfo(float).eps
    return begin + missing @ np.linalg.pinv(products, rcond=smallest)


def hat_matrix(X: ArrayLike, *, ridge: float = 0.0, rank: int | None = None) -> Floats:
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

    Raises
    ------
    ValueError
        As :func:`embedding` does.

    Examples
    --------
    >>> hat_matrix([[1.0], [1.0]])  # the mean
    array([[0.5, 0.5], [0.5, 0.5]])
    """
    F = embedding(X, ridge=ridge, rank=rank).scores
    return F @ F.T


def implied_weights(X: ArrayLike, treated: ArrayLike) -> Floats:
    """What each row counts in the coefficient of one regressor, next to the others.

    The coefficient of ``treated`` in the regression of y on ``treated`` and X is ``implied_weights(X, treated) @ y``,
    for every y: it is the prediction for a row with the regressor at 1 minus that for the same row with it at 0.

    Parameters
    ----------
    X : array_like, shape (N, P)
        The other regressors. An intercept, if wanted, is a column of ones.
    treated : array_like, shape (N,)
        The regressor in question; 1 and 0 for two groups.

    Returns
    -------
    ndarray, shape (N,)
        Signed. Their products with every column of X sum to zero, and with ``treated`` to one. So if X has a column of
        ones and ``treated`` is 0 or 1, the weights of the treated sum to 1, those of the others to -1, and the two
        weighted groups have equal means in every column of X. Of all weights that do so, these have the least sum of
        squares.

    Raises
    ------
    ValueError
        If the numbers of rows differ, an entry is NaN or inf, or ``treated`` is a linear combination of the columns
        of X, so that it has no coefficient of its own.

    Notes
    -----
    The residual of ``treated`` on X, divided by its squared length (Frisch, Waugh and Lovell). X may be rank
    deficient. Source: Chattopadhyay and Zubizarreta (2023), where these are the weights of "uni-regression imputation";
    Goulet Coulombe (2026), Section 6, for the coefficient as a difference of two predictions.

    Examples
    --------
    Two treated with 0 and 1, three others with 1, 2 and 3; the last one counts with the wrong sign:

    >>> design = [[1, 0], [1, 1], [1, 1], [1, 2], [1, 3]]
    >>> (implied_weights(design, [1, 1, 0, 0, 0]) * 15).round(12)
    array([  3.,  12., -14.,  -5.,   4.])
    """
    X, treated = as_floats("X", X, 2), as_floats("treated", treated, 1)
    same_size("X", X, 0, "treated", treated, 0, "rows")
    sizes = np.linalg.norm(X, axis=0)
    residual = treated
    if sizes.any():
        F = embedding(X / np.where(sizes > 0, sizes, 1.0)).scores  # in like units no column is lost beside another
        for _ in range(2):  # the second time removes what rounding has left
            residual = residual - F @ (F.T @ residual)
    if np.linalg.norm(residual) <= max(X.shape) * np.finfo(float).eps * np.linalg.norm(treated):
        raise ValueError(f"treated of shape {treated.shape} is a linear combination of the columns of X, shape "
                         f"{X.shape}: it has no coefficient of its own")
    return residual / (residual @ treated)


def leave_one_out(X: ArrayLike, y: ArrayLike) -> Floats:
    """What a regression fitted to all other rows predicts for each row, without fitting it again.

    Parameters
    ----------
    X : array_like, shape (N, P)
        The design. An intercept, if wanted, is a column of ones.
    y : array_like, shape (N,) or (N, K)
        Responses, one column for each.

    Returns
    -------
    ndarray, shape (N,) or (N, K)
        Entry i is the prediction for row i from the other N - 1, in the units of y. It comes from
        one factorisation of X: masking the diagonal of the hat matrix and dividing by 1 - h_ii.

    Raises
    ------
    ValueError
        If X is not a matrix or all zeros, if X and y differ in their number of rows or hold NaN or
        inf, or if a row has a leverage of one: it alone says something about a coefficient, and
        without it there is no answer.

    Notes
    -----
    The errors of these predictions are the residuals over 1 - h_ii. Their sum of squares is Allen's PRESS.

    Examples
    --------
    Without an outcome of its own, a row is predicted by the mean of the others:

    >>> leave_one_out([[1.0], [1.0], [1.0]], [0.0, 3.0, 6.0])
    array([4.5, 3. , 1.5])
    """
    X, y = as_floats("X", X, 2), as_floats("y", y, (1, 2))
    same_size("X", X, 0, "y", y, 0, "rows")
    F = embedding(X).scores
    left = 1 - np.sum(F**2, axis=1)
    alone = np.flatnonzero(left <= 10 * max(X.shape) * np.finfo(float).eps)
    if len(alone):
        raise ValueError(f"rows {alone.tolist()} of X have a leverage of 1: the other rows say nothing of them")
    residuals: Floats = (y - F @ (F.T @ y)).T / left
    return y - residuals.T


def cosine_weights(queries: ArrayLike, keys: ArrayLike) -> tuple[Floats, Floats]:
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

    Examples
    --------
    >>> scale, cosine = cosine_weights([[3.0, 0.0]], [[2.0, 0.0], [0.0, 2.0]])
    >>> scale, cosine
    (array([[6., 6.]]), array([[1., 0.]]))
    """
    queries, keys = as_floats("queries", queries, 2), as_floats("keys", keys, 2)
    same_size("queries", queries, 1, "keys", keys, 1, "columns")
    scale = np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(keys, axis=1))
    if not scale.all():
        raise ValueError("a query or key is the zero vector: its angle is undefined")
    return scale, np.clip(queries @ keys.T / scale, -1.0, 1.0)
