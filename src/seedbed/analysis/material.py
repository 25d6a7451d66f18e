"""What analyses compute from: everything that is known of the runs of one configuration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.analysis.predictions import Predictions
    from seedbed.analysis.statistics.crossed import Levels
    from seedbed.study.results import ConfigurationResults
    from seedbed.study.store.study import StudyStore


@dataclass(frozen=True, eq=False)
class Material:
    """The runs of one configuration; whatever is not known is ``None``, or empty.

    Stored runs have everything; external predictions are predictions and names, and nothing else.
    """

    predictions: "Sequence[Predictions]"
    """Of the test split, one a finished run; the labels are the same for all. Empty where a run
    has no test logits."""
    names: Sequence[str]
    """What the user calls the runs: their folders or files."""
    results: "ConfigurationResults | None" = None
    """The stored runs: records and histories; ``None`` for external predictions."""
    store: "StudyStore | None" = None
    """Where they are stored."""

    @property
    def levels(self) -> "Levels | None":
        """The levels of runs that cross the seeds of several streams; ``None`` of others."""
        from seedbed.analysis.statistics.crossed import levels_of

        return levels_of(run.record.seed for run in self.results.finished) if self.results else None

    @property
    def scored(self) -> bool:
        """Whether there are predictions, with scores and not only predicted classes."""
        return bool(self.predictions) and all(run.has_scores for run in self.predictions)
