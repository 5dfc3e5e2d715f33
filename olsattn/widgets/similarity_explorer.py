"""Least squares as weights on the responses: drag a query or a training point and watch the weights."""

from typing import Any

import numpy as np
import traitlets

from olsattn.attention import ols_attention
from olsattn.datasets import scatter
from olsattn.least_squares import embedding
from olsattn.widgets.base import Finite, Numbers, Widget

BOUND = 3.0


class SimilarityExplorer(Widget):
    """Signed least-squares weights of a query on training points in the plane.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    points : list of (x1, x2)
        Training regressors, shape (N, 2), between -3 and 3; N is fixed when the widget is made.
    values : list of float
        Responses, shape (N,).
    query : (x1, x2)
        Where to predict, between -3 and 3. To begin with the first point, which is nearest to itself, and not heaviest.
    intercept : bool
        Whether the design has a column of ones.
    encoded : float
        How the plane is drawn: from 0, the regressors, to 1, their encoding, in which inner products give the weights.
    selected : int
        Index of the point that the keyboard moves and whose term is singled out; -1 for the query.
    weights : list of float
        What each response contributes to the prediction, shape (N,). Read it; it follows the others.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Examples
    --------
    >>> explorer = SimilarityExplorer()
    >>> round(sum(explorer.weights), 12), len(explorer.numbers["leverage"])
    (1.0, 12)
    >>> int(np.argmin(explorer.numbers["distance"])), int(np.argmax(explorer.weights))
    (0, 4)
    """

    points = Numbers(scatter()[0], shape=(None, 2), bound=BOUND).tag(sync=True)
    values = Numbers(scatter()[1], shape=(None,)).tag(sync=True)
    query = Numbers(scatter()[0][0], shape=(2,), bound=BOUND).tag(sync=True)
    intercept = traitlets.Bool(True).tag(sync=True)
    encoded = Finite(0.0, min=0.0, max=1.0).tag(sync=True)
    selected = traitlets.Int(-1).tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._count = len(traits.get("points", self.traits()["points"].default_value))
        super().__init__(**traits)
        self._weigh()

    @traitlets.validate("points")
    def _check_points(self, proposal: Any) -> Any:
        if not np.any(proposal["value"]):
            raise traitlets.TraitError("points are all at the origin: no direction to compare along")
        return self._keeps_count(proposal)

    @traitlets.validate("values")
    def _keeps_count(self, proposal: Any) -> Any:
        name, entries = proposal["trait"].name, proposal["value"]
        if len(entries) != self._count:
            raise traitlets.TraitError(f"{name} must have {self._count} entries, one a point, got {len(entries)}")
        return entries

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> Any:
        if not -1 <= proposal["value"] < self._count:
            raise traitlets.TraitError(f"selected must be -1 or from 0 to {self._count - 1}, got {proposal['value']}")
        return proposal["value"]

    @traitlets.observe("points", "values", "query", "intercept")
    def _weigh(self, change: object = None) -> None:
        new, given = (np.column_stack([np.ones(len(rows)), rows]) if self.intercept else np.asarray(rows)
                      for rows in ([self.query], self.points))
        _, weights = ols_attention(new, given, self.values)
        self.set_trait("weights", weights[0].tolist())
        encoder = embedding(given)
        keys, query = encoder.scores, encoder.encode(new)
        self.numbers = {
            "point": list(range(1, self._count + 1)),
            "x1": [x for x, _ in self.points], "x2": [x for _, x in self.points], "y": self.values,
            "weight": self.weights,
            "leverage": np.sum(keys**2, axis=1).tolist(),
            "distance": np.linalg.norm(keys - query, axis=1).tolist(),
        }

    @property
    def prediction(self) -> float:
        """The weighted sum of the responses at the query."""
        return float(np.dot(self.weights, self.values))
