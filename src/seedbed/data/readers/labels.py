"""Labels as files store them: numbers, one-hot rows or text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError

TEXT: Final = "labels are text, and their classes are sorted"
"""What :func:`numbered` decides, for :attr:`Reading.decisions`."""
SHOWN: Final = 10
"""Classes that a message names."""
MAX_DIGITS: Final = 20
"""Of names that are sorted as integers; Python refuses to convert thousands of digits."""
EXACT: Final = np.float64(2**53)
"""Floats below are exact integers. In float64, since float16 has no number as large."""


def read_labels(array: NDArray[Any], name: str) -> tuple[NDArray[Any], str]:
    """Return one label per image, and what had to be decided.

    Args:
        array: Numbers or text, N or N×1, or one-hot rows, N×K.
        name: Of the array, for messages.

    Returns:
        The labels, N, as int64 or str; and a sentence for :attr:`Reading.decisions`, or ``""``.

    Raises:
        DataError: If there is not one label per image, or a number is not whole.
    """
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "uifb":
        return _of_one_hot(array, name), "labels are one-hot: the column with 1 is the class"
    decision = ""
    if array.ndim == 2 and array.shape[1] == 1:
        array, decision = array[:, 0], "labels are N×1: the only column is the class"
    if array.ndim != 1 or array.dtype.kind not in "uifbUS":
        raise DataError(
            f"{name} is {array.dtype} of shape {array.shape}",
            expected="one integer per image",
        )
    if array.dtype.kind in "US":
        return decoded(array, name), decision
    if array.dtype.kind == "f":
        wrong = np.flatnonzero(~(np.abs(array) < EXACT) | (array != np.round(array)))
        if len(wrong):
            raise DataError(
                f"the label of image {wrong[0]} in {name} is {array[wrong[0]]}",
                expected="one integer per image",
            )
        decision = f"labels are whole numbers, stored as {array.dtype}"
    return array.astype(np.int64), decision


def decoded(array: NDArray[Any], name: str) -> NDArray[np.str_]:
    """Return an array of str or of UTF-8 bytes as str.

    Raises:
        DataError: If the bytes are not UTF-8.
    """
    try:
        return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8: {error}", expected="text in UTF-8") from error


def _of_one_hot(array: NDArray[Any], name: str) -> NDArray[np.int64]:
    zero_or_one = bool(((array == 0) | (array == 1)).all())
    if not zero_or_one:
        raise DataError(
            f"{name} is {array.dtype} of shape {array.shape}",
            expected="one integer per image, or one-hot rows",
        )
    wrong = np.flatnonzero(array.sum(axis=1) != 1)  # not before: large numbers overflow
    if len(wrong):
        raise DataError(
            f"{name} has {array.shape[1]} columns, and {len(wrong)} of {len(array)} images have no "
            f"label or several, the first is image {wrong[0]}",
            expected="one label per image",
            hint="a dataset with several labels per image cannot be used",
        )
    numbers: NDArray[np.int64] = np.argmax(array, axis=1).astype(np.int64)
    return numbers


def numbered(
    labels: Mapping[str, NDArray[Any]], class_names: tuple[str, ...] | None
) -> tuple[dict[str, NDArray[np.int64]], tuple[str, ...] | None]:
    """Return labels as numbers, and the names of the classes.

    Args:
        labels: Of each split; int64, which stay as they are, or text.
        class_names: The classes in their order; without them, the classes of text are sorted
            (integers by value), and those of numbers have no names.

    Raises:
        DataError: If only some splits have text, or a text is empty or not among the classes, or
            the training split has no image of a class.
    """
    kinds = {values.dtype.kind for values in labels.values()}
    if kinds == {"i"}:
        return dict(labels), class_names
    if len(kinds) > 1:
        raise DataError(
            "labels are text in one split, and numbers in another", expected="one or the other"
        )
    present = {split: set(np.unique(values).tolist()) for split, values in labels.items()}
    classes = tuple(class_names or sorted(set().union(*present.values()), key=_order))
    for split, names in present.items():
        unknown = sorted(names - set(classes))
        if unknown or "" in names:
            raise DataError(
                f"the {split} split has the label {unknown[0] if unknown else ''!r}",
                expected=_one_of(classes) if class_names else "a label for each image",
            )
        untrained = sorted(names - present["train"])
        if untrained:
            raise DataError(
                f"class {untrained[0]!r} is in the {split} split, but no training image has it",
                expected="the same classes in all splits",
            )
    numbers = {name: number for number, name in enumerate(classes)}
    return {
        split: np.array([numbers[name] for name in values.tolist()], np.int64)
        for split, values in labels.items()
    }, classes


def _one_of(classes: Sequence[str]) -> str:
    more = f" and {len(classes) - SHOWN} more" if len(classes) > SHOWN else ""
    return f"one of {', '.join(classes[:SHOWN])}{more}"


def _order(name: str) -> tuple[bool, int, str]:
    is_integer = name.isdecimal() and len(name) < MAX_DIGITS
    return (False, int(name), name) if is_integer else (True, 0, name)
