"""The tables of each single configuration: the section "Tables"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.display.formatters import percent_spread
from seedbed.report.page.copied import HtmlReport, html_report
from seedbed.report.page.facts import Fact, settings

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
    analyses: Iterable[Analysis[Any]], entries: Sequence[Entry], shown: Iterable[str] = ()
) -> tuple[Detail, ...]:
    """Return the tables of each configuration.

    Args:
        analyses: What the page shows.
        entries: In the order of the page.
        shown: LaTeX of the tables that the page has already. Of a single configuration they are
            not repeated.
    """
    all_analyses, alone = list(analyses), len(entries) == 1
    before = frozenset(shown) if alone else frozenset()
    return tuple(
        _detail(all_analyses, place, entry, before, alone=alone)
        for place, entry in enumerate(entries)
    )


def _detail(
    analyses: Sequence[Analysis[Any]],
    place: int,
    entry: Entry,
    before: frozenset[str],
    *,
    alone: bool,
) -> Detail:
    own = None if alone else settings([entry])  # of a single one they stand above
    reports = [
        (table.title, html_report(table.make([entry]), longest_csv=LONGEST_CSV))
        for analysis in analyses
        for table in analysis.tables.values()
        if table.detail is not None and table.detail(entry)
    ]
    header, accuracies = entry.header, accuracy_of(entry)
    known = accuracies.test_accuracy.mean is not None
    split = "test" if known else "validation"
    shown = accuracies.test_accuracy if known else accuracies.validation_accuracy
    accuracy = percent_spread(shown)
    return Detail(
        place,
        header.label,
        f"{accuracy} {split} accuracy, n = {header.n}" if header.n else "no finished run",
        own.same if own else (),
        tuple((title, report) for title, report in reports if report.latex not in before),
    )
