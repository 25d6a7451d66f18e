"""What stands on a page, in which order: the sections with their tables and charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.subjects.calibration.table import calibration_table
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.subjects.confusion.table import confusion_table
from seedbed.analysis.subjects.cost.table import cost_table
from seedbed.analysis.subjects.noise.table import noise_table
from seedbed.analysis.subjects.pairs.table import pairs_table
from seedbed.analysis.subjects.per_class import per_class_table
from seedbed.analysis.subjects.roc.table import auc_table
from seedbed.display.formatters import percent_spread
from seedbed.report.page.facts import Fact, how_measured, settings
from seedbed.report.page.html_table import HtmlReport, html_report
from seedbed.report.page.inside import NOTHING, Inside
from seedbed.report.page.inside_sections import inside_sections
from seedbed.report.page.network_sections import COST, SIZE, networks_section
from seedbed.report.page.parts import Contents, Section, drawn, made

MOST_CLASSES_IN_TABLE: Final = 30
"""Of more, the matrix is no table that anybody would read."""

_ABOUT_CURVES: Final = (
    "Thin lines are runs, thick ones their mean, and bands are ± 1 standard deviation over the "
    "runs. Training accuracy is measured like test accuracy_table, after each epoch."
)
_CURVES: Final = (
    "accuracy-curves",
    "training-accuracy-curves",
    "loss-curves",
    "training-loss-curves",
)
_NOISE: Final = ("noise-response",)
_SCORES: Final = ("roc", "calibration")
_PARTS: Final = (
    ("confusion", "Confusion matrix"),
    ("pairs", "Confused pairs"),
    ("hard", "Hard examples"),
    ("roc", "ROC and calibration"),
)
_LABELS: Final = ("transition", "observed-transition", "memorization")
_DETAILS: Final[dict[str, Contents]] = {
    "Accuracy": accuracy_table,
    "Most confused pairs": pairs_table,
    "Confusion matrix": confusion_table,
    "Classes": per_class_table,
    "AUC": auc_table,
    "Calibration": calibration_table,
    "Label noise": noise_table,
}


@dataclass(frozen=True)
class Detail:
    """All about one configuration."""

    place: int
    label: str
    gist: str
    settings: tuple[Fact, ...]
    reports: tuple[tuple[str, HtmlReport], ...]


def sections(
    entries: Sequence[Entry], inside: Inside = NOTHING, *, study_file: str | None = None
) -> tuple[Section, ...]:
    """Return the sections of a page; those of which there is nothing to say are left out."""
    if not entries:
        return ()
    several = len(entries) > 1
    networks = networks_section(entries)
    found = [
        Section("asked", "What was asked", how_measured(entries), "asked"),
        Section(
            "results",
            "Results",
            template="charts_first",
            reports=tuple(html_report(table(entries)) for table in _result_tables()),
            drawings=drawn(entries, *_result_charts(), *(() if networks else SIZE)),
        ),
    ]
    if any(each["comparisons"] for each in entries):
        found.append(
            Section(
                "comparisons",
                "Comparisons",
                template="charts_first",
                collapse="All comparisons",
                reports=made(entries, comparisons_table),
                drawings=drawn(entries, "comparisons"),
            )
        )
    if networks:
        found.append(networks)
    curves = drawn(entries, *_CURVES)
    if curves:
        found.append(Section("curves", "Training", _ABOUT_CURVES, "curves", drawings=curves))
    if any(map(is_noisy, entries)):
        found.append(
            Section(
                "noise",
                "Label noise",
                template="noise",
                reports=made(entries, noise_table),
                drawings=drawn(entries, *_NOISE),
                singly=drawn(entries, *_LABELS),
            )
        )
    if any(each["confusion"] for each in entries):
        scores = drawn(entries, *_SCORES)
        found.append(
            Section(
                "closer",
                "A closer look" if several else "Errors",
                template="closer",
                reports=made(entries, auc_table) + made(entries, calibration_table)
                if several
                else (),
                singly=scores,
                collapse="AUC and calibration of all configurations",
                parts=_PARTS if scores else _PARTS[:-1],
            )
        )
    found += inside_sections(entries, inside)
    title = "Each configuration" if several else "Details"
    found.append(Section("details", title, template="details"))
    if not networks and any(each["cost"] for each in entries):
        drawings = drawn(entries, *COST)
        tables = made(entries, cost_table)
        found.append(
            Section("cost", "Cost", reports=tables, drawings=drawings, collapse="Cost of all")
        )
    if study_file is not None or any(each["provenance"] for each in entries):
        found.append(Section("repeat", "Data, machine, and how to repeat it", template="repeat"))
    return tuple(found)


def _result_charts() -> list[str]:
    return [name for of in analyses() if of.topic == "results" for name in of.charts]


def _result_tables() -> Iterator[Contents]:
    for analysis in analyses():
        if analysis.topic == "results":
            yield from (table.make for table in analysis.tables.values())


def is_noisy(entry: Entry) -> bool:
    """Whether training labels of a configuration were changed."""
    return bool((entry["noise"] or {}).get("rate"))


def details(entries: Sequence[Entry]) -> tuple[Detail, ...]:
    """Return what is said of each configuration on its own."""
    alone = len(entries) == 1
    return tuple(_detail(place, each, alone=alone) for place, each in enumerate(entries))


def _detail(place: int, entry: Entry, *, alone: bool) -> Detail:
    own = None if alone else settings([entry])  # of a single one they stand above
    reports = []
    for title, contents in _DETAILS.items():
        if alone and contents in (accuracy_table, noise_table):
            continue
        wide = (
            contents is confusion_table and len(entry["class_names"] or ()) > MOST_CLASSES_IN_TABLE
        )
        if not wide and _applies(contents, entry):
            report = contents([entry])
            # The page's own matrix is copied as CSV; that of every run would be too long.
            reports.append((title, html_report(report, csv=contents is not confusion_table)))
    accuracies = percent_spread(entry["test_accuracy"])
    return Detail(
        place,
        entry["label"],
        f"{accuracies} test accuracy_table, n = {entry['n']}" if entry["n"] else "no finished run",
        own.same if own else (),
        tuple(reports),
    )


def _applies(contents: Contents, entry: Entry) -> bool:
    if contents is noise_table:
        return is_noisy(entry)
    return contents is accuracy_table or bool(entry["confusion"])
