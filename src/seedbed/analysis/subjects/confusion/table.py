"""The confusion matrix of each configuration."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.analysis.captions import (
    SAME,
    identity,
    notes_of,
    rows_sum_to,
    same_values,
    study_notes,
    title,
    why_untested,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.confusion.result import Confusion
from seedbed.display.formatters import flattened
from seedbed.display.table import Report, Table


def confusion_table(entries: Sequence[Entry]) -> Report:
    """Return the matrices: normalized by true class, mean over runs."""
    results = [(entry, entry.view(Confusion)) for entry in entries]
    known = [(entry, result) for entry, result in results if result]
    keys = ("class_names", "confusion", "confusion_std", "confusion_counts")
    return Report(
        tuple(_table(entry, result) for entry, result in known),
        (*SAME, "true", "predicted", "count", "rate", "rate_std"),
        flattened(_lines(entry, result) for entry, result in known),
        [identity(entry) | {key: entry[key] for key in keys} for entry in entries],
        (*(_missing(entry) for entry, result in results if not result), *study_notes(entries)),
    )


def _missing(entry: Entry) -> str:
    needs = f"needs test logits, but {why_untested(entry)}"
    why = needs if entry.header.n else "no run has finished"
    why = f"{entry.header.label}: {why}, so there is no confusion matrix."
    return " ".join((why, *notes_of([entry])))


def _table(entry: Entry, result: Confusion) -> Table:
    names, n = entry.header.class_names or (), entry.header.n
    rows = []
    for number, (name, row) in enumerate(zip(names, result.confusion, strict=True)):
        stds = result.confusion_std[number] if result.confusion_std else [None] * len(row)
        rows.append((name, *map(_cell, row, stds)))
    deviation = " ± standard deviation" if result.confusion_std else ""
    return Table(
        title([entry], "confusion matrix"),
        ("true \\ predicted", *names),
        (tuple(rows),),
        (
            f"Percent of the true class (row), mean{deviation} over n = {n} "
            f"{'run' if n == 1 else 'runs'}; {rows_sum_to(100, names, result.confusion)}.",
            *notes_of([entry]),
        ),
    )


def _cell(mean: float, std: float | None) -> str:
    if mean == 0:
        return "0"
    return f"{100 * mean:.1f}" + ("" if std is None else f"±{100 * std:.1f}")


def _lines(entry: Entry, result: Confusion) -> Iterator[tuple[Any, ...]]:
    """Yield a line for each cell: the images of all runs, mean and standard deviation over them."""
    names = entry.header.class_names or ()
    same = same_values(entry)
    for true, row in enumerate(result.confusion):
        for predicted, rate in enumerate(row):
            count = sum(counts[true][predicted] for counts in result.confusion_counts)
            std = result.confusion_std[true][predicted] if result.confusion_std else None
            yield (*same, names[true], names[predicted], count, rate, std)
