"""CIFAR-10 and CIFAR-100, in the binary and the Python version, as archives or folders.

A binary record is the label (CIFAR-100: the coarse, then the fine label) and 3072 bytes: the red,
green and blue planes of 32×32 pixels. See https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset
from seedbed.data.readers.archive import read_members
from seedbed.data.readers.bounded import check_memory, readable
from seedbed.data.readers.contents import INDEX, Contents, contents_of, indices, located
from seedbed.data.readers.pickled import read_pickle
from seedbed.data.reading import Reading

SIDE, PIXELS = 32, 3 * 32 * 32
Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class Version:
    """A published version: its files, and the label bytes of a binary record."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    names: str
    label_bytes: int
    """0 for the Python version."""

    @property
    def files(self) -> tuple[str, ...]:
        """All files; the last one has the class names and is optional."""
        return (*self.train, *self.test, self.names)


BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
VERSIONS = (
    Version(tuple(f"{batch}.bin" for batch in BATCHES), ("test_batch.bin",), "batches.meta.txt", 1),
    Version(("train.bin",), ("test.bin",), "fine_label_names.txt", 2),
    Version(BATCHES, ("test_batch",), "batches.meta", 0),
    Version(("train",), ("test",), "meta", 0),
)
FOLDERS = (
    "cifar-10-batches-bin",
    "cifar-100-binary",
    "cifar-10-batches-py",
    "cifar-100-python",
)
ARCHIVES = (
    "cifar-10-binary.tar.gz",
    "cifar-100-binary.tar.gz",
    "cifar-10-python.tar.gz",
    "cifar-100-python.tar.gz",
)

COARSE_LABELS = """
4 1 14 8 0 6 7 7 18 3 3 14 9 18 7 11 3 9 7 11 6 11 5 10 7 6 13 15 3 15 0 11 1 10 12 14 16 9 11 5 5
19 8 8 15 13 14 17 18 10 16 4 17 4 2 0 17 4 18 17 10 3 2 12 12 16 12 1 9 19 2 10 0 1 16 12 9 13 15
13 16 19 2 4 6 19 5 5 8 19 18 1 2 15 6 0 17 8 14 13
"""
"""The superclass of each class of CIFAR-100, both in the published order."""


def find_cifar(folder: Path) -> Path | None:
    """Return the folder itself, or the folder or archive in it, that holds CIFAR; else ``None``."""
    for candidate in (folder, *(folder / name for name in FOLDERS)):
        if any(_has_files(candidate, version) for version in VERSIONS):
            return candidate
    archives = [folder / name for name in ARCHIVES if (folder / name).is_file()]
    return archives[0] if archives else None


def read_cifar(path: Path) -> Contents:
    """Return the images of an archive or a folder of CIFAR files.

    Raises:
        DataError: If files are missing, have a wrong size, or have invalid contents.

    """
    wanted = {name for version in VERSIONS for name in version.files}
    files = _read_folder(path) if path.is_dir() else read_members(path, wanted)
    for version in VERSIONS:
        if any(name in files for name in version.train + version.test):
            return _read_version(version, files, path)
    raise DataError(
        "has no files of CIFAR-10 or CIFAR-100",
        where=str(path),
        expected=f"{VERSIONS[0].train[0]}, {VERSIONS[1].train[0]}, {VERSIONS[2].train[0]}, ...",
    )


def cifar_digests(dataset: ImageDataset, label_bytes: int, parts: int) -> tuple[str, ...]:
    """Return the SHA-256 of the binary files with a dataset of 32×32 RGB images.

    Args:
        dataset: The images of one split.
        label_bytes: 1 for CIFAR-10, 2 for CIFAR-100.
        parts: The number of files of equal length in which the split is published.

    """
    digests = []
    for positions in np.array_split(np.arange(len(dataset)), parts):
        records = np.empty((len(positions), label_bytes + PIXELS), np.uint8)
        labels = dataset.labels[positions]
        if label_bytes == 2:
            records[:, 0] = np.array(COARSE_LABELS.split(), np.uint8)[labels]
        records[:, label_bytes - 1] = labels
        planes = dataset.images[positions].transpose(0, 3, 1, 2)
        records[:, label_bytes:] = planes.reshape(len(positions), PIXELS)
        digests.append(hashlib.sha256(records.data).hexdigest())
    return tuple(digests)


def _has_files(folder: Path, version: Version) -> bool:
    return any((folder / name).is_file() for name in version.train + version.test)


def _read_folder(folder: Path) -> dict[str, bytes]:
    files = {}
    for version in VERSIONS:
        if _has_files(folder, version):
            for name in version.files:
                path = folder / name
                if path.is_file():
                    with readable(path), located(path):
                        check_memory(path.stat().st_size, "the file")
                        files[name] = path.read_bytes()
            break
    return files


def _read_version(version: Version, files: Mapping[str, bytes], path: Path) -> Contents:
    missing = [name for name in version.train + version.test if name not in files]
    if missing:
        raise DataError(f"{missing[0]} is missing", where=str(path))
    splits = {
        split: _concatenated(
            [_read_batch(version, name, files[name], path) for name in names], split
        )
        for split, names in (("train", version.train), ("test", version.test))
    }
    class_names = _class_names(version, files, path)
    reading = Reading(
        f"CIFAR, {'binary' if version.label_bytes else 'Python'} version",
        {"train": ", ".join(version.train), "test": ", ".join(version.test)},
        classes_from=version.names if class_names else "the labels",
        names_from=INDEX,
    )
    with located(path):
        return contents_of(splits, class_names, reading)


def _concatenated(
    batches: Sequence[Split], split: str
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]:
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    return images, labels, indices(len(images), split)


def _read_batch(version: Version, name: str, data: bytes, path: Path) -> Split:
    with located(path / name):
        if version.label_bytes:
            return _binary_batch(data, version.label_bytes)
        return _python_batch(read_pickle(data))


def _binary_batch(data: bytes, label_bytes: int) -> Split:
    length = label_bytes + PIXELS
    if not data or len(data) % length:
        raise DataError(
            f"has {len(data):,} bytes", expected=f"a multiple of {length}, the bytes of a record"
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, length)
    return _from_planes(records[:, label_bytes:]), records[:, label_bytes - 1].astype(np.int64)


def _python_batch(batch: Any) -> Split:
    """Return the images of ``{"data": N×3072 uint8, "labels" or "fine_labels": N numbers}``."""
    values = _text_keys(batch)
    data, labels = values.get("data"), values.get("fine_labels", values.get("labels"))
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape[1:] != (PIXELS,):
        raise DataError("has no valid 'data'", expected=f"an array of uint8, N×{PIXELS}")
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise DataError("has no valid 'labels' or 'fine_labels'", expected="a list of integers")
    if len(labels) != len(data):
        raise DataError(f"{len(labels)} labels for {len(data)} images")
    if any(not 0 <= label < 256 for label in labels):
        raise DataError("has invalid labels", expected="integers from 0 to 255")
    return _from_planes(data), np.array(labels, np.int64)


def _text_keys(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise DataError("is not a dictionary", expected="a file of CIFAR's Python version")
    return {key.decode("latin-1") if isinstance(key, bytes) else key: value[key] for key in value}


def _from_planes(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(planes.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))


def _class_names(
    version: Version, files: Mapping[str, bytes], path: Path
) -> tuple[str, ...] | None:
    if version.names not in files:
        return None
    with located(path / version.names):
        data = files[version.names]
        if version.label_bytes:
            return tuple(data.decode("utf-8", "replace").split())
        values = _text_keys(read_pickle(data))
        names = values.get("fine_label_names", values.get("label_names"))
        if not isinstance(names, list) or not all(isinstance(n, str | bytes) for n in names):
            raise DataError(
                "has no valid 'label_names' or 'fine_label_names'", expected="a list of strings"
            )
        return tuple(n.decode("latin-1") if isinstance(n, bytes) else n for n in names)
