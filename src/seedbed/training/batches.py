"""The order of the images, and how each is augmented: drawn here, once, for any engine.

An augmented image is the original mirrored left to right (or not), enlarged by a factor k and
turned by an angle θ about its center, and moved by (p, q) pixels, a shift and a crop added up. An
engine needs the way back: from a pixel (x, y) of the augmented image to a place in the original.
With x to the right and y down, pixel centers at whole numbers, the center at u = (width - 1) / 2,
v = (height - 1) / 2, and m = -1 where mirrored, else 1:

    source x = a x + b y + c    a =  m cos θ / k    b = m sin θ / k    c = u - a (u + p) - b (v + q)
    source y = d x + e y + f    d = -  sin θ / k    e =   cos θ / k    f = v - d (u + p) - e (v + q)

The value there is interpolated bilinearly between the four pixels around it, after both coordinates
are clamped to the image: beyond its edge, the edge is repeated.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.networks.network import Network
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
    p, q, turn, growth, side, left, top = 2 * generator.random((7, images), dtype=np.float32) - 1
    angle = np.float32(np.radians(augmentation.rotation)) * turn
    shrink = 1 / (1 + np.float32(augmentation.scale) * growth)
    mirror = np.where(augmentation.flip & (side < 0), np.float32(-1), np.float32(1))
    cosine, sine = np.cos(angle) * shrink, np.sin(angle) * shrink
    u, v = np.float32((width - 1) / 2), np.float32((height - 1) / 2)
    shift, crop = np.float32(augmentation.shift), np.float32(augmentation.crop)
    # Each of the 2 crop + 1 whole numbers as often: -crop - 0.5 to crop + 0.5, rounded.
    x = u + shift * p + np.clip(np.rint((crop + 0.5) * left), -crop, crop)
    y = v + shift * q + np.clip(np.rint((crop + 0.5) * top), -crop, crop)

    warps = np.empty((images, 6), np.float32)
    a, b, c, d, e, f = warps.T
    np.multiply(mirror, cosine, out=a)
    np.multiply(mirror, sine, out=b)
    np.negative(sine, out=d)
    e[:] = cosine
    np.subtract(u, a * x + b * y, out=c)
    np.subtract(v, d * x + e * y, out=f)
    return warps


class EpochMasks:
    """Which features dropout keeps, and which branches stochastic depth does, in an epoch.

    They are drawn a few images at a time, because tokens have many features; the bits do not depend
    on how many.

    Args:
        seed: The run's seed.
        epoch: Epochs finished before this one: 0 for the first.
        network: Whose masks they are.
        image_shape: (height, width, channels) of the images.
    """

    def __init__(
        self, seed: int, epoch: int, network: Network, image_shape: tuple[int, int, int]
    ) -> None:
        feature_rates: list[NDArray[np.float64]] = []
        branch_rates: list[NDArray[np.float64]] = []
        order: list[NDArray[np.bool_]] = []  # whether a number belongs to a branch
        for named in network.walk(image_shape):
            for mask in named.layer.masks(named.input_shape):
                order.append(np.full(mask.count, mask.branch))
                rates = branch_rates if mask.branch else feature_rates
                rates.append(np.full(mask.count, mask.rate))
        self._is_branch = np.concatenate(order) if order else np.zeros(0, bool)
        self._features = _Draws(seed, "dropout", epoch, feature_rates)
        self._branches = _Draws(seed, "drop-path", epoch, branch_rates)

    def draw(self, images: int) -> NDArray[np.uint8] | None:
        """Return the masks of the next images, one row an image.

        Returns:
            ``images`` × numbers of the network, 1 where something is kept, else 0; ``None`` if it
            has neither dropout nor stochastic depth. Layer after layer: the features of a dropout
            layer in PyTorch's order, but those of tokens feature by feature, (width, tokens). In
            a block, each where it has a rate: those of what attention adds, then 1 for the whole of
            it; those of the hidden layer, of what the perceptron adds, then 1 for the whole of it.
        """
        if not len(self._is_branch):
            return None
        if not len(self._branches):
            return self._features.next(images)
        masks = np.empty((images, len(self._is_branch)), np.uint8)
        masks[:, ~self._is_branch] = self._features.next(images)
        masks[:, self._is_branch] = self._branches.next(images)
        return masks


class _Draws:
    """Rows of numbers that are 0 with given probabilities, else 1."""

    def __init__(
        self, seed: int, name: str, epoch: int, rates: Sequence[NDArray[np.float64]]
    ) -> None:
        # Sixteen random bits a number; a rate is off by less than 1 / 65536, and never becomes 0
        # or 1 (see Dropout.p).
        every = np.concatenate([np.zeros(0), *rates])
        self._threshold = np.round(every * 65536).astype(np.uint16)
        self._generator = stream(seed, name, epoch)
        self._left = b""

    def __len__(self) -> int:
        return len(self._threshold)

    def next(self, rows: int) -> NDArray[np.uint8]:
        needed = 2 * rows * len(self) - len(self._left)
        # In whole words of four bytes, as the generator makes them.
        drawn = self._left + self._generator.bytes(max(needed + 3, 0) // 4 * 4)
        used, self._left = drawn[: 2 * rows * len(self)], drawn[2 * rows * len(self) :]
        bits = np.frombuffer(used, dtype="<u2").reshape(rows, len(self))
        return (bits >= self._threshold).view(np.uint8)


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
