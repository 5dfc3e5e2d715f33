"""Symbolic and exact matrices, and the test for zero."""

import numpy as np
import pytest
import sympy as sp

from olsattn import ols_attention, relative_error, symbolic


def test_symbols_have_row_and_column():
    x = symbolic.symbols_matrix("x", 2, 3)
    assert x.shape == (2, 3) and x[1, 2] == sp.Symbol("x_{23}", real=True)
    assert len(x.free_symbols) == 6


def test_fractions_are_seeded_small_and_of_full_rank():
    for rows, columns in [(4, 2), (2, 4), (1, 1)]:
        for seed in range(30):
            matrix = symbolic.rational_matrix(rows, columns, seed=seed)
            assert matrix.shape == (rows, columns) and matrix.rank() == min(rows, columns)
            assert all(entry.is_rational and abs(entry) <= 5 and entry.q <= 3 for entry in matrix)
            assert matrix == symbolic.rational_matrix(rows, columns, seed=seed)
    entries = {entry for seed in range(60) for entry in symbolic.rational_matrix(4, 4, seed=seed)}
    assert {sp.Integer(5), sp.Integer(-5), sp.Rational(5, 3), sp.Rational(-1, 2)} <= entries
    assert symbolic.rational_matrix(4, 2, seed=0) != symbolic.rational_matrix(4, 2, seed=1)


def test_exact_weights_equal_numeric_ones():
    X, X_new = symbolic.rational_matrix(5, 3, seed=1), symbolic.rational_matrix(2, 3, seed=2)
    exact = np.array(symbolic.ols_weights(X_new, X), dtype=float)
    _, weights = ols_attention(np.array(X_new, dtype=float), np.array(X, dtype=float), np.zeros(5))
    assert relative_error(weights, exact) < 1e-12


def test_bad_input_is_named():
    X = symbolic.rational_matrix(5, 3, seed=1)
    with pytest.raises(ValueError, match=r"shape \(2, 2\) has rank 1"):
        symbolic.ols_weights(X[:1, :2], sp.Matrix([[1, 2], [2, 4]]))
    with pytest.raises(ValueError, match=r"X_test and X_train .* columns, got shapes \(1, 2\) and \(5, 3\)"):
        symbolic.ols_weights(X[:1, :2], X)
    for call in (symbolic.symbols_matrix, lambda name, *size: symbolic.rational_matrix(*size, seed=0)):
        with pytest.raises(ValueError, match="rows must be a whole number of at least 1, got 0"):
            call("x", 0, 1)
        with pytest.raises(ValueError, match=r"columns must be a whole number of at least 1, got 1\.0"):
            call("x", 1, 1.0)


def test_is_zero_can_say_no():
    t = sp.Symbol("t")
    assert symbolic.is_zero(sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1)
    assert symbolic.is_zero(sp.Matrix([sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1, 0]))
    assert not symbolic.is_zero(sp.Matrix([0, t])) and not symbolic.is_zero(sp.Matrix([t, 0]))
    assert not symbolic.is_zero(t)
