"""A file as a table, before anything is decided about its columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError

MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none"})
"""Cells without a value, in any case."""

DECIMAL_COMMA: Final = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
"""A number as most countries of Europe and South America write it."""

BRACKETS: Final = re.compile(r"^\s*(?:tensor|array)?[\s(\[]*|[\s)\]]*$")
"""Around a list of numbers in a cell, as Python, NumPy and PyTorch print it."""


@dataclass(frozen=True)
class Table:
    """What a reader returns.

    Args:
        format: Of the file, and how it is written, for example ``"CSV, separated by semicolons"``.
        columns: By name: N numbers, N texts, or N×K numbers.
        class_names: If the file, or one beside it, says them.
        classes_from: Where it says them.
        unread: Columns that cannot be used, and why.
    """

    format: str
    columns: Mapping[str, NDArray[Any]]
    class_names: tuple[str, ...] | None = None
    classes_from: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)


def is_number(text: str) -> bool:
    """Whether a cell is a number, or has no value."""
    try:
        float(text)
    except ValueError:
        return text.strip().lower() in MISSING
    return True


def to_numbers(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Return a column of cells as float64, NaN where there is no value; ``None`` if one is text."""
    try:
        return np.array(texts, np.float64)
    except ValueError:
        if not all(map(is_number, texts)):
            return None
        present = [text.strip().lower() not in MISSING for text in texts]
        return np.array([float(t) if p else np.nan for t, p in zip(texts, present, strict=True)])


def to_lists(texts: Sequence[str], name: str) -> NDArray[np.float64] | None:
    """Return a column of lists, such as ``"[0.1, 0.9]"`` or ``"0.1 0.9"``, as N×K numbers.

    Returns:
        ``None`` if the first cell is no list of several numbers.

    Raises:
        DataError: If only some cells are lists, or their lengths differ.

    """
    first = _numbers(texts[0]) if len(texts) else None
    if first is None or len(first) < 2:
        return None
    rows = []
    for image, text in enumerate(texts):
        row = _numbers(text)
        if row is None or len(row) != len(first):
            raise DataError(
                f"column {name!r} holds {text[:60]!r} for image {image}",
                expected=f"{len(first)} numbers, as for image 0",
            )
        rows.append(row)
    return np.array(rows)


def _numbers(text: str) -> list[float] | None:
    if DECIMAL_COMMA.fullmatch(text.strip()):
        return None
    parts = re.split(r"[\s,;]+", BRACKETS.sub("", text))
    try:
        return [float(part) for part in parts]
    except ValueError:
        return None
