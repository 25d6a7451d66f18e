"""Elastic distortion of training images, drawn alike for all engines.

Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to
visual document analysis", section 2: for every image, two fields of uniform random numbers between
-1 and 1, one number a pixel and 0 beyond the image, are convolved with a Gaussian of standard
deviation σ and multiplied by α. The pixel (x, y) of the augmented image is then what the other
augmentation has at (x + Δx, y + Δy): these take the place of x and y in the equations of
:mod:`seedbed.training.batches`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import RandomBytes
from seedbed.training.recipe import Augmentation


def smoothing(size: int, sigma: float, factor: float = 1.0) -> NDArray[np.float32]:
    """Return the matrix that smooths ``size`` numbers in a row, 0 beyond them, with a Gaussian.

    The Gaussian is cut off at four standard deviations and sums to 1, as that of
    ``scipy.ndimage.gaussian_filter`` with ``mode="constant"``.

    Args:
        size: Numbers in the row.
        sigma: The standard deviation, above 0.
        factor: Of all weights.

    Returns:
        ``size`` × ``size``, symmetric.
    """
    radius = int(4 * sigma + 0.5)
    # Not NumPy's exponential, whose last bit depends on the processor.
    weights = [math.exp(-0.5 * (distance / sigma) ** 2) for distance in range(radius + 1)]
    total = math.fsum(weights) + math.fsum(weights[1:])
    within = np.zeros(max(size, radius + 1))
    within[: radius + 1] = weights
    places = np.arange(size)
    distances = np.abs(places[:, None] - places)
    return np.asarray(factor / total * within[distances], np.float32)


class EpochFields:
    """The random fields of elastic distortion in an epoch.

    They are drawn a few images at a time to save memory; the bits do not depend on how many. A
    byte b is the number (2 b + 1) / 256 - 1: neighbors are 1/128 apart, which smoothing hides.

    Args:
        seed: The run's seed for augmentation.
        epoch: Epochs before this one, 0 for the first.
        augmentation: The ranges.
        image_shape: (height, width, channels) of the images.
    """

    def __init__(
        self, seed: int, epoch: int, augmentation: Augmentation, image_shape: tuple[int, int, int]
    ) -> None:
        height, width, _ = image_shape
        self._drawn = RandomBytes(seed, "elastic", epoch) if augmentation.distorts else None
        self._shape = (2, height, width)
        alpha, sigma = augmentation.elastic_alpha, augmentation.elastic_sigma
        self.smooth_rows = smoothing(width, sigma)
        """Smooths from left to right; width × width."""
        self.smooth_columns = smoothing(height, sigma, alpha)
        """Smooths from top to bottom, and multiplies by α; height × height."""

    @property
    def count(self) -> int:
        """Random numbers of an image; 0 without elastic distortion."""
        return math.prod(self._shape) if self._drawn else 0

    def draw(self, images: int) -> NDArray[np.uint8] | None:
        """Return the fields of the next images.

        Returns:
            ``images`` × 2 (Δx, Δy) × height × width; ``None`` without elastic distortion.
        """
        if self._drawn is None:
            return None
        drawn = self._drawn.next(images * self.count)
        return np.frombuffer(drawn, np.uint8).reshape(images, *self._shape)
