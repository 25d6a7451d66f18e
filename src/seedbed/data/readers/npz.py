"""NPZ files with images and labels.

The name of an array says its split and what it holds: ``x_train`` and ``y_train`` (as in Keras),
``train_images`` and ``train_labels`` (as in MedMNIST), in any case and order; or ``images`` and
``labels`` without splits. ``class_names`` is optional. Nothing is unpickled.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import SPLITS
from seedbed.data.readers.arrays import open_npz
from seedbed.data.readers.contents import INDEX, Contents, contents_of, indices, located
from seedbed.data.readers.folders.split_names import split_of
from seedbed.data.readers.labels import TEXT, decoded, numbered, read_labels
from seedbed.data.reading import LeftOut, Reading

IMAGES, LABELS = "images", "labels"
ROLES: Final = {
    **dict.fromkeys(("x", "images", "image", "imgs", "data"), IMAGES),
    **dict.fromkeys(("y", "labels", "label", "targets", "target"), LABELS),
}
CLASS_NAMES: Final = "class_names"
WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z](?![a-z])|\d+")


def read_npz(path: Path) -> Contents:
    """Return the images of an NPZ file.

    Images are integers from 0 to 255, N×H×W, N×H×W×1 or N×H×W×3. Labels are whole numbers or text,
    N or N×1, or one-hot rows.

    Raises:
        DataError: If arrays are missing or cannot be used, or two may be the same.

    """
    with open_npz(path) as arrays, located(path):
        return _contents(arrays)


def _contents(arrays: Mapping[str, NDArray[Any]]) -> Contents:
    layout = _layout(arrays)
    images, raw, decisions = {}, {}, []
    for split, names in layout.items():
        images[split] = _images(arrays[names[IMAGES]], names[IMAGES])
        raw[split], decision = read_labels(arrays[names[LABELS]], names[LABELS])
        decisions.append(decision)
        if len(images[split]) != len(raw[split]):
            raise DataError(
                f"{names[IMAGES]} has {len(images[split])} images, but {names[LABELS]} has "
                f"{len(raw[split])} labels"
            )
    class_names = _class_names(arrays)
    labels, classes = numbered(raw, class_names)
    if classes and not class_names:
        decisions.append(TEXT)
    whole = list(layout) == ["train"] and layout["train"][IMAGES] in ROLES
    used = {CLASS_NAMES, *(name for names in layout.values() for name in names.values())}
    unused = tuple(name for name in arrays if name not in used)
    reading = Reading(
        "NPZ",
        {split: f"{names[IMAGES]}, {names[LABELS]}" for split, names in layout.items()},
        classes_from=CLASS_NAMES if class_names else "the labels",
        names_from="the index" if whole else INDEX,
        decisions=tuple(dict.fromkeys(filter(None, decisions))),
        left_out=(LeftOut("arrays of another name", unused),) if unused else (),
    )
    splits = {
        split: (pixels, labels[split], indices(len(pixels), "" if whole else split))
        for split, pixels in images.items()
    }
    return contents_of(splits, classes, reading)


def _layout(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the names of the images and the labels of each split, in the order of the splits."""
    names = sorted(names)
    layout: dict[str, dict[str, str]] = {}
    for name in names:
        words = [word.lower() for word in WORD.findall(name)]
        roles = [ROLES[word] for word in words if word in ROLES]
        splits = [split for word in words if (split := split_of(word))]
        if len(roles) != 1 or len(splits) > 1 or len(words) > len(roles + splits):
            continue
        arrays = layout.setdefault("".join(splits), {})
        if roles[0] in arrays:
            raise DataError(
                f"{arrays[roles[0]]} and {name} may both be {roles[0]} of the same images",
                expected="one of them",
                hint="save the file without the other, or give it another name",
            )
        arrays[roles[0]] = name
    whole = layout.pop("", {})
    if not layout and len(whole) == 2:
        return {"train": whole}
    if "train" not in layout:
        raise DataError(
            f"has the arrays {', '.join(names) or 'none'}",
            expected="x_train, y_train, x_test and y_test, or images and labels",
        )
    for arrays in layout.values():
        if len(arrays) < 2:
            raise DataError(
                f"{''.join(arrays.values())} has no {LABELS if IMAGES in arrays else IMAGES}",
                expected="an array of images and one of labels for each split",
            )
    return {split: layout[split] for split in SPLITS if split in layout}


def _class_names(arrays: Mapping[str, NDArray[Any]]) -> tuple[str, ...] | None:
    if CLASS_NAMES not in arrays:
        return None
    stored = arrays[CLASS_NAMES]
    if stored.dtype.kind not in "US" or stored.ndim != 1:
        raise DataError(
            f"{CLASS_NAMES} is {stored.dtype} of shape {stored.shape}",
            expected="a one-dimensional array of strings",
        )
    return tuple(decoded(stored, CLASS_NAMES).tolist())


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
