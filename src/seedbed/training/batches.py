"""The order of the images, and how each is augmented: drawn here, once, for any engine.

An augmented image is the original mirrored left to right (or not), enlarged by a factor k and
turned by an angle θ about its centre, and moved by (p, q) pixels. An engine needs the way back:
from a pixel (x, y) of the augmented image to a place in the original. With x to the right and y
down, pixel centres at whole numbers, the centre at u = (width - 1) / 2, v = (height - 1) / 2, and
m = -1 where mirrored, else 1:

    source x = a x + b y + c    a =  m cos θ / k    b = m sin θ / k    c = u - a (u + p) - b (v + q)
    source y = d x + e y + f    d = -  sin θ / k    e =   cos θ / k    f = v - d (u + p) - e (v + q)

The value there is interpolated bilinearly between the four pixels around it, after both coordinates
are clamped to the image: beyond its edge, the edge is repeated.
"""

import math

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.layers import Dropout, Network
from seedbed.streams import stream
from seedbed.training.recipe import Augmentation


def epoch_order(seed: int, images: int, epoch: int) -> NDArray[np.int64]:
    """Return the order in which an epoch sees the training images: a permutation of their indices.

    Args:
        seed: The run's seed.
        images: Training images.
        epoch: Epochs finished before this one: 0 for the first.
    """
    return stream(seed, "order", epoch).permutation(images)


def epoch_warps(
    seed: int,
    images: int,
    epoch: int,
    augmentation: Augmentation,
    image_shape: tuple[int, int, int],
) -> NDArray[np.float32] | None:
    """Return a, b, c, d, e, f for the i-th image of the epoch's order in row i.

    Each setting has draws of its own, so that changing one leaves what the others do as it was.

    Args:
        seed: The run's seed.
        images: Training images.
        epoch: Epochs finished before this one: 0 for the first.
        augmentation: How much the images may change.
        image_shape: (height, width, channels) of the images.

    Returns:
        ``images`` × 6, or ``None`` where nothing is augmented.
    """
    if not augmentation.active:
        return None
    height, width, _ = image_shape
    generator = stream(seed, "augmentation", epoch)
    p, q, turn, growth, side = 2 * generator.random((5, images), dtype=np.float32) - 1
    angle = np.float32(np.radians(augmentation.rotation)) * turn
    shrink = 1 / (1 + np.float32(augmentation.scale) * growth)
    mirror = np.where(augmentation.flip & (side < 0), np.float32(-1), np.float32(1))
    cosine, sine = np.cos(angle) * shrink, np.sin(angle) * shrink
    u, v = np.float32((width - 1) / 2), np.float32((height - 1) / 2)
    x, y = u + np.float32(augmentation.shift) * p, v + np.float32(augmentation.shift) * q

    warps = np.empty((images, 6), np.float32)
    a, b, c, d, e, f = warps.T
    np.multiply(mirror, cosine, out=a)
    np.multiply(mirror, sine, out=b)
    np.negative(sine, out=d)
    e[:] = cosine
    np.subtract(u, a * x + b * y, out=c)
    np.subtract(v, d * x + e * y, out=f)
    return warps


def epoch_masks(
    seed: int, images: int, epoch: int, network: Network, image_shape: tuple[int, int, int]
) -> NDArray[np.uint8] | None:
    """Return which features each dropout layer keeps, for the i-th image of the epoch in row i.

    Args:
        seed: The run's seed.
        images: Training images.
        epoch: Epochs finished before this one: 0 for the first.
        network: Whose dropout layers they are for.
        image_shape: (height, width, channels) of the images.

    Returns:
        ``images`` × features of all dropout layers, one after the other, each in PyTorch's order; 1
        where the feature is kept, else 0. ``None`` where the network has no dropout.
    """
    shapes = network.shapes(image_shape)
    rates = [
        np.full(math.prod(shape), layer.rate)
        for layer, shape in zip(network.layers, shapes, strict=True)
        if isinstance(layer, Dropout)
    ]
    if not rates:
        return None
    # Sixteen random bits a feature; a rate is off by less than 1 / 65536, and never becomes 0 or 1
    # (see Dropout.rate).
    threshold = np.round(np.concatenate(rates) * 65536).astype(np.uint16)
    bits = np.frombuffer(
        stream(seed, "dropout", epoch).bytes(2 * images * len(threshold)), dtype="<u2"
    )
    return (bits.reshape(images, -1) >= threshold).view(np.uint8)


def training_sample(images: int, count: int) -> NDArray[np.int64]:
    """Return the fixed sample of training images that accuracy is measured on after an epoch.

    Args:
        images: Training images.
        count: How many to take; all of them if there are not that many.

    Returns:
        Increasing indices, evenly spaced.
    """
    count = min(count, images)
    return np.arange(count, dtype=np.int64) * images // max(count, 1)
