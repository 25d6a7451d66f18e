"""The accuracies of the runs of one configuration; fractions from 0 to 1."""

from collections.abc import Sequence

import msgspec

from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.entry import Entry
from seedbed.study.asked import Point
from seedbed.study.spec.selection import Condition


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


class CollapsedRun(msgspec.Struct, frozen=True):
    """A run that learned far less than its siblings."""

    seed: int | str
    accuracy: float
    """In training; on the test images where that is not known."""


class Accuracy(msgspec.Struct, frozen=True):
    """The accuracies of each run at its checkpoint."""

    train_accuracy: Accuracies
    test_accuracy: Accuracies
    """Of runs without a test split it is not known."""
    validation_accuracy: Accuracies | None = None
    """On the images that each run holds out; ``None`` where no run does."""
    checkpoints: Checkpoints | None = None
    """``None`` for external predictions, whose training is unknown, and without a test split."""
    collapsed: tuple[CollapsedRun, ...] = ()
    without_collapsed: Accuracies | None = None
    """Test accuracy of the other runs, with intervals: of the mean over seeds that do not collapse.
    Where runs collapsed, the mean of all has no interval, because none would hold it."""
    collapse_interval: Interval | None = None
    """95%, of the share of all seeds that collapse (Clopper and Pearson); ``None`` where no run
    did."""

    @property
    def with_shown_intervals(self) -> Accuracies:
        """Test accuracy with the intervals to show: of the runs that did not collapse."""
        return self.without_collapsed or self.test_accuracy


def accuracy_of(entry: Entry) -> Accuracy:
    """Return the accuracies of an entry; every entry has them."""
    accuracy = entry.view(Accuracy)
    assert accuracy is not None
    return accuracy


def mean_accuracy(entry: Entry) -> float:
    """Return the mean test accuracy of an entry of :func:`tested`."""
    mean = accuracy_of(entry).test_accuracy.mean
    assert mean is not None
    return mean


def tested(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with a finished run whose test accuracy is known."""
    return [each for each in entries if accuracy_of(each).test_accuracy.mean is not None]


def lacks_test(entry: Entry) -> bool:
    """Whether an entry has finished runs, but no test split."""
    return entry.header.n > 0 and accuracy_of(entry).test_accuracy.mean is None


def measured_on(entries: Sequence[Entry]) -> str:
    """Return which accuracy of these entries is compared: of test images, or of held-out ones."""
    untested = bool(entries) and all(map(lacks_test, entries))
    return "validation accuracy" if untested else "test accuracy"


def measured(entry: Entry) -> Accuracies | None:
    """Return the accuracy that is compared; ``None`` without a test split and held-out images."""
    accuracy = accuracy_of(entry)
    return accuracy.validation_accuracy if lacks_test(entry) else accuracy.test_accuracy


def hold_out_differs(entry: Entry) -> bool:
    """Whether runs are validated on different images, which are no part of the dataset's splits."""
    accuracy = accuracy_of(entry).validation_accuracy
    return accuracy is not None and accuracy.interval is None and accuracy.n > 1


def is_cross_validated(entry: Entry) -> bool:
    """Whether each run of a configuration holds out another fold."""
    return bool((entry.header.settings or {}).get("recipe.folds"))


def shown_of(entries: Sequence[Entry]) -> Entry | None:
    """Return the entry whose errors are shown where those of one are; ``None`` where none is known.

    It is the one configuration that the study names as the baseline of all others, or else the one
    with the highest mean test accuracy.
    """
    known = tested(entries)
    study = known[0].header.study if known else None
    if study and study.baseline and not study.compare:
        baseline = Condition.parse("baseline", study.baseline)
        for entry in known:
            header = entry.header
            if baseline.holds(Point(entry, header.settings or {}, header.variant, None)):
                return entry
    return max(known, key=mean_accuracy, default=None)
