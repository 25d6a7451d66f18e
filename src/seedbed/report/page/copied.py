"""The tables of a section: what is shown, and the text that the buttons below it copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from seedbed.display.escape import printable
from seedbed.display.table import Report
from seedbed.report.renderers import csv as csv_text
from seedbed.report.renderers import latex
from seedbed.report.renderers.html import Cell, HtmlRow, HtmlTable, html_table


@dataclass(frozen=True)
class HtmlReport:
    """The tables about one subject, and what is copied."""

    tables: tuple[HtmlTable, ...]
    notes: tuple[str, ...]
    latex: str
    csv: str | None
    """``None`` where it is too long to be carried along."""
    title: str = ""
    folded: bool = False
    """Whether only its title is shown until the reader opens it."""

    @property
    def closed(self) -> bool:
        """Whether only its title is shown at first, because a chart shows it or it is long."""
        return self.folded or self.rows > MOST_ROWS

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(len(group) for table in self.tables for group in table.groups)


MOST_ROWS: Final = 15
"""Of tables that stand open."""
LONGEST_CSV: Final = 200_000
"""Characters that a page carries for a button."""


def html_report(
    report: Report,
    short: Callable[[str], str] = str,
    said: set[str] | None = None,
    *,
    title: str = "",
    folded: bool = False,
    longest_csv: int = LONGEST_CSV,
) -> HtmlReport:
    """Return the tables of a report as the page's template takes them.

    Args:
        report: What is to be shown.
        short: Makes labels of configurations short; copied tables have the full ones.
        said: Notes that the page has already, which are not said again. Those of a table that
            stands open are added.
        title: What the report is about.
        folded: Whether only the title is shown at first.
        longest_csv: Characters; longer ones are left out.
    """
    known = set() if said is None else said

    def new(notes: Sequence[str]) -> tuple[str, ...]:
        """Return the notes that are not known yet."""
        fresh = [note for note in map(short, notes) if note not in known]
        known.update(() if folded else fresh)
        return tuple(fresh)

    tables = tuple(_shortened(html_table(table), short) for table in report.tables)
    least = 2 * len(report.columns) * len(report.lines)
    lines = csv_text.render(report) if least <= longest_csv else None
    return HtmlReport(
        tuple(replace(table, notes=new(table.notes)) for table in tables),
        new(tuple(map(printable, report.notes))),
        latex.render(report),
        lines if lines is not None and len(lines) <= longest_csv else None,
        title,
        folded,
    )


def _shortened(table: HtmlTable, short: Callable[[str], str]) -> HtmlTable:
    """Return a table whose cells and caption have short labels."""

    def cell(of: Cell) -> Cell:
        return replace(of, text=short(of.text))

    groups = tuple(
        tuple(HtmlRow(row.head and cell(row.head), tuple(map(cell, row.cells))) for row in group)
        for group in table.groups
    )
    return HtmlTable(short(table.caption), tuple(map(cell, table.header)), groups, table.notes)
