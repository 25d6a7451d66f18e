"""Corrected labels: a CSV file that names images, and their labels before and after.

Its columns are ``name``, ``hash`` (as in ``audit.csv``), ``old`` and ``new``; others, such as who
and when, are ignored. Files of images are never changed. A correction applies only to the very
image and label that it was made for: if the hash or the old label does not agree, it is refused.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown
from seedbed.core.text import decoded
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import spreadsheet

COLUMNS: Final = ("name", "hash", "old", "new")


def corrected(dataset: DatasetSplits, file: Path) -> DatasetSplits:
    """Return a dataset with the labels of a file, whose fingerprint therefore differs.

    Args:
        dataset: Images, as they are trained on: resized, if they are.
        file: CSV, UTF-8.

    Raises:
        DataError: If the file cannot be read, names an image twice or one that is not there, or a
            hash or label does not agree.
    """
    rows = _rows(file)
    labels = {name: split.labels.copy() for name, split in dataset.splits.items()}
    # As they are, and as a CSV file of ours spells them.
    places = {
        spelled: (split, index)
        for split, images in dataset.splits.items()
        for index, name in enumerate(images.names.tolist())
        for spelled in (spreadsheet(name), name)
    }
    classes = {
        spelled: number
        for number, name in enumerate(dataset.class_names)
        for spelled in (spreadsheet(name), name)
    }
    seen: set[tuple[str, int]] = set()
    for line, row in rows:
        where = f"{file}, line {line}"
        place = places.get(row["name"])
        if place is None:
            raise DataError(f"there is no image {row['name']!r}", where=where)
        if place in seen:
            raise DataError(f"{row['name']!r} is corrected twice", where=where)
        seen.add(place)
        split, index = place
        actual = str(dataset.splits[split].hashes[index])
        if row["hash"] != actual:
            raise DataError(
                f"the hash of {row['name']!r} is {row['hash'] or 'empty'}",
                where=where,
                expected=f"{actual}, that of the image",
                hint="the image, or resize, has changed since the correction was made",
            )
        old, new = (_label(row[key], classes, where) for key in ("old", "new"))
        given = int(dataset.splits[split].labels[index])
        if old != given:
            raise DataError(
                f"the old label of {row['name']!r} is {row['old']!r}",
                where=where,
                expected=repr(dataset.class_names[given]),
                hint="the label has changed since the correction was made",
            )
        labels[split][index] = new
    splits = {name: replace(of, labels=labels[name]) for name, of in dataset.splits.items()}
    changed = sum(
        int(np.count_nonzero(labels[name] != of.labels)) for name, of in dataset.splits.items()
    )
    modified = f"{changed:,} labels corrected"
    before = f"{dataset.modified}; " if dataset.modified else ""
    return replace(dataset, splits=splits, modified=before + modified)


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
