"""Which configurations a document shows one by one, and what it says of what it leaves out."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import by_test_set
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.display.charts.style import MOST_IN_LEGEND
from seedbed.report.documents.model import Text
from seedbed.report.notebook import StudyTable
from seedbed.report.page.details import MOST, by_accuracy, chosen

ALONE: Final = "overview"
"""What the group is called whose configurations begin like no other."""
_BEGINNING: Final = re.compile(r"[:,] ")
MOST_IN_ROWS: Final = 40
"""Configurations in a chart of a large study."""
MOST_SINGLY: Final = 4
"""Configurations that are shown one by one, where the best ones have nothing to show."""


def representatives(entries: Sequence[Entry], shows: Callable[[Entry], bool]) -> list[Entry]:
    """Return the configuration of each test set whose errors are shown: see :func:`.shown_of`.

    Where none of these has anything to show, the first ones that have.
    """
    best = [entry for group in by_test_set(entries) if (entry := shown_of(group)) and shows(entry)]
    return best or [entry for entry in entries if shows(entry)][:MOST_SINGLY]


def is_large(entries: Sequence[Entry]) -> bool:
    """Return whether a document shows only some configurations, as a page does."""
    return len(entries) > MOST


def in_rows(entries: Sequence[Entry]) -> list[Entry]:
    """Return the configurations that charts of a large study show: see :func:`.chosen`."""
    return [entries[place] for place in chosen(entries, MOST_IN_ROWS).places]


def scope(entries: Sequence[Entry]) -> Text:
    """Return which configurations of a large study are shown, and where all are."""
    which = chosen(entries, MOST_IN_ROWS).why.replace("in detail", "in charts")
    return Text(
        (
            f"{which} Charts of lines show the first and the {MOST_IN_LEGEND - 1} most accurate "
            "ones. Conclusions and effects of settings are of all configurations; `seedbed table "
            "DIR accuracy` has the others, and `seedbed report DIR` a list to search.",
        )
    )


def groups(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return the configurations in groups of which a chart can be read, each with a name.

    A few are one group, without a name. Of a large study there is one group, of the best. Others
    are grouped by how their labels begin, as in "Loss: MSE" or "sgd, learning_rate=0.1"; those that
    are alone with their beginning come first, unless their name is in two parts. Every group begins
    with the first configuration, so that it can be seen beside the others.
    """
    if len(entries) <= MOST_IN_LEGEND:
        return [("", list(entries))]
    if is_large(entries):
        first = next((entry for entry in entries if entry.header.n), entries[0])
        others = [entry for entry in by_accuracy(entries) if entry is not first]
        others = others[: MOST_IN_LEGEND - 1]
        return [("the first and the most accurate configurations", [first, *others])]
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        named.setdefault(_BEGINNING.split(entry.header.label)[0], []).append(entry)
    apart = {name: of for name, of in named.items() if len(of) > 1 or ": " in of[0].header.label}
    alone = [of[0] for name, of in named.items() if name not in apart]
    first = entries[0]
    made = []
    for name, of in {ALONE: alone, **apart}.items():
        others = [entry for entry in of if entry is not first]
        for number, start in enumerate(range(0, len(others), MOST_IN_LEGEND - 1), 1):
            part = f"{name} ({number})" if len(others) >= MOST_IN_LEGEND else name
            made.append((part, [first, *others[start : start + MOST_IN_LEGEND - 1]]))
    return made


def too_many_note(name: str, table: StudyTable, rows: int) -> Text:
    """Return where to find a table that is too long for a document."""
    return Text(
        (f"{table.report.tables[0].caption}: {rows:,} rows, shown by `seedbed table DIR {name}`.",)
    )
