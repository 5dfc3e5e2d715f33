"""Sympy objects that the derivations share: symbolic and exact rational designs, and a test for zero."""

import random

import sympy as sp


def symbols_matrix(name, rows, columns):
    """A matrix of real symbols ``name_11, name_12, ...``.

    Parameters
    ----------
    name : str
        Letter of the entries, for example ``"x"``.
    rows, columns : int

    Returns
    -------
    sympy.Matrix, shape (rows, columns)
    """
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{{{i + 1}{j + 1}}}", real=True))


def rational_matrix(rows, columns, seed):
    """A seeded matrix of small exact fractions, of full rank.

    Parameters
    ----------
    rows, columns : int
    seed : int

    Returns
    -------
    sympy.Matrix, shape (rows, columns)
        Entries n/d with \\|n\\| <= 5 and d in {1, 2, 3}.
    """
    draw = random.Random(seed)
    while True:
        matrix = sp.Matrix(rows, columns, lambda i, j: sp.Rational(draw.randint(-5, 5), draw.randint(1, 3)))
        if matrix.rank() == min(rows, columns):
            return matrix


def ols_weights(X_test, X_train):
    """The weights ``X_test (X_train' X_train)^-1 X_train'``, exactly.

    Parameters
    ----------
    X_test : sympy.Matrix, shape (J, P)
    X_train : sympy.Matrix, shape (N, P)
        Of full column rank.

    Returns
    -------
    sympy.Matrix, shape (J, N)

    Raises
    ------
    ValueError
        If ``X_train' X_train`` is singular.
    """
    gram = X_train.T * X_train
    if gram.det() == 0:
        raise ValueError(f"X_train of shape {X_train.shape} has rank {X_train.rank()}: X'X has no inverse")
    return X_test * gram.inv() * X_train.T


def is_zero(expression):
    """Whether a scalar or every entry of a matrix simplifies to 0.

    Parameters
    ----------
    expression : sympy.Expr or sympy.Matrix

    Returns
    -------
    bool
        False also means "sympy could not show it": use it only where True is expected.
    """
    entries = expression if isinstance(expression, sp.MatrixBase) else [expression]
    return all(sp.simplify(entry) == 0 for entry in entries)
