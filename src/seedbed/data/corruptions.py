"""Corruptions of test images: shift, rotation, noise and blur.

Every function takes N×H×W×C uint8 images and returns as many of the same size. Random parts (the
direction of a shift or a rotation, the noise) come from one stream with a position for each kind.
They are the same for all strengths, networks and runs: an image is shifted by 4 pixels in the same
direction as by 2.

Interpolation is bilinear, and edge pixels are repeated beyond the edge, as in training
(:mod:`seedbed.training.batches`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream

Images = NDArray[np.uint8]

SEED: Final = 0
"""The same for all runs, so that they are compared on the same pixels."""
BLUR_TRUNCATE: Final = 4.0
"""Where the Gaussian of the blur is cut off, in standard deviations."""


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption, and the strengths that are tested."""

    unit: str
    """Of the strengths."""
    strengths: tuple[float, ...]
    """Increasing, all above 0."""
    apply: Callable[[Images, float, np.random.Generator], Images]
    """Takes images, a strength and a generator."""


def corrupt(images: Images, kind: str, strength: float) -> Images:
    """Return corrupted copies of images.

    Args:
        images: uint8, N×H×W×C.
        kind: One of :data:`CORRUPTIONS`.
        strength: In the unit of the corruption; 0 changes nothing.

    Returns:
        uint8, N×H×W×C.

    """
    position = list(CORRUPTIONS).index(kind)
    return CORRUPTIONS[kind].apply(images, strength, stream(SEED, "corruptions", position))


def shift(images: Images, pixels: float, generator: np.random.Generator) -> Images:
    """Return images shifted by a number of pixels, each in a random direction."""
    from scipy import ndimage

    angles = generator.uniform(0, 2 * np.pi, len(images))
    result = np.empty_like(images)
    for image, angle, out in zip(images, angles, result, strict=True):
        offset = (pixels * np.sin(angle), pixels * np.cos(angle), 0)
        ndimage.shift(image, offset, out, order=1, mode="nearest")
    return result


def rotate(images: Images, degrees: float, generator: np.random.Generator) -> Images:
    """Return images rotated about their center by an angle, clockwise or not at random."""
    from scipy import ndimage

    signs = generator.choice((-1, 1), len(images))
    result = np.empty_like(images)
    for image, sign, out in zip(images, signs, result, strict=True):
        ndimage.rotate(
            image, float(sign * degrees), reshape=False, output=out, order=1, mode="nearest"
        )
    return result


def add_noise(images: Images, std: float, generator: np.random.Generator) -> Images:
    """Return images plus Gaussian noise; its standard deviation is in gray levels (0 to 255)."""
    noise = generator.standard_normal(images.shape, dtype=np.float32)
    noise *= std
    noise += images
    return _rounded(noise)


def blur(images: Images, sigma: float, generator: np.random.Generator) -> Images:  # noqa: ARG001
    """Return images blurred by a Gaussian; its standard deviation ``sigma`` is in pixels."""
    from scipy import ndimage

    result = ndimage.gaussian_filter(
        images,
        (0, sigma, sigma, 0),
        output=np.float32,
        mode="nearest",
        truncate=BLUR_TRUNCATE,
    )
    return _rounded(result)


def _rounded(pixels: NDArray[np.float32]) -> Images:
    np.rint(pixels, out=pixels)
    return np.clip(pixels, 0, 255).astype(np.uint8)


CORRUPTIONS: Final[Mapping[str, Corruption]] = {
    "shift": Corruption("pixels", (1, 2, 3, 4), shift),
    "rotation": Corruption("degrees", (10, 20, 30, 45), rotate),
    "noise": Corruption("gray levels", (16, 32, 64, 96), add_noise),
    "blur": Corruption("pixels", (0.5, 1, 1.5, 2), blur),
}
"""By name. The order must never change: it gives each kind its position in the stream."""
