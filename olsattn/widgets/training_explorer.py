"""The training of one scalar weight towards least squares, epoch by epoch."""

from typing import Any

import numpy as np
import traitlets

from olsattn.training import OPTIMISERS, scalar_descent
from olsattn.widgets.base import Finite, Widget

EPOCHS = 5000
MARKED = (0, 100, 200, 500, 1000, 2000, 5000)  # epochs of the table


def _moments(n: int = 500) -> tuple[float, float, float]:
    """Second moment of the regressor, coefficient and mean squared residual of the experiment's data."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    y = 2 * x + 0.5 * rng.normal(size=n)
    coefficient = (x @ y) / (x @ x)
    return float(x @ x / n), float(coefficient), float(np.mean((y - coefficient * x) ** 2))


class TrainingExplorer(Widget):
    """Where a linear Transformer layer with one free weight w is after so many epochs, and how it got there.

    The data are 500 draws of x ~ N(0, 1) and y = 2 x + 0.5 e, seed 0. The mean squared error at w is
    ``floor + s b^2 (s^2 w^4 - 1)^2``.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    second_moment : float
        s = x'x / n. Read only.
    coefficient : float
        The least-squares coefficient b. Read only.
    floor : float
        Mean squared residual of least squares. Read only.
    optimiser : str
        ``"Adam"`` or ``"gradient descent"``.
    rate : float
        Learning rate, 0.0001 to 0.1.
    start : float
        w before the first epoch, -2.5 to 2.5.
    epoch : int
        The epoch that is shown, 0 to 5000.
    trajectory : list of float
        w before the first and after each epoch, cut where it exceeds 1e6 in size. Read only, and not sent
        to the page, which computes its own.
    weight : float
        w at ``epoch``, or the last of a trajectory that is cut before it. Read only.
    error : float
        Mean squared error at ``weight``. Read only.
    distance : float
        Distance of the layer's output from the least-squares fit, relative to the fit, at ``weight``. Read only.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Notes
    -----
    Where a path is chaotic (gradient descent at rates from about 0.02, short of diverging), rounding decides where
    it goes, and page and Python part after a few dozen epochs.

    Examples
    --------
    >>> explorer = TrainingExplorer(epoch=5000)
    >>> round(explorer.weight, 3), round(explorer.second_moment**-0.5, 3)
    (0.986, 0.986)
    """

    second_moment = traitlets.Float(_moments()[0], read_only=True).tag(sync=True)
    coefficient = traitlets.Float(_moments()[1], read_only=True).tag(sync=True)
    floor = traitlets.Float(_moments()[2], read_only=True).tag(sync=True)
    optimiser = traitlets.Enum(OPTIMISERS, "Adam").tag(sync=True)
    rate = Finite(1e-3, min=1e-4, max=0.1).tag(sync=True)
    start = Finite(0.1, min=-2.5, max=2.5).tag(sync=True)
    epoch = traitlets.Int(0, min=0, max=EPOCHS).tag(sync=True)
    trajectory: traitlets.List[Any] = traitlets.List(read_only=True)
    weight = traitlets.Float(read_only=True).tag(sync=True)
    error = traitlets.Float(read_only=True).tag(sync=True)
    distance = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._train()

    @traitlets.observe("optimiser", "rate", "start")
    def _train(self, change: object = None) -> None:
        path = scalar_descent(self.second_moment, self.coefficient, optimiser=self.optimiser, rate=self.rate,
                              start=self.start, epochs=EPOCHS)
        self.set_trait("trajectory", path.tolist())

    @traitlets.observe("trajectory", "epoch")
    def _follow(self, change: object = None) -> None:
        if not self.trajectory:  # an epoch given to the constructor arrives before the first training
            return
        s, b = self.second_moment, self.coefficient
        w = self.trajectory[min(self.epoch, len(self.trajectory) - 1)]
        self.set_trait("weight", w)
        self.set_trait("distance", abs(s**2 * w**4 - 1))
        self.set_trait("error", self.floor + s * b**2 * self.distance**2)
        epochs = [*MARKED, self.epoch]
        path = np.array([self.trajectory[k] if k < len(self.trajectory) else np.nan for k in epochs])
        distances = np.abs(s**2 * path**4 - 1)
        columns = {"w": path, "MSE minus floor": s * b**2 * distances**2, "distance": distances}
        # after a trajectory that is cut there is no number
        self.numbers = {"epoch": epochs} | {
            name: [None if np.isnan(v) else float(v) for v in column] for name, column in columns.items()
        }
