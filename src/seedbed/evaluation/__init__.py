"""Evaluation of predictions from any tool: arrays in, frozen results out.

>>> from seedbed import evaluation
>>> of = evaluation.Predictions.from_scores
>>> runs = [of(scores, labels, class_names) for scores in scores_of_each_run]
>>> evaluation.summarize(runs).accuracy.mean
"""

from typing import TYPE_CHECKING

from seedbed.core.lazy import lazy

if TYPE_CHECKING:
    from seedbed.analysis.predictions import Predictions
    from seedbed.evaluation.statistics import Comparison, compare_all
    from seedbed.evaluation.summary import ConfigurationSummary, summarize
    from seedbed.evaluation.texture import Segmentation, segment_texture

__all__ = [
    "Comparison",
    "ConfigurationSummary",
    "Predictions",
    "Segmentation",
    "compare_all",
    "segment_texture",
    "summarize",
]

_HOMES = {
    "seedbed.analysis.predictions": ("Predictions",),
    "seedbed.evaluation.statistics": ("Comparison", "compare_all"),
    "seedbed.evaluation.summary": ("ConfigurationSummary", "summarize"),
    "seedbed.evaluation.texture": ("Segmentation", "segment_texture"),
}

__getattr__, __dir__ = lazy(__name__, _HOMES, __all__)
