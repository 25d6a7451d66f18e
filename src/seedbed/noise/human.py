"""Human labels: an NPZ file with the labels that people gave, and the clean ones.

CIFAR-10N (Wei et al. 2022, "Learning with noisy labels revisited") is published as such a file,
with ``clean_label``, ``aggre_label``, ``worse_label`` and ``random_label1`` to ``random_label3``.
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
    """The clean and the noisy label of every image; both arrays are int64, N."""

    clean: Labels
    noisy: Labels


def read_labels(path: Path, key: str) -> HumanLabels:
    """Return the arrays ``clean_label`` and ``key`` of an NPZ file. Nothing is unpickled.

    Raises:
        DataError: If the file cannot be read, lacks one of the arrays, or their lengths differ.
    """
    with open_npz(path) as arrays:
        labels = HumanLabels(*(_labels(arrays, name, path) for name in (CLEAN_KEY, key)))
    if len(labels.clean) != len(labels.noisy):
        raise DataError(
            f"{key} has {len(labels.noisy)} labels, but {CLEAN_KEY} has {len(labels.clean)}",
            where=str(path),
            expected="two labels for every image",
        )
    return labels


def labels_for(path: Path, key: str, clean: Labels, classes: int) -> Labels:
    """Return human labels for the images of a dataset.

    Args:
        path: An NPZ file.
        key: The name of the array.
        clean: The labels of the dataset, int64, N; ``clean_label`` in the file must be equal.
        classes: The number of classes.

    Returns:
        int64, N, each from 0 to ``classes - 1``.

    Raises:
        DataError: If the file cannot be read, or its labels are for other images, in another order,
            or outside the classes.
    """
    labels = read_labels(path, key)
    if len(labels.clean) != len(clean):
        raise DataError(
            f"has {len(labels.clean)} labels",
            where=str(path),
            expected=f"{len(clean)}, one for every training image",
        )
    different = np.flatnonzero(labels.clean != clean)
    if len(different):
        first = different[0]
        reordered = np.array_equal(np.sort(labels.clean), np.sort(clean))
        raise DataError(
            f"{CLEAN_KEY} differs from the labels of the dataset for {len(different)} of "
            f"{len(clean)} images, first for image {first}: {labels.clean[first]} instead of "
            f"{clean[first]}"
            + ("; all class counts agree, so only the order differs" if reordered else ""),
            where=str(path),
            hint="use labels of the same images in the same order",
        )
    outside = np.flatnonzero((labels.noisy < 0) | (labels.noisy >= classes))
    if len(outside):
        raise DataError(
            f"{key} of image {outside[0]} is {labels.noisy[outside[0]]}",
            where=str(path),
            expected=f"0 to {classes - 1}",
        )
    return labels.noisy


def label_hash(labels: Labels) -> str:
    """Return the SHA-256 of labels as little-endian int64, as 64 hexadecimal digits."""
    return hashlib.sha256(labels.astype("<i8").tobytes()).hexdigest()


def _labels(arrays: Mapping[str, NDArray[Any]], name: str, path: Path) -> Labels:
    if name not in arrays:
        raise DataError(unknown("array", name, arrays), where=str(path))
    array = arrays[name]
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise DataError(
            f"{name} is {array.dtype} of shape {array.shape}",
            where=str(path),
            expected="one integer per image",
        )
    return array.astype(np.int64)
