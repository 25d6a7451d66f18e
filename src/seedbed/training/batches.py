"""The order of images, augmentation parameters and dropout masks, drawn alike for all engines.

Augmentation mirrors an image left to right (or not), enlarges it by a factor k and rotates it by an
angle θ about its center, and translates it by (p, q) pixels, the sum of a shift and a crop. Engines
need the inverse, from a pixel (x, y) of the augmented image to a point of the original. With x to
the right and y down, pixel centers at integers, the center at u = (width - 1) / 2,
v = (height - 1) / 2, and m = -1 for mirrored images, else 1:

    source x = a x + b y + c    a =  m cos θ / k    b = m sin θ / k    c = u - a (u + p) - b (v + q)
    source y = d x + e y + f    d = -  sin θ / k    e =   cos θ / k    f = v - d (u + p) - e (v + q)

Both coordinates are clamped to the image, which repeats its edge, and the value at the source point
is interpolated bilinearly between the four nearest pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import RandomBytes, stream
from seedbed.networks.network import Network
from seedbed.training.recipe import Augmentation

_AREA: Final = (0.02, 0.33)
_RATIO: Final = (0.3, 3.3)
_ATTEMPTS: Final = 10
"""torchvision's defaults for random erasing."""


def epoch_order(seed: int, images: int, epoch: int) -> NDArray[np.int64]:
    """Return the order of the training images in an epoch, a permutation of their indices.

    Args:
        seed: The run's seed for the order.
        images: Number of training images.
        epoch: Epochs before this one, 0 for the first.
    """
    return stream(seed, "order", epoch).permutation(images)


def epoch_warps(
    seed: int,
    images: int,
    epoch: int,
    augmentation: Augmentation,
    image_shape: tuple[int, int, int],
) -> NDArray[np.float32] | None:
    """Return a, b, c, d, e, f in row i for the i-th image of the epoch's order.

    Every setting has its own draws, so changing one does not affect the others.

    Args:
        seed: The run's seed for augmentation.
        images: Number of training images.
        epoch: Epochs before this one, 0 for the first.
        augmentation: The ranges.
        image_shape: (height, width, channels) of the images.

    Returns:
        ``images`` × 6, or ``None`` if no pixel is moved.
    """
    if not augmentation.moves:
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
    # -crop - 0.5 to crop + 0.5, rounded, so that all 2 crop + 1 integers are equally likely.
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


def epoch_erasing(
    seed: int, images: int, epoch: int, probability: float, image_shape: tuple[int, int, int]
) -> NDArray[np.int32] | None:
    """Return top, left, height and width of what is erased of the i-th image of the order in row i.

    As ``torchvision.transforms.RandomErasing`` does: a rectangle that does not fit into the image
    is drawn again, at most ten times in all; then nothing is erased.

    Args:
        seed: The run's seed for augmentation.
        images: Number of training images.
        epoch: Epochs before this one, 0 for the first.
        probability: Of a rectangle, 0 to 1.
        image_shape: (height, width, channels) of the images.

    Returns:
        ``images`` × 4, zeros where nothing is erased; ``None`` if the probability is 0.
    """
    if probability == 0:
        return None
    height, width, _ = image_shape
    generator = stream(seed, "erasing", epoch)
    chosen = generator.random(images) < probability
    area = generator.uniform(*_AREA, (_ATTEMPTS, images)) * (height * width)
    low, high = map(math.log, _RATIO)
    ratio = np.exp(generator.uniform(low, high, (_ATTEMPTS, images)))
    sizes = np.rint(np.sqrt([area * ratio, area / ratio])).astype(np.int64)
    fits = (sizes[0] < height) & (sizes[1] < width)
    first = fits.argmax(axis=0)
    h, w = sizes[:, first, np.arange(images)]
    y, x = generator.random((2, images))
    rows = np.array([np.floor(y * (height - h + 1)), np.floor(x * (width - w + 1)), h, w])
    return np.ascontiguousarray((rows * (chosen & fits.any(axis=0))).T, np.int32)


@dataclass(frozen=True, eq=False)
class Mixing:
    """How the images of an epoch are mixed.

    Image i of the order becomes share · image i + (1 - share) · its partner, both augmented, and
    its target row the same mean of both rows. Zhang et al. 2018, "mixup: Beyond Empirical Risk
    Minimization".
    """

    partners: NDArray[np.int64]
    """Places in the order, in the same batch; N."""
    shares: NDArray[np.float32]
    """0 to 1, equal for all images of a batch; N."""

    def __getitem__(self, part: slice) -> "Mixing":
        """Return that of whole batches of the order, with places from their beginning on."""
        return Mixing(self.partners[part] - part.start, self.shares[part])


def epoch_mixing(
    seed: int, images: int, epoch: int, alpha: float, batch_size: int
) -> Mixing | None:
    """Return how the images of an epoch are mixed, or ``None`` if they are not.

    As in the authors' code (https://github.com/facebookresearch/mixup-cifar10), a batch has one
    share, drawn from Beta(alpha, alpha), and is mixed with a permutation of itself.

    Args:
        seed: The run's seed for augmentation.
        images: Number of training images.
        epoch: Epochs before this one, 0 for the first.
        alpha: 0 or more; 0 for no mixing.
        batch_size: Images per step; the last batch may be smaller.
    """
    if alpha == 0:
        return None
    generator = stream(seed, "mixup", epoch)
    starts = range(0, images, batch_size)
    shares = generator.beta(alpha, alpha, len(starts)).astype(np.float32)
    partners = np.concatenate(
        [start + generator.permutation(min(batch_size, images - start)) for start in starts]
    )
    return Mixing(partners, shares.repeat(batch_size)[:images])


class EpochMasks:
    """The masks of dropout and stochastic depth in an epoch.

    They are drawn a few images at a time to save memory; the bits do not depend on how many.

    Args:
        seed: The run's seed for dropout.
        epoch: Epochs before this one, 0 for the first.
        network: The network that the masks are for.
        image_shape: (height, width, channels) of the images.
    """

    def __init__(
        self, seed: int, epoch: int, network: Network, image_shape: tuple[int, int, int]
    ) -> None:
        feature_rates: list[NDArray[np.float64]] = []
        branch_rates: list[NDArray[np.float64]] = []
        order: list[NDArray[np.bool_]] = []  # whether a value belongs to a branch
        for named in network.walk(image_shape):
            for mask in named.layer.masks(named.input_shape):
                order.append(np.full(mask.count, mask.branch))
                rates = branch_rates if mask.branch else feature_rates
                rates.append(np.full(mask.count, mask.rate))
        self._is_branch = np.concatenate(order) if order else np.zeros(0, bool)
        self._features = _Draws(seed, "dropout", epoch, feature_rates)
        self._branches = _Draws(seed, "drop-path", epoch, branch_rates)

    @property
    def count(self) -> int:
        """Mask values of an image."""
        return len(self._is_branch)

    def draw(self, images: int) -> NDArray[np.uint8] | None:
        """Return the masks of the next images, one row per image.

        Returns:
            ``images`` × mask values, 1 to keep and 0 to drop; ``None`` if the network has neither
            dropout nor stochastic depth. Layer by layer: the features of a dropout
            layer in PyTorch's order, except for tokens, which are feature by feature, (width,
            tokens). In a block, as far as the rates are above 0: the output of attention and its
            branch (1 value), the hidden layer, the output of the perceptron, and its branch (1
            value).
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
    """Rows of random values: 0 with the given probabilities, else 1."""

    def __init__(
        self, seed: int, name: str, epoch: int, rates: Sequence[NDArray[np.float64]]
    ) -> None:
        # With 16 random bits per value, a rate is off by less than 1 / 65536, and is never rounded
        # to 0 or 1 (see Dropout.p).
        probabilities = np.concatenate([np.zeros(0), *rates])
        self._threshold = np.round(probabilities * 65536).astype(np.uint16)
        self._drawn = RandomBytes(seed, name, epoch)

    def __len__(self) -> int:
        return len(self._threshold)

    def next(self, rows: int) -> NDArray[np.uint8]:
        drawn = self._drawn.next(2 * rows * len(self))
        bits = np.frombuffer(drawn, dtype="<u2").reshape(rows, len(self))
        return (bits >= self._threshold).view(np.uint8)


def training_sample(images: int, count: int) -> NDArray[np.int64]:
    """Return the fixed sample of training images that is evaluated after an epoch.

    Args:
        images: Number of training images.
        count: Size of the sample; all images if there are fewer.

    Returns:
        Increasing indices, evenly spaced.
    """
    count = min(count, images)
    return np.arange(count, dtype=np.int64) * images // max(count, 1)
