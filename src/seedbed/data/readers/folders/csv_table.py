"""A CSV file that a person or a spreadsheet wrote, as columns of text."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_lines

MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order marks, as spreadsheets write them; that of UTF-8 is optional."""
DELIMITERS: Final = ",;\t|"


def read_csv(path: Path) -> dict[str, list[str]]:
    """Return the columns of a CSV file by name; spaces around a value are removed.

    The delimiter is a comma, semicolon, tab or bar: the one that the header has most of. Excel's
    ``sep=`` line is understood.

    Raises:
        DataError: If it is not text in UTF-8 or UTF-16, has no rows, a column without a name or
            twice, or a row with another number of values than the header.
        OSError: If it cannot be read.
    """
    check_lines(path)
    data = path.read_bytes()
    try:
        text = data.decode(MARKS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(
            "is not UTF-8 text", where=str(path), hint="save it as CSV in UTF-8"
        ) from error
    first, _, rest = text.partition("\n")
    delimiter = max(DELIMITERS, key=first.count)
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text = first[4], rest
    try:
        rows = [
            [value.strip() for value in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            if any(value.strip() for value in row)
        ]
    except csv.Error as error:
        raise DataError(f"is not a CSV file: {error}", where=str(path)) from error
    if len(rows) < 2:
        raise DataError("has no rows", where=str(path), expected="a header and a row per image")
    header, *rows = rows
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise DataError(f"has the column {repeated[0]!r} twice", where=str(path))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DataError(
                f"row {number} has {len(row)} values",
                where=str(path),
                expected=f"{len(header)}, like the header",
            )
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}
