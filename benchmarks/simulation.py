"""How often intervals hold what they are for, and tests find what is there, in invented worlds.

``python -m benchmarks.simulation`` invents studies whose truth is known and puts them through the
code that studies use (:mod:`seedbed.analysis.intervals` and ``statistics.paired`` beside it).
In a world, run i answers image j correctly with the probability expit(mean + image_j + seed_i),
where image_j and seed_i are normal; configurations share the effects of seeds in part (pairing).

- Coverage: the share of studies whose interval holds the mean over very many seeds on the same
  images (interval over seeds), or over very many seeds and images (interval for new images). It
  should be 95%.
- False claims: the share of studies of equal configurations in which any comparison of the family
  is significant. It should be 5% at most.
- Power: the share of studies that find a difference of two standard deviations of the paired
  differences, which are normal.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.intervals import interval_for_new_images, interval_over_seeds
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.statistics.paired import compare_all

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
POPULATION: Final = 200_000
"""Images that stand for all images of a kind."""


@dataclass(frozen=True)
class World:
    """A kind of images and networks.

    Args:
        mean: Of the logits of correct answers.
        image_std: Of the effects of images.
        seed_std: Of the effects of seeds.
        images: Of the test split.
        collapse: The share of runs that answer at chance.
    """

    mean: float
    image_std: float
    seed_std: float
    images: int
    collapse: float = 0.0


WORLDS: Final = {
    "digits-like (98.3%, 360 images)": World(7.5, 3.0, 0.35, 360),
    "small test set (77%, 100 images)": World(2.0, 2.0, 0.3, 100),
    "CIFAR-like (68%, 10,000 images)": World(1.3, 2.2, 0.035, 10_000),
    "MNIST-like (99.75%, 10,000 images)": World(10.0, 3.0, 0.1, 10_000),
    "digits-like, one run in ten collapses": World(7.5, 3.0, 0.35, 360, collapse=0.1),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, print and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=int, default=1000, help="of each cell of a table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    chosen = parser.parse_args(arguments)
    generator = np.random.Generator(np.random.Philox(chosen.seed))
    covered = [
        (name, n, *coverage(world, n, chosen.studies, generator))
        for name, world in WORLDS.items()
        for n in (2, 3, 5, 10)
    ]
    claimed = [
        (
            name,
            count,
            n,
            str(pairing),
            false_claims(world, count, n, pairing, chosen.studies, generator),
        )
        for name, world in WORLDS.items()
        for count in (2, 5, 12)
        for n in (3, 5, 10)
        for pairing in (0, 0.6)
    ]
    found = [
        (count, n, power(count, n, chosen.studies, generator))
        for count in (2, 3, 5)
        for n in (3, 5, 10)
    ]
    blocks = [
        f"{chosen.studies} studies a row: a share of 95% has a standard error of "
        f"{100 * np.sqrt(0.05 * 0.95 / chosen.studies):.1f} percentage points.",
        table(("world", "n", "over seeds", "new images"), [_cells(row) for row in covered]),
        table(
            ("world", "configurations", "n", "pairing", "false claims"),
            [_cells(row) for row in claimed],
        ),
        table(("configurations", "n", "power"), [_cells(row) for row in found]),
    ]
    data = {
        "coverage": covered,
        "false_claims": claimed,
        "power": found,
        "studies": chosen.studies,
        "seed": chosen.seed,
    }
    finish(
        Outcome("simulation", "Coverage and false claims", describe_machine(), blocks, data),
        chosen.results,
    )


def coverage(
    world: World, n: int, studies: int, generator: np.random.Generator
) -> tuple[float, float]:
    """Return in which share of studies each interval holds what it is for."""
    over_seeds = new_images = 0
    of_all = _of_all_images(world)
    for _ in range(studies):
        images = generator.normal(0, world.image_std, world.images)
        correct = _answers(world, images, generator.normal(0, 1, n), generator)
        over_seeds += _holds(
            interval_over_seeds(Accuracies.of(correct.mean(axis=1).tolist()), world.images),
            _of_many_seeds(world, images),
        )
        new_images += _holds(interval_for_new_images(correct), of_all)
    return over_seeds / studies, new_images / studies


def false_claims(
    world: World, count: int, n: int, pairing: float, studies: int, generator: np.random.Generator
) -> float:
    """Return in which share of studies equal configurations are said to differ."""
    claims = 0
    for _ in range(studies):
        images = generator.normal(0, world.image_std, world.images)
        shared = np.sqrt(pairing) * generator.normal(0, 1, n)
        runs = {}
        for number in range(count):
            effects = shared + np.sqrt(1 - pairing) * generator.normal(0, 1, n)
            accuracies = _answers(world, images, effects, generator).mean(axis=1)
            runs[str(number)] = dict(enumerate(accuracies.tolist()))
        claims += any(map(_significant, compare_all(runs, images=world.images)))
    return claims / studies


def power(count: int, n: int, studies: int, generator: np.random.Generator) -> float:
    """Return the share of studies of ``count`` configurations that find that the first is better.

    Each other one is worse by two standard deviations of the paired differences.
    """
    found = 0
    for _ in range(studies):
        # The difference of two independent numbers has twice their variance.
        runs = generator.normal(0, np.sqrt(1 / 2), (count, n))
        runs[0] += 2
        compared = compare_all({str(k): dict(enumerate(run)) for k, run in enumerate(runs)})
        found += _significant(compared[0])
    return found / studies


def _cells(row: Sequence[object]) -> tuple[str, ...]:
    return tuple(f"{100 * cell:.1f}%" if isinstance(cell, float) else str(cell) for cell in row)


def _answers(
    world: World,
    images: NDArray[np.float64],
    effects: NDArray[np.float64],
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    chance = expit(world.mean + images + world.seed_std * effects[:, np.newaxis])
    collapsed = generator.random(len(effects)) < world.collapse
    chance[collapsed] = 0.1
    correct: NDArray[np.bool_] = generator.random(chance.shape) < chance
    return correct


def _of_many_seeds(world: World, images: NDArray[np.float64]) -> float:
    """Return the mean accuracy of very many seeds on these images, by quadrature."""
    means = [float(expit(world.mean + images + world.seed_std * node).mean()) for node in NODES]
    trained = float(np.average(means, weights=WEIGHTS))
    return (1 - world.collapse) * trained + world.collapse * 0.1


@cache
def _of_all_images(world: World) -> float:
    generator = np.random.Generator(np.random.Philox(0))
    return _of_many_seeds(world, generator.normal(0, world.image_std, POPULATION))


def _holds(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high


def _significant(comparison: Comparison) -> bool:
    return comparison.p_adjusted is not None and comparison.p_adjusted < LEVEL


if __name__ == "__main__":
    main()
