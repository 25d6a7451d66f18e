"""Texture segmentation without labels: Laws' filters, principal components, K-means.

The texture of a pixel is the local energy of Laws' 25 filters, relative to the local brightness.
Pixels with similar texture form a segment, wherever they are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from threadpoolctl import threadpool_limits

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.data.clusters import k_means, nearest_centers, principal_components

KERNELS: Final = {
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}
"""Level, edge, spot, wave and ripple (Laws 1980, "Textured image segmentation", section 4)."""
COMPONENTS: Final = 3
MOST_SEGMENTS: Final = 20
FITTED: Final = 50_000
"""Pixels that K-means looks for its centers in; all are assigned to the nearest."""
SMALLEST: Final = 1e-4
"""Of the differences between features; less is what rounding leaves of an even surface."""
STARTS: Final = 10
"""Of K-means; the tightest is kept."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """An image, divided into segments of similar texture."""

    labels: NDArray[np.uint8]
    """H×W: the segment of each pixel, from 0, the largest, on."""
    fractions: tuple[float, ...]
    """Of the image, that each segment covers; they sum to 1."""
    explained: tuple[float, ...]
    """Fraction of the features' variance that each principal component holds."""


def texture_energy(image: NDArray[np.floating], window: int) -> NDArray[np.float32]:
    """Return the answers of Laws' filters around each pixel.

    The energy of a filter is the mean of the absolute values of its answers in a square window
    (Laws 1980, section 5). The image goes on beyond its borders as its mirror image.

    Args:
        image: H×W, brightness.
        window: Side of the square in pixels.

    Returns:
        float32, H×W×25: the kernel down the rows by that along them, in the order of
        :data:`KERNELS`: L5L5, L5E5, ..., R5R5.

    """
    energies = np.empty((*image.shape, len(KERNELS) ** 2), np.float32)
    place = 0
    for down in KERNELS.values():
        once = ndimage.correlate1d(image.astype(np.float32), down, axis=0, mode="reflect")
        for along in KERNELS.values():
            answer = np.abs(ndimage.correlate1d(once, along, axis=1, mode="reflect"))
            energies[..., place] = ndimage.uniform_filter(answer, window, mode="reflect")
            place += 1
    return energies


def texture_features(image: NDArray[np.floating], window: int) -> NDArray[np.float32]:
    """Return the 24 energies of the filters that ignore brightness, in units of that of L5L5.

    So a texture keeps its features in brighter light. Arguments as for :func:`texture_energy`;
    float32, H×W×24. Where it is black all around, they are 0.
    """
    energies = texture_energy(image, window)
    brightness = energies[..., :1]
    return np.divide(
        energies[..., 1:], brightness, out=np.zeros_like(energies[..., 1:]), where=brightness > 0
    )


def segment_texture(
    image: NDArray[np.integer] | NDArray[np.floating],
    segments: int,
    *,
    window: int = 15,
    closing: int = 7,
    seed: int = 0,
) -> Segmentation:
    """Divide an image into segments of similar texture.

    The 24 features become three principal components; K-means groups these; and a morphological
    closing of every segment, the smallest first, fills what lies scattered inside of larger ones.
    Features keep their scale: those that no texture of the image excites hold nothing but noise.

    Args:
        image: H×W, brightness in any unit, 0 or more.
        segments: How many, 2 to 20.
        window: Side in pixels of the square over which texture is measured, odd, 3 or more.
        closing: Side of the square that closes gaps, odd; 1 for none.
        seed: Of K-means, 0 or more.

    Raises:
        DataError: If a setting cannot be used, the image is smaller than the window, or it has
            fewer textures than segments.

    """
    _check(image, segments, window, closing, seed)
    features = texture_features(image.astype(np.float32), window).reshape(image.size, -1)
    few = f"has fewer than {segments} textures"
    if np.ptp(features, axis=0).max() < SMALLEST:
        raise DataError(few, expected="an image whose pixels differ")
    random = stream(seed, "split")
    # One thread, or the number of threads would decide the last digits.
    with threadpool_limits(1):
        components = principal_components(features, COMPONENTS)
        points = fitted = components.coordinates
        if len(points) > FITTED:
            fitted = points[random.choice(len(points), FITTED, replace=False)]
        starts = [k_means(fitted, segments, random) for _ in range(STARTS)]
        tightest = min(starts, key=lambda start: start.inertia)
        found = nearest_centers(points, tightest.centers)
    if len(np.unique(tightest.labels)) < segments:
        raise DataError(few, hint="ask for fewer segments")
    labels = _by_size(_closed(found.reshape(image.shape), segments, closing), segments)
    counts = np.bincount(labels.ravel(), minlength=segments)
    explained = tuple(map(float, components.explained))
    return Segmentation(labels, tuple((counts / labels.size).tolist()), explained)


def _check(
    image: NDArray[np.integer] | NDArray[np.floating],
    segments: int,
    window: int,
    closing: int,
    seed: int,
) -> None:
    if image.ndim != 2:
        raise DataError(f"has the shape {image.shape}", expected="H×W, brightness")
    if not 2 <= segments <= MOST_SEGMENTS:
        raise DataError(f"cannot be divided into {segments}", expected=f"2 to {MOST_SEGMENTS}")
    for name, value, least in (("window", window, 3), ("closing", closing, 1)):
        if value < least or value % 2 == 0:
            raise DataError(
                f"cannot use a {name} of {value}", expected=f"an odd number from {least}"
            )
    if seed < 0:
        raise DataError(f"cannot use the seed {seed}", expected="0 or more")
    largest = max(window, closing)
    if min(image.shape) < largest:
        raise DataError(
            f"is {image.shape[0]}×{image.shape[1]} pixels, less than the {largest}×{largest} that "
            "texture is looked at in",
            hint="take a larger image, or a smaller window",
        )


def _closed(labels: NDArray[np.integer], segments: int, side: int) -> NDArray[np.integer]:
    """Close the segments one after the other, so that the largest has the last word."""
    order = np.argsort(np.bincount(labels.ravel(), minlength=segments), kind="stable")
    closed = labels
    for number in order:
        mask = (closed == number).astype(np.uint8)
        filled = ndimage.grey_closing(mask, size=(side, side), mode="reflect")
        closed = np.where(filled > 0, number, closed)
    return closed


def _by_size(labels: NDArray[np.integer], segments: int) -> NDArray[np.uint8]:
    """Number the segments by their size, so that equal ones have equal numbers in any order."""
    order = np.argsort(-np.bincount(labels.ravel(), minlength=segments), kind="stable")
    numbers = np.empty(segments, np.uint8)
    numbers[order] = np.arange(segments)
    renumbered: NDArray[np.uint8] = numbers[labels]
    return renumbered
