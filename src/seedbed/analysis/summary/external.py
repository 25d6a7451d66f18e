"""The summary of predictions that other tools have written.

Which files are runs of one configuration, :mod:`seedbed.analysis.prediction_files.groups` says.
Runs are put into the order of the first by the names of their images. Where these are not known,
rows are compared with rows, and files whose rows are seen to be in another order are refused.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry, FileReading, Header, StudyHeader
from seedbed.analysis.material import Material
from seedbed.analysis.prediction_files.groups import TOGETHER, Group, Groups
from seedbed.analysis.prediction_files.layout import PLAIN, Layout
from seedbed.analysis.prediction_files.read import PredictionFile, read_predictions
from seedbed.analysis.prediction_files.reading import PredictionReading
from seedbed.analysis.predictions import Predictions, align
from seedbed.analysis.registry import make_entry, relate_all
from seedbed.analysis.summary.self_check import check_order, check_scores
from seedbed.analysis.summary_file import FORMAT
from seedbed.core.errors import DataError

MOST_NAMED: Final = 10
"""Classes that a warning names."""


def evaluate(groups: Groups, layout: Layout = PLAIN, *, self_check: bool = True) -> list[Entry]:
    """Return an entry of a summary for each configuration.

    Args:
        groups: The files.
        layout: How they are to be read.
        self_check: Whether to reject predictions and labels that do not seem to belong together.

    Raises:
        DataError: If a file cannot be used, fails the check, or has other test images than another.

    """
    entries = []
    known: dict[str, PredictionFile] = {}
    """The first file, and the first that names its images, by their paths."""
    for group in groups.groups:
        runs, readings = [], []
        for path in map(str, group.files.values()):
            file = read_predictions(Path(path), layout)
            if self_check:
                check_order(file.predictions, where=path)
            run = _as_known(path, file, known)
            if not known or (run.images is not None and not _any_named(known)):
                known[path] = replace(file, predictions=run)
            runs.append(run)
            readings.append(file.reading)
        read = _readings(group, readings, groups.rule)
        entries.append(entry_of(group, runs, read, self_check=self_check))
    return relate_all(entries)


def _any_named(known: Mapping[str, PredictionFile]) -> bool:
    return any(file.predictions.images is not None for file in known.values())


def _as_known(path: str, file: PredictionFile, known: Mapping[str, PredictionFile]) -> Predictions:
    """Return the predictions of a file with rows and columns in the order of the first one."""
    run = file.predictions
    if not known:
        return run
    first_path, first = next(iter(known.items()))
    run = _in_order_of_classes(run, first.predictions)
    if run.class_names != first.predictions.class_names:
        raise DataError(
            f"has other classes than {first_path}",
            where=path,
            expected="runs with the same classes",
            hint="evaluate runs on different test images one by one",
        )
    wanted = first.predictions.labels
    if np.array_equal(file.predictions.labels, wanted) and not np.array_equal(run.labels, wanted):
        raise DataError(
            f"has its columns in another order than {first_path}, while its labels count them",
            where=path,
            hint="name the classes in the order of the labels with --classes",
        )
    if run.images is None or first.predictions.images is None:
        _check_rows(path, file, run.labels, first_path, first)
    others = [other.predictions for other in known.values()]
    try:
        *_, aligned = align([*others, run], [*known, path])
    except DataError as error:
        hint = f"to compare row by row, leave out the names with --ignore '{file.image}'"
        raise DataError(
            error.what, where=error.where, expected=error.expected, hint=error.hint or hint
        ) from error
    return aligned


def _in_order_of_classes(run: Predictions, first: Predictions) -> Predictions:
    if run.class_names == first.class_names or set(run.class_names) != set(first.class_names):
        return run
    columns = [run.class_names.index(name) for name in first.class_names]
    number_of = np.argsort(columns)
    return replace(
        run,
        scores=run.scores[:, columns],
        labels=number_of[run.labels],
        class_names=first.class_names,
    )


def _check_rows(
    path: str,
    file: PredictionFile,
    labels: NDArray[np.int64],
    first_path: str,
    first: PredictionFile,
) -> None:
    """Reject rows that are not those of the first file, or in another order.

    Raises:
        DataError: With the column that tells the rows apart, if there is one.

    """
    wanted = first.predictions.labels
    columns = [name for name in file.row_names if name in first.row_names]
    for column in columns:
        one, other = (of.row_names[column].astype(np.str_) for of in (file, first))
        if not np.array_equal(one, other) and np.array_equal(np.sort(one), np.sort(other)):
            raise DataError(
                f"has its rows in another order than {first_path}, by column {column!r}",
                where=path,
                expected="the same order, or the column that names the images",
                hint=f"name it with --image '{column}'",
            )
    if np.array_equal(labels, wanted):
        return
    reordered = np.array_equal(np.sort(labels), np.sort(wanted))
    raise DataError(
        f"has the labels of {first_path} in another order"
        if reordered
        else f"has other labels than {first_path}",
        where=path,
        expected="runs on the same test images in the same order",
        hint="name the column that tells images apart with --image"
        if reordered
        else "evaluate runs on different test images one by one",
    )


def _readings(
    group: Group, readings: Sequence[PredictionReading], rule: str
) -> tuple[FileReading, ...]:
    """Return what was understood of the files, those that were read alike together."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for path, reading in zip(group.files.values(), readings, strict=True):
        alike.setdefault(tuple(reading.lines()), []).append(str(path))
    runs = (("runs", rule),) if rule else ()
    return tuple(FileReading(tuple(files), (*lines, *runs)) for lines, files in alike.items())


def entry_of(
    group: Group,
    runs: Sequence[Predictions],
    readings: tuple[FileReading, ...] = (),
    *,
    self_check: bool = True,
) -> Entry:
    """Return the entry of predictions.

    Args:
        group: Where they are from.
        runs: Of its files, in their order; of the same images in the same order.
        readings: What was understood of the files.
        self_check: See :func:`evaluate`.

    Raises:
        DataError: If predictions fail the check.
    """
    names = [str(path) for path in group.files.values()]
    if self_check:
        for name, run in zip(names, runs, strict=True):
            check_scores(run, where=name)
    header = Header(
        format=FORMAT,
        source_hash=None,
        study=StudyHeader(TOGETHER, 0, ()),
        id=group.label,
        label=group.label,
        variant=None,
        configuration={"files": names},
        settings=None,
        network=None,
        dataset=f"{len(runs[0]):,} test images",
        modified=None,
        test_fingerprint=_fingerprint(runs[0]),
        test_images=len(runs[0]),
        class_names=runs[0].class_names,
        n=len(runs),
        seeds=tuple(group.files),
        diverged=(),
        unfinished=(),
        checkpoint=None,
        epochs=None,
        selected_epochs=(),
        warnings=(*_same_scores(group, runs), *_classes_without_images(runs[0])),
        provenance=None,
        readings=readings,
    )
    return make_entry(header, Material(runs, names))


def _same_scores(group: Group, runs: Sequence[Predictions]) -> list[str]:
    """Say which runs are one run under several names: whoever repeats a seed gets the same bits."""
    names: dict[bytes, list[str]] = {}
    for name, run in zip(map(str, group.files), runs, strict=True):
        names.setdefault(hashlib.sha256(run.scores.tobytes()).digest(), []).append(name)
    return [
        f"{', '.join(others)} {'has' if len(others) == 1 else 'have'} exactly the scores of "
        f"{first}: probably one seed under several names. Then n is too high, and the standard "
        "deviation too low."
        for first, *others in names.values()
        if others
    ]


def _classes_without_images(run: Predictions) -> list[str]:
    """Name the classes that never occur: a column that is no class would be one of them."""
    occurs = np.bincount(run.labels, minlength=len(run.class_names))
    absent = [
        repr(name) for name, images in zip(run.class_names, occurs, strict=True) if not images
    ]
    if not absent:
        return []
    more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
    return [
        f"no test image is of {', '.join(absent[:MOST_NAMED])}{more}. Leave out a column that is "
        "no class with --ignore."
    ]


def _fingerprint(run: Predictions) -> str:
    digest = hashlib.sha256(json.dumps(run.class_names).encode())
    digest.update(run.labels.astype("<i8").tobytes())
    if run.images is not None:
        digest.update("\0".join(run.images.names.tolist()).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
