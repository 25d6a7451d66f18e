"""What the runs of a study tell: one subject of evaluation a file, from arrays to sentences.

Predictions of any other tool can be analyzed as well:

>>> from seedbed import analysis
>>> of = analysis.Predictions.from_scores
>>> runs = [of(scores, labels, class_names) for scores in scores_of_each_run]
>>> analysis.analyze(runs)["test_accuracy"]["mean"]
"""

from typing import TYPE_CHECKING

from seedbed.core.lazy import lazy

if TYPE_CHECKING:
    from seedbed.analysis.predictions import Predictions
    from seedbed.analysis.registry import analyze
    from seedbed.analysis.statistics.comparison import Comparison
    from seedbed.analysis.statistics.paired import compare_all
    from seedbed.data.texture import Segmentation, segment_texture

__all__ = [
    "Comparison",
    "Predictions",
    "Segmentation",
    "analyze",
    "compare_all",
    "segment_texture",
]

_HOMES = {
    "seedbed.analysis.predictions": ("Predictions",),
    "seedbed.analysis.registry": ("analyze",),
    "seedbed.analysis.statistics.comparison": ("Comparison",),
    "seedbed.analysis.statistics.paired": ("compare_all",),
    "seedbed.data.texture": ("Segmentation", "segment_texture"),
}

__getattr__, __dir__ = lazy(__name__, _HOMES, __all__)
