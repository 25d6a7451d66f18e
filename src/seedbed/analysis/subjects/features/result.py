"""What a summary says of the feature space of a network."""

from collections.abc import Iterable
from typing import Final

import msgspec

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.entry import Entry

AGREEING: Final = 3
"""Starts of K-means that must end in the tightest clusters before it stops."""


class Agreement(msgspec.Struct, frozen=True):
    """How well clusters of features agree with the classes."""

    mean: float | None
    std: float | None
    """The sample standard deviation (n - 1); ``None`` for fewer than two runs."""
    n: int
    runs: tuple[float, ...]

    @classmethod
    def of(cls, runs: Iterable[float]) -> "Agreement":
        """Return the agreement of each run, and how much it varies."""
        values = tuple(runs)
        aggregate = Aggregate.of(values)
        return cls(aggregate.mean, aggregate.std, aggregate.n, values)


class FeatureSpace(msgspec.Struct, frozen=True):
    """The features of the runs of a configuration."""

    seeds: tuple[int | str, ...]
    """Of the runs whose features are known."""
    adjusted_rand: Agreement
    """Adjusted Rand index of clusters and classes: 1 for the same, 0 for chance."""
    mutual_information: Agreement
    """Normalized mutual information of clusters and classes, from 0 to 1."""
    explained: tuple[float, ...]
    """Fraction of the variance that each of the three principal components holds, mean over the
    runs."""
    images: int
    """How many test images."""
    starts: tuple[int, ...]
    """Of K-means, for each run: it starts until the tightest clusters are found repeatedly."""
    agreeing: tuple[int, ...]
    """How many starts ended in these, for each run; after many starts it may be one."""
    start_std: float
    """Standard deviation of the adjusted Rand index over single starts, mean over the runs: what
    the start alone moves, if only one is made."""


class Features(msgspec.Struct, frozen=True):
    """The field of an entry."""

    feature_space: FeatureSpace


def feature_space(entry: Entry) -> FeatureSpace | None:
    """Return the feature space of an entry; ``None`` where it is not known."""
    features = entry.view(Features)
    return features.feature_space if features else None
