"""The heads of the book's language model, on a sentence of the reader's choice."""

import base64
import json
from typing import Any

import numpy as np
import traitlets

from olsattn.language_model import WEIGHTS, load_language_model
from olsattn.widgets.base import Widget

SENTENCE = "If the name is not found, an exception is"
LONGEST = 400  # characters


def weights_text() -> str:
    """The model for a page: what there is and in which order, and the numbers in half precision as base64.

    Returns
    -------
    str
        JSON.

    Examples
    --------
    >>> list(json.loads(weights_text()))
    ['vocabulary', 'heads', 'shapes', 'numbers']
    """
    with np.load(WEIGHTS) as file:
        names = [name for name in file if file[name].dtype == np.float16]
        head = {"vocabulary": file["vocabulary"].tolist(), "heads": int(file["heads"]),
                "shapes": {name: file[name].shape for name in names}}
        numbers = b"".join(file[name].astype("<f2").tobytes() for name in names)
    return json.dumps({**head, "numbers": base64.b64encode(numbers).decode()})


class AttentionViewer(Widget):
    """Which tokens a token of a text looks at, in each head of the book's language model.

    Traits are readable and settable from Python, and the picture follows. A text that does not fit raises
    ``traitlets.TraitError``.

    Attributes
    ----------
    text : str
        At most 400 characters and 64 tokens.
    token : int
        The token that looks, from 0; -1 is the last.
    layer, head : int
        From 0: two layers of four heads.
    tokens : list of str
        The text as the model reads it. Read only.
    attention : list
        Weights, shape (2, 4, T, T). Read only.
    guesses : list of (str, float)
        The five likeliest tokens to come after ``token``. Read only.

    numbers : dict of str to list
        The table that the page prints: the weight that ``token`` gives to each token up to itself.

    Examples
    --------
    >>> viewer = AttentionViewer()
    >>> viewer.tokens[-2:], round(viewer.numbers["weight"][-2], 2)
    (['exception', 'is'], 0.81)
    """

    text = traitlets.Unicode(SENTENCE).tag(sync=True)
    token = traitlets.Int(-1, min=-1, max=63).tag(sync=True)
    layer = traitlets.Int(0, min=0, max=1).tag(sync=True)
    head = traitlets.Int(3, min=0, max=3).tag(sync=True)
    tokens: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    attention: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)
    guesses: traitlets.List[Any] = traitlets.List(read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._read()

    @traitlets.validate("text")
    def _check_text(self, proposal: Any) -> Any:
        if len(proposal["value"]) > LONGEST:
            raise traitlets.TraitError(f"text has {len(proposal['value'])} characters, more than {LONGEST}")
        try:
            load_language_model().read(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error
        return proposal["value"]

    @traitlets.observe("text", "token", "layer", "head")
    def _read(self, change: Any = None) -> None:
        reading = load_language_model().read(self.text)
        last = len(reading.tokens) - 1
        at = self.token if 0 <= self.token <= last else last
        likely = reading.probabilities[at]
        best = np.argsort(-likely, kind="stable")[:5]
        self.numbers = {"weight": reading.attention[self.layer, self.head, at, : at + 1].tolist()}
        self.set_trait("tokens", list(reading.tokens))
        self.set_trait("attention", reading.attention.tolist())
        self.set_trait("guesses", [(reading.vocabulary[i], float(likely[i])) for i in best])
