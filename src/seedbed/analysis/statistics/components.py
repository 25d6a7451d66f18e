"""Components of variance of a mean over runs and images.

Every run answers every image once: a two-way layout with random rows and columns and one value per
cell. Its mean squares estimate how much the mean would vary with other seeds *and* other images.

Sources:
    Brennan, Generalizability Theory, 2001, chapter 6 (the variance of a mean in a crossed design);
    Searle, Casella and McCulloch, Variance Components, 1992, chapter 4 (mean squares);
    Satterthwaite, An approximate distribution of estimates of variance components, Biometrics
    Bulletin 2, 1946 (degrees of freedom).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    def degrees_of_freedom(self) -> float:
        """Of :attr:`variance`, after Satterthwaite; those of the residual where it is the bound."""
        of_runs, of_images = self.n - 1, self.images - 1
        if self._numerator <= self.residual:
            return float(of_runs * of_images)
        squares = (
            self.of_runs**2 / of_runs
            + self.of_images**2 / of_images
            + self.residual**2 / (of_runs * of_images)
        )
        return self._numerator**2 / squares

    @property
    def _numerator(self) -> float:
        return self.of_runs + self.of_images - self.residual
