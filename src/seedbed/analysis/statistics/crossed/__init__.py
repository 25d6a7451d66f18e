"""The mean of runs that cross the seeds of several streams, and how much it would vary.

Sixteen runs of four initializations × four orders are not sixteen independent runs: what one
initialization does is in four of them. Where the streams are a random sample, the variance of the
mean is bounded by the sum over streams of s² / m, where s² is the variance of the m means over the
runs of one seed of the stream:

    V = Σ s² / m,   degrees of freedom V² / Σ ((s² / m)² / (m - 1))

In mean squares that is Σ MS / N of the streams (Searle, Casella and McCulloch 1992, chapter 4). The
unbiased estimator subtracts from it the mean squares of interactions; it can be negative, and with
3 or 4 seeds a stream its intervals cover as little as 87% where streams interact. The sum covers
93% or more (``python -m benchmarks.crossed_seeds``); where no stream matters, intervals are up to
twice as wide as independent runs would give. Of one stream, it is Student's s² / n with n - 1
degrees of freedom. Where a stream has two seeds only, there is one degree of freedom.

Sources:
    Searle, Casella and McCulloch, Variance Components, 1992, chapter 4;
    Satterthwaite, An approximate distribution of estimates of variance components, Biometrics
    Bulletin 2, 1946.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.display.seed_names import Key, is_key, seeds_of

Levels: TypeAlias = Sequence[tuple[int, ...]]
"""Of each run, its seed of every crossed stream."""


@dataclass(frozen=True)
class MeanVariance:
    """The variance of a mean over runs, 0 or more, and its degrees of freedom."""

    variance: float
    degrees_of_freedom: float

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return math.sqrt(self.variance)


def levels_of(keys: Iterable[object]) -> Levels | None:
    """Return the levels of crossed runs; ``None`` where runs are independent of each other.

    Streams that have the same seeds in all runs are one: what has one seed says nothing, and what
    goes together cannot be told apart.

    Args:
        keys: Of the seeds of each run (:attr:`seedbed.core.seeds.Seeds.key`), or names of external
            runs, of which nothing is known.
    """
    named = list(keys)
    if not all(map(is_key, named)):
        return None
    from seedbed.core.seeds import Seeds  # importing pydantic takes a while

    streams = [name for name in Seeds.model_fields if name != "run"]
    seeds = [seeds_of(cast("Key", key), streams) for key in named]
    varying = dict.fromkeys(of for of in zip(*seeds, strict=True) if len(set(of)) > 1)
    return list(zip(*varying, strict=True)) if len(varying) > 1 else None


def mean_variance(
    values: ArrayLike, levels: Levels | None, overlaps: Sequence[float] | None = None
) -> MeanVariance | None:
    """Return the variance of the mean of runs.

    Args:
        values: A number of each of the n runs.
        levels: Of each run, its seeds of the crossed streams; ``None`` if runs are independent.
            Where combinations are missing, a part that has all is used (:func:`complete_design`).
        overlaps: What is added to 1 / m of each stream (of independent runs, one number), because
            its seeds share training images; see
            :mod:`seedbed.analysis.statistics.crossed.resampled`.

    Returns:
        ``None`` if there are fewer than two seeds of a stream, or than two independent runs.
    """
    numbers = np.asarray(values, np.float64)
    if levels is None:
        n = len(numbers)
        if n < 2:
            return None
        share = 1 / n + (overlaps[0] if overlaps else 0.0)
        return MeanVariance(float(numbers.var(ddof=1)) * share, n - 1)
    design = complete_design(levels)
    if design is None:
        return None
    cells = design.arranged(numbers)
    parts = []
    for stream, count in enumerate(cells.shape):
        others = tuple(axis for axis in range(cells.ndim) if axis != stream)
        share = 1 / count + (overlaps[stream] if overlaps else 0.0)
        parts.append((float(cells.mean(axis=others).var(ddof=1)) * share, count - 1))
    variance = sum(part for part, _ in parts)
    least = min(freedom for _, freedom in parts)
    if variance == 0 or least == 1:
        # Two seeds may agree by luck, and then other streams would decide the degrees of freedom.
        return MeanVariance(variance, least)
    return MeanVariance(variance, variance**2 / sum(part**2 / freedom for part, freedom in parts))


@dataclass(frozen=True)
class CompleteDesign:
    """Runs of every combination of some seeds of each stream."""

    seeds: tuple[tuple[int, ...], ...]
    """Of each stream, at least two."""
    runs: NDArray[np.int64]
    """The position of each run, in the shape of the design."""

    def arranged(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of all runs (first axis) in the shape of the design."""
        arranged: NDArray[np.float64] = values[self.runs]
        return arranged


def complete_design(levels: Levels) -> CompleteDesign | None:
    """Return a part of crossed runs in which no combination is missing, as large as it can be.

    Seeds are left out one by one: that of which the largest share of combinations is missing, and
    of equal ones that of the stream with the most seeds left.

    Args:
        levels: Of each run, its seed of every stream; all different.

    Returns:
        ``None`` if that leaves fewer than two seeds of a stream.
    """
    position = {level: number for number, level in enumerate(levels)}
    seeds = [list(dict.fromkeys(of)) for of in zip(*levels, strict=True)]
    while all(len(of) > 1 for of in seeds):
        missing = [level for level in product(*seeds) if level not in position]
        if not missing:
            runs = np.array([position[level] for level in product(*seeds)], np.int64)
            shape = tuple(map(len, seeds))
            return CompleteDesign(tuple(map(tuple, seeds)), runs.reshape(shape))
        stream, seed = max(_candidates(seeds, missing))[2:]
        seeds[stream].remove(seed)
    return None


def _candidates(
    seeds: Sequence[Sequence[int]], missing: Sequence[tuple[int, ...]]
) -> Iterator[tuple[float, int, int, int]]:
    """Yield the share of combinations that miss of each seed, and the seeds left of its stream."""
    cells = math.prod(map(len, seeds))
    for stream, of in enumerate(seeds):
        for seed in of:
            lacking = sum(level[stream] == seed for level in missing)
            yield lacking * len(of) / cells, len(of), stream, seed
