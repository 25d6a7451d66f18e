"""The accuracies of the runs of one configuration; fractions from 0 to 1."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.entry import Entry


class Reported(msgspec.Struct, frozen=True):
    """What one way to choose the epoch would report."""

    test_accuracy: Accuracies
    epochs: tuple[int, ...]
    """The epoch chosen for each run, counted from 1."""


class Checkpoints(msgspec.Struct, frozen=True, rename="kebab"):
    """What each way to choose the epoch would report."""

    last: Reported
    best_on_validation: Reported | None
    """``None`` without validation images."""
    best_on_test: Reported
    """Optimistic: the epoch is chosen by the images on which it is then reported."""


class Accuracy(msgspec.Struct, frozen=True):
    """The accuracies of each run at its checkpoint."""

    train_accuracy: Accuracies
    test_accuracy: Accuracies
    train_accuracy_interval: Interval | None = None
    """95%; see :func:`seedbed.analysis.intervals.accuracy_interval`."""
    test_accuracy_interval: Interval | None = None
    checkpoints: Checkpoints | None = None
    """``None`` for external predictions, whose training is unknown."""


def accuracy_of(entry: Entry) -> Accuracy:
    """Return the accuracies of an entry; every entry has them."""
    accuracy = entry.view(Accuracy)
    assert accuracy is not None
    return accuracy


def mean_accuracy(entry: Entry) -> float:
    """Return the mean test accuracy of an entry with a finished run."""
    mean = accuracy_of(entry).test_accuracy.mean
    assert mean is not None
    return mean


def best_of(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry with the highest mean test accuracy; ``None`` without a finished run."""
    finished = [entry for entry in entries if entry.header.n]
    return max(finished, key=mean_accuracy, default=None)
