"""The shrinkage explorer in Python: what follows its traits, why this split, and what it refuses."""

import json

import numpy as np
import pytest
import traitlets

from olsattn.datasets import diabetes
from olsattn.least_squares import embedding
from olsattn.widgets import ShrinkageExplorer
from olsattn.widgets.shrinkage_explorer import PENALTIES, SEED, TRAINING


def split(seed):
    """Standardised regressors and centred responses of training and test rows."""
    order, data = np.random.default_rng(seed).permutation(442), diabetes()
    test, train = order[: 442 - TRAINING], order[442 - TRAINING:]
    X, y = data.X[:, 1:], data.y
    mean, size = X[train].mean(axis=0), X[train].std(axis=0)
    return ((X[train] - mean) / size, y[train] - y[train].mean(),
            (X[test] - mean) / size, y[test] - y[train].mean())


def rms(errors, axis=0):
    return np.sqrt(np.mean(errors**2, axis=axis))


def test_it_follows_its_traits():
    """Against normal equations, in the units of ``embedding(..., ridge=...)``."""
    X, y, queries, targets = split(SEED)
    explorer = ShrinkageExplorer()
    for changes in ({}, {"penalty": 30}, {"rank": 4}, {"penalty": 0}, {"rank": 10}, {"penalty": 0.5, "rank": 1}):
        for name, value in changes.items():
            setattr(explorer, name, value)
        basis = np.linalg.svd(X)[2][: explorer.rank].T
        omega = basis @ np.linalg.inv(basis.T @ X.T @ X @ basis + explorer.penalty * np.eye(explorer.rank)) @ basis.T
        fitted, predicted = X @ omega @ X.T @ y, queries @ omega @ X.T @ y
        times = fitted @ y / (fitted @ fitted)
        assert explorer.training_error == pytest.approx(rms(y - fitted))
        assert explorer.test_error == pytest.approx(rms(targets - predicted))
        assert explorer.rescaled_error == pytest.approx(rms(targets - times * predicted))
        assert explorer.parameters == pytest.approx(np.trace(X @ omega @ X.T))
        assert np.sort(explorer.numbers["Ω"]) == pytest.approx(np.linalg.eigvalsh(omega), abs=1e-12)
        assert embedding(X, ridge=explorer.penalty, rank=explorer.rank).omega == pytest.approx(omega, abs=1e-12)


def test_what_the_scores_lose_the_map_gets():
    """F'F + λΩ = I on what is kept: as the penalty grows the one goes to 0 and the other to I."""
    explorer, before = ShrinkageExplorer(rank=6), 6.1
    for penalty in (0, 0.1, 10, 1000, 10_000):
        explorer.penalty = penalty
        kept, flat = explorer.numbers["F'F"], explorer.numbers["λΩ"]
        assert np.add(kept, flat) == pytest.approx([1] * 6 + [0] * 4)
        assert sum(kept) == pytest.approx(explorer.parameters) and explorer.parameters < before
        before = explorer.parameters
    assert max(kept) < 0.014


def test_the_limit_is_linear_attention_without_an_inverse_covariance():
    X, y, queries, targets = split(SEED)
    fitted, predicted = X @ X.T @ y, queries @ X.T @ y
    limit = rms(targets - fitted @ y / (fitted @ fitted) * predicted)
    explorer = ShrinkageExplorer(penalty=10_000)
    assert explorer.numbers["rescaled"][-1] == pytest.approx(limit)
    assert explorer.rescaled_error == pytest.approx(limit, abs=0.05)
    assert explorer.numbers["test error"][-1] == pytest.approx(rms(targets))
    assert limit < ShrinkageExplorer(penalty=0).test_error - 5  # it opens with a surprise


def test_the_split_is_typical():
    """Of a thousand, the one whose four errors are closest to the medians; none was picked for a better story."""
    found = []
    for seed in range(1000):
        X, y, queries, targets = split(seed)
        U, d, Vt = np.linalg.svd(X, full_matrices=False)
        factors = (U.T @ y)[:, None] * d[:, None] / (d[:, None] ** 2 + np.array(PENALTIES))
        ridge = rms(targets[:, None] - queries @ Vt.T @ factors)
        components = rms(targets[:, None] - np.cumsum(queries @ Vt.T * (U.T @ y / d), axis=1))
        flat = X @ X.T @ y
        limit = rms(targets - flat @ y / (flat @ flat) * (queries @ X.T @ y))
        found.append([ridge[0], ridge.min(), limit, components.min()])
    medians = np.median(found, axis=0)
    assert medians.round(1).tolist() == [68.7, 59.1, 61.8, 59.3]
    assert np.argmin(np.abs(found - medians).max(axis=1)) == SEED
    explorer = ShrinkageExplorer(rank=5)
    own = [explorer.numbers["test error"][k] for k in (0, 1)], ShrinkageExplorer().numbers
    assert found[SEED] == pytest.approx([own[0][0], own[1]["test error"][3], own[1]["rescaled"][4], own[0][1]])


def test_patient_268_is_a_test_row_and_a_page_carries_little():
    assert 268 in np.random.default_rng(SEED).permutation(442)[: 442 - TRAINING]
    assert len(json.dumps({k: v for k, v in ShrinkageExplorer().get_state().items() if k[0] != "_"})) < 3000


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("penalty", -0.1, "less than 0"),
        ("penalty", 10_001, "greater than 10000"),
        ("penalty", np.nan, "penalty must be a finite number, got nan"),
        ("rank", 0, "less than 1"),
        ("rank", 11, "greater than 10"),
        ("rank", 2.5, "int"),
        ("moments", {}, "read-only"),
        ("test_error", 1.0, "read-only"),
    ],
)
def test_it_refuses_what_it_cannot_draw(trait, value, message):
    for attempt in (lambda: setattr(ShrinkageExplorer(), trait, value), lambda: ShrinkageExplorer(**{trait: value})):
        with pytest.raises(traitlets.TraitError, match=message):
            attempt()
