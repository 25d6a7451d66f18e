"""Series of configurations that differ in the amount of label noise, and which are compared."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import by_test_set
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.comparisons.result import MOST_IN_PAIRS
from seedbed.analysis.subjects.noise.levels import is_known, kind, level, method

Series = Sequence[Entry]
"""Configurations of one method that differ in the amount of one kind of noise, the least first."""


def series_of(entries: Sequence[Entry]) -> list[Series]:
    """Return the series with two levels or more: kind by kind, method by method."""
    if not all(map(is_known, entries)):
        return []
    methods: dict[str, list[Entry]] = {}
    for entry in entries:
        methods.setdefault(method(entry), []).append(entry)
    kinds = dict.fromkeys(kind(entry) for entry in entries if level(entry))
    every = (_one(group, of_kind) for of_kind in kinds for group in methods.values())
    return [series for series in every if len({level(entry) for entry in series}) > 1]


def _one(entries: Sequence[Entry], of_kind: str) -> Series:
    """Return the entries without noise and with noise of this kind."""
    chosen = (entry for entry in entries if not level(entry) or kind(entry) == of_kind)
    return sorted(chosen, key=level)


def pairs_of_series(every: Sequence[Series]) -> Iterator[tuple[Series, Series]]:
    """Yield the methods that are compared: those of one kind of noise with the widest range."""
    for of_kind in dict.fromkeys(kind(series[-1]) for series in every):
        same = [series for series in every if kind(series[-1]) == of_kind]
        of_each = [ends(series) for series in same]
        shared = [pair for pair in of_each if of_each.count(pair) > 1]
        if not shared:
            continue
        widest = max(shared, key=lambda pair: pair[1] - pair[0])
        chosen = [series for series in same if ends(series) == widest]
        if len(chosen) > MOST_IN_PAIRS:
            yield from ((chosen[0], other) for other in chosen[1:])
        else:
            yield from combinations(chosen, 2)


def ends(series: Series) -> tuple[float, float]:
    """Return the lowest and the highest level of a series."""
    return (level(series[0]), level(series[-1]))


def contrasts(entries: Sequence[Entry]) -> Iterator[set[str]]:
    """Yield the labels of the configurations of each contrast that is tested.

    These are the fall of each series, its trend if it has more than two levels, and the differences
    of the falls of two methods.
    """
    for group in by_test_set(tested(entries)):
        every = series_of(group)
        for series in every:
            yield _labels([series[0], series[-1]])
            if len(series) > 2:
                yield _labels(series)
        for a, b in pairs_of_series(every):
            yield _labels([a[0], a[-1], b[0], b[-1]])


def _labels(entries: Sequence[Entry]) -> set[str]:
    return {entry.header.label for entry in entries}
