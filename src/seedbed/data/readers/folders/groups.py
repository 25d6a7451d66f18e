"""Groups of images that belong together, such as those of a patient.

Images of one patient are alike. If a network learns from some and is tested on others, its accuracy
is that for patients it knows; so no group is on both sides of a split (:mod:`seedbed.data.splits`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from seedbed.core.errors import DataError
from seedbed.core.suggestions import did_you_mean
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.folders.columns import file_column
from seedbed.data.readers.folders.csv_table import read_csv
from seedbed.data.readers.folders.tree import walk
from seedbed.data.readers.parquet.files import parquet_files

if TYPE_CHECKING:
    from seedbed.data.images import ImageDataset

PATTERN: Final = "one pair of parentheses, which captures the group of an image from its name"
"""What a regular expression needs."""


def check_groups(setting: str) -> str:
    """Return the setting ``groups`` of a dataset: a column, or a pattern with one capturing group.

    Raises:
        ValueError: If it cannot be used.
    """
    problem = _problem(setting)
    if problem:
        raise ValueError(f"{problem}; expected {PATTERN}")
    return setting


def _problem(setting: str) -> str:
    """Return what is wrong with a setting, or nothing."""
    if "(" not in setting:
        return ""
    try:
        captured = re.compile(setting).groups
    except re.error as error:
        return f"{setting!r} is not a regular expression: {error}"
    return "" if captured == 1 else f"{setting!r} captures {captured} groups"


def with_groups(contents: Contents, path: Path, setting: str) -> Contents:
    """Return contents whose images have groups.

    Args:
        contents: Of the path.
        path: A folder or file.
        setting: A regular expression with one capturing group, which is searched in the names of
            images; or the column of a table beside the images, or of Parquet files.

    Raises:
        DataError: If the pattern cannot be used, an image has no group, there is no such column, or
            a group is in two splits.
    """
    problem = _problem(setting)
    if problem:
        raise DataError(problem, where="dataset.groups", expected=PATTERN)
    column = "(" not in setting
    named = _column(path, setting) if column else _matches(contents, setting)
    splits: dict[str, ImageDataset] = {}
    of_group: dict[str, str] = {}
    for split, images in contents.splits.items():
        lacking = next((name for name in images.names.tolist() if not named.get(name)), None)
        if lacking is not None:
            raise DataError(
                f"{lacking} has no value in the column {setting}"
                if column
                else f"{lacking} does not match the pattern {setting!r}",
                where="dataset.groups",
                expected="a group for every image",
            )
        groups = np.array([named[name] for name in images.names.tolist()])
        for group in np.unique(groups).tolist():
            if of_group.setdefault(group, split) != split:
                raise DataError(
                    f"the group {group} has images in the {of_group[group]} and the {split} split",
                    where="dataset.groups",
                    expected="every group in one split",
                    hint="results on such a split are those for known groups; draw another one",
                )
        splits[split] = replace(images, groups=groups)
    return contents.with_splits(splits)


def _matches(contents: Contents, pattern: str) -> dict[str, str]:
    found = re.compile(pattern)
    names = [name for images in contents.splits.values() for name in images.names.tolist()]
    return {name: match[1] or "" for name in names if (match := found.search(name))}


def _column(path: Path, column: str) -> dict[str, str]:
    """Return the values of a column by the names of images."""
    files = [path] if path.is_file() else parquet_files(path)
    if files and files[0].suffix == ".parquet":
        return _of_parquet(path.parent if path.is_file() else path, files, column)
    tree = walk(path) if path.is_dir() else None
    if tree is None or not tree.tables:
        raise DataError(
            f"has no table with a column {column}",
            where=str(path),
            expected="Parquet files, or labels.csv or metadata.csv beside the images",
            hint="for groups in the names of images, write a pattern: groups = '(patient\\d+)'",
        )
    values: dict[str, str] = {}
    for table in tree.tables.values():
        columns = read_csv(table)
        _check_column(column, list(columns), table)
        below = [file for file in tree.root.files() if file.is_relative_to(table.parent)]
        names = [file.relative_to(table.parent).as_posix() for file in below]
        match = file_column(columns, names, str(table))
        for value, index in zip(columns[column], match[1] if match else (), strict=False):
            if index is not None:
                values[tree.name(below[index])] = value
    return values


def _of_parquet(root: Path, files: Sequence[Path], column: str) -> dict[str, str]:
    import pyarrow.parquet as pq

    values: dict[str, str] = {}
    for file in files:
        _check_column(column, pq.ParquetFile(file).schema_arrow.names, file)
        rows = pq.read_table(file, columns=[column])[column].to_pylist()
        name = file.relative_to(root).as_posix()
        values |= {
            f"{name}:{row}": "" if value is None else str(value) for row, value in enumerate(rows)
        }
    return values


def _check_column(column: str, columns: Sequence[str], file: Path) -> None:
    if column not in columns:
        raise DataError(
            f"has no column {column}{did_you_mean(column, columns)}",
            where=str(file),
            expected=f"one of {', '.join(columns)}",
        )
