"""The reader for a path, chosen by what is there."""

from pathlib import Path

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import is_gzip, readable
from seedbed.data.readers.cifar import find_cifar, read_cifar
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.folder import is_class_folder, read_class_folders
from seedbed.data.readers.idx import is_idx_folder, read_idx_folder
from seedbed.data.readers.npz import read_npz
from seedbed.data.readers.parquet import parquet_files, read_parquet

# Shown in messages.
FORMATS = (
    "a folder with the four IDX files of MNIST, CIFAR batches, Parquet files or one folder per "
    "class; or a .npz, .parquet or CIFAR .tar.gz file"
)


def find_dataset(path: Path) -> Path | None:
    """Return the path if it is a file or a folder that is not empty; otherwise ``None``."""
    if path.is_dir():
        return path if any(path.iterdir()) else None
    return path if path.is_file() else None


def read_path(path: Path, resize: int | None = None) -> Contents:
    """Return the images of a folder or file in any of the formats.

    Args:
        path: The folder or file.
        resize: Height and width in pixels for encoded images; raw pixels keep their size.

    Raises:
        DataError: If the path does not exist, has no known format, or cannot be used.

    """
    if not path.exists():
        escaped = any(character in str(path) for character in "\b\t\n\f\r")
        raise DataError(
            "there is no such file or folder",
            where=repr(str(path)) if escaped else str(path),
            hint="use forward slashes, or single quotes, in which \\t is no tab" if escaped else "",
        )
    with readable(path):
        return _read_folder(path, resize) if path.is_dir() else _read_file(path, resize)


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
    if is_class_folder(path):
        return read_class_folders(path, resize)
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
