"""The summary of predictions that other tools have written.

Several files are several runs of one configuration. A folder is a configuration whose files are its
runs; files of the same name in two folders are paired, as runs with the same seed are.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from seedbed.analysis.entry import Entry, Header, StudyHeader
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import make_entry, relate_all
from seedbed.analysis.summary.prediction_files import PLAIN, READERS, Layout, read_predictions
from seedbed.analysis.summary.self_check import check_order, check_scores
from seedbed.analysis.summary_file import FORMAT
from seedbed.core.errors import DataError

MOST_NAMED: Final = 10
"""Classes that a warning names."""

TOGETHER = "predictions"
"""Label of a configuration whose files were named one by one."""


@dataclass(frozen=True)
class Group:
    """The files of one configuration."""

    label: str
    files: dict[str, Path]
    """One a run, by the name of the run."""


def find_groups(paths: Sequence[Path]) -> list[Group]:
    """Return the configurations that files and folders hold.

    Raises:
        DataError: If a folder holds no predictions, two have the same name, or a file is there
            twice.

    """
    groups = [_folder(path) for path in paths if path.is_dir()]
    files = [path for path in paths if not path.is_dir()]
    for path in files:
        if files.count(path) > 1:
            raise DataError("is given twice", where=str(path), expected="a file for each run")
    if files:
        label = files[0].stem if len(files) == 1 else TOGETHER
        groups.insert(0, Group(label, {str(path): path for path in files}))
    labels = [group.label for group in groups]
    for label in labels:
        if labels.count(label) > 1:
            raise DataError(f"two configurations have the label {label!r}", hint="rename a folder")
    return groups


def evaluate(
    groups: Sequence[Group], layout: Layout = PLAIN, *, self_check: bool = True
) -> list[Entry]:
    """Return an entry of a summary for each configuration.

    Args:
        groups: The files.
        layout: How they are to be read.
        self_check: Whether to reject predictions and labels that do not seem to belong together.

    Raises:
        DataError: If a file cannot be used, fails the check, or has other test images than another.

    """
    entries = []
    first: tuple[Path, Predictions] | None = None
    for group in groups:
        runs = []
        for path in group.files.values():
            run = read_predictions(path, layout)
            first = first or (path, run)
            _check_same(path, run, *first)
            if self_check:
                check_order(run, where=str(path))
            runs.append(run)
        entries.append(_entry(group, runs, self_check=self_check))
    return relate_all(entries)


def _folder(path: Path) -> Group:
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in READERS)
    if not files:
        raise DataError(
            "holds no predictions", where=str(path), expected=f"files: {', '.join(READERS)}"
        )
    names = [file.stem for file in files]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two files have the name {name!r}", where=str(path))
    return Group(path.resolve().name, dict(zip(names, files, strict=True)))


def _check_same(path: Path, run: Predictions, first_path: Path, first: Predictions) -> None:
    what = "classes" if run.class_names != first.class_names else "labels"
    if what == "labels" and np.array_equal(run.labels, first.labels):
        return
    raise DataError(
        f"has other {what} than {first_path}",
        where=str(path),
        expected="runs on the same test images in the same order",
        hint="evaluate runs on different test images one by one",
    )


def _entry(group: Group, runs: Sequence[Predictions], *, self_check: bool) -> Entry:
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
    )
    return make_entry(header, Material(runs, names))


def _same_scores(group: Group, runs: Sequence[Predictions]) -> list[str]:
    """Say which runs are one run under several names: whoever repeats a seed gets the same bits."""
    names: dict[bytes, list[str]] = {}
    for name, run in zip(group.files, runs, strict=True):
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
    return digest.hexdigest()
