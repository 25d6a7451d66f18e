"""The tables of accuracy by the number of training images."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.comparisons.over_blocks_text import correction_notes
from seedbed.analysis.subjects.comparisons.table import difference_cells, notes_on_tests
from seedbed.analysis.subjects.training_size.result import SizeComparison, SizeComparisons
from seedbed.analysis.subjects.training_size.series import size_of
from seedbed.display.formatters import number, p_text, percent_interval, percent_spread
from seedbed.display.table import Report, Table

COLUMNS: Final = (
    "train_size",
    "test_accuracy",
    "test_accuracy_std",
    "test_accuracy_low",
    "test_accuracy_high",
)


def training_size_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration, and one for each comparison of two networks."""
    rows = tuple(
        (
            entry.header.label,
            number(size_of(entry) or None),
            str(entry.header.n),
            percent_spread(accuracy_of(entry).test_accuracy),
            percent_interval(accuracy_of(entry).test_accuracy.shown_interval),
        )
        for entry in entries
    )
    tables = [
        Table(
            title(entries, "test accuracy by the number of training images"),
            ("configuration", "training images", "n", "test accuracy", "95% interval"),
            (rows,),
            notes_of(entries),
        )
    ]
    results = [entry.view(SizeComparisons) for entry in entries]
    tested = [comparison for result in results if result for comparison in result.by_size]
    if tested:
        tables.append(_comparisons(entries, tested))
    return Report(
        tuple(tables),
        (*SAME, *COLUMNS),
        tuple(_line(entry) for entry in entries),
        {
            "configurations": [
                identity(entry)
                | {"train_size": size_of(entry) or None}
                | {key: entry[key] for key in ("test_accuracy",)}
                for entry in entries
            ],
            "comparisons": [
                msgspec.to_builtins(comparison) | {"note": comparison.note} for comparison in tested
            ],
        },
        study_notes(entries),
    )


def _comparisons(entries: Sequence[Entry], comparisons: Sequence[SizeComparison]) -> Table:
    groups: dict[int, list[tuple[str, ...]]] = {}
    for comparison in sorted(comparisons, key=lambda comparison: comparison.train_size):
        groups.setdefault(comparison.train_size, []).append(_row(comparison))
    return Table(
        title(entries, "differences between networks by the number of training images"),
        (
            "training images",
            "A",
            "B",
            "n",
            "difference A − B (percentage points)",
            "95% interval",
            "p",
            "p, corrected",
        ),
        tuple(map(tuple, groups.values())),
        (
            *notes_on_tests(
                comparisons, "Runs are paired by seed: both learned from the same images."
            ),
            *correction_notes(entries, comparisons),
        ),
        text=(1, 2),
    )


def _row(comparison: SizeComparison) -> tuple[str, ...]:
    return (
        number(comparison.train_size),
        comparison.a,
        comparison.b,
        str(comparison.n),
        *difference_cells(comparison),
        p_text(comparison.p_value),
        p_text(comparison.p_adjusted),
    )


def _line(entry: Entry) -> tuple[Any, ...]:
    result = accuracy_of(entry)
    accuracy, interval = result.test_accuracy, result.test_accuracy.shown_interval
    return (
        *same_values(entry),
        size_of(entry) or None,
        accuracy.mean,
        accuracy.std,
        interval and interval.low,
        interval and interval.high,
    )
