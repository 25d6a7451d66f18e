"""The Brier score."""

from typing import ClassVar, Literal

from seedbed.training.losses.base import Array, Floats, ProbabilityLoss


class Brier(ProbabilityLoss):
    """Σ (p - t)², the squared error of the class probabilities.

    Brier 1950, "Verification of Forecasts Expressed in Terms of Probability". Often called the mean
    squared error (MSE), which divides it by the number of classes.
    """

    known_as: ClassVar = ("mse", "mean-squared-error", "squared-error", "l2")

    name: Literal["brier"] = "brier"

    def value(self, p: Array, t: Array) -> Array:
        return (p - t) ** 2

    def slope(self, p: Floats, t: Floats) -> Floats:
        return 2 * (p - t)
