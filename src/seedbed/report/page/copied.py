"""The tables of a section: what is shown, and the text that the buttons below it copy."""

from dataclasses import dataclass
from typing import Final

from seedbed.display.escape import printable
from seedbed.display.table import Report
from seedbed.report.renderers import csv as csv_text
from seedbed.report.renderers import latex
from seedbed.report.renderers.html import HtmlTable, html_table


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


LONGEST_CSV: Final = 200_000
"""Characters that a page carries for a button."""


def html_report(report: Report, *, longest_csv: int = LONGEST_CSV) -> HtmlReport:
    """Return the tables of a report as the page's template takes them.

    Args:
        report: What is to be shown.
        longest_csv: Characters; longer ones are left out.
    """
    least = 2 * len(report.columns) * len(report.lines)
    lines = csv_text.render(report) if least <= longest_csv else None
    return HtmlReport(
        tuple(map(html_table, report.tables)),
        tuple(map(printable, report.notes)),
        latex.render(report),
        lines if lines is not None and len(lines) <= longest_csv else None,
    )
