"""The mean absolute error."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.training.losses.base import Array, Floats, ProbabilityLoss


class MeanAbsoluteError(ProbabilityLoss):
    """Σ |p - t|, the absolute error of the class probabilities.

    Ghosh, Kumar and Sastry 2017, "Robust Loss Functions under Label Noise for Deep Neural
    Networks", section 3. For a one-hot target it is 2 (1 - p) of the label's class, and symmetric
    label noise does not change its minimizer.
    """

    known_as: ClassVar = ("l1", "mean-absolute-error", "absolute-error")

    name: Literal["mae"] = "mae"

    def value(self, p: Array, t: Array) -> Array:
        return abs(p - t)

    def slope(self, p: Floats, t: Floats) -> Floats:
        return np.sign(p - t)
