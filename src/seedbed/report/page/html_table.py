"""Tables as HTML: a caption, headers that say what they head, and their text for papers to copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.display.escape import printable
from seedbed.display.table import Report, Row, Table
from seedbed.report.tables import as_csv, as_latex


@dataclass(frozen=True)
class Cell:
    """A cell of the body of a table."""

    text: str
    number: bool
    """Aligned to the right."""
    rows: int = 1
    """How many it spans."""


@dataclass(frozen=True)
class HtmlRow:
    """A row: what it is about, which may be said by a row above, and what there is to say."""

    head: Cell | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HtmlTable:
    """A table as the template writes it."""

    caption: str
    header: tuple[Cell, ...]
    groups: tuple[tuple[HtmlRow, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class HtmlReport:
    """The tables about one subject, and what is copied."""

    tables: tuple[HtmlTable, ...]
    notes: tuple[str, ...]
    latex: str
    csv: str | None
    """``None`` where it is too long to be carried along."""

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(len(group) for table in self.tables for group in table.groups)


LONGEST_CSV = 200_000
"""Characters that a page carries for a button."""


def html_report(report: Report, *, csv: bool = True) -> HtmlReport:
    """Return the tables of a report as the page's template takes them.

    Args:
        report: What is to be shown.
        csv: Whether to make the CSV.

    """
    lines = as_csv(report) if csv else None
    return HtmlReport(
        tuple(map(html_table, report.tables)),
        tuple(map(printable, report.notes)),
        as_latex(report),
        lines if lines is not None and len(lines) <= LONGEST_CSV else None,
    )


def html_table(table: Table) -> HtmlTable:
    """Return a table as the page's template takes it; its texts are not escaped yet."""
    return HtmlTable(
        printable(table.caption),
        tuple(_cell(table, place, text) for place, text in enumerate(table.header)),
        tuple(_group(table, group) for group in table.groups if group),
        tuple(map(printable, table.notes)),
    )


def _group(table: Table, group: Sequence[Row]) -> tuple[HtmlRow, ...]:
    """Let the first cell span the rows below it that leave it empty."""
    rows: list[HtmlRow] = []
    for place, row in enumerate(group):
        head = None
        if row[0] or not rows:
            empty = next((n for n, below in enumerate(group[place + 1 :]) if below[0]), None)
            spans = len(group) - place if empty is None else empty + 1
            head = _cell(table, 0, row[0], spans)
        rows.append(HtmlRow(head, tuple(_cell(table, n + 1, t) for n, t in enumerate(row[1:]))))
    return tuple(rows)


def _cell(table: Table, place: int, text: str, rows: int = 1) -> Cell:
    return Cell(printable(text), place not in table.text, rows)
