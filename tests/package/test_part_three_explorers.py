"""The training and the covariate-shift explorer in Python: what follows their traits, and what they refuse."""

import json

import numpy as np
import pytest
import traitlets

from olsattn import relative_error
from olsattn.linear_transformer import ols_transformer
from olsattn.training import train_scalar
from olsattn.widgets import CovariateShiftExplorer, TrainingExplorer


def test_training_explorer_follows_its_traits():
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    y = 2 * x + 0.5 * rng.normal(size=500)
    explorer = TrainingExplorer(epoch=40, rate=0.002, start=-0.7)
    assert explorer.floor == pytest.approx(np.mean((y - x * explorer.coefficient) ** 2))
    for changes in ({}, {"optimiser": "gradient descent"}, {"rate": 0.0005}, {"start": 1.2}, {"epoch": 300}):
        for name, value in changes.items():
            setattr(explorer, name, value)
        options = {name: getattr(explorer, name) for name in ("optimiser", "rate", "start")}
        run = train_scalar(x, y, epochs=explorer.epoch, **options)
        assert len(explorer.trajectory) == 5001 and explorer.trajectory[explorer.epoch] == explorer.weight
        assert explorer.weight == pytest.approx(run.weights[-1], abs=1e-9)
        assert explorer.error == pytest.approx(run.errors[-1], abs=1e-9)
        assert explorer.distance == pytest.approx(run.distances[-1], abs=1e-9)


def test_training_explorer_holds_the_last_weight_before_divergence():
    explorer = TrainingExplorer(optimiser="gradient descent", start=2.5, epoch=700)
    assert len(explorer.trajectory) == 2 and explorer.weight == explorer.trajectory[-1] < -10
    explorer.optimiser = "Adam"
    assert len(explorer.trajectory) == 5001 and explorer.weight == explorer.trajectory[700]


def test_a_page_does_not_carry_the_trajectory():
    assert len(json.dumps({k: v for k, v in TrainingExplorer().get_state().items() if k[0] != "_"})) < 1000


def test_covariate_shift_explorer_follows_its_traits():
    explorer = CovariateShiftExplorer()
    A, y, beta = np.array(explorer.train), np.array(explorer.responses), np.array([1, 0.5])
    assert explorer.layer_error > 0.5  # it opens on a batch that the layer gets wrong
    for name, value in explorer.same.items():
        setattr(explorer, name, value)
    assert relative_error(explorer.distortion, np.eye(2)) < 0.01  # the same second moment, to rounding
    assert explorer.layer_error == pytest.approx(explorer.coefficient_error, abs=0.01)
    for name, value in dict(stretch=[2, 0.4], angle=100.5, shift=[1, -2]).items():
        setattr(explorer, name, value)
        turn = np.radians(explorer.angle)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        B = [explorer.shift + rotation @ (np.array(explorer.stretch) * row) for row in explorer.base]
        moments = [sum(np.outer(row, row) for row in rows) / len(rows) for rows in (A, B)]
        assert relative_error(explorer.distortion, np.linalg.inv(moments[0]) @ moments[1]) < 1e-12
        assert explorer.layer_error == pytest.approx(relative_error(ols_transformer(A, y)(B), B @ beta))
        b = np.linalg.solve(A.T @ A, A.T @ y)
        assert explorer.coefficient_error == pytest.approx(relative_error(B @ b, B @ beta))
        assert explorer.layer_error > 0.2 > 0.1 > explorer.coefficient_error
    explorer.row = [-3, 2]
    predictions = explorer.row @ np.linalg.solve(*moments) @ b, explorer.row @ b
    assert explorer.numbers["prediction for the row"] == pytest.approx(predictions)


def test_twice_the_start_is_within_bounds():
    """What the page's button sets is what Python takes."""
    explorer = CovariateShiftExplorer(angle=30)
    explorer.stretch = 2 * np.array(explorer.same["stretch"])
    assert relative_error(explorer.distortion, 4 * np.eye(2)) < 0.01


@pytest.mark.parametrize(
    ("cls", "trait", "value", "message"),
    [
        (TrainingExplorer, "optimiser", "SGD", "any of"),
        (TrainingExplorer, "rate", 0.2, "greater than 0.1"),
        (TrainingExplorer, "rate", 0.0, "less than 0.0001"),
        (TrainingExplorer, "start", -2.6, "less than -2.5"),
        (TrainingExplorer, "start", np.nan, "start must be a finite number, got nan"),
        (TrainingExplorer, "epoch", 5001, "greater than 5000"),
        (TrainingExplorer, "epoch", 1.5, "int"),
        (TrainingExplorer, "weight", 1.0, "read-only"),
        (CovariateShiftExplorer, "stretch", [1, 0.05], r"stretch must lie between 0.1 and 2.5, got \[1.0, 0.05\]"),
        (CovariateShiftExplorer, "stretch", [1, 2.6], "stretch must lie between 0.1 and 2.5"),
        (CovariateShiftExplorer, "stretch", 1.0, r"stretch must be 1-D"),
        (CovariateShiftExplorer, "angle", 181, "greater than 180"),
        (CovariateShiftExplorer, "angle", np.inf, "greater than 180"),
        (CovariateShiftExplorer, "shift", [0, -2.1], "shift must lie between -2 and 2"),
        (CovariateShiftExplorer, "shift", [0, 0, 0], r"shift must have shape \(2\), got \(3,\)"),
        (CovariateShiftExplorer, "row", [0, 4.1], "row must lie between -4 and 4"),
        (CovariateShiftExplorer, "row", [0], r"row must have shape \(2\), got \(1,\)"),
        (CovariateShiftExplorer, "base", [[0, 0]], "read-only"),
    ],
)
def test_explorers_refuse_what_they_cannot_draw(cls, trait, value, message):
    for attempt in (lambda: setattr(cls(), trait, value), lambda: cls(**{trait: value})):
        with pytest.raises(traitlets.TraitError, match=message):
            attempt()
