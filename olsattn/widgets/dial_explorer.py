"""The dial from least squares to softmax attention, on the diabetes patients."""

from typing import Any

import numpy as np
import traitlets

from olsattn._arrays import Floats
from olsattn.attention import Dial, Power
from olsattn.datasets import diabetes
from olsattn.widgets.base import Finite, Numbers, Widget

PATIENT = 268
REGRESSORS = ("body mass", "body mass and pressure")
SHOWN = (20, 25, 30, 35, 40)  # body masses of the table
WEIGHTINGS = ("dial", "powers", "ReLU", "ELU")


def _others() -> tuple[Any, Any]:
    """Body mass, pressure and progression of all patients but one, and of that one."""
    data = diabetes()
    table = np.column_stack([data.X[:, [data.names.index("body mass"), data.names.index("pressure")]], data.y])
    return np.delete(table, PATIENT, axis=0), table[PATIENT]


class DialExplorer(Widget):
    """One dial from least squares to softmax attention.

    441 patients predict the progression of another, patient 268 to begin with, from body mass, or from body mass and
    blood pressure. Regressors are standardised, with the means and standard deviations of the 441.

    Traits are readable and settable from Python, and the picture follows. A value out of range raises
    ``traitlets.TraitError``.

    Attributes
    ----------
    beta : float
        The dial, from 0, least squares, to 1, softmax attention.
    query : (body mass, pressure)
        Of the patient to predict: 16 to 44 (kg per square metre), 60 to 135 (mm of mercury).
    regressors : str
        ``"body mass"`` or ``"body mass and pressure"``.
    whitening : float
        With two regressors Omega goes from the identity, at 0, to the inverse of their correlation matrix, at 1.
    weighting : str
        ``"dial"``; ``"powers"``, whose degree follows the dial; or ``"ReLU"`` and ``"ELU"`` of one plus the scores,
        divided by their sum, which ignore the dial.
    degree : int
        Of the powers, 1 to 64.
    patients : list of (body mass, pressure, progression)
        Read only.
    weights : list of float
        Of the 441 patients. Read only.
    prediction : float
        Read only.
    numbers : dict of str to list
        The table that the page prints: for five body masses, and for the query, the prediction, the share of the
        weight that is negative, the effective number of patients and the heaviest weight.

    Examples
    --------
    >>> explorer = DialExplorer(beta=0.0)
    >>> round(explorer.prediction), sum(weight < 0 for weight in explorer.weights)
    (236, 147)
    >>> explorer.beta = 1.0
    >>> round(explorer.prediction), min(explorer.weights) >= 0
    (255, True)
    """

    beta = Finite(0.0, min=0.0, max=1.0).tag(sync=True)
    query = Numbers(_others()[1][:2], shape=(2,)).tag(sync=True)
    regressors = traitlets.Enum(REGRESSORS, REGRESSORS[0]).tag(sync=True)
    whitening = Finite(1.0, min=0.0, max=1.0).tag(sync=True)
    weighting = traitlets.Enum(WEIGHTINGS, "dial").tag(sync=True)
    degree = traitlets.Int(2, min=1, max=64).tag(sync=True)
    patients: traitlets.List[Any] = traitlets.List(_others()[0].tolist(), read_only=True).tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    prediction = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._weigh()

    @traitlets.validate("query")
    def _check_query(self, proposal: Any) -> Any:
        mass, pressure = proposal["value"]
        if not (16 <= mass <= 44 and 60 <= pressure <= 135):
            raise traitlets.TraitError(
                f"query must have a body mass of 16 to 44 and a pressure of 60 to 135, got {mass:g}, {pressure:g}")
        return proposal["value"]

    @traitlets.observe("beta", "query", "regressors", "whitening", "weighting", "degree")
    def _weigh(self, change: Any = None) -> None:
        count = 1 if self.regressors == REGRESSORS[0] else 2
        patients = np.array(self.patients)
        X, y = patients[:, :count], patients[:, 2]
        mean, size = X.mean(axis=0), X.std(axis=0)
        keys = (X - mean) / size
        omega = np.eye(count)
        omega += self.whitening * (np.linalg.inv(keys.T @ keys / len(keys)) - omega)
        points = np.array([*([mass, self.query[1]] for mass in SHOWN), self.query])
        scores = (points[:, :count] - mean) / size @ omega @ keys.T
        weights = _weigh_rows(scores, self.weighting, self.beta, self.degree)  # (6, 441)
        self.set_trait("weights", weights[-1].tolist())
        self.set_trait("prediction", float(weights[-1] @ y))
        size_of_all = np.abs(weights).sum(axis=1)
        self.numbers = {
            "body mass": points[:, 0].tolist(), "prediction": (weights @ y).tolist(),
            "negative share": (np.abs(np.minimum(weights, 0)).sum(axis=1) / size_of_all).tolist(),
            "effective patients": (1 / np.sum(weights**2, axis=1)).tolist(),
            "heaviest weight": weights.max(axis=1).tolist(),
        }


def _weigh_rows(scores: Floats, weighting: str, beta: float, degree: int) -> Floats:
    """Weights of each row of scores (J, N) under one of ``WEIGHTINGS``."""
    if weighting == "dial":
        return Dial(beta)(scores)
    if weighting == "powers":
        return Power(degree)(scores)
    raw = 1 + scores
    raw = np.maximum(raw, 0) if weighting == "ReLU" else np.where(raw > 0, raw, np.expm1(np.minimum(raw, 0)))
    weights: Floats = raw / raw.sum(axis=1, keepdims=True)
    return weights
