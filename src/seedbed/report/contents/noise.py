"""Label noise: what was asked for, what was drawn, and what the networks made of it."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.analysis.captions import (
    SAME,
    identity,
    notes_of,
    rows_sum_to,
    same_values,
    sample_notes,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import NONE, percent, percent_spread
from seedbed.display.table import Report, Table

SPREADS: Final = (
    "train_accuracy",
    "clean_train_accuracy",
    "memorized",
    "recovered",
    "test_accuracy",
)
COLUMNS: Final = (
    "kind",
    "rate",
    "observed_rate",
    "observed_rate_std",
    *(f"{name}{suffix}" for suffix in ("", "_std") for name in SPREADS),
)


def noise(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration, and of a single one its observed matrix."""
    noisy = [each for each in entries if each["noise"]]
    tables = [_overview(entries)]
    if len(entries) == 1 and noisy and noisy[0]["noise"]["matrix"]:
        tables.append(_matrix(entries[0]))
    return Report(
        tuple(tables),
        (*SAME, *COLUMNS),
        tuple(_line(each) for each in noisy),
        [
            identity(each)
            | {key: each[key] for key in ("noise", "train_accuracy", "test_accuracy")}
            for each in entries
        ],
        study_notes(entries),
    )


def _overview(entries: Sequence[Entry]) -> Table:
    rows = []
    for each in entries:
        found = each["noise"] or {}
        drawn = {"mean": found.get("observed_rate"), "std": found.get("observed_rate_std")}
        rows.append(
            (
                each["label"],
                found.get("kind", NONE),
                str(each["n"]),
                percent(found.get("rate")),
                percent_spread(drawn),
                percent_spread(each["train_accuracy"]),
                *(
                    percent_spread(found.get(name))
                    for name in ("clean_train_accuracy", "memorized", "recovered")
                ),
                percent_spread(each["test_accuracy"]),
            )
        )
    return Table(
        title(entries, "label noise"),
        (
            "configuration",
            "kind",
            "n",
            "rate",
            "observed",
            "training accuracy, noisy labels",
            "clean labels",
            "memorized",
            "seen through",
            "test accuracy",
        ),
        (tuple(rows),),
        (
            "Memorized and seen through: of the wrong labels, those that the network predicts as "
            "it was taught, and those for which it predicts the clean label. Test labels are "
            "clean.",
            *sample_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1),
    )


def _matrix(entry: Entry) -> Table:
    matrix = entry["noise"]["matrix"]
    names = entry["class_names"] or list(map(str, range(len(matrix))))
    rows = tuple(
        (name, *(f"{value:.3f}" for value in row)) for name, row in zip(names, matrix, strict=True)
    )
    return Table(
        title([entry], "observed transition matrix of the labels"),
        ("clean \\ noisy", *names),
        (rows,),
        (
            f"Fractions of the clean class (row), mean over n = {entry['n']}; "
            f"{rows_sum_to(1, names, matrix)}.",
        ),
    )


def _line(entry: Entry) -> tuple[Any, ...]:
    found = entry["noise"]
    spreads = {name: found.get(name) or entry[name] for name in SPREADS}
    values = {
        **found,
        **{name: numbers["mean"] for name, numbers in spreads.items()},
        **{f"{name}_std": numbers["std"] for name, numbers in spreads.items()},
    }
    return (*same_values(entry), *(values[column] for column in COLUMNS))
