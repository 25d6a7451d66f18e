"""The runs of a study, scored on corrected test labels: nothing is trained or predicted again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.entry import Entry
from seedbed.analysis.prediction_files.groups import Group
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import relate_all
from seedbed.analysis.statistics.paired import compare
from seedbed.analysis.summary.external import entry_of
from seedbed.analysis.summary.stored_predictions import read_predictions
from seedbed.core.errors import DataError, StoreError
from seedbed.data.label_corrections import relabeled
from seedbed.display.formatters import NONE, percent_spread, signed_points
from seedbed.display.sentence import counted, signed_interval
from seedbed.display.table import Report, Table
from seedbed.study.results import read_results
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True, eq=False)
class Rescored:
    """The runs of a study on corrected test labels."""

    entries: list[Entry]
    """Of a summary: every table can be made of them."""
    report: Report
    """The accuracy of every configuration on given and on corrected labels, side by side."""


@dataclass(frozen=True, eq=False)
class _Scored:
    label: str
    seeds: tuple[int | str, ...]
    given: NDArray[np.float64]
    """Accuracy of every run on the given labels."""
    corrected: NDArray[np.float64]
    images: int


def evaluate_corrected(folder: Path, file: Path, selection: Selection = ALL) -> Rescored:
    """Score the stored predictions of a study on corrected test labels.

    Args:
        folder: Of the study.
        file: The corrections, see :mod:`seedbed.data.label_corrections`. Those of images that are
            not in the test split are counted and left out.
        selection: Which configurations to score.

    Raises:
        DataError: If the corrections do not agree with the images, or none of them is of a test
            image.
        StoreError: If no run has stored predictions.
        StudyError: If nothing is selected.
    """
    store = StudyStore(folder)
    results = read_results(store, selection)
    entries: list[Entry] = []
    rows: list[_Scored] = []
    left_out: list[str] = []
    changed: list[int] = []
    elsewhere: list[int] = []
    for of in results.configurations:
        runs, lines = read_predictions(of, store)
        left_out += lines
        if not runs:
            continue
        labels, others = _corrected(runs[0], file)
        changed.append(int(np.count_nonzero(labels != runs[0].labels)))
        elsewhere.append(len(others))
        seeds = tuple(run.record.seed for run in of.finished)
        paths = [store.run(run.record.id).folder for run in of.finished]
        label = of.configuration.label or results.name
        predicted = [run.scores.argmax(axis=1) for run in runs]
        rows.append(
            _Scored(
                label,
                seeds,
                np.array([(of == runs[0].labels).mean() for of in predicted]),
                np.array([(of == labels).mean() for of in predicted]),
                len(labels),
            )
        )
        new = [replace(run, labels=labels) for run in runs]
        entries.append(entry_of(Group(label, dict(zip(seeds, paths, strict=True))), new))
    if not rows:
        raise StoreError(
            "; ".join(["has no run with stored predictions", *left_out]), where=str(folder)
        )
    # Of several datasets, each configuration has the images of one.
    if not max(changed):
        raise DataError(
            "corrects no label of a test image", where=str(file), expected="one or more"
        )
    return Rescored(relate_all(entries), _report(rows, max(changed), min(elsewhere), left_out))


def _corrected(run: Predictions, file: Path) -> tuple[NDArray[np.int64], list[tuple[str, str]]]:
    assert run.images is not None  # those of a study always are
    images = (run.images.names, run.images.hashes, run.labels)
    labels, elsewhere = relabeled(file, {"test": images}, run.class_names)
    return labels["test"], elsewhere


def _report(
    rows: Sequence[_Scored], changed: int, elsewhere: int, left_out: Sequence[str]
) -> Report:
    cells, lines = [], []
    for row in rows:
        n = len(row.seeds)
        given, corrected = (
            dict(zip(row.seeds, values.tolist(), strict=True))
            for values in (row.given, row.corrected)
        )
        difference = compare("corrected", "given", corrected, given, images=row.images)
        interval = difference.interval
        cells.append(
            (
                row.label,
                str(n),
                percent_spread(Aggregate.of(row.given.tolist())),
                percent_spread(Aggregate.of(row.corrected.tolist())),
                signed_points(difference.difference),
                NONE if interval is None else signed_interval(interval),
            )
        )
        lines += [(row.label, seed, given[seed], corrected[seed]) for seed in row.seeds]
    notes = [f"{counted(changed, 'test label')} corrected; nothing was trained again."]
    if elsewhere:
        notes.append(
            f"{counted(elsewhere, 'correction')} of images that are not in the test split left out."
        )
    table = Table(
        "Test accuracy on given and on corrected labels",
        ("configuration", "n", "given", "corrected", "difference", "95% interval"),
        (tuple(cells),),
        notes=(*notes, *left_out),
    )
    columns = ("configuration", "seed", "test_accuracy", "corrected_test_accuracy")
    data: Any = [dict(zip(columns, line, strict=True)) for line in lines]
    return Report((table,), columns, tuple(lines), data)
