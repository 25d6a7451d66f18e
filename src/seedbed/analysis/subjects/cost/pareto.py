"""Which configurations nothing beats: the Pareto front of accuracy and a cost."""

from collections.abc import Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import mean_accuracy
from seedbed.analysis.subjects.cost.result import cost_of
from seedbed.core.errors import DataError


def pareto_front(costs: Sequence[float], accuracies: Sequence[float]) -> tuple[int, ...]:
    """Return the indices of the points that no other beats, the cheapest first.

    A point is beaten by one that costs no more and is no less accurate, and is better in at least
    one of the two. Points that are equal in both do not beat each other. Uncertainty is not
    considered: pass the best estimates.

    Args:
        costs: Lower is better.
        accuracies: Higher is better; as many as costs.

    Raises:
        DataError: If there are not as many of both, or a number is NaN.

    """
    if len(costs) != len(accuracies):
        raise DataError(
            f"{len(costs)} costs for {len(accuracies)} accuracies",
            expected="one accuracy for each cost",
        )
    if any(value != value for value in (*costs, *accuracies)):
        raise DataError("a cost or an accuracy is NaN", expected="numbers that can be ordered")
    order = sorted(range(len(costs)), key=lambda place: (costs[place], -accuracies[place], place))
    front: list[int] = []
    for place in order:
        if front:
            last = front[-1]
            same = (costs[place], accuracies[place]) == (costs[last], accuracies[last])
            if not same and accuracies[place] <= accuracies[last]:
                continue
        front.append(place)
    return tuple(front)


def fronts(entries: Sequence[Entry], cost: str) -> tuple[tuple[int, ...], ...]:
    """Return for each test set where the entries on its front are, the cheapest first.

    Accuracies on different test images say nothing about which one is better.

    Args:
        entries: Of a summary, each with a known test accuracy.
        cost: A field of :class:`seedbed.analysis.subjects.cost.result.Cost`, known of all.

    """
    groups: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault(entry.header.test_fingerprint, []).append(place)
    places_of_fronts = []
    for places in groups.values():
        costs = [getattr(cost_of(entries[place]), cost) for place in places]
        means = [mean_accuracy(entries[place]) for place in places]
        places_of_fronts.append(tuple(places[index] for index in pareto_front(costs, means)))
    return tuple(places_of_fronts)
