"""Components of variance of a mean over runs and images.

Every run answers every image once: a two-way layout with random rows and columns and one value per
cell. Its mean squares estimate how much the mean would vary with other seeds *and* other images.

Sources:
    Brennan, Generalizability Theory, 2001, chapter 6 (the variance of a mean in a crossed design);
    Searle, Casella and McCulloch, Variance Components, 1992, chapter 4 (mean squares);
    Satterthwaite, An approximate distribution of estimates of variance components, Biometrics
    Bulletin 2, 1946; Fisher, The fiducial argument in statistical inference, Annals of Eugenics 6,
    1935 (quantiles of Behrens and Fisher, see :meth:`Estimate.quantile`).
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.crossed import MeanVariance

BETWEEN: Final = 1.5
"""The exponent of the share of seeds in :meth:`Estimate.quantile` of a single interval."""
BOUNDED: Final = 0.25
"""What counts of that share where the residual bounds the variance: it has many degrees of freedom,
but that it is the bound is a matter of few seeds."""
TOLERANCE: Final = 1e-9
"""Of a quantile, relative to it."""
SMALLEST: Final = 1e-8
"""The probability of a variance so small that it is neglected in :func:`behrens_fisher`."""


class Estimate(msgspec.Struct, frozen=True):
    """A mean on new images of the same kind, as far as runs × images tell it."""

    mean: float
    """Over runs and images."""
    standard_error: float
    """With other seeds and other images."""
    seed_share: float
    """Of the variance: what was estimated from the spread of runs alone, 0 to 1."""
    degrees_of_freedom: float
    """Of that spread: n - 1 for n independent runs."""

    def interval(self, level: float) -> Interval:
        """Return the interval of the mean that misses it with probability ``level``."""
        half = self.quantile(level) * self.standard_error
        return Interval(self.mean - half, self.mean + half)

    def quantile(self, level: float) -> float:
        """Return how many standard errors an interval reaches.

        Images are many and seeds are few, so the quantile is that of Behrens and Fisher for the sum
        of a normal number and one of Student's with the degrees of freedom of seeds. With the share
        of seeds it misses no more often than it says, at any level. But a single interval of two
        runs then holds in up to 98.8%, so its share is taken to a power that keeps it between 93.9
        and 97.7% for any share, and between 94.7 and 96.5% for three runs (``LOG.md``). At the
        levels that a correction leaves, that power would miss up to four times as often as it says.
        """
        share = self.seed_share**BETWEEN if level >= LEVEL else self.seed_share
        return behrens_fisher(level, share, self.degrees_of_freedom)


@lru_cache(maxsize=4096)
def behrens_fisher(level: float, share: float, degrees_of_freedom: float) -> float:
    """Return the two-sided quantile of √share · t + √(1 − share) · z.

    Args:
        level: The probability beyond it, on both sides together; 0 to 1.
        share: Of the variance that is Student's, 0 to 1.
        degrees_of_freedom: Of t, 1 or more; z is normal.
    """
    if share <= 0:
        return float(ndtri(1 - level / 2))
    if share >= 1:
        return float(stdtrit(degrees_of_freedom, 1 - level / 2))
    # Given the variance of seeds, χ² / degrees of freedom, the sum is normal. That variance is
    # integrated on a logarithmic scale, by the trapezoid rule.
    half = degrees_of_freedom / 2
    logs = np.linspace(math.log(SMALLEST) / half, math.log1p(40 / half), 200)
    density = half * (logs - np.exp(logs))
    weights = np.exp(density - density.max())
    weights /= weights.sum()
    spread = np.sqrt(share * np.exp(-logs) + 1 - share)

    # The probability beyond a quantile is convex in it, so Newton's method climbs from 0 to the
    # root and never passes it. Importing `scipy.optimize` would take longer than a table.
    quantile, step = 0.0, math.inf
    while step > TOLERANCE * quantile:
        beyond = 2 * weights @ ndtr(-quantile / spread)
        density = np.exp(-np.square(quantile / spread) / 2) / spread / math.sqrt(2 * math.pi)
        step = float((beyond - level) / (2 * weights @ density))
        quantile += step
    return quantile


def estimate_for_new_images(
    values: NDArray[np.float64], of_runs: MeanVariance | None = None, *, largest: float = 1.0
) -> Estimate:
    """Return the mean of a number of each run and image, with its error on new images.

    The number is made of answers: 1 for right and 0 for wrong, or 1, 0 and -1 for the difference of
    two configurations, or a weighted sum of answers at several levels of noise.

    Args:
        values: n×N, of runs on the same images (and, of differences, paired by seed); n and N at
            least 2.
        of_runs: The variance of the mean over runs on these images, where they cross the seeds of
            several streams; by default that of independent runs.
        largest: The largest magnitude that the number can have. Where hardly any image differs
            from the others, the error is at least that of one image.
    """
    squares = MeanSquares.of(values)
    freedom: float = squares.n - 1
    if of_runs is not None:
        freedom = of_runs.degrees_of_freedom
        squares = replace(squares, of_runs=of_runs.variance * values.size)
    least = (largest / squares.images) ** 2
    variance = max(squares.variance, least)
    seeds = squares.of_runs / (squares.n * squares.images) / variance
    share = min(seeds, 1.0) * (BOUNDED if squares.bounded else 1.0)
    return Estimate(float(values.mean()), math.sqrt(variance), share, freedom)


@dataclass(frozen=True)
class MeanSquares:
    """The mean squares of n runs × N images, n and N at least 2."""

    n: int
    images: int
    of_runs: float
    of_images: float
    residual: float
    """Interaction and error, which one value per cell does not separate."""

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "MeanSquares":
        """Return the mean squares of n×N values, for example 1 for right and 0 for wrong."""
        n, images = values.shape
        mean = values.mean()
        runs = images * np.square(values.mean(axis=1) - mean).sum()
        columns = n * np.square(values.mean(axis=0) - mean).sum()
        # Rounding must not make a sum of squares negative.
        rest = max(float(np.square(values - mean).sum() - runs - columns), 0.0)
        return cls(
            n,
            images,
            float(runs) / (n - 1),
            float(columns) / (images - 1),
            rest / ((n - 1) * (images - 1)),
        )

    @property
    def variance(self) -> float:
        """The variance of the mean with other seeds and images.

        It estimates the sum of the three components, each divided by how often it was sampled; it
        is not below what the residual alone would give.
        """
        return max(self._numerator, self.residual) / (self.n * self.images)

    @property
    def bounded(self) -> bool:
        """Whether :attr:`variance` is that of the residual alone."""
        return self._numerator <= self.residual

    @property
    def _numerator(self) -> float:
        return self.of_runs + self.of_images - self.residual
