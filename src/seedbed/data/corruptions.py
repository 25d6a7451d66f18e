"""Corruptions of test images: shift, rotation, noise and blur.

Every function takes N×H×W×C uint8 images and returns as many of the same size. What is random (the
direction of a shift or a rotation, the noise) comes from a stream with a position for each kind, so
it is the same for all strengths, networks and runs: an image is shifted by 4 pixels in the same
direction as by 2.

Interpolation is bilinear, and the pixels of the edge continue beyond it, as in training
(:mod:`seedbed.training.batches`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from seedbed.core.seeds import stream

Images = NDArray[np.uint8]

SEED: Final = 0
"""The same for all runs, so that they are compared on the same pixels."""
BLUR_REACH: Final = 4.0
"""Standard deviations after which the blur is cut off."""


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption, and the strengths that are tested."""

    unit: str
    """Of the strengths."""
    strengths: tuple[float, ...]
    """Increasing, all above 0."""
    apply: Callable[[Images, float, np.random.Generator], Images]
    """Takes images, a strength and a generator."""


def corrupted(images: Images, kind: str, strength: float) -> Images:
    """Return corrupted images.

    Args:
        images: uint8, N×H×W×C.
        kind: Of :data:`CORRUPTIONS`.
        strength: In its unit; 0 changes nothing.

    """
    position = list(CORRUPTIONS).index(kind)
    return CORRUPTIONS[kind].apply(images, strength, stream(SEED, "corruptions", position))


def shifted(images: Images, pixels: float, generator: np.random.Generator) -> Images:
    """Return images shifted by so many pixels, each in a random direction."""
    angles = generator.uniform(0, 2 * np.pi, len(images))
    result = np.empty_like(images)
    for image, angle, out in zip(images, angles, result, strict=True):
        move = (pixels * np.sin(angle), pixels * np.cos(angle), 0)
        ndimage.shift(image, move, out, order=1, mode="nearest")
    return result


def rotated(images: Images, degrees: float, generator: np.random.Generator) -> Images:
    """Return images rotated about their center by so many degrees, each in a random direction."""
    signs = generator.choice((-1, 1), len(images))
    result = np.empty_like(images)
    for image, sign, out in zip(images, signs, result, strict=True):
        ndimage.rotate(
            image, float(sign * degrees), reshape=False, output=out, order=1, mode="nearest"
        )
    return result


def noisy(images: Images, std: float, generator: np.random.Generator) -> Images:
    """Return images with Gaussian noise of this standard deviation, in gray levels (0 to 255)."""
    noise = generator.standard_normal(images.shape, dtype=np.float32)
    noise *= std
    noise += images
    return _rounded(noise)


def blurred(images: Images, sigma: float, generator: np.random.Generator) -> Images:  # noqa: ARG001
    """Return images blurred by a Gaussian with a standard deviation of so many pixels."""
    result = ndimage.gaussian_filter(
        images,
        (0, sigma, sigma, 0),
        output=np.float32,
        mode="nearest",
        truncate=BLUR_REACH,
    )
    return _rounded(result)


def _rounded(pixels: NDArray[np.float32]) -> Images:
    np.rint(pixels, out=pixels)
    return np.clip(pixels, 0, 255).astype(np.uint8)


CORRUPTIONS: Final[Mapping[str, Corruption]] = {
    "shift": Corruption("pixels", (1, 2, 3, 4), shifted),
    "rotation": Corruption("degrees", (10, 20, 30, 45), rotated),
    "noise": Corruption("gray levels", (16, 32, 64, 96), noisy),
    "blur": Corruption("pixels", (0.5, 1, 1.5, 2), blurred),
}
"""By name. The order must never change: it gives each kind its position in the stream."""
