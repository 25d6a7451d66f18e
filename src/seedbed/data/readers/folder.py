"""One folder per class, named after it: ``photos/cat/*.png``, or ``photos/train/cat/*.png``."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.pictures import Picture, read_splits
from seedbed.data.reading import Reading

TRAIN, TEST = "train", "test"
SPLITS = {TRAIN, TEST, "val", "valid", "validation"}
"""Names of splits: folders with only these names are not classes."""
IGNORED = ("thumbs.db", "desktop.ini")
"""Files of Windows in folders of images. Names that start with a dot are ignored as well."""


def is_class_folder(folder: Path) -> bool:
    """Whether a folder has subfolders that are not hidden."""
    return bool(_subfolders(folder))


def read_class_folders(folder: Path, resize: int | None = None) -> Contents:
    """Return the images of a tree with one folder per class; classes and files are sorted by name.

    If the only folders are ``train/`` and ``test/``, they are the splits, and must have the same
    classes. Subfolders of a class folder belong to the class.

    Args:
        folder: The root of the tree.
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.

    Raises:
        DataError: If there are no images, a class has none, or an image cannot be used; or if a
            link is broken or leads out of the tree.

    """
    _check_links(folder)
    names = {path.name for path in _subfolders(folder)}
    if names == {TRAIN, TEST}:
        trees = [folder / TRAIN, folder / TEST]
    elif names and names <= SPLITS:
        raise DataError(
            f"has the folders {', '.join(sorted(names))}",
            where=str(folder),
            expected=f"only {TRAIN} and {TEST}, or one folder per class",
        )
    else:
        trees = [folder]
    classes = [tuple(path.name for path in _subfolders(tree)) for tree in trees]
    if len(set(classes)) > 1:
        name = sorted(set(classes[0]) ^ set(classes[1]))[0]
        raise DataError(
            f"class {name!r} is only in {TRAIN if name in classes[0] else TEST}/",
            where=str(folder),
            expected=f"the same class folders in {TRAIN}/ and {TEST}/",
        )
    splits = {
        split: _read_tree(tree, classes[0], folder)
        for split, tree in zip((TRAIN, TEST), trees, strict=False)
    }
    reading = Reading(
        "class folders",
        {split: f"{tree.name}/" for split, tree in zip((TRAIN, TEST), trees, strict=False)},
        classes_from="the names of the folders",
        names_from="the path below the folder",
    )
    return read_splits(splits, classes[0], reading, resize)


def _read_tree(
    tree: Path, classes: tuple[str, ...], root: Path
) -> tuple[list[Picture], NDArray[np.int64], NDArray[np.str_]]:
    files = [files_in(tree / name) for name in classes]
    if not any(files):
        raise DataError(
            "there are no images in it", where=str(tree), expected="one folder of images per class"
        )
    for name, of_class in zip(classes, files, strict=True):
        if not of_class:
            raise DataError("there are no images in this class", where=str(tree / name))
    paths = [path for of_class in files for path in of_class]
    pictures = [Picture(str(path), path) for path in paths]
    labels = np.repeat(np.arange(len(classes)), [len(of_class) for of_class in files])
    return pictures, labels, np.array([path.relative_to(root).as_posix() for path in paths])


def _check_links(root: Path) -> None:
    """Reject links that would put files from elsewhere, or none, among the images.

    The root itself may be a link: the user named it. Hidden files are checked by nobody, because
    nobody reads them.
    """
    inside = root.resolve()
    for path in sorted(root.rglob("*")):
        if not path.is_symlink() or any(p.startswith(".") for p in path.relative_to(root).parts):
            continue
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop, before Python 3.13
            raise DataError(
                f"is a broken link to {path.readlink()}", where=str(path), hint="remove it"
            ) from error
        if not target.is_relative_to(inside):
            raise DataError(
                f"is a link to {target}, outside the dataset",
                where=str(path),
                expected=f"files in {root}",
                hint="copy the file, if it belongs to the dataset",
            )


def _subfolders(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def files_in(folder: Path) -> list[Path]:
    """Return all files in a folder and its subfolders, except hidden ones, sorted by name."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name.lower() not in IGNORED
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
