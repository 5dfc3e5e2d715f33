"""Widgets that compute in the page: the same object on the static site and in a live notebook."""

from olsattn.widgets.similarity_explorer import SimilarityExplorer

__all__ = ["SimilarityExplorer"]
