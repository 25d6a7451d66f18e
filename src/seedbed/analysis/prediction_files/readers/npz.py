"""Predictions in NPZ: each array is a column, or the scores of all classes."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files.readers.table import Table, to_lists
from seedbed.analysis.prediction_files.words import word
from seedbed.core.errors import DataError
from seedbed.core.parsing import parse_json
from seedbed.data.readers.arrays import open_npz
from seedbed.data.readers.bounded import readable
from seedbed.study.store.names import PREDICTIONS

CLASS_NAMES: Final = ("class_names", "classes", "class_labels", "label_names", "categories")


def read_npz(path: Path, ignore: Collection[str] = ()) -> Table:
    """Return the arrays of an NPZ file, without those to ignore.

    Class names are an array of the file, or stand in the record of the run beside it.

    Raises:
        DataError: If the file cannot be read.

    """
    columns: dict[str, NDArray[Any]] = {}
    unread: dict[str, str] = {}
    names: tuple[str, ...] | None = None
    classes_from = ""
    with open_npz(path) as arrays:
        for name in arrays:
            if name in ignore:
                unread[name] = "--ignore"
                continue
            array = arrays[name]
            if word(name) in CLASS_NAMES and array.dtype.kind in "US" and names is None:
                names = tuple(_text(array).ravel().tolist())
                classes_from = f"the array {name!r}"
            elif array.ndim not in (1, 2) or array.dtype.kind not in "biufUS":
                unread[name] = f"{array.dtype} of shape {array.shape}"
            else:
                column = _column(array, name)
                if column.ndim == 2 and column.dtype.kind == "U":
                    unread[name] = f"text of shape {array.shape}"
                else:
                    columns[name] = column
    if names is None:
        names = _recorded_classes(path)
        classes_from = "run.json beside the file" if names else ""
    return Table("NPZ", columns, names, classes_from, unread)


def _column(array: NDArray[Any], name: str) -> NDArray[Any]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "S":
        array = _text(array)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # infinity is rejected, if it is of a score
            return array.astype(np.float64)
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "U" and array.ndim == 1:
        lists = to_lists(array[:1].tolist(), name)
        return array if lists is None else np.asarray(to_lists(array.tolist(), name))
    return array


def _text(array: NDArray[Any]) -> NDArray[np.str_]:
    if array.dtype.kind == "U":
        return array
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError:
        raise DataError("holds text that is not UTF-8") from None


def _recorded_classes(path: Path) -> tuple[str, ...] | None:
    """Return the class names in the record of a stored run, beside its predictions."""
    record = path.with_name("run.json")
    if path.name != PREDICTIONS or not record.is_file():
        return None
    with readable(record):
        contents = record.read_bytes()
    try:
        values = parse_json(contents)
    except ValueError:  # another tool's file of this name
        return None
    ours = isinstance(values, dict) and {"format", "id", "class_names"} <= values.keys()
    return tuple(map(str, values["class_names"])) if ours else None
