"""Which class a label means: its name, or its position among the columns."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files.layout import LabelsAre
from seedbed.analysis.prediction_files.readers.table import MISSING
from seedbed.core.errors import DataError

MOST_NAMED = 10
"""Classes that an error names."""


def label_values(labels: NDArray[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different labels as text, whole numbers without a fraction, and which is where.

    Raises:
        DataError: If a label is missing.

    """
    distinct, inverse = np.unique(labels, return_inverse=True)
    texts = [_text(value) for value in distinct.tolist()]
    for number, text in enumerate(texts):
        if text.lower() in MISSING:
            image = int(np.flatnonzero(inverse == number)[0])
            raise DataError(f"image {image} has no label", expected="a label for every image")
    return texts, inverse.astype(np.int64)


def whole(text: str) -> int | None:
    """Return the whole number that a text is, also with a fraction of zeros; otherwise ``None``."""
    match = re.fullmatch(r"([+-]?\d{1,18})(?:[.,]0*)?", text)
    if match:
        return int(match[1])
    try:  # 1e3, and what a file of float has for it
        number = float(text)
    except ValueError:
        return None
    return int(number) if abs(number) < 2**53 and number.is_integer() else None


def are_numbers(values: Sequence[str]) -> bool:
    """Whether all labels are whole numbers."""
    return all(whole(value) is not None for value in values)


def number_labels(
    labels: NDArray[Any],
    names: Sequence[str],
    labels_are: LabelsAre | None,
    accuracy: Callable[[NDArray[np.int64]], float],
) -> tuple[NDArray[np.int64], str]:
    """Return the numbers of the classes that labels mean, and in a few words how they do.

    Args:
        labels: Text or numbers, N.
        names: Of the classes, in the order of the scores.
        labels_are: What the user says.
        accuracy: Of numbered labels, a fraction; for the message where two readings differ.

    Raises:
        DataError: If a label is no class, or may be one or another.

    """
    values, inverse = label_values(labels)
    by_name = _by_name(values, names)
    if labels_are == "positions" and not are_numbers(values):
        raise DataError("the labels are no numbers", hint="leave out --labels-are positions")
    if labels_are == "positions" or (by_name is None and are_numbers(values)):
        _reject_unless(labels_are != "names", labels, values, inverse, names)
        how = "by --labels-are" if labels_are else "which count the classes from 0"
        return np.array([whole(value) for value in values], np.int64)[inverse], f"numbers, {how}"
    if by_name is None:
        _reject_unless(False, labels, values, inverse, names)
    named = np.array(by_name, np.int64)
    positions = _positions(values, len(names))
    if positions is None or positions == by_name:
        how = "numbers, which count the classes from 0" if positions else "names of classes"
        return named[inverse], how
    if labels_are == "names":
        return named[inverse], "names of classes, by --labels-are"
    as_names, as_positions = (accuracy(np.array(of)[inverse]) for of in (by_name, positions))
    raise DataError(
        f"the classes {_listed(names)} are numbers that are not in order, and a label may be the "
        f"name of a class (accuracy {as_names:.1%}) or count the columns from 0 (accuracy "
        f"{as_positions:.1%})",
        hint="say which with --labels-are names or --labels-are positions",
    )


def _by_name(values: Sequence[str], names: Sequence[str]) -> list[int] | None:
    """Return the class that each value names; ``None`` if one names none."""
    number_of = {name: number for number, name in enumerate(names)}
    if all(value in number_of for value in values):
        return [number_of[value] for value in values]
    numerals = [whole(name) for name in names]
    if None in numerals or len(set(numerals)) < len(names) or not are_numbers(values):
        return None
    number_of_numeral = {numeral: number for number, numeral in enumerate(numerals)}
    found = [number_of_numeral.get(whole(value)) for value in values]
    return None if None in found else [number for number in found if number is not None]


def _positions(values: Sequence[str], classes: int) -> list[int] | None:
    numbers = [whole(value) for value in values]
    found = [number for number in numbers if number is not None and 0 <= number < classes]
    return found if len(found) == len(values) else None


def _reject_unless(
    right: bool,
    labels: NDArray[Any],
    values: Sequence[str],
    inverse: NDArray[np.int64],
    names: Sequence[str],
) -> None:
    if right:
        return
    wrong = [
        number
        for number, value in enumerate(values)
        if value not in names and (whole(value) is None or not are_numbers(values))
    ] or range(len(values))
    image = int(np.flatnonzero(np.isin(inverse, list(wrong)))[0])
    raise DataError(
        f"the label of image {image} is {_text(labels[image])!r}",
        expected=f"one of {_listed(names)}, or a number from 0 to {len(names) - 1}",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
