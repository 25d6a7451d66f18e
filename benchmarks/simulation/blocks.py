"""How often intervals over several levels of label noise hold what they are for."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np

from benchmarks.simulation.coverage import Counts, Held, Tally
from benchmarks.simulation.entries import entry
from benchmarks.simulation.worlds import Answers, World, answers, images_of, of_many_seeds
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.blocks import effect_over_blocks
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.contrasts.estimate import contrast, trend_weights
from seedbed.analysis.statistics.paired import ROUNDING
from seedbed.analysis.subjects.comparisons.result import comparisons_of, over_blocks_of
from seedbed.analysis.subjects.noise_response.result import differences_of, responses_of

RATES: Final = (0.0, 0.2, 0.4)
METHODS: Final = 2
INTERVALS: Final = (
    "effect over all levels",
    "trend, these images",
    "trend, new images",
    "fall, these images",
    "fall, new images",
    "difference of falls, these images",
    "difference of falls, new images",
    "all together",
)
TREND: Final = 0.1 * trend_weights(RATES)


def coverage_of_blocks(
    world: World, runs: Sequence[int], studies: int, generator: np.random.Generator
) -> Counts:
    """Return how often intervals of two methods at three levels of noise hold what they are for.

    All configurations have the same accuracy on new images, and not on these. Each interval is at
    95%, except that all of them together are those of the study, which are corrected.

    Args:
        world: Where studies are.
        runs: Numbers of runs of a configuration; the first so many of the same ones.
        studies: How many are invented.
        generator: What is drawn with.
    """
    counts = Tally(runs)
    for _ in range(studies):
        images = images_of(world, METHODS * len(RATES), generator)
        truths = np.array([of_many_seeds(world, of) for of in images])
        drawn = np.array([answers(world, of, max(runs), generator) for of in images])
        for n in runs:
            of_n = drawn[:, :n]
            truth = truths.reshape(METHODS, len(RATES))
            counts.add(n, _single(of_n.reshape(METHODS, len(RATES), n, -1), truth, world))
            counts.add_all(n, "all together", _together(of_n, truth, world))
    return counts.total()


def _single(drawn: Answers, truth: np.ndarray, world: World) -> Iterator[Held]:
    means = drawn.mean(axis=3)
    differences = (means[0] - means[1]).T
    effect = effect_over_blocks("0", "1", differences, ROUNDING / world.images)
    yield INTERVALS[0], effect.interval, float((truth[0] - truth[1]).mean())
    first, *_, last = range(len(RATES))
    for name, weights, chosen in (
        ("trend", TREND, [(0, level) for level in range(len(RATES))]),
        ("fall", np.array([1.0, -1]), [(0, first), (0, last)]),
        (
            "difference of falls",
            np.array([1.0, -1, -1, 1]),
            [(0, first), (0, last), (1, first), (1, last)],
        ),
    ):
        found = contrast(
            weights.tolist(),
            [dict(enumerate(means[place].tolist())) for place in chosen],
            LEVEL,
            images=world.images,
            answers=[dict(enumerate(drawn[place])) for place in chosen],
        )
        on_these = float(weights @ [truth[place] for place in chosen])
        yield f"{name}, these images", found.interval, on_these
        yield f"{name}, new images", found.interval_new_images, 0.0


def _together(drawn: Answers, truth: np.ndarray, world: World) -> Iterator[Held]:
    """Yield every interval of a difference that the study shows, corrected."""
    entries = [
        entry(str(method), of.mean(axis=1), world, answers=of, rate=rate)
        for (method, rate), of in zip(product(range(METHODS), RATES), drawn, strict=True)
    ]
    related = relate_all(entries)
    for comparison, level in zip(comparisons_of(related), range(len(RATES)), strict=True):
        difference = float(truth[0, level] - truth[1, level])
        yield "comparison", comparison.interval, difference
        new = None if comparison.new_images is None else comparison.new_images.interval
        yield "comparison, new images", new, 0.0
    (effect,) = over_blocks_of(related)
    yield "effect", effect.interval, float((truth[0] - truth[1]).mean())
    for response, of in zip(responses_of(related), truth, strict=True):
        yield "trend", response.trend.interval, float(TREND @ of)
        yield "trend, new images", response.trend.interval_new_images, 0.0
        yield "fall", response.fall.interval, float(of[0] - of[-1])
        yield "fall, new images", response.fall.interval_new_images, 0.0
    (falls,) = differences_of(related)
    yield "falls", falls.difference.interval, float((truth[0] - truth[1])[[0, -1]] @ [1, -1])
    yield "falls, new images", falls.difference.interval_new_images, 0.0
