"""Sympy objects that the derivations share: symbolic and exact rational designs, and a test for zero."""

import random

import sympy as sp

from olsattn._arrays import as_index


def symbols_matrix(name: str, rows: int, columns: int) -> sp.Matrix:
    """A matrix of real symbols ``name_11, name_12, ...``.

    Parameters
    ----------
    name : str
        Letter of the entries, for example ``"x"``.
    rows, columns : int
        At least 1.

    Returns
    -------
    sympy.Matrix, shape (rows, columns)

    Raises
    ------
    ValueError
        If ``rows`` or ``columns`` is not a whole number of at least 1.

    Examples
    --------
    >>> symbols_matrix("x", 1, 2)
    Matrix([[x_{11}, x_{12}]])
    """
    rows, columns = as_index("rows", rows, 1), as_index("columns", columns, 1)
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{{{i + 1}{j + 1}}}", real=True))


def rational_matrix(rows: int, columns: int, *, seed: int) -> sp.Matrix:
    """A seeded matrix of small exact fractions, of full rank.

    Parameters
    ----------
    rows, columns : int
        At least 1.
    seed : int

    Returns
    -------
    sympy.Matrix, shape (rows, columns)
        Entries n/d with \\|n\\| <= 5 and d in {1, 2, 3}.

    Raises
    ------
    ValueError
        If ``rows`` or ``columns`` is not a whole number of at least 1.

    Examples
    --------
    >>> rational_matrix(2, 2, seed=0)
    Matrix([
    [1/2, -5/2],
    [3/2,  1/2]])
    """
    rows, columns = as_index("rows", rows, 1), as_index("columns", columns, 1)
    draw = random.Random(seed)
    while True:
        matrix = sp.Matrix(rows, columns, lambda i, j: sp.Rational(draw.randint(-5, 5), draw.randint(1, 3)))
        if matrix.rank() == min(rows, columns):
            return matrix


def ols_weights(X_test: sp.Matrix, X_train: sp.Matrix) -> sp.Matrix:
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
        If the numbers of columns differ, or ``X_train' X_train`` is singular.

    Examples
    --------
    >>> ols_weights(sp.Matrix([[1]]), sp.Matrix([1, 2, 3]))
    Matrix([[1/14, 1/7, 3/14]])
    """
    if X_test.cols != X_train.cols:
        raise ValueError(
            f"X_test and X_train must have the same number of columns, got shapes {X_test.shape} and {X_train.shape}"
        )
    gram = X_train.T * X_train
    if gram.det() == 0:
        raise ValueError(f"X_train of shape {X_train.shape} has rank {X_train.rank()}: X'X has no inverse")
    return X_test * gram.inv() * X_train.T


def is_zero(expression: sp.Expr | sp.Matrix) -> bool:
    """Whether a scalar or every entry of a matrix simplifies to 0.

    Parameters
    ----------
    expression : sympy.Expr or sympy.Matrix

    Returns
    -------
    bool
        False also means "sympy could not show it": use it only where True is expected.

    Examples
    --------
    >>> t = sp.Symbol("t")
    >>> is_zero(sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1)
    True
    """
    entries = expression if isinstance(expression, sp.MatrixBase) else [expression]
    return all(sp.simplify(entry) == 0 for entry in entries)
