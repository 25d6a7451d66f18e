"""Prediction files of any tool: for every test image, its label and a score for each class.

NPZ: ``labels``, and ``logits``, ``probabilities`` or ``scores`` (N×K); ``class_names`` is optional.
CSV and Parquet: a column ``label``, and a column for each class, named after it; the names may
begin with ``logit_``, ``probability_``, ``prob_`` or ``score_``. Labels are names or numbers of
classes, counted from 0 in the order of the columns.
"""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Kind, Predictions
from seedbed.core.errors import DataError, MissingExtra
from seedbed.core.suggestions import unknown
from seedbed.data.readers.arrays import open_npz
from seedbed.data.readers.bounded import check_lines, readable
from seedbed.data.readers.contents import located

PREFIXES: Final[Mapping[str, Kind | None]] = {
    "logit_": "logits",
    "probability_": "probabilities",
    "prob_": "probabilities",
    "score_": None,
}
"""Before the names of classes, and the kind of scores that it tells."""

ARRAYS: Final[Mapping[str, Kind | None]] = {
    "logits": "logits",
    "probabilities": "probabilities",
    "scores": None,
}
"""Names of the scores in an NPZ file, and their kind."""


FEWEST_ROW_NUMBERS: Final = 10
"""In fewer images, whole numbers that all differ may as well be scores."""


@dataclass(frozen=True)
class Layout:
    """What a file does not say itself."""

    label: str | None = None
    """The name of the labels; ``label`` or ``labels`` by default."""
    ignore: tuple[str, ...] = ()
    """Columns that are no scores."""
    kind: Kind | None = None
    """Whether scores are logits or probabilities; told by their name or their values by default."""
    class_names: tuple[str, ...] | None = None
    """In the order of the columns; the names of the columns, or ``0`` to ``K - 1``, by default."""


PLAIN: Final = Layout()


def read_predictions(path: Path, layout: Layout = PLAIN) -> Predictions:
    """Return the predictions in a file.

    Raises:
        DataError: If the file cannot be read, or does not hold a label and one finite score a class
            for every image.
        MissingExtra: If it is a Parquet file, and pyarrow is not installed.

    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise DataError("is not a prediction file", where=str(path), expected=", ".join(READERS))
    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    with located(path):
        return READERS[suffix](path, layout)


def _read_npz(path: Path, layout: Layout) -> Predictions:
    with open_npz(path) as arrays:
        name = next((array for array in ARRAYS if array in arrays), None)
        if name is None:
            raise DataError(
                f"holds the arrays {', '.join(arrays) or 'none'}",
                expected="labels, and logits, probabilities or scores",
            )
        labels = arrays[_label_name(layout, arrays)]
        scores = arrays[name]
        names = layout.class_names
        if names is None and "class_names" in arrays:
            names = tuple(map(str, arrays["class_names"].ravel().tolist()))
    if names is None:
        names = tuple(map(str, range(scores.shape[-1] if scores.ndim else 0)))
    if labels.dtype.kind == "U":
        labels = _numbers_of_classes(labels.ravel().tolist(), names)
    return _predictions(scores, labels, names, layout.kind or ARRAYS[name])


def _read_csv(path: Path, layout: Layout) -> Predictions:
    with readable(path):
        check_lines(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise DataError("is no UTF-8 text", expected="a CSV file") from None
    first, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"is not a CSV file: {error}") from None
    rows = [row for row in rows if row]  # an empty line is not an image
    if len(rows) < 2:
        raise DataError("holds no predictions", expected="a header, and a line for each image")
    header, *body = ([cell.strip() for cell in row] for row in rows)
    if all(_is_number(cell) for cell in header):
        raise DataError(
            "has no header", expected="a first line with the names: label, and every class"
        )
    for number, row in enumerate(body):
        if len(row) != len(header):
            raise DataError(
                f"image {number} has {len(row)} columns, the header {len(header)}",
                expected="a label and one score a class in every line",
            )
    return _of_columns(dict(zip(_unique(header), zip(*body, strict=True), strict=True)), layout)


def _read_parquet(path: Path, layout: Layout) -> Predictions:
    if find_spec("pyarrow") is None:
        raise MissingExtra("parquet", f"reading {path}")
    import pyarrow as pa
    from pyarrow import parquet

    with readable(path):
        try:
            table = parquet.read_table(path)
        except pa.ArrowException as error:
            raise DataError(f"cannot be read: {error}") from error
    names = _unique([str(name) for name in table.column_names])
    columns = (column.to_pylist() for column in table.columns)
    return _of_columns(dict(zip(names, columns, strict=True)), layout)


READERS: Final[Mapping[str, Callable[[Path, Layout], Predictions]]] = {
    ".npz": _read_npz,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _of_columns(columns: Mapping[str, Sequence[Any]], layout: Layout) -> Predictions:
    label = _label_name(layout, columns)
    for column in layout.ignore:
        if column not in columns:
            raise DataError(unknown("column", column, columns))
    scores = [name for name in columns if name != label and name not in layout.ignore]
    prefix = next((p for p in PREFIXES if scores and all(n.startswith(p) for n in scores)), "")
    names = layout.class_names or tuple(name.removeprefix(prefix) for name in scores)
    array = np.empty((len(columns[label]), len(scores)))
    for number, name in enumerate(scores):
        array[:, number] = _numbers(columns[name], name)
    _reject_row_numbers(array, scores)
    labels = _numbers_of_classes(columns[label], names)
    return _predictions(array, labels, names, layout.kind or PREFIXES.get(prefix))


def _predictions(
    scores: NDArray[Any], labels: NDArray[Any], names: Sequence[str], kind: Kind | None
) -> Predictions:
    if kind is None:
        return Predictions.from_scores(scores, labels, names)
    if scores.dtype.kind in "iu":
        scores = scores.astype(np.float64)
    return Predictions(scores, labels, tuple(names), kind)


def _label_name(layout: Layout, names: Mapping[str, Any]) -> str:
    wanted = [layout.label] if layout.label else ["label", "labels"]
    label = next((name for name in wanted if name in names), None)
    if label is None:
        raise DataError(
            f"has no {wanted[0]!r} among {', '.join(names) or 'nothing'}",
            hint="name the true classes with --label",
        )
    return label


def _numbers(values: Sequence[Any], name: str) -> NDArray[np.float64]:
    """Return a column of scores; what is missing is NaN, which is rejected later with its image."""
    try:
        return np.array([np.nan if value in (None, "") else float(value) for value in values])
    except (TypeError, ValueError):
        image = next(i for i, value in enumerate(values) if not _is_number(value))
        raise DataError(
            f"column {name!r} holds {values[image]!r} for image {image}",
            expected="a number: the score of a class",
            hint="if the column is no class, leave it out with --ignore",
        ) from None


def _reject_row_numbers(scores: NDArray[np.float64], names: Sequence[str]) -> None:
    """Reject a column that counts the images or names them by number, such as a data frame's index.

    Taken for a class it would be the highest score of nearly every image. It holds whole numbers,
    all different: in rising order, or beside columns that are not of whole numbers.
    """
    if len(scores) < FEWEST_ROW_NUMBERS:
        return
    whole = np.all(scores == np.round(scores), axis=0)
    for number in np.flatnonzero(whole).tolist():
        column = scores[:, number]
        rising = bool(np.all(np.diff(column) > 0))
        if rising or (not whole.all() and len(np.unique(column)) == len(column)):
            name = names[number]
            raise DataError(
                f"column {name!r} holds another whole number for each image: it seems to number "
                "them, and is no score of a class",
                hint=f"leave it out with --ignore '{name}'",
            )


def _numbers_of_classes(values: Sequence[Any], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the numbers of classes that are given by name, or by number."""
    texts = [str(value).strip() for value in values]
    number_of = {name: number for number, name in enumerate(names)}
    if all(text in number_of for text in set(texts)):
        return np.array([number_of[text] for text in texts], np.int64)
    for image, text in enumerate(texts):
        if not _is_number(text) or not float(text).is_integer() or abs(float(text)) > 2**53:
            raise DataError(
                f"the label of image {image} is {text!r}",
                expected=f"one of {', '.join(names)}, or a number from 0 to {len(names) - 1}",
            )
    return np.array([int(float(text)) for text in texts], np.int64)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return value is None
    return True


def _unique(header: Sequence[str]) -> Sequence[str]:
    for name, count in Counter(header).items():
        if count > 1:
            raise DataError(f"two columns have the name {name!r}")
    return header
