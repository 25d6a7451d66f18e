"""How often the intervals that a study shows hold what they say they are for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from benchmarks.simulation.worlds import Answers, World, answers, of_many_seeds, pairs_of_images
from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.statistics.paired import compare
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs

INTERVALS: Final = (
    "accuracy, these images",
    "accuracy, new images",
    "difference, these images",
    "difference, new images",
)


def coverage(
    world: World, runs: Sequence[int], studies: int, generator: np.random.Generator
) -> dict[int, dict[str, tuple[int, int]]]:
    """Return how many intervals hold what they are for, and how many are shown.

    Means are those of seeds that do not collapse. Intervals of differences are of two
    configurations with the same accuracy; where runs collapse they are left out, because the
    difference is shown with its trimmed form beside it.

    Args:
        world: Where studies are.
        runs: Numbers of runs of a configuration; the first so many of the same ones.
        studies: How many are invented.
        generator: What is drawn with.
    """
    counts = {n: {name: Counter[bool]() for name in INTERVALS} for n in runs}
    for _ in range(studies):
        images = list(pairs_of_images(world, generator))
        truths = [of_many_seeds(world, of) for of in images]
        sides = [answers(world, of, max(runs), generator) for of in images]
        for n in runs:
            for name, interval, truth in _shown(world, [side[:n] for side in sides], truths):
                if interval is not None:
                    counts[n][name][interval.low <= truth <= interval.high] += 1
    return {
        n: {name: (count[True], count.total()) for name, count in of.items() if count.total()}
        for n, of in counts.items()
    }


def _shown(
    world: World, sides: Sequence[Answers], truths: Sequence[float]
) -> Iterator[tuple[str, Interval | None, float]]:
    correct = sides[0]
    means = correct.mean(axis=1).tolist()
    collapsed = {run.seed for run in collapsed_runs(range(len(means)), means, world.images)}
    kept = [place for place in range(len(means)) if place not in collapsed]
    shown = with_intervals(Accuracies.of(means[k] for k in kept), world.images, correct[kept])
    yield "accuracy, these images", shown.interval, truths[0]
    yield "accuracy, new images", shown.interval_new_images, world.accuracy
    if world.collapse:
        return
    found = compare(
        "a",
        "b",
        *(dict(enumerate(side.mean(axis=1).tolist())) for side in sides),
        images=world.images,
        answers=(dict(enumerate(sides[0])), dict(enumerate(sides[1]))),
    )
    yield "difference, these images", found.interval, truths[0] - truths[1]
    new = None if found.new_images is None else found.new_images.interval
    yield "difference, new images", new, 0.0
