"""For each widget class: seeded inputs, an oracle that uses NumPy alone, and what the keyboard moves.

A widget prints its numbers in tables whose cells carry them in full (``<td data-value>``); the oracle
returns a column for each heading that it can vouch for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Coverage:
    cases: list  # traits of each instance
    oracle: Callable  # traits -> {heading: column}
    mover: str  # selector of a control that arrow keys move


# ---- SimilarityExplorer ----

def design(rows, intercept):
    rows = np.asarray(rows, dtype=float)
    return np.column_stack([np.ones(len(rows)), rows]) if intercept else rows


def similarity(points, values, query, intercept=True):
    """Least-squares weights of the query on the points, of minimum norm where the points do not settle them."""
    X, x = design(points, intercept), design([query], intercept)[0]
    inverse = np.linalg.pinv(X, rcond=max(X.shape) * np.finfo(float).eps)
    weights = x @ np.linalg.lstsq(X, np.eye(len(X)), rcond=None)[0]
    assert np.allclose(weights, x @ inverse, rtol=1e-8, atol=1e-8), "the oracle does not agree with itself"
    return {
        "x1": np.asarray(points, dtype=float)[:, 0], "x2": np.asarray(points, dtype=float)[:, 1],
        "y": np.asarray(values, dtype=float), "weight": weights,
        "leverage": np.diag(X @ inverse),
        # (a - b)' (X'X)^+ (a - b), and (X'X)^+ = X^+ X^+'
        "distance": np.linalg.norm((X - x) @ inverse, axis=1),
    }


def similarity_cases():
    """Clouds of many sizes; points nearly and exactly on a line; too few points for the coefficients."""
    rng = np.random.default_rng(20)
    clouds = [rng.uniform(-3, 3, (n, 2)).round(2) for n in (3, 4, 5, 8, 12, 20, 40)]
    shifted = [(rng.normal(2, 0.2, (9, 2))).clip(-3, 3).round(2)]
    line = np.linspace(-2.5, 2.5, 11)[:, None]
    nearly = [(line * [1, -0.5] + size * rng.normal(size=(11, 2))).clip(-3, 3) for size in (1e-2, 1e-4, 1e-6)]
    exactly = [line * [1, 0.5], line * [0, 1], np.column_stack([line, np.full_like(line, 1.5)])]
    few = [[[1, 0.5], [-1.25, 2]], [[0.75, -2]]]
    for points in (*clouds, *shifted, *nearly, *exactly, *few):
        points, query = np.asarray(points, dtype=float), rng.uniform(-3, 3, 2).round(2)
        values = rng.normal(size=len(points)).round(2)
        for intercept in (True, False):
            yield {"points": points.tolist(), "values": values.tolist(), "query": query.tolist(),
                   "intercept": intercept}


# What a page prints, read back: {heading: column of td[data-value]}.
NUMBERS = """(element) => Object.fromEntries([...element.querySelectorAll('table')].flatMap((table) =>
  [...table.querySelectorAll('thead th')].map((head, k) => [head.textContent,
    [...table.querySelectorAll('tbody tr')].map((row) => Number(row.children[k].dataset.value))])))"""


def assert_numbers(printed, expected, where=""):
    """The columns of a page equal those of the oracle to 1e-6; returns the largest difference."""
    worst = 0.0
    for heading, column in expected.items():
        actual = np.array(printed[heading], dtype=float)
        np.testing.assert_allclose(actual, column, rtol=1e-6, atol=1e-6, err_msg=f"{heading} {where}")
        worst = max(worst, np.max(np.abs(actual - column) / np.maximum(1, np.abs(column))))
    return worst


COVERAGE = {
    "SimilarityExplorer": Coverage(list(similarity_cases()), similarity, mover="[aria-label^='query at']"),
}
