"""The reader for a path, chosen by what is there."""

from pathlib import Path
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import is_gzip, readable
from seedbed.data.readers.cifar import find_cifar, read_cifar
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.decoding import ImageRules
from seedbed.data.readers.folders.class_folders import is_image_folder, read_image_folder
from seedbed.data.readers.folders.tree import walk
from seedbed.data.readers.idx import is_idx_folder, is_idx_name, read_idx_folder
from seedbed.data.readers.npz import read_npz
from seedbed.data.readers.parquet.files import parquet_files
from seedbed.data.readers.parquet.reader import read_parquet
from seedbed.data.reading import LayoutName

# Shown in messages.
FORMATS = (
    "a folder with the four IDX files of MNIST, CIFAR batches, Parquet files or one folder per "
    "class; or a .npz, .parquet or CIFAR .tar.gz file"
)


NO_RULES: Final = ImageRules()
SHOWN: Final = 5
"""Files that a message names."""


def find_dataset(path: Path) -> Path | None:
    """Return the path if it is a file or a folder that is not empty; otherwise ``None``."""
    if path.is_dir():
        return path if any(path.iterdir()) else None
    return path if path.is_file() else None


def read_path(
    path: Path,
    rules: ImageRules = NO_RULES,
    layout: LayoutName | None = None,
    label_column: str | None = None,
) -> Contents:
    """Return the images of a folder or file in any of the formats.

    Args:
        path: The folder or file.
        rules: For encoded images; raw pixels keep their size.
        layout: What the folders of a folder of images are, where they do not tell.
        label_column: The column of labels of Parquet files or of a table, where they do not tell.

    Raises:
        DataError: If the path does not exist, has no known format, or cannot be used; or if there
            are rules for another format.

    """
    if not path.exists():
        escaped = any(character in str(path) for character in "\b\t\n\f\r")
        raise DataError(
            "there is no such file or folder",
            where=repr(str(path)) if escaped else str(path),
            hint="use forward slashes, or single quotes, in which \\t is no tab" if escaped else "",
        )
    with readable(path):
        if is_folder_of_images(path, layout):
            return read_image_folder(path, rules, layout, label_column)
        if label_column is not None and not _is_parquet(path):
            raise DataError(
                "has no Parquet files and no table of labels",
                where=str(path),
                expected="one of them, because label_column applies to nothing else",
                hint="leave this setting out",
            )
        if (rules, layout) != (ImageRules(rules.resize), None):
            raise DataError(
                "is not a folder of images",
                where=str(path),
                expected="one, because layout, skip_unreadable and background apply to no other",
                hint="leave these settings out",
            )
        if _is_parquet(path):
            return read_parquet(path, rules.resize, label_column)
        return _read_folder(path) if path.is_dir() else _read_file(path)


def is_folder_of_images(path: Path, layout: LayoutName | None = None) -> bool:
    """Whether a path is a folder of images, and not of files in another format.

    Raises:
        DataError: If it is both, and there is no layout.
    """
    with readable(path):
        return _is_folder_of_images(path, layout)


def _is_folder_of_images(path: Path, layout: LayoutName | None) -> bool:
    if not path.is_dir() or is_idx_folder(path) or find_cifar(path) or not is_image_folder(path):
        return False
    files = parquet_files(path) or sorted(path.glob("*.npz"))
    if not files or (len(files) > 1 and files[0].suffix == ".npz"):
        return True
    if not walk(path).root.has_images:
        return False
    if layout is None:
        raise DataError(
            f"has folders of images, and {files[0].name}",
            where=str(path),
            expected="a dataset in one format",
            hint=f'for the file, give the path {files[0]}; for the images, set layout = "classes"',
        )
    return True


def _is_parquet(path: Path) -> bool:
    if path.is_dir():
        return not is_idx_folder(path) and not find_cifar(path) and bool(parquet_files(path))
    return _start(path) == b"PAR1"


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _read_folder(path: Path) -> Contents:
    if is_idx_folder(path):
        return read_idx_folder(path)
    cifar = find_cifar(path)
    if cifar:
        return read_cifar(cifar)
    archives = sorted(path.glob("*.npz"))
    if len(archives) == 1:
        return read_npz(archives[0])
    if archives:
        names = [file.name for file in archives]
        raise DataError(
            f"has {len(names)} NPZ files: {', '.join(names[:SHOWN])}"
            + (" ..." if len(names) > SHOWN else ""),
            where=str(path),
            expected="one, with all splits",
            hint=f"give the path of one, as in {archives[0]}",
        )
    raise DataError("has no images in a known format", where=str(path), expected=FORMATS)


def _read_file(path: Path) -> Contents:
    if _start(path) == b"PK\x03\x04":
        return read_npz(path)
    if is_idx_name(path.name):
        raise DataError(
            "is one of the files of a dataset",
            where=str(path),
            expected="the folder with all of them",
            hint=f"give the path {path.parent}",
        )
    if path.name.endswith((".tar", ".tar.gz", ".tgz")) or is_gzip(path):
        return read_cifar(path)
    raise DataError("has no known format", where=str(path), expected=FORMATS)
