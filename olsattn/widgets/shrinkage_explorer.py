"""Ridge and principal components as one map Omega, from least squares to keys as they are, on thirty patients."""

from functools import lru_cache
from typing import Any

import numpy as np
import traitlets

from olsattn._arrays import Floats
from olsattn.datasets import diabetes
from olsattn.least_squares import embedding
from olsattn.widgets.base import Finite, Widget

TRAINING, SEED = 30, 529
REGRESSORS = 10
LARGEST = 10_000.0  # of the penalties
# Rungs of a scale that begins at 0 and is soon logarithmic, log10(1 + 10 penalty) from 0 to 5, to three figures.
PENALTIES = [float(f"{(10**place - 1) / 10:.3g}") for place in np.linspace(0, 5, 251)]


@lru_cache(1)
def _data() -> tuple[Floats, Floats, Floats, Floats]:
    """Regressors and responses of training and test rows, by the training rows' means and standard deviations."""
    train, test = diabetes().split(442 - TRAINING, seed=SEED)
    keys = train.X[:, 1:]
    mean, size = keys.mean(axis=0), keys.std(axis=0)
    level = train.y.mean()
    return (keys - mean) / size, train.y - level, (test.X[:, 1:] - mean) / size, test.y - level


def _moments() -> dict[str, Any]:
    """All that errors depend on, in the coordinates of the components; rounded, to be short and the same everywhere."""
    X, y, queries, targets = _data()
    components = embedding(X)
    response = components.scores.T @ y
    signs = np.sign(response)  # those of components are free: here the response rises along each
    rotated = queries @ (components.weights * components.singular_values * signs)
    arrays = {
        "singular": components.singular_values, "response": response * signs, "rows": len(y), "square": y @ y,
        "gram": rotated.T @ rotated / len(targets), "cross": rotated.T @ targets / len(targets),
        "target": targets @ targets / len(targets),
    }
    return {name: np.asarray(value, dtype=float).round(9).tolist() for name, value in arrays.items()}


def _errors(weights: Floats) -> list[float]:
    """Root mean squared errors of ``X weights weights' X' y``: of training rows, test rows, and those rescaled.

    Rescaled means multiplied by the number that fits the training rows best.
    """
    X, y, queries, targets = _data()
    keys = X @ weights
    fitted, predicted = keys @ (keys.T @ y), queries @ weights @ (keys.T @ y)
    factor = fitted @ y / (fitted @ fitted)
    wrong = (y - fitted, targets - predicted, targets - factor * predicted)
    return [float(np.sqrt(np.mean(errors**2))) for errors in wrong]


@lru_cache(REGRESSORS)
def _best(rank: int) -> float:
    """The rung of the smallest error on the test rows."""
    X = _data()[0]
    return min(PENALTIES, key=lambda penalty: _errors(embedding(X, ridge=penalty, rank=rank).weights)[1])


class ShrinkageExplorer(Widget):
    """One map Omega between least squares and keys as they are: a penalty shrinks it, a rank cuts it.

    Thirty patients are training rows and 412 are test rows; ten regressors are standardised, and progression centred,
    by the training rows. ``Omega = sum over j <= rank of v v' / (d_j^2 + penalty)``, where d and v are singular values
    and right singular vectors of the training rows; queries of the test rows attend to those. Errors are root mean
    squares, in the units of progression. *Rescaled* predictions are multiplied by the one number that fits the training
    rows best: as the penalty grows predictions shrink to the mean, but those rescaled tend to linear attention without
    an inverse covariance, Omega = I.

    Few rows make shrinkage matter. The split is typical rather than lucky: over the seeds 0 to 999 the errors of least
    squares, of the best ridge, of the limit and of the best number of components have the medians 68.7, 59.1, 61.8 and
    59.3, and this seed is the one whose errors come closest. What is called best is so on the test rows, in hindsight.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    penalty : float
        On squared coefficients, 0 to 10,000, in units of the diagonal of X'X, which is 30: ``ridge`` of
        :func:`olsattn.least_squares.embedding`. It starts at 5,000, where ``5000 Omega`` is almost the identity.
    rank : int
        Components that are kept, 1 to 10, those of largest variance.
    moments : dict
        What the page computes errors from, in the coordinates of the components. Read only.
    training_error : float
        Of the training rows. Read only.
    test_error : float
        Of the test rows. Read only.
    rescaled_error : float
        Of the test rows, rescaled. Read only.
    parameters : float
        Effective number of parameters, the trace of F'F. Read only.
    numbers : dict of str to list
        The tables that the page prints, by heading. Of each component d^2, and the eigenvalues of F'F, of Omega and of
        the penalty times Omega. Then five methods: least squares; the components that are kept, without a penalty;
        the traits; the best penalty on the test rows at this rank; its limit. No trait; it follows them.

    Examples
    --------
    Ridge has 5.5 parameters for 10, and errs less on the test rows and more on the training rows:

    >>> explorer = ShrinkageExplorer(penalty=0)
    >>> round(explorer.training_error, 1), round(explorer.test_error, 1), round(explorer.parameters)
    (46.7, 69.4, 10)
    >>> explorer.penalty = 10
    >>> round(explorer.training_error, 1), round(explorer.test_error, 1), round(explorer.parameters, 1)
    (49.5, 59.0, 5.5)
    """

    penalty = Finite(5_000.0, min=0.0, max=LARGEST).tag(sync=True)
    rank = traitlets.Int(REGRESSORS, min=1, max=REGRESSORS).tag(sync=True)
    moments = traitlets.Dict(_moments(), read_only=True).tag(sync=True)
    training_error = traitlets.Float(read_only=True).tag(sync=True)
    test_error = traitlets.Float(read_only=True).tag(sync=True)
    rescaled_error = traitlets.Float(read_only=True).tag(sync=True)
    parameters = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._shrink()

    @traitlets.observe("penalty", "rank")
    def _shrink(self, change: object = None) -> None:
        X, rank, best = _data()[0], self.rank, _best(self.rank)
        kept = np.arange(REGRESSORS) < rank
        maps = [embedding(X), *(embedding(X, ridge=size, rank=rank) for size in (0.0, self.penalty, best))]
        squares = maps[0].singular_values ** 2
        counts = [float(np.sum(each.scores**2)) for each in maps]
        errors = np.array([_errors(each.weights) for each in maps])
        # The limit of the predictions is the mean; that of the rescaled ones has Omega = I in what is kept.
        flat = _errors(maps[1].weights * maps[1].singular_values)
        errors = np.vstack([errors, [*(np.sqrt(np.mean(_data()[k] ** 2)) for k in (1, 3)), flat[2]]])
        omega = kept / (squares + self.penalty)
        self.numbers = {
            "component": list(range(1, REGRESSORS + 1)), "d²": squares.tolist(), "F'F": (squares * omega).tolist(),
            "Ω": omega.tolist(), "λΩ": (self.penalty * omega).tolist(),
            "λ": [0.0, 0.0, self.penalty, best, None], "components": [REGRESSORS, rank, rank, rank, rank],
            "parameters": [*counts, 0.0], "training error": errors[:, 0].tolist(), "test error": errors[:, 1].tolist(),
            "rescaled": errors[:, 2].tolist(),
        }
        for name, value in zip(("training_error", "test_error", "rescaled_error"), errors[2], strict=True):
            self.set_trait(name, float(value))
        self.set_trait("parameters", counts[2])
