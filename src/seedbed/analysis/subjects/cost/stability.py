"""How stable a Pareto front is: which configurations are on it with resampled runs.

Accuracies are resampled, costs are not: that of a network does not vary, and seconds say more about
the machine than about the seeds. Where all configurations have the same seeds, the same seeds are
drawn for all, so that what runs with the same seed have in common stays in common.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.resampling import LEAST_RUNS, RESAMPLES, weights
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.cost.pareto import pareto_front
from seedbed.analysis.subjects.cost.result import cost_of


def times_on_front(entries: Sequence[Entry], cost: str) -> Mapping[int, int] | None:
    """Return in how many of 100 resamples each entry is on the front, by its place.

    Args:
        entries: Of one test set, each with a known test accuracy.
        cost: A field of :class:`seedbed.analysis.subjects.cost.result.Cost`, known of all.

    Returns:
        ``None`` if a configuration has fewer than three runs.
    """
    runs = [accuracy_of(entry).test_accuracy.runs for entry in entries]
    known = [np.array([value for value in of if value is not None]) for of in runs]
    if any(len(of) < LEAST_RUNS for of in known):
        return None
    same = len({entry.header.seeds for entry in entries}) == 1
    means = []
    for place, of in enumerate(known):
        # Other seeds are drawn independently: the resamples in another order.
        shares = weights(len(of)) if same else np.roll(weights(len(of)), place, axis=0)
        means.append(shares @ of)
    costs = [float(getattr(cost_of(entry), cost)) for entry in entries]
    fronts = [pareto_front(costs, accuracies) for accuracies in np.transpose(means).tolist()]
    assert len(fronts) == RESAMPLES
    return {place: sum(place in front for front in fronts) for place in range(len(entries))}
