"""What the columns of a table are: labels, scores, predicted classes, images, or none of these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.kinds import GivenKind
from seedbed.analysis.prediction_files.labels import label_values
from seedbed.analysis.prediction_files.layout import Layout
from seedbed.analysis.prediction_files.readers.table import Table, to_numbers
from seedbed.analysis.prediction_files.scores import (
    Scores,
    as_numbers,
    is_of_prediction,
    listed,
    separate_scores,
    wide_scores,
)
from seedbed.analysis.prediction_files.stray import reason, reason_by_name
from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown

NAMES: Final = "names"
"""What predictions of Seedbed call the names of images, which may be numbers."""
HASHES: Final = "hashes"
"""What they call the hashes of their contents."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Args:
        label: The column of the true classes.
        scores: The columns of scores, in the order of the classes; one if it has N×K numbers, or
            the probability of one of two classes; none if only predicted classes are known.
        class_names: What the columns of scores are called; empty for one column.
        kind: What their names tell of the scores.
        predicted: The column of the predicted classes.
        image: The column that names the images.
        left_out: The other columns, and why.
        decisions: What was decided, in sentences without a full stop.
    """

    label: str
    scores: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    kind: GivenKind | None = None
    predicted: str | None = None
    image: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


def find_columns(table: Table, layout: Layout) -> Columns:
    """Return what the columns of a table are.

    Raises:
        DataError: If there are no labels, neither scores nor predicted classes, or if two readings
            of a column are possible.

    """
    columns = table.columns
    for column in layout.ignore:
        if column not in columns and column not in table.unread:
            raise DataError(unknown("column", column, [*columns, *table.unread]))
    label = _label(table, layout)
    image = _image(table, layout)
    used = (label,) if image is None else (label, image, HASHES)
    rest = {name: of for name, of in columns.items() if name not in used}
    rows = len(columns[label])
    if not rows:
        raise DataError("holds no predictions", expected="a row for each image")
    if columns[label].ndim > 1 and not holds_labels(columns[label]):
        raise DataError(
            f"the labels in {label!r} have the shape {columns[label].shape}",
            expected="one for each image, or one-hot rows",
        )
    predicted = next((name for name, of in rest.items() if _names_predictions(name, of)), None)
    scores = wide_scores(rest, rows) or separate_scores(rest, columns[label], layout)
    if predicted is not None and is_of_prediction(scores, columns, predicted, columns[label]):
        scores = Scores((), left_out={scores.columns[0]: "the score of the predicted class"})
    if not scores.columns and predicted is None:
        raise DataError(
            f"has no scores among {listed(columns)}",
            expected="a score for each class, or a column of predicted classes such as 'predicted'",
        )
    left_out = dict(table.unread)
    for name in rest:
        if name in scores.columns or (name == predicted and not scores.columns):
            continue
        left_out[name] = scores.left_out.get(name) or _why_left_out(name, rest[name], rows)
    return Columns(
        label,
        scores.columns,
        scores.class_names,
        scores.kind,
        predicted,
        image,
        left_out,
        scores.decisions,
    )


def holds_labels(column: NDArray[Any]) -> bool:
    """Whether a column may hold classes: text, whole numbers, or one-hot rows."""
    if column.dtype.kind == "U":
        return True
    if column.ndim == 2:
        one_hot = np.all((column == 0) | (column == 1)) and np.all(column.sum(axis=1) == 1)
        return bool(one_hot)
    return bool(np.all(column == np.round(column)))


def _label(table: Table, layout: Layout) -> str:
    if layout.label is not None:
        if layout.label not in table.columns:
            raise DataError(
                f"has no {layout.label!r} among {listed(table.columns)}",
                hint="name the true classes with --label",
            )
        return layout.label
    usual = [name for name in table.columns if words.word(name) in words.LABEL]
    other = [name for name in table.columns if words.word(name) in words.LABEL_TOO]
    found = [name for name in usual + other if holds_labels(table.columns[name])] or usual
    if not found:
        raise DataError(
            f"has no 'label' among {listed(table.columns)}",
            hint="name the true classes with --label",
        )
    first, *others = found
    for second in others:
        if not _correspond(table.columns[first], table.columns[second]):
            raise DataError(
                f"columns {first!r} and {second!r} may both be the labels, and they differ",
                hint=f"say which with --label '{first}' or --label '{second}'",
            )
    return first


def _correspond(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two columns name the same classes, perhaps in different words."""
    if len(one) != len(other) or one.ndim > 1 or other.ndim > 1:
        return False
    (first, ones), (second, others) = label_values(one), label_values(other)
    return len(first) == len(second) == len(set(zip(ones.tolist(), others.tolist(), strict=True)))


def _image(table: Table, layout: Layout) -> str | None:
    if layout.image is not None:
        if layout.image not in table.columns:
            raise DataError(unknown("column", layout.image, table.columns))
        if table.columns[layout.image].ndim > 1:
            raise DataError(
                f"column {layout.image!r} holds several numbers for each image",
                expected="the name of the image",
            )
        return layout.image
    for name, column in table.columns.items():
        if words.word(name) in words.IMAGE and column.dtype.kind == "U" and column.ndim == 1:
            values = column.tolist()
            if len(set(values)) == len(values) and (name == NAMES or to_numbers(values) is None):
                return name
    return None


def _names_predictions(name: str, column: NDArray[Any]) -> bool:
    return words.word(name) in words.PREDICTED and column.ndim == 1 and _is_labels(column)


def _is_labels(column: NDArray[Any]) -> bool:
    numbers = as_numbers(column)
    return numbers is None or bool(np.all(numbers == np.round(numbers)))


def _why_left_out(name: str, column: NDArray[Any], rows: int) -> str:
    if len(column) != rows:
        return f"has {len(column):,} rows for {rows:,} labels"
    if column.ndim == 2:
        return f"{column.shape[1]:,} numbers for each image"
    numbers = as_numbers(column)
    by_values = reason(name, {name: numbers}) if numbers is not None else "text"
    return reason_by_name(name) or by_values or "no score of a class"
