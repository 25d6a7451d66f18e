"""Images with a table of labels: ``labels.csv`` or ``metadata.csv`` beside or above the images.

The layout of Hugging Face's ``imagefolder`` is one of them: a ``metadata.csv`` with the columns
``file_name`` and ``label`` in the folder, or in the folder of each split.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.folders.columns import file_column, may_have_labels, other_columns
from seedbed.data.readers.folders.csv_table import read_csv
from seedbed.data.readers.folders.layout import SPLITS, listed
from seedbed.data.readers.folders.split_names import split_names, split_of
from seedbed.data.readers.folders.tree import Folder, Tree
from seedbed.data.reading import LayoutName, Reading


@dataclass(frozen=True)
class TableOfLabels:
    """Image files with their labels.

    Args:
        files: Of each split.
        labels: Of each split, int64.
        class_names: By label.
        reading: What was understood.
    """

    files: dict[str, list[Path]]
    labels: dict[str, NDArray[np.int64]]
    class_names: tuple[str, ...]
    reading: Reading


@dataclass
class _Part:
    """A table: of each of its images the label and, if it tells, the split."""

    table: Path
    label_column: str
    split_column: str | None
    labels: dict[Path, str]
    splits: dict[Path, str]
    decisions: list[str]


def read_table(
    tree: Tree, layout: LayoutName | None, label_column: str | None = None
) -> TableOfLabels | None:
    """Return the images of a folder that has tables of labels.

    Args:
        tree: The folder.
        layout: The setting, if the user gave it.
        label_column: The column of labels, if the user gave it; the labels are then in a table.

    Returns:
        ``None`` if there is no table, or if the folders name the classes.

    Raises:
        DataError: If it is in doubt what has the labels, or if rows contradict each other.
    """
    if label_column is not None:
        layout = "table"
    if layout == "table" and not tree.tables:
        raise DataError(
            "there is no table of labels",
            where=str(tree.root.path),
            expected="labels.csv or metadata.csv",
        )
    if not tree.tables or not tree.root.has_images or layout in ("classes", "splits"):
        _unused(tree)
        return None
    parts = {
        below: _read(tree, below, path, label_column) for below, path in sorted(tree.tables.items())
    }
    known = [part for part in parts.values() if part is not None]
    if layout is None and (not known or _agree(tree, known)):
        if not known and not _has_class_folders(tree):
            raise _no_file_names(next(iter(tree.tables.values())))
        _unused(tree)
        return None
    if not known:
        raise _no_file_names(next(iter(tree.tables.values())))
    if layout is None and _has_class_folders(tree):
        raise DataError(
            f"can be read in two ways: {known[0].table.name} has the labels; or the folders do",
            where=str(tree.root.path),
            hint='set layout = "table" for the first, or layout = "classes" or "splits" for the '
            "second",
        )
    unused = [tree.tables[below] for below, part in parts.items() if part is None]
    tree.leave_out("tables without labels", *map(tree.name, unused))
    return _table(tree, known, len(known) > 1)


def _unused(tree: Tree) -> None:
    tree.leave_out("tables of labels", *(tree.name(path) for path in tree.tables.values()))


def _no_file_names(table: Path) -> DataError:
    return DataError(
        "no column names images of this folder",
        where=str(table),
        expected="a header, and a column file_name with paths below the folder of the table",
    )


def _read(tree: Tree, below: tuple[str, ...], path: Path, label_column: str | None) -> _Part | None:
    """Return what a table says about the images below its folder.

    Returns:
        ``None`` if it names no images, or has no labels where the folders have them.
    """
    columns = read_csv(path)
    files = list(_folder(tree, below).files())
    names = [file.relative_to(path.parent).as_posix() for file in files]
    match = file_column(columns, names, str(path))
    if match is None:
        return None
    file, rows = match
    if label_column is None and not may_have_labels(columns, file) and _has_class_folders(tree):
        return None
    label, split, decisions = other_columns(columns, file, str(path), label_column)
    part = _Part(path, label, split, {}, {}, decisions)
    lines: dict[Path, int] = {}
    table = tree.name(path)
    for number, index in enumerate(rows):
        value = unicodedata.normalize("NFC", columns[label][number])
        if index is None:
            tree.leave_out(f"rows of {table} without an image", columns[file][number])
            continue
        image = files[index]
        if part.labels.get(image, value) != value:
            raise DataError(
                f"{columns[file][number]} has the label {part.labels[image]} in row "
                f"{lines[image]} and {value} in row {number + 2}",
                where=str(path),
                expected="one label per image",
            )
        lines[image] = number + 2
        part.labels[image] = value
        if split:
            part.splits[image] = split_of(columns[split][number]) or ""
    return part


def _folder(tree: Tree, below: tuple[str, ...]) -> Folder:
    folder = tree.root
    for name in below:
        folder = next(inner for inner in folder.folders if inner.name == name)
    return folder


def _has_class_folders(tree: Tree) -> bool:
    """Whether the folders can be read as classes; splits without class folders cannot."""
    root = tree.root.unwrapped
    if len(root.branches) < 2:
        return False
    named = split_names(folder.name for folder in root.branches)
    return not (
        len(named) == len(root.branches)
        and not any(folder.unwrapped.branches for folder in root.branches)
    )


def _agree(tree: Tree, parts: list[_Part]) -> bool:
    """Whether every label is the name of the folder that its image is in."""
    labels = {image: label for part in parts for image, label in part.labels.items()}
    return not any(part.splits for part in parts) and all(
        labels.get(image) == unicodedata.normalize("NFC", image.parent.name)
        for image in tree.root.files()
    )


def _table(tree: Tree, parts: list[_Part], one_each: bool) -> TableOfLabels:
    labels = _labels(parts)
    decisions = [decision for part in parts for decision in part.decisions]
    splits, origins = _splits(tree, parts)
    files: dict[str, list[Path]] = {}
    for image in tree.root.files():
        if not labels.get(image):
            tree.leave_out("images without a label", tree.name(image))
        elif splits and not splits.get(image):
            tree.leave_out("images without a split", tree.name(image))
        else:
            files.setdefault(splits[image] if splits else "train", []).append(image)
    where = str(tree.root.path if one_each else parts[0].table)
    names = {split: {labels[image] for image in images} for split, images in files.items()}
    _check_classes(names, where)
    class_names = _sorted(names["train"])
    numbers = {name: number for number, name in enumerate(class_names)}
    tables = listed([tree.name(part.table) for part in parts])
    columns = " and ".join(dict.fromkeys(part.label_column for part in parts))
    return TableOfLabels(
        {split: files[split] for split in SPLITS if split in files},
        {
            split: np.array([numbers[labels[image]] for image in files[split]], np.int64)
            for split in SPLITS
            if split in files
        },
        class_names,
        Reading(
            "images with a table of labels",
            splits={split: origins[split] for split in SPLITS if split in files and origins},
            classes_from=f"the column {columns} of {tables}",
            names_from="the path below the folder",
            decisions=tuple(dict.fromkeys(decisions)),
        ),
    )


def _labels(parts: list[_Part]) -> dict[Path, str]:
    """Return the label of every image; reject tables that contradict each other."""
    labels: dict[Path, str] = {}
    for part in parts:
        for image, label in part.labels.items():
            if labels.setdefault(image, label) != label:
                raise DataError(
                    f"{image.name} has the label {label} here and {labels[image]} in another table",
                    where=str(part.table),
                    expected="one label per image",
                )
    return labels


def _splits(tree: Tree, parts: list[_Part]) -> tuple[dict[Path, str], dict[str, str]]:
    """Return the split of every image and where each comes from; nothing if there is one split."""
    if any(part.splits for part in parts):
        column = next(part.split_column for part in parts if part.split_column)
        named = {image: split for part in parts for image, split in part.splits.items()}
        return named, dict.fromkeys(SPLITS, f"the column {column}")
    root = tree.root.unwrapped
    meanings = split_names(folder.name for folder in root.branches)
    if len(set(meanings.values())) < 2:
        return {}, {}
    splits: dict[Path, str] = {}
    origins: dict[str, str] = {}
    for folder in root.branches:
        if folder.name in meanings:
            split = meanings[folder.name]
            if split in origins:
                raise DataError(
                    f"{origins[split]} and {folder.shown} both mean the {split} split",
                    where=str(root.path),
                    expected="one folder per split",
                    hint="rename one of them, or move it away",
                )
            origins[split] = folder.shown
            splits |= dict.fromkeys(folder.files(), split)
    return splits, origins


def _check_classes(names: dict[str, set[str]], where: str) -> None:
    train = names.get("train")
    if not train:
        raise DataError("no training image has a label", where=where)
    if len(train) < 2:
        raise DataError(
            f"there is only one class, {next(iter(train))}", where=where, expected="two or more"
        )
    for split, classes in names.items():
        if unknown := sorted(classes - train):
            raise DataError(
                f"the {split} split has classes without training images: {listed(unknown)}",
                where=where,
                expected="the same classes in every split",
            )


def _sorted(names: set[str]) -> tuple[str, ...]:
    """Return class names in order: whole numbers by value, other names as text."""
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=int))
    return tuple(sorted(names))
