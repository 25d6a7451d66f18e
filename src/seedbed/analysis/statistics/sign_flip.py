"""The exact paired sign-flip test.

If neither of two configurations were better, each paired difference could as well have had the
other sign. The two-sided p-value is the fraction of all 2^n choices of signs whose mean is at least
as far from 0 as the observed one. With n pairs it cannot be below 2^(1 - n).

Source:
    Fisher, The Design of Experiments, 1935.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from seedbed.core.errors import DataError

EXACT_PAIRS: Final = 40
"""Up to this many pairs, all 2^n signs are counted; that takes about 2^(n/2) steps."""

ROUNDING: Final = 1e-9
"""Sums that differ by less, relative to the sum of all magnitudes, are equal: the differences of
accuracies are multiples of 1/N, which floating point does not hold exactly."""


@dataclass(frozen=True)
class SignFlipTest:
    """The result of :func:`sign_flip_test`."""

    p_value: float
    """Two-sided, above 0 and up to 1."""
    method: Literal["exact", "normal approximation"]


def sign_flip_test(differences: ArrayLike) -> SignFlipTest:
    """Test whether paired differences are centered at 0, two-sided.

    Up to 40 pairs, all 2^n choices of signs are counted exactly. Above that the sum of
    independently signed differences is close to normal, and its normal limit is used (variance: the
    sum of squares). Nothing is drawn at random.

    Args:
        differences: n numbers, at least one.

    Raises:
        DataError: If there are none, or one is not finite.

    """
    values = np.abs(np.asarray(differences, np.float64))
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise DataError(
            "paired differences cannot be tested", expected="one or more finite numbers"
        )
    total = float(abs(np.sum(differences)))
    reached = total - ROUNDING * float(values.sum())
    if reached <= 0:  # Every choice of signs is at least as far from 0.
        return SignFlipTest(1.0, "exact")
    if len(values) > EXACT_PAIRS:
        p_value = 2 * float(ndtr(-total / math.sqrt(np.square(values).sum())))
        return SignFlipTest(p_value, "normal approximation")
    # Meet in the middle: each sum of signed values is one sum of either half.
    half = len(values) // 2
    left, right = _signed_sums(values[:half]), np.sort(_signed_sums(values[half:]))
    at_least = len(right) - np.searchsorted(right, reached - left)
    # The sums are symmetric about 0, so as many are at most -reached.
    return SignFlipTest(2 * int(at_least.sum()) / 2 ** len(values), "exact")


def _signed_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum under each of the 2^n choices of signs."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums - value, sums + value])
    return sums
