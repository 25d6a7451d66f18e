"""What is particular about EMNIST (Cohen et al. 2017), which has six splits of one kind of images.

The IDX files are named after the splits, as in ``emnist-letters-train-images-idx3-ubyte``. Rows and
columns of the published images are exchanged, and the labels of ``letters`` start from 1.
"""

import string
from typing import Final

import numpy as np
from numpy.typing import NDArray

_DIGITS, _UPPER, _LOWER = string.digits, string.ascii_uppercase, string.ascii_lowercase
_MERGED: Final = _DIGITS + _UPPER + "abdefghnqrt"
"""Letters whose two cases look alike are merged into one class."""
CLASSES: Final = {
    "emnist-balanced": _MERGED,
    "emnist-bymerge": _MERGED,
    "emnist-byclass": _DIGITS + _UPPER + _LOWER,
    "emnist-letters": _UPPER,
    "emnist-digits": _DIGITS,
    "emnist-mnist": _DIGITS,
}
"""The class names by label: one character per class."""


def as_shown(
    prefix: str, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]:
    """Return upright images, labels from 0, and what was changed, for :attr:`Reading.decisions`.

    Args:
        prefix: Of the file names, ``"emnist-letters"`` for example.
        images: N×H×W×1, as stored.
        labels: N, as stored.
    """
    images = np.ascontiguousarray(images.transpose(0, 2, 1, 3))
    decisions = ("EMNIST stores rows and columns exchanged: images are upright",)
    if prefix == "emnist-letters" and labels.min(initial=1) >= 1:
        return images, labels - 1, (*decisions, "labels are counted from 1")
    return images, labels, decisions
