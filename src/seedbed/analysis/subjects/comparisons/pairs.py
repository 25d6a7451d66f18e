"""Which configurations of a study are compared with each other, and how they compare.

Only runs on the same test images can be compared. Up to ten configurations are compared in all
pairs. Of more, each is compared with the first that has a finished run, because every further
comparison costs all of them some power.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import Comparison
from seedbed.analysis.statistics.paired import Runs, compare, correct_together
from seedbed.analysis.subjects.accuracy.result import accuracy_of, lacks_test
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS
from seedbed.core.errors import DataError, StudyError
from seedbed.core.suggestions import unknown


def compare_entries(
    entries: Sequence[Entry], baseline: str | None = None
) -> tuple[Comparison, ...]:
    """Compare the test accuracies of configurations, with Holm's correction over all of them.

    Args:
        entries: Of a summary.
        baseline: The label of the configuration that all others are compared with, as B.

    Raises:
        StudyError: If no configuration has the label ``baseline``.
        DataError: If one of them has different test images than the baseline.

    """
    return correct_together(
        [
            compare(a.header.label, b.header.label, runs_by_seed(a), runs_by_seed(b))
            for a, b in _pairs(entries, baseline)
        ]
    )


def runs_by_seed(entry: Entry) -> Runs:
    """Return the test accuracy of each run by its seed."""
    runs = zip(entry.header.seeds, accuracy_of(entry).test_accuracy.runs, strict=True)
    return {seed: accuracy for seed, accuracy in runs if accuracy is not None}


def _pairs(entries: Sequence[Entry], baseline: str | None) -> Iterator[tuple[Entry, Entry]]:
    if baseline is not None:
        yield from _with_baseline(entries, baseline)
        return
    same: dict[str, list[Entry]] = {}
    for entry in entries:
        if not lacks_test(entry):
            same.setdefault(entry.header.test_fingerprint, []).append(entry)
    for group in same.values():
        if len(group) <= MOST_IN_PAIRS:
            for number, a in enumerate(group):
                yield from ((a, b) for b in group[number + 1 :])
        else:
            b = next((entry for entry in group if entry.header.n), group[0])
            yield from ((a, b) for a in group if a is not b)


def _with_baseline(entries: Sequence[Entry], baseline: str) -> Iterator[tuple[Entry, Entry]]:
    labels = [entry.header.label for entry in entries]
    if baseline not in labels:
        raise StudyError(unknown("configuration", baseline, labels), where="--baseline")
    b = entries[labels.index(baseline)]
    for a in entries:
        if a.header.test_fingerprint != b.header.test_fingerprint:
            raise DataError(
                f"{a.header.label!r} and {baseline!r} have different test images, so their "
                "accuracies cannot be compared",
                expected="one test split, with the same fingerprint",
            )
        if a is not b and not lacks_test(a) and not lacks_test(b):
            yield a, b
