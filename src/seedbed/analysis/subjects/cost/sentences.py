"""Which configurations cost more and are better, as far as the tests support it.

A Pareto front of mean accuracies names a configuration wherever a mean is higher by chance. The
sentences climb from the cheapest configuration to the next one that the comparisons call
significantly better, and so on.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.comparisons.evidence import comparison_of, verdict
from seedbed.analysis.subjects.cost.result import COSTS, cost_of
from seedbed.analysis.subjects.training_size.series import of_most_images, with_most_images
from seedbed.display.sentence import enumerated, quoted


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say of each cost which configurations are better than whatever costs less.

    Args:
        entries: Of one test set.
    """
    finished = [entry for entry in tested(entries) if cost_of(entry)]
    compared = of_most_images(finished)
    labels = [entry.header.label for entry in with_most_images(finished)]
    steps_of: dict[tuple[int, ...], list[str]] = {}
    for name, words in COSTS.items():
        costs = [getattr(cost_of(entry), name) for entry in compared]
        if len(set(costs)) > 1 and None not in costs:
            steps = _steps(compared, costs)
            if steps:
                steps_of.setdefault(steps, []).append(words)
    for steps, costs_in_words in steps_of.items():
        yield _sentence(enumerated(costs_in_words), [quoted(labels[place]) for place in steps])


def _steps(entries: Sequence[Entry], costs: Sequence[float]) -> tuple[int, ...]:
    """Return the cheapest entry, the next one that is significantly better, and so on.

    Nothing where the cheapest one was compared with none that costs more.
    """
    order = sorted(range(len(entries)), key=lambda place: costs[place])
    steps = order[:1]
    for place in order[1:]:
        if _verdict(entries, place, steps[-1]) == "better":
            same = costs[place] == costs[steps[-1]]
            steps[len(steps) - same :] = [place]
    dearer = [place for place in order if costs[place] > costs[order[0]]]
    if all(_verdict(entries, place, order[0]) == "not tested" for place in dearer):
        return ()
    return tuple(steps)


def _verdict(entries: Sequence[Entry], a: int, b: int) -> str:
    return verdict(comparison_of(entries[a], entries[b]))


def _sentence(costs: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"By {costs}, none that costs more is significantly better than {names[0]}."
    if len(names) == 2:
        return f"By {costs}, {names[1]} costs more than {names[0]} and is significantly better."
    return (
        f"By {costs}, each of {enumerated(names)} costs more than the one before it and is "
        "significantly better."
    )
