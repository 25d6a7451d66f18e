"""Runs and their epochs as frames."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.frames.naming import Naming
from seedbed.analysis.frames.stored import ended_runs, need_runs
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.class_averages import class_averages_of
from seedbed.display.frame import Frame
from seedbed.training.engine import EpochRecord

ALWAYS: Final = ("run", "configuration", "seed", "status", "train_accuracy", "test_accuracy")
"""Columns of runs that are there whatever applies."""
OF_SUMMARY: Final = (
    "train_accuracy",
    "validation_accuracy",
    "test_accuracy",
    "balanced_accuracy",
    "macro_f1",
    "macro_auc",
)
OF_KEPT_EPOCH: Final = (
    "train_loss",
    "validation_loss",
    "test_loss",
    "clean_train_accuracy",
    "memorized",
    "recovered",
)
MEASURED: Final = tuple(
    each.name for each in fields(EpochRecord) if each.name != "estimated_transition"
)


def runs_frame(entries: Sequence[Entry], folder: Path) -> Frame:
    """Return a frame with a row for each run that has ended.

    Args:
        entries: The configurations.
        folder: Of the study.

    Raises:
        StoreError: If a run was changed or removed since the summary was made.
    """
    naming = Naming(entries)
    return _frame(
        [row for entry in entries for row in _runs(entry, naming, folder)],
        ALWAYS,
    )


def epochs_frame(entries: Sequence[Entry], folder: Path) -> Frame:
    """Return a frame with a row for each epoch of each run that has ended.

    Args:
        entries: The configurations.
        folder: Of the study.

    Raises:
        StoreError: If a run was changed or removed since the summary was made.
        StudyError: If the entries are of predictions of another tool.
    """
    need_runs(entries, "epochs")
    naming = Naming(entries)
    rows = [
        naming.run(entry, seed)
        | {"status": run.record.status}
        | {name: getattr(record, name) for name in MEASURED}
        for entry in entries
        for seed, run in ended_runs(folder, entry)
        for record in run.history
    ]
    return _frame(rows, ("run", "configuration", "seed", "status", "epoch"))


def _runs(entry: Entry, naming: Naming, folder: Path) -> Iterator[dict[str, Any]]:
    measured = _measured(entry)
    if entry.header.settings is None:  # of another tool: nothing else is known
        for place, seed in enumerate(entry.header.seeds):
            yield naming.run(entry, seed) | {"status": "finished"} | measured[place]
        return
    for place, (seed, run) in enumerate(ended_runs(folder, entry)):
        record, finished = run.record, place < entry.header.n
        yield (
            naming.run(entry, seed)
            | {"status": record.status}
            | (measured[place] if finished else dict.fromkeys(OF_SUMMARY))
            | {name: getattr(run.kept, name) if finished else None for name in OF_KEPT_EPOCH}
            | {
                "selected_epoch": run.kept.epoch if finished else None,
                "diverged_epoch": record.diverged_epoch,
                "n_parameters": record.cost.parameters,
                "seconds": record.seconds,
            }
        )


def _measured(entry: Entry) -> list[dict[str, Any]]:
    """Return what the summary says of every finished run."""
    accuracy, averages = accuracy_of(entry), class_averages_of(entry)
    columns = [
        accuracy.train_accuracy,
        accuracy.validation_accuracy,
        accuracy.test_accuracy,
        averages.balanced_accuracy if averages else None,
        averages.macro_f1 if averages else None,
        averages.macro_auc if averages else None,
    ]
    return [
        {name: of.runs[place] if of else None for name, of in zip(OF_SUMMARY, columns, strict=True)}
        for place in range(entry.header.n)
    ]


def _frame(rows: list[dict[str, Any]], always: Sequence[str]) -> Frame:
    """Return a frame without the columns that are empty in all rows."""
    names = dict.fromkeys([name for row in rows for name in row] or always)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return Frame(
        {
            name: values
            for name, values in columns.items()
            if name in always or any(value is not None for value in values)
        }
    )
