"""Read a file of predictions, and say what was understood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files.agreement import check_names, check_predicted
from seedbed.analysis.prediction_files.columns import HASHES, Columns, find_columns
from seedbed.analysis.prediction_files.kinds import kind_of
from seedbed.analysis.prediction_files.labels import are_numbers, label_values, number_labels, whole
from seedbed.analysis.prediction_files.layout import PLAIN, Layout
from seedbed.analysis.prediction_files.readers.npz import read_npz
from seedbed.analysis.prediction_files.readers.parquet import read_parquet
from seedbed.analysis.prediction_files.readers.table import Table, to_numbers
from seedbed.analysis.prediction_files.readers.text import read_text
from seedbed.analysis.prediction_files.reading import PredictionReading
from seedbed.analysis.prediction_files.stray import is_whole
from seedbed.analysis.prediction_files.two_classes import two_columns
from seedbed.analysis.predictions import Predictions
from seedbed.core.errors import DataError
from seedbed.data.images import ImageIdentities
from seedbed.data.readers.contents import located


def _read_text(path: Path, layout: Layout) -> Table:
    exact = [name for name in (layout.label, layout.image) if name is not None]
    return read_text(path, layout.ignore, exact)


READERS: Final[Mapping[str, Callable[[Path, Layout], Table]]] = {
    ".npz": lambda path, layout: read_npz(path, layout.ignore),
    ".csv": _read_text,
    ".tsv": _read_text,
    ".parquet": lambda path, layout: read_parquet(path, layout.ignore),
}


@dataclass(frozen=True, eq=False)
class PredictionFile:
    """What a file holds.

    Args:
        predictions: Its labels and scores.
        reading: What was understood of it.
        image: The column that names the images, if there is one.
        row_names: Columns that are not used and differ in every row, by name: if two files have
            them in different order, their rows are in different order.
    """

    predictions: Predictions
    reading: PredictionReading
    row_names: Mapping[str, NDArray[Any]]
    image: str | None = None


def read_predictions(path: Path, layout: Layout = PLAIN) -> PredictionFile:
    """Return the predictions in a file.

    Raises:
        DataError: If the file cannot be read, does not hold a label and finite scores for every
            image, or can be understood in two ways.
        MissingExtra: If it is a Parquet file, and pyarrow is not installed.

    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise DataError("is not a prediction file", where=str(path), expected=", ".join(READERS))
    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    with located(path):
        table = READERS[suffix](path, layout)
        return _understood(table, find_columns(table, layout), layout)


def _understood(table: Table, columns: Columns, layout: Layout) -> PredictionFile:
    labels = table.columns[columns.label]
    one_hot = labels.ndim > 1
    if one_hot:
        labels = labels.argmax(axis=1)
    images = _identities(table, columns.image)
    if columns.scores:
        scored = _scored(table, columns, labels, layout)
    else:
        scored = _hard(table, columns, labels, layout)
    said: tuple[str, ...] = ()
    if columns.scores and scored.scores.ndim == 2 and scored.scores.size:
        others = {name: table.columns[name] for name in columns.left_out if name in table.columns}
        counted = None if scored.named else columns.label
        check_names(others, scored.labels, scored.names, counted)
        said = check_predicted(others, columns.predicted, scored.scores, scored.names)
    predictions = Predictions(
        scored.scores, scored.labels, scored.names, scored.kind, images=images
    )
    reading = PredictionReading(
        format=table.format,
        rows=len(predictions),
        labels=f"column {columns.label!r}, {'one-hot' if one_hot else scored.labels_are}",
        scores=scored.described,
        kind=scored.why,
        classes=predictions.class_names,
        classes_from=table.classes_from if predictions.class_names == table.class_names else "",
        images=f"named by column {columns.image!r}" if columns.image else "",
        left_out=columns.left_out,
        decisions=(*columns.decisions, *scored.decisions, *said),
    )
    row_names = {
        name: column
        for name, column in table.columns.items()
        if name in columns.left_out and column.ndim == 1 and len(column) == len(predictions)
    }
    different = {name: of for name, of in row_names.items() if len(np.unique(of)) == len(of)}
    return PredictionFile(predictions, reading, different, columns.image)


@dataclass(frozen=True, eq=False)
class _Scored:
    scores: NDArray[Any]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    kind: Any
    labels_are: str
    described: str
    why: str
    decisions: tuple[str, ...] = ()
    named: bool = False
    """Whether labels name classes."""


def _scored(table: Table, columns: Columns, labels: NDArray[Any], layout: Layout) -> _Scored:
    arrays = [table.columns[name] for name in columns.scores]
    given, by = (layout.kind, "--kind") if layout.kind else (columns.kind, "their name")
    names = columns.class_names or layout.class_names or table.class_names
    decisions: tuple[str, ...] = ()
    if len(arrays) == 1 and arrays[0].ndim == 1 and len(arrays[0]) == len(labels):
        scores, names, given, decision = two_columns(
            _floating(arrays[0]), columns.scores[0], label_values(labels)[0], names, given
        )
        by = by if layout.kind or columns.kind else "their range"
        decisions = (decision,)
        described = f"column {columns.scores[0]!r}"
    elif len(arrays) == 1:
        scores = _floating(arrays[0])
        described = f"{columns.scores[0]!r}, {' × '.join(f'{n:,}' for n in scores.shape)}"
        names = names or tuple(map(str, range(scores.shape[-1] if scores.ndim else 0)))
    else:
        scores = np.column_stack([_floating(array) for array in arrays])
        described = f"{len(arrays):,} columns"
        assert names is not None
    known = kind_of(scores, given, by if given else "")
    if known.divisor != 1:
        scores = scores / known.divisor
    predicted = scores.argmax(axis=1) if scores.ndim == 2 and scores.size else None
    numbered, how = number_labels(
        labels,
        names,
        layout.labels_are,
        lambda labels: float(np.mean(labels == predicted)) if len(labels) else 0.0,
    )
    why = f"{known.kind}: {known.why}"
    named = how.startswith("names")
    return _Scored(
        scores, numbered, tuple(names), known.kind, how, described, why, decisions, named
    )


def _nothing(_: NDArray[np.int64]) -> float:
    return 0.0


def _hard(table: Table, columns: Columns, labels: NDArray[Any], layout: Layout) -> _Scored:
    """Return the one-hot rows of predicted classes."""
    assert columns.predicted is not None
    predicted = table.columns[columns.predicted]
    names = layout.class_names or table.class_names or _classes_of(labels, predicted)
    numbered, how = number_labels(labels, names, layout.labels_are, _nothing)
    guessed, _ = number_labels(predicted, names, layout.labels_are, _nothing)
    outside = np.flatnonzero((guessed < 0) | (guessed >= len(names)))
    if len(outside):
        raise DataError(
            f"image {outside[0]} is predicted as {guessed[outside[0]]}, which is no class",
            expected=f"0 to {len(names) - 1}",
        )
    scores = np.zeros((len(guessed), len(names)), np.float32)
    scores[np.arange(len(guessed)), guessed] = 1
    described = f"none: column {columns.predicted!r} is the predicted class"
    decision = "without scores there are no ROC curves, calibration and losses"
    return _Scored(scores, numbered, tuple(names), "labels", how, described, "", (decision,))


def _classes_of(labels: NDArray[Any], predicted: NDArray[Any]) -> tuple[str, ...]:
    values = set(label_values(labels)[0]) | set(label_values(predicted)[0])
    if not are_numbers(list(values)):
        return tuple(sorted(values))
    numbers = sorted({whole(value) or 0 for value in values})
    # Counted from 0 with few gaps, a number that never occurs is a class without images.
    if numbers[0] >= 0 and numbers[-1] < 2 * len(numbers) + 10:
        return tuple(map(str, range(numbers[-1] + 1)))
    return tuple(map(str, numbers))


def _identities(table: Table, image: str | None) -> ImageIdentities | None:
    if image is None:
        return None
    column = table.columns[image]
    if column.dtype.kind == "f" and is_whole(column):
        column = column.astype(np.int64)
    names = column.astype(np.str_)
    hashes = table.columns.get(HASHES)
    if hashes is None or hashes.dtype.kind != "U" or hashes.shape != names.shape:
        hashes = np.full(len(names), "", np.str_)
    return ImageIdentities(names, hashes)


def _floating(column: NDArray[Any]) -> NDArray[Any]:
    if column.dtype.kind == "U" and column.ndim == 1:
        numbers = to_numbers(column.tolist())
        return column if numbers is None else numbers
    return column.astype(np.float64) if column.dtype.kind in "iu" else column
