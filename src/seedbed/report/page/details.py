"""The tables of each single configuration: the section "Tables"."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.display.formatters import percent_spread
from seedbed.report.page.copied import HtmlReport, html_report
from seedbed.report.page.facts import Fact, settings
from seedbed.report.page.short_labels import ShortLabels

LONGEST_CSV: Final = 20_000
"""Characters of a table that a page carries for a button, many times over."""


@dataclass(frozen=True)
class Detail:
    """All about one configuration."""

    place: int
    label: str
    gist: str
    settings: tuple[Fact, ...]
    reports: tuple[tuple[str, HtmlReport], ...]


def details(
    analyses: Iterable[Analysis[Any]],
    entries: Sequence[Entry],
    short: ShortLabels | None = None,
    shown: Collection[str] = (),
) -> tuple[Detail, ...]:
    """Return the tables of each configuration.

    Args:
        analyses: What the page shows.
        entries: In the order of the page.
        short: How configurations are called.
        shown: Names of the tables that the page has already, which are not repeated.
    """
    tables = {
        name: table
        for analysis in analyses
        for name, table in analysis.tables.items()
        if table.detail is not None and name not in shown
    }
    return tuple(
        _detail(tables.values(), place, entry, short or ShortLabels(()), alone=len(entries) == 1)
        for place, entry in enumerate(entries)
    )


def _detail(
    tables: Iterable[TableView], place: int, entry: Entry, short: ShortLabels, *, alone: bool
) -> Detail:
    own = None if alone else settings([entry])  # of a single one they stand under Setup
    reports = [
        (table.title, html_report(table.make([entry]), short, longest_csv=LONGEST_CSV))
        for table in tables
        if table.detail is not None and table.detail(entry)
    ]
    header, accuracies = entry.header, accuracy_of(entry)
    known = accuracies.test_accuracy.mean is not None
    split = "test" if known else "validation"
    accuracy = percent_spread(accuracies.test_accuracy if known else accuracies.validation_accuracy)
    return Detail(
        place,
        short(header.label),
        f"{accuracy} {split} accuracy, n = {header.n}" if header.n else "no finished run",
        own.fixed if own else (),
        tuple(reports),
    )
