"""Where the variance of crossed runs comes from: components of variance and their shares.

One run for each combination of seeds is a balanced layout of random factors without replication.
The model has an effect of every stream, of every pair of streams where there are three or more, and
a rest: all higher interactions, which one run per combination does not separate from chance. With
n_S combinations of the streams in S, N runs and the mean squares MS,

    rest      = MS_rest
    pair ij   = (MS_ij - MS_rest) n_ij / N
    stream i  = (MS_i - Σ_j MS_ij + (k - 2) MS_rest) n_i / N     (of k = 2 streams, MS_i - MS_rest)

These estimators are unbiased, so they are negative where a component is too small to be seen.

Intervals are those of a generalized pivotal quantity: every sum of squares is divided by a number
with its chi-squared distribution, many times over, and the components and shares that follow have
the interval as their quantiles. Simulated with 3 to 6 seeds of a stream, intervals of components
hold 94 to 99% of the time and those of shares 92 to 99% (``python -m benchmarks.crossed_seeds``).

Sources:
    Searle, Casella and McCulloch, Variance Components, 1992, chapter 4 (estimators);
    Weerahandi, Generalized confidence intervals, Journal of the American Statistical Association
    88, 1993 (intervals); Burdick and Graybill, Confidence Intervals on Variance Components, 1992.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import prod
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from seedbed.analysis.aggregate import Interval

ROUNDING: Final = 1e-12
"""Fractions that differ by less are equal."""

DRAWS: Final = 10_000
"""Points of the pivotal quantity; the quantiles move by less than half a percent of their value."""

Term: TypeAlias = tuple[int, ...]
"""The streams of an effect, by number; empty for the rest."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The analysis of variance of a layout, of one quantity or of many at once.

    Args:
        shape: Seeds of each stream, at least two streams and two seeds.
        terms: The effects; the rest is the last.
        degrees_of_freedom: Of each term.
        sums_of_squares: float64, terms × quantities.
    """

    shape: tuple[int, ...]
    terms: tuple[Term, ...]
    degrees_of_freedom: tuple[int, ...]
    sums_of_squares: NDArray[np.float64]

    @classmethod
    def of(cls, cells: NDArray[np.float64], streams: int) -> "Analysis":
        """Analyze values in the shape of the layout.

        Args:
            cells: A run's values at each combination of seeds; further axes are other quantities.
            streams: How many axes are streams.
        """
        shape = cells.shape[:streams]
        centered = cells - cells.mean(axis=tuple(range(streams)))
        centered = centered.reshape(*shape, prod(cells.shape[streams:]))
        centered[np.abs(centered) < ROUNDING] = 0
        terms = _terms(streams)
        parts: dict[Term, NDArray[np.float64]] = {}
        for term in terms[:-1]:
            others = tuple(axis for axis in range(streams) if axis not in term)
            means = centered.mean(axis=others).reshape(
                prod(shape[axis] for axis in term), centered.shape[-1]
            )
            of_means = np.square(means).sum(axis=0) * prod(shape[axis] for axis in others)
            parts[term] = of_means - sum(parts[(axis,)] for axis in term if len(term) > 1)
        total = np.square(centered).sum(axis=tuple(range(streams)))
        # Rounding must not make a sum of squares negative.
        parts[()] = total - sum(parts.values())
        freedoms = [prod(shape[axis] - 1 for axis in term) for term in terms[:-1]]
        return cls(
            shape,
            terms,
            (*freedoms, prod(shape) - 1 - sum(freedoms)),
            np.maximum(np.stack([parts[term] for term in terms]), 0.0),
        )

    @property
    def mean_squares(self) -> NDArray[np.float64]:
        """float64, terms × quantities."""
        freedom = np.array(self.degrees_of_freedom, np.float64)[:, np.newaxis]
        squares: NDArray[np.float64] = self.sums_of_squares / freedom
        return squares

    @property
    def components(self) -> NDArray[np.float64]:
        """float64, terms × quantities: the variance that each term adds to a single run."""
        found: NDArray[np.float64] = self._coefficients @ self.mean_squares
        return found

    def intervals(self, confidence: float = 0.95) -> list[tuple[Interval, Interval]]:
        """Return the intervals of each component and of its share, of a single quantity.

        Both are 0 or more. If the runs do not vary at all, they are from 0 to 0.
        """
        squares = self.sums_of_squares[:, 0]
        drawn = (squares / _chi_squares(self.degrees_of_freedom)) @ self._coefficients.T
        total = drawn.sum(axis=1, keepdims=True)
        shares = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0).clip(0, 1)
        tails = ((1 - confidence) / 2, (1 + confidence) / 2)
        return [
            (_between(drawn[:, number].clip(0), tails), _between(shares[:, number], tails))
            for number in range(len(self.terms))
        ]

    @property
    def _coefficients(self) -> NDArray[np.float64]:
        """Of mean squares (columns) in components (rows)."""
        numbers = {term: number for number, term in enumerate(self.terms)}
        matrix = np.zeros((len(self.terms), len(self.terms)))
        rest = numbers[()]
        for term, row in numbers.items():
            pairs = [other for other in self.terms if len(other) == 2 and set(term) < set(other)]
            scale = prod(self.shape[axis] for axis in term) / prod(self.shape) if term else 1.0
            matrix[row, row] = scale
            if len(term) == 1 and pairs:
                matrix[row, [numbers[pair] for pair in pairs]] = -scale
                matrix[row, rest] = scale * (len(pairs) - 1)
            elif term:
                matrix[row, rest] = -scale
        return matrix


def image_shares(components: NDArray[np.float64]) -> list[tuple[float, Interval]]:
    """Return the share of each term in the variance of single images, and its interval.

    The share is that of means over images. Its interval is for these runs and other images of the
    same kind, by the delta method: the error of a ratio of two means.

    Args:
        components: Of every image, terms × images; some image must vary.
    """
    total = components.sum(axis=0)
    images = components.shape[1]
    results = []
    for of_term in components:
        share = float(of_term.mean() / total.mean())
        deviations = of_term - share * total
        error = float(deviations.std(ddof=1) / (abs(total.mean()) * np.sqrt(images)))
        results.append((share, Interval(share - 1.96 * error, share + 1.96 * error)))
    return results


def _terms(streams: int) -> tuple[Term, ...]:
    mains = [(axis,) for axis in range(streams)]
    pairs = list(combinations(range(streams), 2)) if streams > 2 else []
    return (*mains, *pairs, ())


@cache
def _chi_squares(degrees_of_freedom: tuple[int, ...]) -> NDArray[np.float64]:
    """Return points whose columns have these chi-squared distributions, independent of each other.

    They fill the space evenly (multiples of square roots of primes, modulo 1; Richtmyer 1951), so
    that every evaluation gives the same interval.
    """
    roots = np.sqrt(_PRIMES[: len(degrees_of_freedom)])
    points = (np.arange(1, DRAWS + 1)[:, np.newaxis] * roots + 0.5) % 1
    found: NDArray[np.float64] = chdtri(np.array(degrees_of_freedom), points)
    found.flags.writeable = False
    return found


_PRIMES: Final = np.array(
    [number for number in range(2, 158) if all(number % smaller for smaller in range(2, number))]
)
"""As many as terms of eight streams: 8 + 28 + 1."""


def _between(values: NDArray[np.float64], tails: tuple[float, float]) -> Interval:
    low, high = np.quantile(values, tails)
    return Interval(float(low), float(high))
