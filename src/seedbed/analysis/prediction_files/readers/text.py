"""Predictions in CSV and TSV, as spreadsheets and data frames of any country write them."""

import codecs
import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.readers.table import (
    DECIMAL_COMMA,
    Table,
    is_number,
    to_lists,
    to_numbers,
)
from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_lines, readable

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
BLOCK: Final = 500
"""Rows that are converted at a time: as text, numbers take many times their size."""

EXACT: Final = words.LABEL_TOO | words.PREDICTED | words.IMAGE | set(words.LABEL)
"""Columns whose text matters: 007 is not 7.0."""


def read_text(path: Path, ignore: Collection[str] = (), exact: Collection[str] = ()) -> Table:
    """Return the columns of a text file.

    Args:
        path: The file.
        ignore: Columns that are not used.
        exact: Columns that are kept as text even if they are numbers.

    Raises:
        DataError: If it is not a table with a header, and cells for all of its columns.

    """
    with readable(path):
        check_lines(path)
        text, encoding = _decoded(path.read_bytes())
    text, delimiter = _delimiter(text)
    header, body = _rows(text, delimiter)
    kept = {n for n, name in enumerate(header) if name in exact or words.word(name) in EXACT}
    unread = {name: "--ignore" for name in header if name in ignore}
    used = [number for number, name in enumerate(header) if name not in unread]
    columns = [_ColumnParts(header[number], number in kept) for number in used]
    begins = 0
    while block := list(islice(body, BLOCK)):
        cells = list(zip(*block, strict=True))
        for column, number in zip(columns, used, strict=True):
            column.add(cells[number], begins)
        begins += len(block)
    comma = _one_decimal_sign(columns)
    how = [f"separated by {DELIMITERS[delimiter]}", encoding, "with decimal commas" * comma]
    arrays = {column.name: column.array() for column in columns}
    return Table(", ".join(["CSV", *filter(None, how)]), arrays, unread=unread)


def _decoded(contents: bytes) -> tuple[str, str]:
    """Return the text, and its encoding where that is worth a word."""
    if contents.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in contents[:100]:  # text that has no zeros, in two bytes a character
        encoding = "utf-16-le" if contents[1:2] == b"\0" else "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return contents.decode(encoding), "UTF-16" if "16" in encoding else ""
    except UnicodeDecodeError:
        raise DataError(
            "is not UTF-8 or UTF-16 text", expected="a CSV file", hint="save it as UTF-8"
        ) from None


def _delimiter(text: str) -> tuple[str, str]:
    """Return the text without Excel's first line ``sep=;``, and what separates its cells."""
    first, _, rest = text.partition("\n")
    match = re.match(r"\"?sep=(.)", first, re.IGNORECASE)
    if match and match[1] in DELIMITERS:
        return rest, match[1]
    return text, max(DELIMITERS, key=first.count)


def _rows(text: str, delimiter: str) -> tuple[list[str], Iterator[list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _stripped(reader)
    header, first = next(rows, None), next(rows, None)
    if header is None or first is None:
        raise DataError("holds no predictions", expected="a header, and a line for each image")
    if all(is_number(cell) for cell in header):
        raise DataError(
            "has no header", expected="a first line with the names: label, and every class"
        )
    if len(set(header)) < len(header):
        repeated = next(name for name in header if header.count(name) > 1)
        raise DataError(f"two columns have the name {repeated!r}")
    return header, _checked([first], rows, len(header))


def _stripped(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):  # an empty line, or one of delimiters only, is not an image
                yield cells
    except csv.Error as error:
        raise DataError(f"is not a CSV file: {error}") from None


def _checked(
    first: Iterable[list[str]], rows: Iterable[list[str]], width: int
) -> Iterator[list[str]]:
    for several in (first, rows):
        for number, row in enumerate(several, start=0 if several is first else 1):
            if len(row) != width:
                raise DataError(
                    f"image {number} has {len(row)} columns, the header {width}",
                    expected="a label and one score a class in every line",
                )
            yield row


class _ColumnParts:
    """A column, block after block: numbers where all cells are, otherwise text."""

    def __init__(self, name: str, exact: bool) -> None:
        self.name = name
        self.parts: list[Any] = []
        self.comma = ""
        """The first cell with a decimal comma."""
        self.point = ""
        """The first cell with a decimal point."""
        self._is_text = exact

    def add(self, cells: Sequence[str], begins: int) -> None:
        """Add the cells of the rows from ``begins`` on."""
        numbers = None if self._is_text else self._numbers(cells)
        if numbers is None and not self._is_text:
            wrong = [image for image, cell in enumerate(cells) if not self._is_number(cell)]
            if begins or len(wrong) <= len(cells) / 2:
                raise DataError(
                    f"column {self.name!r} holds {cells[wrong[0]]!r} for image {begins + wrong[0]}",
                    expected="a number: the score of a class",
                    hint=f"if the column is no class, leave it out with --ignore '{self.name}'",
                )
            self._is_text = True
        self.parts.append(list(cells) if numbers is None else numbers)

    def array(self) -> NDArray[Any]:
        """Return N numbers, N texts, or N×K numbers from lists."""
        if not self._is_text:
            return np.concatenate(self.parts)
        texts = [cell for part in self.parts for cell in part]
        lists = to_lists(texts[:1], self.name)
        return np.array(texts, np.str_) if lists is None else np.asarray(to_lists(texts, self.name))

    def _numbers(self, cells: Sequence[str]) -> NDArray[np.float64] | None:
        numbers = to_numbers(cells)
        if numbers is None and all(map(self._is_number, cells)):
            self.comma = self.comma or next(filter(DECIMAL_COMMA.fullmatch, cells))
            numbers = to_numbers([cell.replace(",", ".") for cell in cells])
        if not self.point and numbers is not None:
            self.point = next((cell for cell in cells if "." in cell), "")
        return numbers

    @staticmethod
    def _is_number(cell: str) -> bool:
        return is_number(cell) or DECIMAL_COMMA.fullmatch(cell) is not None


def _one_decimal_sign(columns: Iterable[_ColumnParts]) -> bool:
    """Return whether numbers have decimal commas; reject files with both signs."""
    comma = next((column for column in columns if column.comma), None)
    point = next((column for column in columns if column.point), None)
    if comma is not None and point is not None:
        raise DataError(
            f"column {comma.name!r} holds {comma.comma!r}, and column {point.name!r} "
            f"{point.point!r}: the comma may be a decimal sign or separate thousands",
            expected="one decimal sign, and no separators of thousands",
        )
    return comma is not None
