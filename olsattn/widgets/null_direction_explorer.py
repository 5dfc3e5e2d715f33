"""What training does not see: a walk from the least-squares Omega along a direction that fits as well."""

from typing import Any

import numpy as np
import traitlets

from olsattn.datasets import diabetes
from olsattn.least_squares import embedding
from olsattn.widgets.base import Finite, Widget

FARTHEST = 8.0
PATIENT = 268
OTHERS = {"age": "age", "blood sugar": "s6", "HDL cholesterol": "s3", "LDL cholesterol": "s2"}  # as the data call them
FITTED = ("progression", "both")


def _patients() -> list[Any]:
    data = diabetes()
    columns = [data.X[:, data.names.index(name)] for name in ("body mass", "pressure", *OTHERS.values())]
    listed: list[Any] = np.column_stack([*columns[:2], data.y, *columns[2:]]).tolist()
    return listed


class NullDirectionExplorer(Widget):
    """Omega moves, the fit stands still, and another response shows how far it moved.

    Omega weighs the 442 patients of :func:`olsattn.datasets.diabetes` by their body mass and blood pressure, and the
    predictions of any response ``y`` are ``X Omega X'y / N``. All columns are standardised. Omega fits the progression
    of the disease as well as it can be fitted if and only if ``Omega b`` is the vector of least-squares coefficients,
    where ``b = X'y / N``. With two regressors that leaves a plane of solutions: the inverse of ``X'X / N`` plus
    ``t u w'``, for any ``u``, where the unit vector ``w`` is ``b`` turned by a right angle, so that ``w'b = 0``.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    patients : list, shape (442, 7)
        Body mass, pressure, progression, age, blood sugar, HDL and LDL cholesterol, in their units. Read only.
    t : float
        How far Omega is from that of least squares, in the Frobenius norm, and to which side: -8 to 8.
    direction : float
        Angle of ``u``, -180 to 180 degrees. At 0 the coefficients of body mass move, at 90 those of pressure.
    other : str
        The response that the same Omega predicts as well: ``"age"``, ``"blood sugar"``, ``"HDL cholesterol"`` or
        ``"LDL cholesterol"``.
    fitted : str
        What the training error is of: ``"progression"``, which no ``t`` changes, or the mean of ``"both"`` responses,
        which leaves none but ``t = 0``.
    omega : list, shape (2, 2)
        Read only.
    error : float
        For progression: the mean squared error of its predictions, as a share of its variance. Read only.
    other_error : float
        The same for the other response. Read only.
    numbers : dict of str to list
        The table that the page prints, for progression, the other response and what Omega is fitted to. No trait; it
        follows them.

    Examples
    --------
    Far from least squares the fit is what it was, and age is predicted worse than by its mean:

    >>> explorer = NullDirectionExplorer()
    >>> explorer.t, round(explorer.error, 3), round(explorer.other_error, 3)
    (8.0, 0.604, 3.076)
    >>> explorer.t = 0
    >>> round(explorer.error, 3), round(explorer.other_error, 3)
    (0.604, 0.884)
    """

    patients: traitlets.List[Any] = traitlets.List(_patients(), read_only=True).tag(sync=True)
    t = Finite(FARTHEST, min=-FARTHEST, max=FARTHEST).tag(sync=True)
    direction = Finite(45.0, min=-180, max=180).tag(sync=True)
    other = traitlets.Enum(tuple(OTHERS), "age").tag(sync=True)
    fitted = traitlets.Enum(FITTED, FITTED[0]).tag(sync=True)
    omega: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    error = traitlets.Float(read_only=True).tag(sync=True)
    other_error = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._predict()

    @traitlets.observe("t", "direction", "other", "fitted")
    def _predict(self, change: object = None) -> None:
        table = np.array(self.patients)
        measured = [2, 3 + list(OTHERS).index(self.other)]
        mean, size = table.mean(axis=0), table.std(axis=0)
        Z = (table - mean) / size
        X, Y, N = Z[:, :2], Z[:, measured], len(Z)
        B = X.T @ Y / N
        turn = np.radians(self.direction)
        null = np.outer([np.cos(turn), np.sin(turn)], np.array([-B[1, 0], B[0, 0]]) / np.linalg.norm(B[:, 0]))
        least_squares = embedding(X / np.sqrt(N)).omega
        omega = least_squares + self.t * null
        errors, best = (np.mean((Y - X @ form @ B) ** 2, axis=0) for form in (omega, least_squares))
        self.set_trait("omega", omega.tolist())
        self.set_trait("error", float(errors[0]))
        self.set_trait("other_error", float(errors[1]))
        fitted = slice(1 if self.fitted == "progression" else 2)
        slopes = omega @ B
        patient = mean[measured] + size[measured] * (X[PATIENT] @ slopes)
        self.numbers = {
            "error": [*errors.tolist(), float(errors[fitted].mean())],
            "by least squares": [*best.tolist(), float(best[fitted].mean())],
            "slope on body mass": [*slopes[0].tolist(), None], "slope on pressure": [*slopes[1].tolist(), None],
            f"patient {PATIENT}": [*patient.tolist(), None],
        }
