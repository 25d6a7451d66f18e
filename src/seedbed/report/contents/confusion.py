"""Which classes are taken for which: the confusion matrix of each configuration."""

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
)
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import flattened
from seedbed.display.table import Report, Table


def confusion(entries: Sequence[Entry]) -> Report:
    """Return the matrices: normalized by true class, mean over runs; the counts of each run too."""
    evaluated = [each for each in entries if each["confusion"]]
    return Report(
        tuple(map(_table, evaluated)),
        (*SAME, "row", "seed", "true", "predicted", "count", "rate"),
        flattened(map(_lines, evaluated)),
        [
            identity(each)
            | {
                key: each[key]
                for key in ("class_names", "confusion", "confusion_std", "confusion_counts")
            }
            for each in entries
        ],
        (*_without(entries), *study_notes(entries)),
    )


def _without(entries: Sequence[Entry]) -> Iterator[str]:
    """Name the configurations that have no matrix, and why."""
    for each in entries:
        if not each["confusion"]:
            said = (
                f"{each['label']}: no run has finished, so there is no matrix.",
                *notes_of([each]),
            )
            yield " ".join(said)


def _table(entry: Entry) -> Table:
    names, means, stds = entry["class_names"], entry["confusion"], entry["confusion_std"]
    rows = []
    for number, (name, row) in enumerate(zip(names, means, strict=True)):
        deviations = stds[number] if stds else [None] * len(row)
        rows.append((name, *map(_cell, row, deviations)))
    spread = " ± standard deviation" if stds else ""
    return Table(
        title([entry], "confusion matrix"),
        ("true \\ predicted", *names),
        (tuple(rows),),
        (
            f"Percent of the true class (row), mean{spread} over n = {entry['n']} "
            f"{'run' if entry['n'] == 1 else 'runs'}; {rows_sum_to(100, names, means)}.",
            *notes_of([entry]),
        ),
    )


def _cell(mean: float, std: float | None) -> str:
    if mean == 0:
        return "0"
    return f"{100 * mean:.1f}" + ("" if std is None else f"±{100 * std:.1f}")


def _lines(entry: Entry) -> Iterator[tuple[Any, ...]]:
    names = entry["class_names"]
    same = same_values(entry)
    for seed, counts in zip(entry["seeds"], entry["confusion_counts"], strict=True):
        for true, row in zip(names, counts, strict=True):
            images = sum(row)
            for predicted, count in zip(names, row, strict=True):
                rate = count / images if images else 0.0
                yield (*same[:-1], 1, "run", seed, true, predicted, count, rate)
    for kind, matrix in (("mean", entry["confusion"]), ("std", entry["confusion_std"])):
        for true, row in zip(names, matrix or [], strict=matrix is not None):
            for predicted, rate in zip(names, row, strict=True):
                yield (*same, kind, None, true, predicted, None, rate)
