"""One folder per class, named after it: ``photos/cat/*.png``, or ``photos/train/cat/*.png``."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.pictures import Picture, read_splits

TRAIN, TEST = "train", "test"
SPLITS = {TRAIN, TEST, "val", "valid", "validation"}
"""Folders of which none is a class where there are no others."""
NO_IMAGES = ("thumbs.db", "desktop.ini")
"""What Windows leaves in folders of images. Names that begin with a dot are passed over as well."""


def is_class_folder(folder: Path) -> bool:
    """Whether a folder holds folders."""
    return bool(_subfolders(folder))


def read_class_folders(folder: Path, resize: int | None = None) -> Contents:
    """Return the images of a tree with one folder per class, classes and files in order of name.

    ``train/`` and ``test/``, where both are there, are the splits and must have the same classes.
    Folders within a class folder belong to that class.

    Args:
        folder: The root of the tree.
        resize: Height and width of every image in pixels; ``None`` keeps them, and they must agree.

    Raises:
        DataError: If there are no images, a class has none, or an image cannot be used.

    """
    names = {path.name for path in _subfolders(folder)}
    if names == {TRAIN, TEST}:
        trees = [folder / TRAIN, folder / TEST]
    elif names and names <= SPLITS:
        raise DataError(
            f"has the folders {', '.join(sorted(names))}",
            where=str(folder),
            expected=f"{TRAIN} and {TEST} alone, or one folder per class directly inside",
        )
    else:
        trees = [folder]
    classes = [tuple(path.name for path in _subfolders(tree)) for tree in trees]
    if len(set(classes)) > 1:
        odd = sorted(set(classes[0]) ^ set(classes[1]))[0]
        raise DataError(
            f"class {odd!r} is only in {TRAIN if odd in classes[0] else TEST}/",
            where=str(folder),
            expected="the same class folders in both",
        )
    return read_splits([_read_tree(tree, classes[0]) for tree in trees], classes[0], resize)


def _read_tree(tree: Path, classes: tuple[str, ...]) -> tuple[list[Picture], NDArray[np.int64]]:
    found = [files_in(tree / name) for name in classes]
    if not any(found):
        raise DataError(
            "there are no images in it", where=str(tree), expected="one folder of images per class"
        )
    for name, files in zip(classes, found, strict=True):
        if not files:
            raise DataError("there are no images in this class", where=str(tree / name))
    pictures = [Picture(str(path), path) for files in found for path in files]
    return pictures, np.repeat(np.arange(len(classes)), [len(files) for files in found])


def _subfolders(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def files_in(folder: Path) -> list[Path]:
    """Return the files in a folder and in the folders in it, hidden ones left out, by name."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name.lower() not in NO_IMAGES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
