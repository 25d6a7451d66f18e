"""The tables of label noise."""

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
from seedbed.analysis.subjects.noise.result import Noise, NoiseResult
from seedbed.display.formatters import NONE, percent, percent_spread
from seedbed.display.table import Report, Row, Table

AGGREGATES: Final = (
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
    *(f"{name}{suffix}" for suffix in ("", "_std") for name in AGGREGATES),
)


def noise_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration, and for a single one its observed matrix."""
    noises = [_noise(each) for each in entries]
    tables = [_overview(entries, noises)]
    if len(entries) == 1 and noises[0] and noises[0].matrix:
        tables.append(_matrix(entries[0], noises[0].matrix))
    return Report(
        tuple(tables),
        (*SAME, *COLUMNS),
        tuple(_line(each) for each, noise in zip(entries, noises, strict=True) if noise),
        [
            identity(each)
            | {key: each[key] for key in ("noise", "train_accuracy", "test_accuracy")}
            for each in entries
        ],
        study_notes(entries),
    )


def _noise(entry: Entry) -> Noise | None:
    result = entry.view(NoiseResult)
    return result.noise if result else None


def _overview(entries: Sequence[Entry], noises: Sequence[Noise | None]) -> Table:
    return Table(
        title(entries, "label noise"),
        (
            "configuration",
            "kind",
            "n",
            "rate",
            "observed rate",
            "training accuracy, noisy labels",
            "training accuracy, clean labels",
            "memorized",
            "recovered",
            "test accuracy",
        ),
        (tuple(_row(each, noise) for each, noise in zip(entries, noises, strict=True)),),
        (
            "Memorized and recovered: of the training images with a wrong label, the fraction "
            "predicted as their noisy label and as their clean label. Test labels are clean.",
            *sample_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1),
    )


def _row(entry: Entry, noise: Noise | None) -> Row:
    unknown = (NONE,) * 3
    return (
        entry["label"],
        noise.kind if noise else NONE,
        str(entry["n"]),
        percent(noise.rate if noise else None),
        percent_spread(noise.observed if noise else None),
        percent_spread(entry["train_accuracy"]),
        *(
            map(percent_spread, (noise.clean_train_accuracy, noise.memorized, noise.recovered))
            if noise
            else unknown
        ),
        percent_spread(entry["test_accuracy"]),
    )


def _matrix(entry: Entry, matrix: Sequence[Sequence[float]]) -> Table:
    names = entry["class_names"] or list(map(str, range(len(matrix))))
    rows = tuple(
        (name, *(f"{value:.3f}" for value in row)) for name, row in zip(names, matrix, strict=True)
    )
    return Table(
        title([entry], "observed transition matrix"),
        ("clean \\ noisy", *names),
        (rows,),
        (
            f"Fractions of the clean class (row), mean over n = {entry['n']}; "
            f"{rows_sum_to(1, names, matrix)}.",
        ),
    )


def _line(entry: Entry) -> tuple[Any, ...]:
    values = dict(entry["noise"])
    for name in AGGREGATES:
        numbers = entry["noise"].get(name) or entry[name]
        values |= {name: numbers["mean"], f"{name}_std": numbers["std"]}
    return (*same_values(entry), *(values[column] for column in COLUMNS))
