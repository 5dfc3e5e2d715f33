"""Forecasts of US inflation as attention to past quarters, under four masks."""

from typing import Any

import numpy as np
import traitlets

from olsattn.autoregression import lag_matrix
from olsattn.causal import masked_weights
from olsattn.datasets import us_macro
from olsattn.widgets.base import Widget

MASKS = ("unmasked", "equation 35", "strict", "exact")
MAX_LAGS, START = 4, 20


class MaskingExplorer(Widget):
    """Which quarters a forecast of inflation attends to, what leaks from the future, and how it fares.

    Each attribute is a trait, synced with the page, unless it says otherwise: what is not read only can be set from
    Python, and the picture follows. A value out of range raises ``traitlets.TraitError``.

    Attributes
    ----------
    series : list, shape (T, 3)
        Inflation, unemployment and interest rate. Read only.
    dates : list of str
        T quarters. Read only.
    context : str
        ``"inflation"``: lags of inflation; ``"economy"``: lags of all three series.
    lags : int
        1 to 4.
    mask : str
        ``"unmasked"``, ``"equation 35"``, ``"strict"`` or ``"exact"``.
    date : str
        The quarter to forecast, one of ``dates`` from the 25th on, so that every design has had 20 rows.
    weights : list
        Attention to each of the T - lags quarters with a complete row. Read only.
    forecast : float
        The weighted sum of inflation in those quarters. Read only.
    errors : dict
        Root mean squared error of each mask from the first forecast to ``date``. Read only.
    numbers : dict of str to list
        The table that the page prints, by heading. No trait; it follows them.

    Examples
    --------
    >>> explorer = MaskingExplorer()
    >>> explorer.date, explorer.mask, round(explorer.forecast)  # after a fall in prices its divisor nearly vanishes
    ('1986Q2', 'equation 35', -24)
    >>> explorer.date, explorer.mask = "1978Q1", "exact"
    >>> max(explorer.weights[explorer.dates.index("1978Q1") - explorer.lags :])  # nothing from itself or later
    0.0
    """

    series: traitlets.List[Any] = traitlets.List(us_macro().values.tolist(), read_only=True).tag(sync=True)
    dates: traitlets.List[Any] = traitlets.List(list(us_macro().dates), read_only=True).tag(sync=True)
    context = traitlets.Enum(["inflation", "economy"], "inflation").tag(sync=True)
    lags = traitlets.Int(1, min=1, max=MAX_LAGS).tag(sync=True)
    mask = traitlets.Enum(MASKS, "equation 35").tag(sync=True)
    date = traitlets.Enum(list(us_macro().dates[MAX_LAGS + START :]), "1986Q2").tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    forecast = traitlets.Float(read_only=True).tag(sync=True)
    errors = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._forecast()

    @traitlets.observe("context", "lags", "mask", "date")
    def _forecast(self, change: object = None) -> None:
        series = np.array(self.series)
        X, y = lag_matrix(series[:, : 1 if self.context == "inflation" else 3], self.lags)
        y = series[self.lags :, 0]
        masked = masked_weights(X)
        t = self.dates.index(self.date) - self.lags
        # the same first forecast for every number of lags, so that errors can be compared
        rows = np.arange(MAX_LAGS + START - self.lags, t + 1)
        self.set_trait("weights", masked[self.mask][t].tolist())
        self.set_trait("forecast", float(masked[self.mask][t] @ y))
        forecasts = [weights[t] @ y for weights in masked.values()]
        self.set_trait("errors", {
            name: float(np.sqrt(np.mean((weights[rows] @ y - y[rows]) ** 2))) for name, weights in masked.items()
        })
        self.numbers = {
            "forecast": [float(forecast) for forecast in forecasts],
            "error": [float(forecast - y[t]) for forecast in forecasts],
            "on future or itself": [float(np.abs(w[t, t:]).sum() / np.abs(w[t]).sum()) for w in masked.values()],
            "running error": list(self.errors.values()),
        }
