"""Which configurations a document shows one by one, and what it says of what it leaves out."""

from collections.abc import Callable, Sequence
from typing import Final

from seedbed.analysis.answer import by_test_set
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import best_of
from seedbed.report.documents.model import Text
from seedbed.report.notebook import StudyTable

MOST_SINGLY: Final = 4
"""Configurations that are shown one by one, where the best ones have nothing to show."""


def representatives(entries: Sequence[Entry], shows: Callable[[Entry], bool]) -> list[Entry]:
    """Return the configuration with the highest mean test accuracy of each test set.

    Where none of these has anything to show, the first ones that have.
    """
    best = [entry for group in by_test_set(entries) if (entry := best_of(group)) and shows(entry)]
    return best or [entry for entry in entries if shows(entry)][:MOST_SINGLY]


def too_many_note(name: str, table: StudyTable, rows: int) -> Text:
    """Return where to find a table that is too long for a document."""
    return Text(
        (f"{table.report.tables[0].caption}: {rows:,} rows, shown by `seedbed table DIR {name}`.",)
    )
