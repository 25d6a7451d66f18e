"""How often intervals and tests of crossed runs hold what they are for, in invented worlds.

``python -m benchmarks.crossed_seeds`` invents studies whose components of variance are known and
puts them through the code that studies use (:mod:`seedbed.analysis.intervals`,
``statistics.crossed``, ``statistics.crossed.components`` and ``statistics.paired``).

- Mean: the share of studies whose interval over seeds holds the mean over all seeds; beside it the
  same if crossed runs were taken for independent ones. It should be 95%.
- False claims: the share of studies of two equal configurations whose paired test says that they
  differ. It should be 5% at most.
- Components and shares: the lowest and the highest coverage of the intervals of all terms.
"""

import argparse
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import interval_over_seeds
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.crossed.components import Analysis
from seedbed.analysis.statistics.paired import compare
from seedbed.study.spec.seeds import read_seeds

World: TypeAlias = Mapping[tuple[int, ...], float]
"""Streams of a term -> its component of variance; the rest is under ``()``."""

Held: TypeAlias = tuple[float, float, float, tuple[float, float], tuple[float, float]]
Row: TypeAlias = tuple[str, str, Held]

STREAMS: Final = ("initialization", "order", "augmentation")
MEAN: Final = 0.9
SCALE: Final = 0.005
"""The standard deviation of a component of 1."""
IMAGES: Final = 10_000

WORLDS: Final[Mapping[str, World]] = {
    "combinations alone": {(): 1.0},
    "one stream": {(0,): 1.0, (): 1.0},
    "one stream, mostly": {(0,): 10.0, (): 1.0},
    "one stream, hardly": {(0,): 0.1, (): 1.0},
    "two streams": {(0,): 1.0, (1,): 1.0, (): 1.0},
    "two streams together": {(0, 1): 1.0, (): 0.5},
    "LeNet-5 on MNIST": {(0,): 0.41, (1,): 0.03, (0, 2): 0.1, (1, 2): 0.1, (): 0.4},
}
SHAPES: Final = ((2, 5), (3, 3), (4, 4), (2, 2, 2), (3, 3, 3), (4, 4, 4))


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, print and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=int, default=300, help="of each row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    chosen = parser.parse_args(arguments)
    generator = np.random.Generator(np.random.Philox(chosen.seed))
    rows: list[Row] = [
        (" × ".join(map(str, shape)), name, held(shape, world, chosen.studies, generator))
        for shape in SHAPES
        for name, world in WORLDS.items()
    ]
    blocks = [
        f"{chosen.studies} studies a row: a share of 95% has a standard error of "
        f"{100 * np.sqrt(0.05 * 0.95 / chosen.studies):.1f} percentage points. In worlds with two "
        "streams, components of three are part of the rest.",
        table(
            ("seeds", "world", "mean", "as independent", "false claims", "components", "shares"),
            list(map(_cells, rows)),
        ),
    ]
    data = {"rows": rows, "studies": chosen.studies, "seed": chosen.seed}
    finish(
        Outcome("crossed_seeds", "Intervals of crossed runs", describe_machine(), blocks, data),
        chosen.results,
    )


def held(
    shape: tuple[int, ...], world: World, studies: int, generator: np.random.Generator
) -> Held:
    """Return what a row shows: shares of studies, and the range of coverage over all terms."""
    levels = list(product(*map(range, shape)))
    keys = [seeds.key for seeds in read_seeds(dict(zip(STREAMS, shape, strict=False)))]
    mean = independent = claimed = 0
    within = np.zeros((2, len(Analysis.of(np.zeros(shape), len(shape)).terms)))
    for _ in range(studies):
        cells, others = draw(shape, world, generator), draw(shape, world, generator)
        runs = Accuracies.of(cells.ravel().tolist())
        mean += _holds(interval_over_seeds(runs, IMAGES, levels=levels), MEAN)
        independent += _holds(interval_over_seeds(runs, IMAGES), MEAN)
        found = compare(
            "a",
            "b",
            dict(zip(keys, cells.ravel().tolist(), strict=True)),
            dict(zip(keys, others.ravel().tolist(), strict=True)),
        )
        claimed += found.p_value is not None and found.p_value < LEVEL
        analysis = Analysis.of(cells, len(shape))
        truth = true_components(shape, world)
        for number, (component, share) in enumerate(analysis.intervals()):
            within[0, number] += _holds(component, truth[number])
            within[1, number] += _holds(share, truth[number] / truth.sum())
    coverage = [(float(of.min()), float(of.max())) for of in within / studies]
    return mean / studies, independent / studies, claimed / studies, coverage[0], coverage[1]


def draw(
    shape: tuple[int, ...], world: World, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the accuracies of the runs of one study."""
    cells = np.full(shape, MEAN)
    for term, variance in world.items():
        sizes = [size if axis in term or not term else 1 for axis, size in enumerate(shape)]
        if max(term, default=0) >= len(shape):
            sizes = list(shape)
        cells = cells + generator.normal(0, SCALE * np.sqrt(variance), sizes)
    return cells


def true_components(shape: tuple[int, ...], world: World) -> NDArray[np.float64]:
    """Return the components of all terms; what the layout does not have belongs to the rest."""
    terms = Analysis.of(np.zeros(shape), len(shape)).terms
    found = dict.fromkeys(terms, 0.0)
    for term, variance in world.items():
        found[term if term in found else ()] += variance * SCALE**2
    return np.array(list(found.values()))


def _holds(interval: object, truth: float) -> bool:
    low, high = getattr(interval, "low", None), getattr(interval, "high", None)
    return low is not None and high is not None and low <= truth <= high


def _cells(row: Row) -> tuple[str, ...]:
    shape, name, (mean, independent, claimed, *ranges) = row
    return (
        shape,
        name,
        *(f"{100 * value:.1f}%" for value in (mean, independent, claimed)),
        *(f"{100 * low:.1f} to {100 * high:.1f}%" for low, high in ranges),
    )


if __name__ == "__main__":
    main()
