"""Files with a transition matrix: NPY, and CSV as NumPy, pandas and spreadsheets write it.

A CSV file may have a header with the names of the classes, a first column with their names, both or
neither. Cells are separated by commas, semicolons, tabs or spaces; where they are not separated by
commas, a comma is a decimal comma.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from seedbed.core.errors import DataError, StudyError
from seedbed.core.text import decoded
from seedbed.data.readers.arrays import read_npy
from seedbed.noise.transition import Matrix, check_transition

NPY_MAGIC: Final = b"\x93NUMPY"
MAX_CLASSES: Final = 10_000
"""The rest of a CSV file with more rows is not read."""


@dataclass(frozen=True)
class NamedMatrix:
    """A transition matrix, and the names of its classes where the file has them."""

    matrix: Matrix
    classes: tuple[str, ...] | None = None
    """In the order of the rows and of the columns."""


def read_matrix(path: Path) -> NamedMatrix:
    """Return the transition matrix in a file, checked by :func:`check_transition`.

    Args:
        path: NPY (nothing is unpickled) or CSV.

    Raises:
        StudyError: If the file cannot be read, or is not a transition matrix.
    """
    where = str(path)
    try:
        contents = path.read_bytes()
        if contents.startswith(NPY_MAGIC):
            return NamedMatrix(check_transition(read_npy(path), where=where))
    except OSError as error:
        raise StudyError(f"cannot be read: {error.strerror or error}", where=where) from None
    except DataError as error:
        raise StudyError(
            f"is not a valid NPY file: {error.what}",
            where=where,
            expected=error.expected,
            hint=error.hint,
        ) from None
    try:
        return _read_csv(decoded(contents, where), where)
    except csv.Error as error:
        raise StudyError(f"is not a CSV file: {error}", where=where) from None


def _read_csv(text: str, where: str) -> NamedMatrix:
    separator, table = _table(text)
    if not table:
        return NamedMatrix(check_transition([], where=where))
    body, columns, rows = _without_names(table, separator)
    if columns is not None and rows is not None and sorted(columns) != sorted(rows):
        raise StudyError(
            f"the columns are {', '.join(columns)}, but the rows are {', '.join(rows)}",
            where=where,
            expected="the same names of classes",
        )
    names = columns or rows
    if names is not None and len(set(names)) < len(names):
        raise StudyError("two classes have one name", where=where, expected="different names")
    numbers = [[_number(cell, separator, where) for cell in line] for line in body]
    matrix = check_transition(numbers, where=where)
    if columns is not None and rows is not None:
        matrix = matrix[[rows.index(name) for name in columns]]
    return NamedMatrix(matrix, None if names is None else tuple(names))


def _table(text: str) -> tuple[str, list[list[str]]]:
    """Return the separator of a CSV file and its cells, as the separator that fits all lines."""
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep="):  # written by Excel
        text = rest
    lines = [line for line in islice(text.split("\n"), MAX_CLASSES + 2) if line.strip()]
    for separator in (";", "\t", ","):
        table = [[cell.strip() for cell in line] for line in csv.reader(lines, delimiter=separator)]
        if min(map(len, table), default=0) > 1 and len(set(map(len, table))) == 1:
            return separator, table
    if lines and "," not in text and ";" not in text:
        return " ", [line.split() for line in lines]
    return ",", [[cell.strip() for cell in line] for line in csv.reader(lines)]


def _without_names(
    table: list[list[str]], separator: str
) -> tuple[list[list[str]], list[str] | None, list[str] | None]:
    """Return the cells without names, the names of the columns, and those of the rows."""
    first, size = table[0], len(table)
    if separator == " " and size == len(first) + 1 and len(table[-1]) == size:
        first = ["", *first]  # an empty corner
    is_number = [_is_number(cell, separator) for cell in first]
    columns = rows = None
    if (
        not all(is_number[1:])
        or size == len(first) + 1
        or (not is_number[0] and size == len(first))
    ):
        columns, table = first, table[1:]
    has_names = any(not line or not _is_number(line[0], separator) for line in table)
    if table and (has_names or len(table[0]) == len(table) + 1):
        rows = [line[0] for line in table if line]
        table = [line[1:] for line in table]
        columns = columns and columns[1:]
    return table, columns, rows


def _is_number(cell: str, separator: str) -> bool:
    try:
        _number(cell, separator, "")
    except StudyError:
        return False
    return True


def _number(cell: str, separator: str, where: str) -> float:
    text = cell if separator == "," else cell.replace(",", ".")
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise StudyError(
            f"is not a CSV file of numbers: it has {cell[:40]!r}", where=where
        ) from None


def by_name(
    matrix: Matrix, classes: Sequence[str], class_names: Sequence[str], where: str
) -> Matrix:
    """Return a matrix with rows and columns in the order of a dataset's classes.

    Names that are the numbers 0 to K-1 may also be positions.

    Args:
        matrix: K×K.
        classes: K names of its rows and columns.
        class_names: The names of the dataset's K classes.
        where: The setting, for messages.

    Raises:
        StudyError: If the names are neither those of the dataset nor positions, or if they are both
            and it makes a difference.
    """
    positions = [str(number) for number in range(len(class_names))]
    orders: list[Any] = [
        [list(classes).index(name) for name in names]
        for names in (class_names, positions)
        if sorted(names) == sorted(classes)
    ]
    if not orders:
        unlike = [name for name in classes if name not in class_names] or list(classes)
        raise StudyError(
            f"the matrix has the class {unlike[0]!r}",
            where=where,
            expected=f"the classes of the dataset, {', '.join(class_names)}",
        )
    if orders[0] != orders[-1]:
        raise StudyError(
            "the numbers may be the names of classes, or their positions, which differ",
            where=where,
            hint="remove them from the file, and order rows and columns as the dataset's classes",
        )
    return np.array(matrix)[np.ix_(orders[0], orders[0])]
