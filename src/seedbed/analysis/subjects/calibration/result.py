"""The calibration of the runs of one configuration."""

import msgspec

from seedbed.analysis.aggregate import Aggregate


class Bins(msgspec.Struct, frozen=True):
    """The M bins of a reliability diagram, of equal width from 0 to 1; all runs together."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    images: tuple[int, ...]
    """In each bin; n·N in all."""
    confidence: tuple[float | None, ...]
    """Mean probability of the predicted class; ``None`` for an empty bin."""
    accuracy: tuple[float | None, ...]
    """Fraction of correct images; ``None`` for an empty bin."""


class Calibration(msgspec.Struct, frozen=True):
    """ECE, 0 to 1, and Brier score, 0 to 2: mean and sample standard deviation over the runs."""

    ece: float
    brier: float
    ece_std: float | None
    """``None`` for a single run."""
    brier_std: float | None
    bins: Bins
    ece_debiased: float
    """Without what the number of images alone explains (Kumar et al. 2019)."""
    ece_debiased_std: float | None

    def aggregates(self, n: int) -> tuple[Aggregate, Aggregate]:
        """Return ECE and Brier score over n runs."""
        return Aggregate(self.ece, self.ece_std, n), Aggregate(self.brier, self.brier_std, n)

    def debiased(self, n: int) -> Aggregate:
        """Return the debiased ECE over n runs."""
        return Aggregate(self.ece_debiased, self.ece_debiased_std, n)


class CalibrationOfRuns(msgspec.Struct, frozen=True):
    """How far confidence is from accuracy."""

    calibration: Calibration
