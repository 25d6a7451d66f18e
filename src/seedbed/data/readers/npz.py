"""NPZ files with images and labels.

The arrays are named ``x_train, y_train, x_test, y_test`` (as in Keras), ``train_images,
train_labels, test_images, test_labels`` (as in MedMNIST), or ``images, labels`` without a test
split. ``class_names`` is optional. Nothing is unpickled.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.arrays import open_npz
from seedbed.data.readers.contents import INDEX, Contents, contents_of, indices, located
from seedbed.data.reading import Reading

LAYOUTS = (
    (("x_train", "y_train"), ("x_test", "y_test")),
    (("train_images", "train_labels"), ("test_images", "test_labels")),
    (("images", "labels"),),
)
CLASS_NAMES = "class_names"


def read_npz(path: Path) -> Contents:
    """Return the images of an NPZ file.

    Images are integers from 0 to 255, N×H×W, N×H×W×1 or N×H×W×3; labels are integers, N or N×1.

    Raises:
        DataError: If arrays are missing or cannot be used.

    """
    with open_npz(path) as arrays, located(path):
        return _contents(arrays)


def _contents(arrays: Mapping[str, NDArray[Any]]) -> Contents:
    for layout in LAYOUTS:
        if all(key in arrays for pair in layout for key in pair):
            break
    else:
        raise DataError(
            f"has the arrays {', '.join(sorted(arrays)) or 'none'}",
            expected="x_train, y_train, x_test and y_test, or images and labels",
        )
    splits = {}
    for split, pair in zip(("train", "test"), layout, strict=False):
        images, labels = _images(arrays[pair[0]], pair[0]), _labels(arrays[pair[1]], pair[1])
        if len(images) != len(labels):
            raise DataError(
                f"{pair[0]} has {len(images)} images, but {pair[1]} has {len(labels)} labels"
            )
        names = indices(len(images), split if len(layout) > 1 else "")
        splits[split] = (images, labels, names)
    class_names = None
    if CLASS_NAMES in arrays:
        stored = arrays[CLASS_NAMES]
        if stored.dtype.kind != "U" or stored.ndim != 1:
            raise DataError(
                f"{CLASS_NAMES} is {stored.dtype} of shape {stored.shape}",
                expected="a one-dimensional array of strings",
            )
        class_names = tuple(stored.tolist())
    reading = Reading(
        "NPZ",
        {split: pair[0] for split, pair in zip(("train", "test"), layout, strict=False)},
        classes_from=CLASS_NAMES if class_names else "the labels",
        names_from=INDEX,
    )
    return contents_of(splits, class_names, reading)


def _images(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if array.dtype.kind == "f":
        if np.isnan(array).any():
            first = np.argwhere(np.isnan(array))[0][0]
            raise DataError(f"image {first} of {name} has NaN", expected="pixels from 0 to 255")
        raise DataError(
            f"{name} is {array.dtype}",
            expected="uint8, 0 to 255",
            hint="if pixels range from 0 to 1: (255 * images).round().astype('uint8')",
        )
    if array.dtype.kind not in "ui":
        raise DataError(f"{name} is {array.dtype}", expected="uint8, 0 to 255")
    if array.dtype != np.uint8 and array.size and (array.min() < 0 or array.max() > 255):
        raise DataError(
            f"{name} has values from {array.min()} to {array.max()}", expected="0 to 255"
        )
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim == 4 and array.shape[3] not in (1, 3) and array.shape[1] in (1, 3):
        raise DataError(
            f"{name} has the shape {array.shape}, channels first",
            expected="N×H×W×C",
            hint="save numpy.moveaxis(images, 1, -1)",
        )
    return np.ascontiguousarray(array, np.uint8)


def _labels(array: NDArray[Any], name: str) -> NDArray[np.int64]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "ui":
        raise DataError(
            f"{name} is {array.dtype} of shape {array.shape}",
            expected="one integer per image",
        )
    return array.astype(np.int64)
