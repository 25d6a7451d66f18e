"""Labels that people gave: an NPZ file that holds them beside the labels it takes for clean.

CIFAR-10N (Wei et al. 2022, "Learning with noisy labels revisited") comes as such a file, with
``clean_label``, ``aggre_label``, ``worse_label`` and ``random_label1`` to ``random_label3``.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown
from seedbed.data.readers.arrays import open_npz

Labels = NDArray[np.int64]

CLEAN_KEY: Final = "clean_label"


class HumanLabels(NamedTuple):
    """Two labels for every image, both int64, N."""

    clean: Labels
    noisy: Labels


def read_labels(path: Path, key: str) -> HumanLabels:
    """Return the clean labels of an NPZ file and those under ``key``. Nothing is ever unpickled.

    Raises:
        DataError: If the file cannot be read, has no such labels, or not one for each clean one.
    """
    with open_npz(path) as arrays:
        found = HumanLabels(*(_labels(arrays, name, path) for name in (CLEAN_KEY, key)))
    if len(found.clean) != len(found.noisy):
        raise DataError(
            f"{key} holds {len(found.noisy)} labels, {CLEAN_KEY} {len(found.clean)}",
            where=str(path),
            expected="one of each for every image",
        )
    return found


def fitting_labels(path: Path, key: str, clean: Labels, classes: int) -> Labels:
    """Return the labels under ``key``, if the file is about these images.

    Args:
        path: An NPZ file.
        key: Which of its labels.
        clean: int64, N: the labels of the dataset.
        classes: How many there are.

    Raises:
        DataError: If the file cannot be read, has labels for other images or in another order, or
            labels that no class has.
    """
    found = read_labels(path, key)
    if len(found.clean) != len(clean):
        raise DataError(
            f"holds {len(found.clean)} labels, but there are {len(clean)} training images",
            where=str(path),
        )
    different = np.flatnonzero(found.clean != clean)
    if len(different):
        first = different[0]
        reordered = np.array_equal(np.sort(found.clean), np.sort(clean))
        raise DataError(
            f"{CLEAN_KEY} differs from the dataset's labels for {len(different)} of {len(clean)} "
            f"images, first for image {first}: {found.clean[first]} there, {clean[first]} here"
            + ("; each class is there as often, so only the order is another" if reordered else ""),
            where=str(path),
            hint="use labels of the same images in the same order",
        )
    outside = np.flatnonzero((found.noisy < 0) | (found.noisy >= classes))
    if len(outside):
        raise DataError(
            f"{key} of image {outside[0]} is {found.noisy[outside[0]]}",
            where=str(path),
            expected=f"0 to {classes - 1}",
        )
    return found.noisy


def label_hash(labels: Labels) -> str:
    """Return the SHA-256 of labels as little-endian int64, as 64 hexadecimal digits."""
    return hashlib.sha256(labels.astype("<i8").tobytes()).hexdigest()


def _labels(arrays: Mapping[str, NDArray[Any]], name: str, path: Path) -> Labels:
    if name not in arrays:
        raise DataError(unknown("array", name, arrays), where=str(path))
    array = arrays[name]
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise DataError(
            f"{name} is {array.dtype} of the shape {array.shape}",
            where=str(path),
            expected="one whole number an image",
        )
    return array.astype(np.int64)
