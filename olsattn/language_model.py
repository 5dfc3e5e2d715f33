"""A small real language model, run forward in NumPy with the package's own heads and attention."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from olsattn._arrays import Floats, as_floats, as_index
from olsattn.heads import Heads, multi_head_attention

WEIGHTS = Path(__file__).parent / "data" / "language_model.npz"
UNKNOWN = "<unknown>"


def tokenize(text: str) -> list[str]:
    """Cut a text into tokens: words, numbers and single signs, in lower case.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokenize("Returns 42, or None.")
    ['returns', '42', ',', 'or', 'none', '.']
    """
    return re.findall(r"[a-z_]+|\d+|[^\sa-z_\d]", text.lower())


def layer_norm(stream: ArrayLike, gain: ArrayLike) -> Floats:
    """Centre each row, divide it by its standard deviation, and multiply by a gain for each column.

    Parameters
    ----------
    stream : array_like, shape (T, d)
    gain : array_like, shape (d,)

    Returns
    -------
    ndarray, shape (T, d)

    Raises
    ------
    ValueError
        If an input holds NaN or inf, or is of another dimension.

    Notes
    -----
    Source: Ba, Kiros and Hinton (2016), equation 4, without a shift; 1e-5 is added to each variance.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0]], [1.0, 1.0]).round(3)
    array([[-1.,  1.]])
    """
    stream, gain = as_floats("stream", stream, 2), as_floats("gain", gain, 1)
    centred = stream - stream.mean(axis=1, keepdims=True)
    normed: Floats = gain * centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + 1e-5)
    return normed


def gelu(x: ArrayLike) -> Floats:
    """The activation of the feed-forward network: nearly ``max(x, 0)``, and smooth.

    Parameters
    ----------
    x : array_like, of any shape

    Returns
    -------
    ndarray, of the same shape

    Notes
    -----
    Source: Hendrycks and Gimpel (2016), Section 2, the approximation by a hyperbolic tangent.

    Examples
    --------
    >>> gelu([-3.0, 0.0, 3.0]).round(3)
    array([-0.004,  0.   ,  2.996])
    """
    x = np.asarray(x, dtype=float)
    passed: Floats = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return passed


@dataclass(frozen=True, eq=False)
class Block:
    """One layer: attention, then a feed-forward network, each reading the normalised stream and adding to it.

    Attributes
    ----------
    heads : Heads
    up : ndarray, shape (d, 4 d)
    down : ndarray, shape (4 d, d)
    gain_attention, gain_feed : ndarray, shape (d,)
        Of the two layer norms.

    Examples
    --------
    >>> load_language_model().blocks[0].up.shape
    (64, 256)
    """

    heads: Heads
    up: Floats
    down: Floats
    gain_attention: Floats
    gain_feed: Floats


@dataclass(frozen=True, eq=False)
class Reading:
    """What a language model makes of a text.

    Attributes
    ----------
    tokens : tuple of str
        T tokens as the model knows them.
    attention : ndarray, shape (layers, heads, T, T)
        Row t holds the weights with which token t looks at the tokens up to itself.
    stream : ndarray, shape (2 layers + 1, T, d)
        The vectors of the tokens at the start and after each attention and each feed-forward network.
    logits : ndarray, shape (T, vocabulary)
        Row t scores the token that follows token t.
    vocabulary : tuple of str

    Examples
    --------
    >>> reading = load_language_model().read("the value of")
    >>> reading.tokens, reading.probabilities.shape
    (('the', 'value', 'of'), (3, 1000))
    """

    tokens: tuple[str, ...]
    attention: Floats
    stream: Floats
    logits: Floats
    vocabulary: tuple[str, ...]

    @property
    def probabilities(self) -> Floats:
        """The softmax of the logits, shape (T, vocabulary)."""
        powers = np.exp(self.logits - self.logits.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def guesses(self, count: int = 5) -> list[tuple[str, float]]:
        """The likeliest tokens to follow the last one, with their probabilities.

        Parameters
        ----------
        count : int
            From 1 to the size of the vocabulary.

        Returns
        -------
        list of (str, float)

        Raises
        ------
        ValueError
            If ``count`` is out of range.
        """
        last = self.probabilities[-1]
        best = np.argsort(-last, kind="stable")[: as_index("count", count, 1, len(last))]
        return [(self.vocabulary[i], float(last[i])) for i in best]


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A causal Transformer that guesses the next token.

    Attributes
    ----------
    vocabulary : tuple of str
        The first entry stands for every token that is not in it.
    token : ndarray, shape (vocabulary, d)
        Embedding of each token; its inner products with the last stream are the logits.
    position : ndarray, shape (context, d)
        Embedding of each position.
    blocks : tuple of Block
    gain : ndarray, shape (d,)
        Of the last layer norm.
    made : dict
        Command, seed, versions, date, text and losses of the run that made the weights.

    Examples
    --------
    >>> load_language_model().read("the value of").guesses(1)[0][0]
    'the'
    """

    vocabulary: tuple[str, ...]
    token: Floats
    position: Floats
    blocks: tuple[Block, ...]
    gain: Floats
    made: dict[str, object]

    def read(self, text: str) -> Reading:
        """Run the model on a text.

        Parameters
        ----------
        text : str
            Of at most as many tokens as the model has positions.

        Returns
        -------
        Reading

        Raises
        ------
        ValueError
            If the text has no token, or more than there are positions.

        Notes
        -----
        Source: Vaswani et al. (2017), Section 3, with the layer norm before each part.

        Examples
        --------
        >>> reading = load_language_model().read("the value of the")
        >>> reading.attention.shape
        (2, 4, 4, 4)
        """
        number = {word: i for i, word in enumerate(self.vocabulary)}
        tokens = [token if token in number else self.vocabulary[0] for token in tokenize(text)]
        T = len(tokens)
        if not 1 <= T <= len(self.position):
            raise ValueError(f"the text has {T} tokens; the model reads from 1 to {len(self.position)}")
        stream = self.token[[number[token] for token in tokens]] + self.position[:T]  # (T, d)
        streams, attention = [stream], []
        past = np.tril(np.ones((T, T), dtype=bool))
        for block in self.blocks:
            x = layer_norm(stream, block.gain_attention)
            output, weights = multi_head_attention(x, x, x, block.heads, mask=past)  # (T, d), (heads, T, T)
            stream = stream + output
            streams.append(stream)
            stream = stream + gelu(layer_norm(stream, block.gain_feed) @ block.up) @ block.down
            streams.append(stream)
            attention.append(weights)
        logits = layer_norm(stream, self.gain) @ self.token.T
        return Reading(tuple(tokens), np.array(attention), np.array(streams), logits, self.vocabulary)


@cache
def load_language_model() -> LanguageModel:
    """The model that ships with the package, trained by ``experiments/language_model.py``.

    Returns
    -------
    LanguageModel
        Two layers of four heads, width 64, context 64, a vocabulary of 1,000.

    Examples
    --------
    >>> load_language_model().token.shape
    (1000, 64)
    """
    with np.load(WEIGHTS) as file:
        weights = {name: file[name].astype(float) for name in file if file[name].dtype == np.float16}
        vocabulary, count, made = tuple(file["vocabulary"].tolist()), int(file["heads"]), json.loads(str(file["made"]))

    def split(name: str) -> Floats:  # torch keeps the transpose of what multiplies a row; each head has some rows of it
        return np.array(np.split(weights[name], count)).transpose(0, 2, 1)  # (heads, d, d / heads)

    blocks: list[Block] = []
    while (at := f"blocks.{len(blocks)}.") + "up.weight" in weights:
        out = np.array(np.split(weights[at + "out.weight"].T, count))  # (heads, d / heads, d)
        heads = Heads(split(at + "query.weight"), split(at + "key.weight"), split(at + "value.weight"), out)
        blocks.append(Block(heads, weights[at + "up.weight"].T, weights[at + "down.weight"].T,
                            weights[at + "norm_attention.weight"], weights[at + "norm_feed.weight"]))
    return LanguageModel(vocabulary, weights["token.weight"], weights["position.weight"], tuple(blocks),
                         weights["norm.weight"], made)
