"""Least squares and attention in one notation: the package behind *Least squares to attention*."""

from olsattn._arrays import relative_error
from olsattn.attention import dial_attention, ols_attention
from olsattn.least_squares import Embedding, embedding

__version__ = "0.1.0"
__all__ = ["Embedding", "dial_attention", "embedding", "ols_attention", "relative_error"]
