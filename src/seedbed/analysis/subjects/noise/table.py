"""The tables of label noise."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.analysis.captions import (
    SAME,
    identity,
    is_noisy,
    notes_of,
    rows_sum_to,
    same_values,
    sample_notes,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.noise.result import Noise, noise_of
from seedbed.display.formatters import NONE, percent, percent_spread
from seedbed.display.sentence import counted
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
    *(f"{name}{suffix}" for name in AGGREGATES for suffix in ("", "_std")),
)


def noise_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration, and the matrices of a single one."""
    noises = [noise_of(entry) for entry in entries]
    tables = [_overview(entries, noises)]
    if len(entries) == 1 and noises[0] and noises[0].matrix:
        tables.append(_matrix(entries[0], "observed", noises[0].matrix))
    if len(entries) == 1 and noises[0] and noises[0].estimated_matrix:
        error = noises[0].estimation_error.mean or 0.0
        note = f"The mean absolute difference from the observed matrix is {error:.4f}."
        tables.append(_matrix(entries[0], "estimated", noises[0].estimated_matrix, note))
    return Report(
        tuple(tables),
        (*SAME, *COLUMNS),
        tuple(_line(entry, noise) for entry, noise in zip(entries, noises, strict=True) if noise),
        [
            identity(entry)
            | {key: entry[key] for key in ("noise", "train_accuracy", "test_accuracy")}
            for entry in entries
        ],
        study_notes(entries),
    )


def _overview(entries: Sequence[Entry], noises: Sequence[Noise | None]) -> Table:
    known = list(zip(entries, noises, strict=True))
    noisy = [(entry, noise) for entry, noise in known if is_noisy(entry)]
    clean = len(known) - len(noisy) if noisy else 0
    left_out = (f"{counted(clean, 'configuration')} without label noise left out.",) * bool(clean)
    return Table(
        title(entries, "label noise"),
        (
            "configuration",
            "kind",
            "n",
            "noise rate",
            "observed noise rate",
            "training accuracy, noisy labels",
            "training accuracy, clean labels",
            "fits the noisy label (memorized)",
            "predicts the clean label (recovered)",
            "test accuracy",
        ),
        (tuple(_row(entry, noise) for entry, noise in noisy or known),),
        (
            "Memorized and recovered: the fractions of the training images with a wrong label that "
            "are predicted as their noisy label and as their clean label. Test labels are clean.",
            *left_out,
            *sample_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1),
    )


def _row(entry: Entry, noise: Noise | None) -> Row:
    unknown = (NONE,) * 3
    return (
        entry.header.label,
        noise.kind if noise else NONE,
        str(entry.header.n),
        percent(noise.rate if noise else None),
        percent_spread(noise.observed if noise else None),
        percent_spread(accuracy_of(entry).train_accuracy),
        *(
            map(percent_spread, (noise.clean_train_accuracy, noise.memorized, noise.recovered))
            if noise
            else unknown
        ),
        percent_spread(accuracy_of(entry).test_accuracy),
    )


def _matrix(entry: Entry, which: str, matrix: Sequence[Sequence[float]], *notes: str) -> Table:
    names = entry.header.class_names or list(map(str, range(len(matrix))))
    rows = tuple(
        (name, *(f"{value:.3f}" for value in row)) for name, row in zip(names, matrix, strict=True)
    )
    return Table(
        title([entry], f"{which} transition matrix"),
        ("clean \\ noisy", *names),
        (rows,),
        (
            f"Fractions of the clean class (row), mean over n = {entry.header.n}; "
            f"{rows_sum_to(1, names, matrix)}.",
            *notes,
        ),
    )


def _line(entry: Entry, noise: Noise) -> tuple[Any, ...]:
    accuracy = accuracy_of(entry)
    aggregates = (
        accuracy.train_accuracy,
        noise.clean_train_accuracy,
        noise.memorized,
        noise.recovered,
        accuracy.test_accuracy,
    )
    return (
        *same_values(entry),
        noise.kind,
        noise.rate,
        noise.observed_rate,
        noise.observed_rate_std,
        *(value for aggregate in aggregates for value in (aggregate.mean, aggregate.std)),
    )
