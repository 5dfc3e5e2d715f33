"""Widgets that compute in the page: the same object on the static site and in a live notebook."""

from olsattn.widgets.attention_viewer import AttentionViewer
from olsattn.widgets.covariate_shift_explorer import CovariateShiftExplorer
from olsattn.widgets.dial_explorer import DialExplorer
from olsattn.widgets.hopfield_explorer import HopfieldExplorer
from olsattn.widgets.masking_explorer import MaskingExplorer
from olsattn.widgets.multi_head_explorer import MultiHeadExplorer
from olsattn.widgets.shrinkage_explorer import ShrinkageExplorer
from olsattn.widgets.similarity_explorer import SimilarityExplorer
from olsattn.widgets.training_explorer import TrainingExplorer

__all__ = ["AttentionViewer", "CovariateShiftExplorer", "DialExplorer", "HopfieldExplorer", "MaskingExplorer",
           "MultiHeadExplorer", "ShrinkageExplorer", "SimilarityExplorer", "TrainingExplorer"]
