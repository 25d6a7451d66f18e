"""Folders of images: class folders (``photos/cat/1.png``), or images with a table of labels."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.data.readers.contents import Contents
from seedbed.data.readers.decoding import ImageRules, Picture
from seedbed.data.readers.folders.labels_table import read_table
from seedbed.data.readers.folders.layout import understand
from seedbed.data.readers.folders.tree import IMAGES, TABLES, Tree, walk
from seedbed.data.readers.pictures import read_splits
from seedbed.data.reading import LayoutName, Reading

NO_RULES = ImageRules()


@dataclass(frozen=True)
class LabeledFiles:
    """The image files of a folder with their labels, not decoded yet.

    Args:
        tree: The folder.
        files: Of each split.
        labels: Of each split, int64.
        class_names: By label.
        reading: What was understood, without what only decoding tells.
    """

    tree: Tree
    files: dict[str, list[Path]]
    labels: dict[str, NDArray[np.int64]]
    class_names: tuple[str, ...]
    reading: Reading


def is_image_folder(folder: Path) -> bool:
    """Whether a folder has subfolders that are not hidden, images, or a table of labels."""
    return any(
        (path.is_dir() and not path.name.startswith("."))
        or path.suffix.lower() in IMAGES
        or path.name.lower() in TABLES
        for path in folder.iterdir()
    )


def read_image_folder(
    folder: Path,
    rules: ImageRules = NO_RULES,
    layout: LayoutName | None = None,
    label_column: str | None = None,
) -> Contents:
    """Return the images of a folder, in one of these layouts.

    - One folder per class; subfolders of a class folder belong to the class.
    - The same below one folder per split: ``train``, ``val`` and ``test``, in any case and with
      usual affixes, as in ``Training``, ``test_set`` and ``seg_train``.
    - Images with a table ``labels.csv`` or ``metadata.csv``.

    A folder around all others is ignored. Classes and files are sorted by name.

    Args:
        folder: The root.
        rules: What to do with images that cannot be used as they are.
        layout: Which of the layouts it is, where the folder does not tell.
        label_column: The column of labels of a table, where it does not tell.

    Raises:
        DataError: If the layout is in doubt, there are fewer than two classes, a class has no
            images, or an image cannot be used; or if a link leads out of the folder.
    """
    return decoded(labeled_files(walk(folder), layout, label_column), rules)


def labeled_files(
    tree: Tree, layout: LayoutName | None = None, label_column: str | None = None
) -> LabeledFiles:
    """Return the image files of a folder with their labels.

    Raises:
        DataError: As :func:`read_image_folder`, except for what only decoding tells.
    """
    table = read_table(tree, layout, label_column)
    if table is not None:
        return LabeledFiles(tree, table.files, table.labels, table.class_names, table.reading)
    understood = understand(tree, layout)
    files: dict[str, list[Path]] = {}
    labels: dict[str, NDArray[np.int64]] = {}
    for split, classes in understood.classes.items():
        of_class = [list(folder.files()) for folder in classes.values()]
        files[split] = [path for paths in of_class for path in paths]
        labels[split] = np.repeat(np.arange(len(of_class)), [len(paths) for paths in of_class])
    one = len(understood.splits) == 1
    reading = Reading(
        "class folders" if one else "class folders in a folder per split",
        splits={} if one else {s: folder.shown for s, folder in understood.splits.items()},
        classes_from="the names of the folders",
        names_from="the path below the folder",
        decisions=tuple(understood.decisions),
    )
    return LabeledFiles(tree, files, labels, understood.class_names, reading)


def decoded(labeled: LabeledFiles, rules: ImageRules) -> Contents:
    """Decode image files.

    Raises:
        DataError: If an image cannot be used, or a class has none that can.
    """
    tree = labeled.tree
    splits = {
        split: (
            [Picture(str(path), path) for path in files],
            labeled.labels[split],
            np.array([tree.name(path) for path in files]),
        )
        for split, files in labeled.files.items()
    }
    reading = replace(labeled.reading, left_out=tree.all_left_out())
    return read_splits(splits, labeled.class_names, reading, rules, str(tree.root.path))
