"""What a summary holds of label noise."""

from typing import Any

import msgspec

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.entry import Entry


class Noise(msgspec.Struct, frozen=True):
    """The label noise of one configuration, and what its networks made of the noisy labels."""

    kind: str
    """``"none"``, or a kind of noise as in a study file."""
    rate: float | None
    """The configured fraction of wrong labels; ``None`` for labels that have no configured rate."""
    observed_rate: float | None
    """The fraction of wrong labels that were drawn, mean over the runs."""
    observed_rate_std: float | None
    observed_rates: tuple[float, ...]
    """Of each run."""
    matrix: tuple[tuple[float, ...], ...] | None
    """K×K, the observed transition matrix, mean over the runs; the row of a class without training
    images is 0."""
    transition: tuple[tuple[float, ...], ...] | None
    """K×K, the configured transition matrix; ``None`` for human labels."""
    settings: dict[str, Any]
    """As in a study file."""
    clean_train_accuracy: Aggregate
    """Training accuracy against the clean labels."""
    memorized: Aggregate
    """Of the training images with a wrong label, the fraction predicted as the noisy label."""
    recovered: Aggregate
    """Of the training images with a wrong label, the fraction predicted as the clean label."""
    estimated_matrix: tuple[tuple[float, ...], ...] | None = None
    """K×K, the transition matrix that the method estimated, mean over the runs; ``None`` if it
    estimates none."""
    estimation_error: Aggregate = Aggregate(None, None, 0)
    """Of the estimated matrices: the mean absolute difference from the observed matrix of the run,
    over all entries."""

    @property
    def observed(self) -> Aggregate:
        """The observed noise rate."""
        return Aggregate(self.observed_rate, self.observed_rate_std, len(self.observed_rates))


class NoiseResult(msgspec.Struct, frozen=True):
    """The field of an entry."""

    noise: Noise


def noise_of(entry: Entry) -> Noise | None:
    """Return the noise of an entry; that of external predictions is not known."""
    result = entry.view(NoiseResult)
    return result.noise if result else None
