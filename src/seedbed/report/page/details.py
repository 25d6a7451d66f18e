"""Which configurations a page shows in detail, and the tables of each: the section "Tables".

Of a large study it has a row for all others.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import representatives
from seedbed.analysis.subjects.accuracy.result import accuracy_of, measured
from seedbed.display.formatters import percent_spread
from seedbed.display.sentence import counted, enumerated
from seedbed.report.page.copied import HtmlReport, html_report
from seedbed.report.page.facts import Fact, settings
from seedbed.report.page.short_labels import ShortLabels

LONGEST_CSV: Final = 20_000
"""Characters of a table that a page carries for a button, many times over."""
MOST: Final = 50
"""Configurations that a page shows in detail."""


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


@dataclass(frozen=True)
class Chosen:
    """Configurations that are shown in detail."""

    places: tuple[int, ...]
    """In the order of the study."""
    why: str = ""
    """Which ones they are, in a sentence; empty where they are all of the study."""

    @property
    def scope(self) -> str:
        """What a page says of it."""
        rest = "The effects of settings and the list of all configurations leave none out."
        return f"{self.why} {rest}" if self.why else ""


def chosen(entries: Sequence[Entry], most: int = MOST) -> Chosen:
    """Return which configurations are shown in detail.

    They are the first one with a finished run, which others are compared with; those that represent
    networks, up to a fifth; the best half; and of the others those at equal distances in the
    ranking, so that the page shows what fails, too.

    Args:
        entries: All configurations.
        most: How many, at least one.
    """
    if len(entries) <= most:
        return Chosen(tuple(range(len(entries))))
    place_of = {id(entry): place for place, entry in enumerate(entries)}
    first = next((place for place, entry in enumerate(entries) if entry.header.n), 0)
    networks = [place_of[id(of.entry)] for of in representatives(entries)[: most // 5]]
    ranked = [place_of[id(entry)] for entry in by_accuracy(entries)]
    best = ranked[: max(1, most // 2)]
    taken = list(dict.fromkeys([first, *networks, *best]))[:most]
    others = [place for place in ranked if place not in set(taken)]
    room = most - len(taken)
    # The last one is the worst.
    rest = [others[(number + 1) * len(others) // room - 1] for number in range(room)]
    parts = ["the first (which others are compared with)"]
    parts += [f"{counted(len(networks), 'configuration')} that represent networks"] * bool(networks)
    parts.append(f"the {len(best)} with the highest mean accuracy")
    parts += ["others at equal distances in the ranking, down to the lowest"] * bool(rest)
    places = tuple(sorted({*taken, *rest}))
    return Chosen(
        places,
        f"Of {len(entries):,} configurations, {len(places)} are shown in detail: "
        f"{enumerated(parts)}.",
    )


def by_accuracy(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries, those with the highest mean accuracy first."""
    return sorted(entries, key=lambda entry: -_accuracy(entry))


def _accuracy(entry: Entry) -> float:
    accuracy = measured(entry)
    return -1.0 if accuracy is None or accuracy.mean is None else accuracy.mean
