"""The reader for a path, chosen by what is there."""

from pathlib import Path
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import is_gzip, readable
from seedbed.data.readers.cifar import find_cifar, read_cifar
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.decoding import ImageRules
from seedbed.data.readers.folders.class_folders import is_image_folder, read_image_folder
from seedbed.data.readers.folders.layout import LayoutName
from seedbed.data.readers.folders.tree import walk
from seedbed.data.readers.idx import is_idx_folder, read_idx_folder
from seedbed.data.readers.npz import read_npz
from seedbed.data.readers.parquet import parquet_files, read_parquet

# Shown in messages.
FORMATS = (
    "a folder with the four IDX files of MNIST, CIFAR batches, Parquet files or one folder per "
    "class; or a .npz, .parquet or CIFAR .tar.gz file"
)


NO_RULES: Final = ImageRules()


def find_dataset(path: Path) -> Path | None:
    """Return the path if it is a file or a folder that is not empty; otherwise ``None``."""
    if path.is_dir():
        return path if any(path.iterdir()) else None
    return path if path.is_file() else None


def read_path(
    path: Path, rules: ImageRules = NO_RULES, layout: LayoutName | None = None
) -> Contents:
    """Return the images of a folder or file in any of the formats.

    Args:
        path: The folder or file.
        rules: For encoded images; raw pixels keep their size.
        layout: What the folders of a folder of images are, where they do not tell.

    Raises:
        DataError: If the path does not exist, has no known format, or cannot be used; or if there
            are rules for a folder of images, and it is none.

    """
    if not path.exists():
        raise DataError("there is no such file or folder", where=str(path))
    with readable(path):
        if is_folder_of_images(path, layout):
            return read_image_folder(path, rules, layout)
        if (rules, layout) != (ImageRules(rules.resize), None):
            raise DataError(
                "is not a folder of images",
                where=str(path),
                expected="one, because layout, skip_unreadable and background apply to no other",
                hint="leave these settings out",
            )
        return _read_folder(path, rules.resize) if path.is_dir() else _read_file(path, rules.resize)


def is_folder_of_images(path: Path, layout: LayoutName | None = None) -> bool:
    """Whether a path is a folder of images, and not of files in another format.

    Raises:
        DataError: If it is both, and there is no layout.
    """
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


def _read_folder(path: Path, resize: int | None) -> Contents:
    if is_idx_folder(path):
        return read_idx_folder(path)
    cifar = find_cifar(path)
    if cifar:
        return read_cifar(cifar)
    if parquet_files(path):
        return read_parquet(path, resize)
    archives = sorted(path.glob("*.npz"))
    if len(archives) == 1:
        return read_npz(archives[0])
    raise DataError("has no images in a known format", where=str(path), expected=FORMATS)


def _read_file(path: Path, resize: int | None) -> Contents:
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        return read_parquet(path, resize)
    if start == b"PK\x03\x04":
        return read_npz(path)
    if path.name.endswith((".tar", ".tar.gz", ".tgz")) or is_gzip(path):
        return read_cifar(path)
    raise DataError("has no known format", where=str(path), expected=FORMATS)
