"""Corrected labels: a CSV file that names images, and their labels before and after.

Its columns are ``name``, ``hash`` (as in ``audit.csv``), ``old`` and ``new``; others, such as who
and when, are ignored. Files of images are never changed. A correction applies only to the very
image and label that it was made for: if the hash or the old label does not agree, it is refused.

Labels of the test split stay as they are given, so that networks are tested on the same labels
with and without corrections; ``seedbed evaluate STUDY --corrections FILE`` scores them on corrected
ones.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown
from seedbed.core.text import decoded
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import spreadsheet
from seedbed.display.sentence import counted

COLUMNS: Final = ("name", "hash", "old", "new")


def corrected(dataset: DatasetSplits, file: Path) -> DatasetSplits:
    """Return a dataset with the labels of a file, whose fingerprint therefore differs.

    Args:
        dataset: Images, as they are trained on: resized, if they are.
        file: CSV, UTF-8. What it says about test images is checked, and not applied.

    Raises:
        DataError: See :func:`correct_labels`.
    """
    labels = correct_labels(dataset, file)
    splits = {
        name: of if name == "test" else replace(of, labels=labels[name])
        for name, of in dataset.splits.items()
    }
    changed = sum(
        int(np.count_nonzero(splits[name].labels != of.labels))
        for name, of in dataset.splits.items()
    )
    modified = f"{counted(changed, 'label')} corrected"
    before = f"{dataset.modified}; " if dataset.modified else ""
    return replace(dataset, splits=splits, modified=before + modified)


def correct_labels(dataset: DatasetSplits, file: Path) -> dict[str, NDArray[np.int64]]:
    """Return the labels of every split, with the corrections of a file.

    Args:
        dataset: Images, as they are trained on: resized, if they are.
        file: CSV, UTF-8.

    Raises:
        DataError: If the file cannot be read, names an image twice or one that is not there, or a
            hash or label does not agree.
    """
    labels, elsewhere = relabeled(
        file,
        {name: (of.names, of.hashes, of.labels) for name, of in dataset.splits.items()},
        dataset.class_names,
    )
    if elsewhere:
        where, name = elsewhere[0]
        raise DataError(f"there is no image {name!r}", where=where)
    return labels


Labeled = tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.int64]]
"""Names, hashes and labels of images, N each."""


def relabeled(
    file: Path, images: Mapping[str, Labeled], class_names: Sequence[str]
) -> tuple[dict[str, NDArray[np.int64]], list[tuple[str, str]]]:
    """Return labels with the corrections of a file.

    Args:
        file: CSV, UTF-8.
        images: By split.
        class_names: Of the labels.

    Returns:
        The labels of every split; and where the file names images that are in none of them, with
        their names.

    Raises:
        DataError: If the file cannot be read, names an image twice, or a hash or label does not
            agree.
    """
    rows = _rows(file)
    labels = {split: given.copy() for split, (_, _, given) in images.items()}
    # As they are, and as a CSV file of ours spells them.
    places = {
        spelled: (split, index)
        for split, (names, _, _) in images.items()
        for index, name in enumerate(names.tolist())
        for spelled in (spreadsheet(name), name)
    }
    classes = {
        spelled: number
        for number, name in enumerate(class_names)
        for spelled in (spreadsheet(name), name)
    }
    seen: set[tuple[str, int]] = set()
    elsewhere = []
    for line, row in rows:
        where = f"{file}, line {line}"
        place = places.get(row["name"])
        if place is None:
            elsewhere.append((where, row["name"]))
            continue
        if place in seen:
            raise DataError(f"{row['name']!r} is corrected twice", where=where)
        seen.add(place)
        split, index = place
        _, hashes, given = images[split]
        if row["hash"] != hashes[index]:
            raise DataError(
                f"the hash of {row['name']!r} is {row['hash'] or 'empty'}",
                where=where,
                expected=f"{hashes[index]}, that of the image",
                hint="the image, or resize, has changed since the correction was made",
            )
        old, new = (_label(row[key], classes, where) for key in ("old", "new"))
        if old != given[index]:
            raise DataError(
                f"the old label of {row['name']!r} is {row['old']!r}",
                where=where,
                expected=repr(class_names[given[index]]),
                hint="the label has changed since the correction was made",
            )
        labels[split][index] = new
    return labels, elsewhere


def corrections_csv(rows: Sequence[Sequence[str]], more: Sequence[str] = ()) -> bytes:
    """Return a file of corrections; texts cannot be taken for formulas.

    Args:
        rows: Name, hash, old and new label, and the other columns.
        more: Names of the other columns.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *more))
    writer.writerows([[spreadsheet(cell) for cell in row] for row in rows])
    return text.getvalue().encode(errors="replace")


def _label(text: str, classes: Mapping[str, int], where: str) -> int:
    if text not in classes:
        raise DataError(unknown("class", text, classes), where=where)
    return classes[text]


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = decoded(file.read_bytes(), str(file))
    except OSError as error:
        raise DataError(f"cannot read it: {error.strerror}", where=str(file)) from None
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(
            f"there is no column {missing[0]!r}",
            where=str(file),
            expected=f"a CSV file with the columns {', '.join(COLUMNS)}",
        )
    try:
        return [(reader.line_num, {key: row[key] or "" for key in COLUMNS}) for row in reader]
    except csv.Error as error:
        raise DataError(f"cannot be read as CSV: {error}", where=str(file)) from None
