"""How often the intervals that a study shows hold what they say they are for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

import numpy as np
from scipy.special import ndtr

from benchmarks.simulation.entries import entry
from benchmarks.simulation.worlds import (
    Answers,
    World,
    accuracies,
    answers,
    images_of,
    of_many_seeds,
)
from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.paired import compare
from seedbed.analysis.statistics.superiority import probability_interval
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs
from seedbed.analysis.subjects.comparisons.pairs import compare_entries

MEANS: Final = (
    "accuracy, these images",
    "accuracy, new images",
    "difference, these images",
    "difference, new images",
    "clear difference, new images",
)
COLLAPSED: Final = ("share of seeds that collapse", "trimmed difference")
RECALLS: Final = tuple(product(("most frequent", "rarest"), ("these", "new")))
AT_LEAST: Final = (
    # It holds 0 where the test finds nothing, so it holds the difference of equals more often.
    "difference, new images",
    "trend, new images",
    "fall, new images",
    "difference of falls, new images",
    # Few results are possible: of few seeds, or of few images that are wrong.
    "share of seeds that collapse",
    "P(A > B)",
    *(f"recall of the {which} class, {where} images" for which, where in RECALLS),
    # It shares the level with the t-test, so a single one is at 97.5%.
    "trimmed difference",
    # The correction is Bonferroni's.
    "all together",
)
"""Intervals that hold at least as often as they say."""
CLEAR: Final = 2.5
"""By how much the logits of two configurations differ whose difference is clear."""

Held = tuple[str, Interval | None, float]
"""The name of an interval, the interval that is shown, and what it is for."""
Counts = dict[int, dict[str, tuple[int, int]]]
"""Number of runs -> interval -> how many hold, and how many are shown."""


def coverage(
    world: World, runs: Sequence[int], studies: int, generator: np.random.Generator
) -> Counts:
    """Return how often intervals of one configuration and of two hold what they are for.

    Means are those of seeds that do not collapse. Differences are of two configurations with the
    same accuracy on new images, and of two that clearly differ. Where runs collapse, the trimmed
    difference stands beside the one that the collapsed run dominates.

    Args:
        world: Where studies are.
        runs: Numbers of runs of a configuration; the first so many of the same ones.
        studies: How many are invented.
        generator: What is drawn with.
    """
    counts = Tally(runs)
    for _ in range(studies):
        images = images_of(world, 2, generator)
        images.append(images[1] - CLEAR)
        truths = [of_many_seeds(world, of) for of in images]
        sides = [answers(world, of, max(runs), generator) for of in images]
        for n in runs:
            counts.add(n, _of_means(world, [side[:n] for side in sides], truths))
            if world.collapse:
                drawn = accuracies(world, 2, n, 0.6, generator)
                a, b = (entry(str(place), of, world) for place, of in enumerate(drawn))
                (comparison,) = compare_entries([a, b])
                if comparison.trimmed is not None:
                    counts.add(n, [("trimmed difference", comparison.trimmed.interval, 0.0)])
    return counts.total()


def coverage_of_probability(
    shifts: Sequence[float], runs: Sequence[int], studies: int, generator: np.random.Generator
) -> Mapping[float, Counts]:
    """Return how often the interval of P(A > B) holds it, for normal differences.

    Args:
        shifts: Mean differences in standard deviations; 0 for equals.
        runs: Numbers of pairs.
        studies: How many are invented.
        generator: What is drawn with.
    """
    found = {}
    for shift in shifts:
        counts = Tally(runs)
        truth = float(ndtr(shift))
        for n, _ in np.ndindex(len(runs), studies):
            differences = dict(enumerate(generator.normal(shift, 1, runs[n])))
            comparison = compare("a", "b", differences, dict.fromkeys(differences, 0.0))
            counts.add(runs[n], [("P(A > B)", comparison.probability_interval, truth)])
        found[shift] = counts.total()
    return found


class Tally:
    """Counts how many intervals hold.

    Args:
        runs: Numbers of runs.
    """

    def __init__(self, runs: Sequence[int]) -> None:
        self._counts: dict[int, dict[str, Counter[bool]]] = {n: {} for n in runs}

    def add(self, n: int, held: Iterable[Held]) -> None:
        """Count every interval of a study for itself."""
        for name, interval, truth in held:
            if interval is not None:
                of = self._counts[n].setdefault(name, Counter())
                of[interval.low <= truth <= interval.high] += 1

    def add_all(self, n: int, name: str, held: Iterable[Held]) -> None:
        """Count whether all intervals of a study hold."""
        known = [(interval, truth) for _, interval, truth in held if interval is not None]
        of = self._counts[n].setdefault(name, Counter())
        of[all(interval.low <= truth <= interval.high for interval, truth in known)] += 1

    def total(self) -> Counts:
        """Return the counts."""
        return {
            n: {name: (count[True], count.total()) for name, count in of.items()}
            for n, of in self._counts.items()
        }


def _of_means(world: World, sides: Sequence[Answers], truths: Sequence[float]) -> Iterator[Held]:
    correct = sides[0]
    means = correct.mean(axis=1).tolist()
    n = len(means)
    collapsed = {run.seed for run in collapsed_runs(range(n), means, world.images)}
    kept = [place for place in range(n) if place not in collapsed]
    shown = with_intervals(Accuracies.of(means[k] for k in kept), world.images, correct[kept])
    yield "accuracy, these images", shown.interval, truths[0]
    yield "accuracy, new images", shown.interval_new_images, world.accuracy
    if world.collapse:
        # It is shown where a run collapsed; without one, it would be that of 0 of n.
        share = probability_interval(len(collapsed) / n, n, LEVEL)
        yield "share of seeds that collapse", share, world.collapse
        return
    worse = replace(world, mean=world.mean - CLEAR).accuracy
    clear = world.accuracy - worse
    for place, name, on_new in ((1, "difference", 0.0), (2, "clear difference", clear)):
        found = compare(
            "a",
            "b",
            *(dict(enumerate(sides[side].mean(axis=1).tolist())) for side in (0, place)),
            images=world.images,
            answers=(dict(enumerate(sides[0])), dict(enumerate(sides[place]))),
        )
        if place == 1:
            yield f"{name}, these images", found.interval, truths[0] - truths[place]
        new = None if found.new_images is None else found.new_images.interval
        yield f"{name}, new images", new, on_new
