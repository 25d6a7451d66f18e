"""Accuracy by the number of training images, and networks compared at each number."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import number, percent_interval, percent_spread
from seedbed.display.table import Report, Table
from seedbed.evaluation.training_size import size_of
from seedbed.report.contents.comparisons import difference_cells, notes_on_tests, p_cell

COLUMNS: Final = ("training_images", "test_accuracy", "test_accuracy_std", "low", "high")


def training_size(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration, and one for each comparison of two networks."""
    rows = tuple(
        (
            each["label"],
            number(size_of(each) or None),
            str(each["n"]),
            percent_spread(each["test_accuracy"]),
            percent_interval(each["test_accuracy_interval"]),
        )
        for each in entries
    )
    tables = [
        Table(
            title(entries, "test accuracy by the number of training images"),
            ("configuration", "training images", "n", "test accuracy", "95 % interval"),
            (rows,),
            notes_of(entries),
        )
    ]
    tested = [each for entry in entries for each in entry["by_size"]]
    if tested:
        tables.append(_comparisons(entries, tested))
    return Report(
        tuple(tables),
        (*SAME, *COLUMNS),
        tuple(_line(each) for each in entries),
        {
            "configurations": [
                identity(each)
                | {"training_images": size_of(each) or None}
                | {key: each[key] for key in ("test_accuracy", "test_accuracy_interval")}
                for each in entries
            ],
            "comparisons": tested,
        },
        study_notes(entries),
    )


def _comparisons(entries: Sequence[Entry], found: Sequence[Mapping[str, Any]]) -> Table:
    groups: dict[int, list[tuple[str, ...]]] = {}
    for each in sorted(found, key=lambda each: each["training_images"]):
        groups.setdefault(each["training_images"], []).append(_row(each))
    return Table(
        title(entries, "differences of networks by the number of training images"),
        (
            "training images",
            "first",
            "second",
            "n",
            "difference in percentage points",
            "95 % interval",
            "p",
            "p (Holm)",
        ),
        tuple(map(tuple, groups.values())),
        tuple(notes_on_tests(found, "Paired by seed: both learned from the same images.")),
        text=(1, 2),
    )


def _row(comparison: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        number(comparison["training_images"]),
        comparison["first"],
        comparison["second"],
        str(comparison["n"]),
        *difference_cells(comparison),
        p_cell(comparison["p_value"]),
        p_cell(comparison["p_holm"]),
    )


def _line(entry: Entry) -> tuple[Any, ...]:
    accuracy, interval = entry["test_accuracy"], entry["test_accuracy_interval"] or {}
    return (
        *same_values(entry),
        size_of(entry) or None,
        accuracy["mean"],
        accuracy["std"],
        interval.get("low"),
        interval.get("high"),
    )
