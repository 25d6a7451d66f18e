"""Which configurations are on the Pareto front of accuracy and each cost."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.cost.pareto import fronts
from seedbed.analysis.subjects.cost.result import COSTS, cost_of
from seedbed.analysis.subjects.training_size.series import with_most_images
from seedbed.display.sentence import NAMES_SHOWN, enumerated, names, quoted

SURE: Final = 95
"""Resamples of 100: what is on the front in so many is not named."""


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which configurations nothing beats in mean accuracy and each cost."""
    finished = with_most_images([entry for entry in tested(entries) if cost_of(entry)])
    costs_of: dict[tuple[str, ...], list[str]] = {}
    stable: dict[tuple[str, ...], str] = {}
    for name, words in COSTS.items():
        costs = {getattr(cost_of(entry), name) for entry in finished}
        if len(costs) > 1 and None not in costs:
            for front in fronts(finished, name):
                labels = tuple(finished[place].header.label for place in front)
                costs_of.setdefault(labels, []).append(words)
                stable.setdefault(labels, _stability(finished, name, front))
    several = len({entry.header.test_fingerprint for entry in finished}) > 1
    same = " on the same test images" if several else ""
    for labels, costs_in_words in costs_of.items():
        by = enumerated(costs_in_words)
        if len(labels) == 1:
            yield (
                f"By {by}, no configuration{same} is more accurate in the mean than "
                f"{names(labels)}, and none costs less.{stable[labels]}"
            )
        else:
            yield (
                f"By {by}, the Pareto front{same} is {names(labels)}: whatever has a higher mean "
                f"accuracy costs more.{stable[labels]}"
            )
    if costs_of:
        yield "The comparisons show which of these differences in accuracy are significant."


def _stability(entries: Sequence[Entry], cost: str, front: Sequence[int]) -> str:
    """Say which configurations join or leave a front with resampled runs."""
    # Here, because it needs NumPy, and a summary is read without.
    from seedbed.analysis.subjects.cost.stability import times_on_front

    fingerprint = entries[front[0]].header.test_fingerprint
    group = [entry for entry in entries if entry.header.test_fingerprint == fingerprint]
    times = times_on_front(group, cost)
    if times is None:
        return ""
    on_front = {id(entries[place]) for place in front}
    moved = [
        (entry, times[place])
        for place, entry in enumerate(group)
        if (times[place] < SURE if id(entry) in on_front else times[place] > 100 - SURE)
    ]
    if not moved:
        return " It is the same in nearly all of 100 resamples of the runs."
    moved.sort(key=lambda pair: abs(pair[1] - 50))
    shown = [f"{quoted(entry.header.label)} in {count}" for entry, count in moved[:NAMES_SHOWN]]
    more = [f"{len(moved) - NAMES_SHOWN} more in some"] if len(moved) > NAMES_SHOWN else []
    return f" Of 100 resamples of the runs, the front has {enumerated([*shown, *more])}."
