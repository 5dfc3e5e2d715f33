"""Slow and fast memory: what another batch does to a layer whose weights hold a regression."""

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, relative_error
from olsattn.linear_transformer import distortion, ols_transformer
from olsattn.widgets.base import Finite, Numbers, Widget

BETA = (1.0, 0.5)
TURNED = 25.0  # by how much the batch is turned at first, so that the layer errs
SAME: dict[str, Any] = {"stretch": [1.2, 0.6], "angle": 30.0, "shift": [0.0, 0.0]}


def _whitened(rng: np.random.Generator, n: int) -> Floats:
    """Normal draws, moved and mapped so that their mean is zero and their second moment the identity."""
    draws = rng.normal(size=(n, 2))
    draws -= draws.mean(axis=0)
    white: Floats = draws @ np.linalg.inv(np.linalg.cholesky(draws.T @ draws / n)).T
    return white


def _cloud(base: ArrayLike, stretch: ArrayLike, angle: float, shift: ArrayLike) -> Floats:
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    cloud: Floats = np.asarray(shift) + np.asarray(base) * stretch @ rotation.T
    return cloud


def _data() -> tuple[Floats, Floats, Floats]:
    """Training rows, their responses, and the rows that become the other batch; rounded, to be short in a page."""
    rng = np.random.default_rng(20)
    train = _cloud(_whitened(rng, 60), **SAME).round(3)
    responses = (train @ BETA + 0.2 * rng.normal(size=60)).round(3)
    return train, responses, _whitened(rng, 40).round(3)


class CovariateShiftExplorer(Widget):
    """A layer trained on one cloud, used on another that the reader stretches, turns and shifts.

    The other cloud is ``shift + base diag(stretch) R(angle)'``.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    train : list, shape (60, 2)
        Rows that the layer's weights are made from. Read only.
    responses : list of float
        Their responses, with coefficients 1 and 0.5 and noise of 0.2. Read only.
    base : list, shape (40, 2)
        Rows with mean zero and the identity as second moment. Read only.
    same : dict
        Stretch, angle and shift that give the other cloud the second moment of ``train``, to rounding. Read only.
    stretch : (float, float)
        Standard deviations along the two axes of the other cloud, 0.1 to 2.5.
    angle : float
        Turn of its axes, -180 to 180 degrees. It starts 25 degrees away from that of the training rows.
    shift : (float, float)
        Its mean, between -2 and 2.
    row : (float, float)
        A row to predict, between -4 and 4: what the layer gives it depends on the other cloud that it comes with.
    distortion : list, shape (2, 2)
        ``S_A^-1 S_B`` of :func:`olsattn.linear_transformer.distortion`. Read only.
    layer_error : float
        Error of the layer on the other cloud, relative to ``B beta`` with the true coefficients. Read only.
    coefficient_error : float
        The same for the least-squares coefficients themselves. Read only.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Examples
    --------
    The same row, in a batch that is turned and in one like the training rows:

    >>> explorer = CovariateShiftExplorer(row=[2, 0])
    >>> [round(prediction, 2) for prediction in explorer.numbers["prediction for the row"]]
    [0.47, 1.97]
    >>> explorer.angle = 30
    >>> [round(prediction, 2) for prediction in explorer.numbers["prediction for the row"]]
    [1.97, 1.97]
    """

    train: traitlets.List[Any] = traitlets.List(_data()[0].tolist(), read_only=True).tag(sync=True)
    responses: traitlets.List[Any] = traitlets.List(_data()[1].tolist(), read_only=True).tag(sync=True)
    base: traitlets.List[Any] = traitlets.List(_data()[2].tolist(), read_only=True).tag(sync=True)
    same = traitlets.Dict(SAME, read_only=True).tag(sync=True)
    stretch = Numbers(SAME["stretch"], shape=(2,)).tag(sync=True)
    angle = Finite(SAME["angle"] + TURNED, min=-180, max=180).tag(sync=True)
    shift = Numbers(SAME["shift"], shape=(2,), bound=2).tag(sync=True)
    row = Numbers([2.0, 0.0], shape=(2,), bound=4).tag(sync=True)
    distortion: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    layer_error = traitlets.Float(read_only=True).tag(sync=True)
    coefficient_error = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._predict()

    @traitlets.validate("stretch")
    def _check_stretch(self, proposal: Any) -> Any:
        if not all(0.1 <= size <= 2.5 for size in proposal["value"]):
            raise traitlets.TraitError(f"stretch must lie between 0.1 and 2.5, got {proposal['value']}")
        return proposal["value"]

    @traitlets.observe("stretch", "angle", "shift", "row")
    def _predict(self, change: object = None) -> None:
        A, y = np.array(self.train), np.array(self.responses)
        B = _cloud(self.base, self.stretch, self.angle, self.shift)
        exact = B @ BETA
        self.set_trait("distortion", distortion(A, B).tolist())
        self.set_trait("layer_error", relative_error(ols_transformer(A, y)(B), exact))
        b = np.linalg.lstsq(A, y, rcond=None)[0]
        self.set_trait("coefficient_error", relative_error(B @ b, exact))
        columns = np.array([np.array(self.distortion) @ b, b]).T
        self.numbers = {
            "error": [self.layer_error, self.coefficient_error],
            "coefficient 1": columns[0].tolist(), "coefficient 2": columns[1].tolist(),
            "prediction for the row": (self.row @ columns).tolist(),
        }
