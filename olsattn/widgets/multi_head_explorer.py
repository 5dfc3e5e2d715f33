"""Several attention heads side by side, their sum, and the one head that replaces them, or fails to."""

from typing import Any

import numpy as np
import traitlets

from olsattn._arrays import Floats, relative_error
from olsattn.datasets import scatter, us_macro
from olsattn.heads import Heads, first_order_head, merge_heads, multi_head_attention
from olsattn.widgets.base import Finite, Numbers, Widget

HEADS, FEATURES = 4, 3


def _tokens() -> dict[str, dict[str, list[Any]]]:
    """The data sets to choose from: name, twelve rows of three features, two values each, labels."""
    points, response = scatter()
    macro = us_macro()
    first = macro.dates.index("1973Q4")
    past = macro.values[first : first + 12]
    standard = (macro.values - macro.values.mean(axis=0)) / macro.values.std(axis=0)
    return {
        "twelve points": {
            "features": np.column_stack([points, np.ones(12)]).tolist(),
            "values": np.column_stack([response, points[:, 0]]).tolist(),
            "labels": [f"point {i + 1}" for i in range(12)],
        },
        "US quarters, 1974 to 1976": {
            "features": standard[first : first + 12].tolist(),
            "values": np.column_stack([macro.column("inflation")[first + 1 : first + 13], past[:, 1]]).tolist(),
            "labels": list(macro.dates[first + 1 : first + 13]),
        },
    }


def _maps(seed: int = 2) -> tuple[Floats, Floats, Floats]:
    """Seeded maps for the heads: queries, keys, and the product of value and output map."""
    rng = np.random.default_rng(seed)
    shape = (HEADS, FEATURES, FEATURES)
    w_values = 0.7 * rng.normal(size=(HEADS, 2, 2))
    w_values[:, 0, 0] = rng.uniform(0.5, 1.5, size=HEADS)
    return (0.8 * rng.normal(size=shape)).round(2), (0.8 * rng.normal(size=shape)).round(2), w_values.round(2)


class MultiHeadExplorer(Widget):
    """Attention maps of up to four heads on twelve tokens, their combination, and one head in their place.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    heads : int
        Number of heads, 1 to 4.
    width : int
        Columns of the query and key maps that a head uses, 1 to 3.
    weighting : str
        ``"identity"`` or ``"softmax"``.
    temperature : float
        Divides the scores, 0.1 to 10.
    value_size : int
        1 for one number per token, 2 for two, mixed by each head's own 2 x 2 matrix.
    dataset : str
        One of the names in ``tokens``.
    query : int
        The row that is marked in every map, 0 to 11.
    w_query, w_key : array, shape (4, 3, 3)
        Query and key maps of the four heads.
    w_values : array, shape (4, 2, 2)
        The product of value map and output map of each head; with one number per token, its first entry.
    weights : list, shape (heads, 12, 12)
        Attention weights of each head. Read only.
    output : list, shape (12, value_size)
        What the heads return together. Read only.
    residual : float
        Distance between ``output`` and that of the one head, relative to ``output``. Read only.
    one_weights : list, shape (12, 12)
        Attention weights of the one head. Read only.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Notes
    -----
    For the identity the one head is that of :func:`olsattn.heads.merge_heads`, exact for scalar values.
    For the softmax it is that of :func:`olsattn.heads.first_order_head`, exact in the limit of high
    temperature for scalar values.

    Examples
    --------
    >>> round(MultiHeadExplorer().residual, 2)  # two softmax heads are not one
    0.37
    >>> MultiHeadExplorer(weighting="identity").residual < 1e-12  # linear heads on single numbers are
    True
    """

    tokens = traitlets.Dict(_tokens(), read_only=True).tag(sync=True)
    heads = traitlets.Int(2, min=1, max=HEADS).tag(sync=True)
    width = traitlets.Int(FEATURES, min=1, max=FEATURES).tag(sync=True)
    weighting = traitlets.Enum(["identity", "softmax"], "softmax").tag(sync=True)
    temperature = Finite(1.0, min=0.1, max=10.0).tag(sync=True)
    value_size = traitlets.Int(1, min=1, max=2).tag(sync=True)
    dataset = traitlets.Enum(list(_tokens()), next(iter(_tokens()))).tag(sync=True)
    query = traitlets.Int(0, min=0, max=11).tag(sync=True)
    w_query = Numbers(_maps()[0], shape=(HEADS, FEATURES, FEATURES), bound=5).tag(sync=True)
    w_key = Numbers(_maps()[1], shape=(HEADS, FEATURES, FEATURES), bound=5).tag(sync=True)
    w_values = Numbers(_maps()[2], shape=(HEADS, 2, 2), bound=5).tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    output: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    one_weights: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    residual = traitlets.Float(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._attend()

    @traitlets.observe("heads", "width", "weighting", "temperature", "value_size", "dataset",
                       "query", "w_query", "w_key", "w_values")
    def _attend(self, change: object = None) -> None:
        data, size = self.tokens[self.dataset], self.value_size
        X, V = np.array(data["features"]), np.array(data["values"])[:, :size]
        w_query, w_key = (np.array(w)[: self.heads, :, : self.width] for w in (self.w_query, self.w_key))
        w_values = np.array(self.w_values)[: self.heads, :size, :size]
        w_out = np.broadcast_to(np.eye(size), w_values.shape)
        several = Heads(w_query, w_key, w_values, w_out, scale=1 / self.temperature)
        one = merge_heads(several) if self.weighting == "identity" else first_order_head(several)
        output, weights = multi_head_attention(X, X, V, several, weighting=self.weighting)
        replaced, one_weights = multi_head_attention(X, X, V, one, weighting=self.weighting)
        self.set_trait("weights", weights.tolist())
        self.set_trait("output", output.tolist())
        self.set_trait("one_weights", one_weights[0].tolist())
        self.set_trait("residual", relative_error(replaced, output))
        rows = {f"head {h + 1}": weights[self.query] for h, weights in enumerate(self.weights)}
        outputs = {
            f"{name} {k + 1}" if self.value_size > 1 else name: column.tolist()
            for name, rows_of in (("output", output), ("with one head", replaced))
            for k, column in enumerate(rows_of.T)
        }
        self.numbers = {**rows, "one head": self.one_weights[self.query], **outputs}
