"""What a table is, before it is written in some format."""

from dataclasses import dataclass
from typing import Any

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells as people read them."""

    caption: str
    header: Row
    groups: tuple[tuple[Row, ...], ...]
    """Rows as long as the header, with a rule between the groups."""
    notes: tuple[str, ...] = ()
    """Sentences below the table."""
    text: tuple[int, ...] = (0,)
    """Which columns are text; the others are numbers, aligned to the right."""
    best: tuple[tuple[int, int], ...] = ()
    """Row (over all groups) and column of cells that a test shows to be best; bold in a paper."""
    best_note: str = ""
    """What being best means, below a table that has bold cells."""


@dataclass(frozen=True)
class Report:
    """The same facts for people, for spreadsheets and for programs."""

    tables: tuple[Table, ...]
    columns: tuple[str, ...]
    """Of the CSV file."""
    lines: tuple[tuple[Any, ...], ...]
    """Of the CSV file: values as they are in the summary; ``None`` is an empty field."""
    data: Any
    """Of the JSON file."""
    notes: tuple[str, ...] = ()
    """Sentences about the whole of it."""
