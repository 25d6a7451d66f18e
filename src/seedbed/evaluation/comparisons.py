"""Which configurations of a summary are compared with each other, and how they compare.

Only runs on the same test images can be compared. Of a few configurations all pairs are compared;
of many, each with the first that has a finished run, because every further comparison costs all of
them some power.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.core.errors import DataError, StudyError
from seedbed.core.suggestions import unknown
from seedbed.evaluation.statistics import Comparison, compare, correct_together
from seedbed.evaluation.training_size import series_of_networks

MOST_IN_PAIRS: Final = 10
"""So many configurations are compared in all pairs, which are 45."""


def compare_entries(
    entries: Sequence[Entry], baseline: str | None = None
) -> tuple[Comparison, ...]:
    """Compare the test accuracies of configurations, with Holm's correction over all of them.

    Args:
        entries: Of a summary.
        baseline: The label of a configuration that all others are compared with, as ``second``.

    Raises:
        StudyError: If no configuration has the label ``baseline``.
        DataError: If one of them is of other test images than the baseline.

    """
    found = []
    for first, second in _pairs(entries, baseline):
        found.append(compare(first["label"], second["label"], _by_seed(first), _by_seed(second)))
    return correct_together(found)


def with_comparisons(entries: Sequence[Entry], baseline: str | None = None) -> list[Entry]:
    """Return the entries, each with the comparisons in which it comes first.

    The arguments and errors are those of :func:`compare_entries`.
    """
    comparisons = [each.to_dict() for each in compare_entries(entries, baseline)]
    by_size = compare_by_size(entries)
    return [
        entry.replace(
            comparisons=[each for each in comparisons if each["first"] == entry["label"]],
            by_size=by_size.get(entry["label"], []),
        )
        for entry in entries
    ]


def compare_by_size(entries: Sequence[Entry]) -> dict[str, list[dict[str, Any]]]:
    """Compare networks with each other at every number of training images that both learned from.

    The tests are paired by seed: runs with the same seed and as many images learned from the same
    ones. Holm's correction is over all of them, and over nothing else.

    Args:
        entries: Of a summary.

    Returns:
        Label of an entry -> what the summary holds of its comparisons with others that learned from
        as many images: that of :class:`Comparison`, ``first`` and ``second`` being what the
        networks are called, and ``training_images``.

    """
    labels, sizes, found = [], [], []
    for first, second in combinations(series_of_networks(entries), 2):
        others = second.sizes
        for size, entry in first.sizes.items():
            other = others.get(size)
            if other is not None and other["test_fingerprint"] == entry["test_fingerprint"]:
                labels.append(entry["label"])
                sizes.append(size)
                found.append(compare(first.name, second.name, _by_seed(entry), _by_seed(other)))
    result: dict[str, list[dict[str, Any]]] = {}
    for label, size, each in zip(labels, sizes, correct_together(found), strict=True):
        result.setdefault(label, []).append({"training_images": size, **each.to_dict()})
    return result


def _pairs(entries: Sequence[Entry], baseline: str | None) -> Iterator[tuple[Entry, Entry]]:
    if baseline is not None:
        yield from _with_baseline(entries, baseline)
        return
    same: dict[str, list[Entry]] = {}
    for each in entries:
        same.setdefault(each["test_fingerprint"], []).append(each)
    for group in same.values():
        if len(group) <= MOST_IN_PAIRS:
            for number, first in enumerate(group):
                yield from ((first, second) for second in group[number + 1 :])
        else:
            second = next((each for each in group if each["n"]), group[0])
            yield from ((first, second) for first in group if first is not second)


def _with_baseline(entries: Sequence[Entry], baseline: str) -> Iterator[tuple[Entry, Entry]]:
    labels = [each["label"] for each in entries]
    if baseline not in labels:
        raise StudyError(unknown("configuration", baseline, labels), where="--baseline")
    second = entries[labels.index(baseline)]
    for first in entries:
        if first["test_fingerprint"] != second["test_fingerprint"]:
            raise DataError(
                f"{first['label']!r} and {baseline!r} have different test images, so their "
                "accuracies cannot be compared",
                expected="one test split, with the same fingerprint",
            )
        if first is not second:
            yield first, second


def _by_seed(entry: Entry) -> dict[int, float]:
    return dict(zip(entry["seeds"], entry["test_accuracy"]["runs"], strict=True))
