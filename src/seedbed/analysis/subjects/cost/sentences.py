"""Which configurations are on the Pareto front of accuracy and each cost."""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import tested
from seedbed.analysis.subjects.cost.pareto import fronts
from seedbed.analysis.subjects.cost.result import COSTS, cost_of
from seedbed.analysis.subjects.training_size.series import with_most_images
from seedbed.display.sentence import enumerated, names


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say which configurations nothing beats in mean accuracy and each cost."""
    finished = with_most_images([entry for entry in tested(entries) if cost_of(entry)])
    costs_of: dict[tuple[str, ...], list[str]] = {}
    for name, words in COSTS.items():
        costs = {getattr(cost_of(entry), name) for entry in finished}
        if len(costs) > 1 and None not in costs:
            for front in fronts(finished, name):
                labels = tuple(finished[place].header.label for place in front)
                costs_of.setdefault(labels, []).append(words)
    several = len({entry.header.test_fingerprint for entry in finished}) > 1
    same = " on the same test images" if several else ""
    for labels, costs_in_words in costs_of.items():
        by = enumerated(costs_in_words)
        if len(labels) == 1:
            yield (
                f"By {by}, no configuration{same} is more accurate in the mean than "
                f"{names(labels)}, and none costs less."
            )
        else:
            yield (
                f"By {by}, the Pareto front{same} is {names(labels)}: whatever has a higher mean "
                "accuracy costs more."
            )
    if costs_of:
        yield "The comparisons show which of these differences in accuracy are significant."
