"""Whether columns that are not used agree with what was understood of the others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files.labels import are_numbers, whole
from seedbed.core.errors import DataError

LEAST_AGREEMENT: Final = 0.9
"""Of predicted classes with the highest scores: rounding and ties cost less."""


def check_names(
    others: Mapping[str, NDArray[Any]],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    counted: str | None,
) -> None:
    """Reject labels that count the classes in another order than the names beside them say.

    Args:
        others: Columns that are not used.
        labels: The numbers of the classes, N.
        class_names: In the order of the scores.
        counted: The column of the labels, if these count the classes; ``None`` if they name them.

    Raises:
        DataError: If a column of text has the classes of the labels, in another order.

    """
    for name, column in others.items():
        if counted is None or column.dtype.kind != "U" or column.shape != labels.shape:
            continue
        named = _classes(column, class_names)
        if named is None or np.array_equal(named, labels):
            continue
        pairs = np.unique(np.stack([named, labels]), axis=1).shape[1]
        if pairs == len(np.unique(labels)) == len(np.unique(named)):
            raise DataError(
                f"{name!r} has the same classes as the labels in {counted!r}, which count them in "
                "another order than that of the scores",
                hint=f"use the names with --label '{name}', or leave them out with "
                f"--ignore '{name}'",
            )


def check_predicted(
    others: Mapping[str, NDArray[Any]],
    predicted: str | None,
    scores: NDArray[Any],
    class_names: Sequence[str],
) -> tuple[str, ...]:
    """Return how often predicted classes are those of the highest scores.

    Raises:
        DataError: If they mostly are not, so that the scores are in another order.

    """
    if predicted is None or predicted not in others or len(others[predicted]) != len(scores):
        return ()
    classes = _classes(others[predicted], class_names)
    if classes is None:
        return ()
    agree = float(np.mean(classes == scores.argmax(axis=1)))
    if agree < LEAST_AGREEMENT:
        raise DataError(
            f"the classes in {predicted!r} have the highest score in only {agree:.1%} of the rows: "
            "the scores may be in another order than that in which labels count the classes",
            hint="name the classes in the order of the labels with --classes, or leave the column "
            f"out with --ignore '{predicted}'",
        )
    return (f"{predicted!r} is the class of the highest score in {agree:.1%} of the rows",)


def _classes(column: NDArray[Any], class_names: Sequence[str]) -> NDArray[np.int64] | None:
    """Return the classes that a column names or counts; ``None`` if it may do either or neither."""
    distinct, inverse = np.unique(column, return_inverse=True)
    values = [str(value).strip() for value in distinct.tolist()]
    number_of = {name: number for number, name in enumerate(class_names)}
    if all(value in number_of for value in values):
        numbers = [number_of[value] for value in values]
        if are_numbers(values) and numbers != [whole(value) for value in values]:
            return None
    elif are_numbers(values) and not are_numbers(class_names):
        numbers = [whole(value) or 0 for value in values]
    else:
        return None
    return np.array(numbers, np.int64)[inverse]
