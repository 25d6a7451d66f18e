"""IDX files, the format of MNIST and its relatives, with or without gzip compression.

An IDX file is two zero bytes, a type code, the number of dimensions, a big-endian 32-bit size for
every dimension, and the values. See http://yann.lecun.com/exdb/mnist/.
"""

import hashlib
import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset
from seedbed.data.readers.bounded import open_bounded
from seedbed.data.readers.contents import Contents, contents_of, located

UNSIGNED_BYTE = 0x08
TRAIN_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the values of an IDX file: uint8, with the shape in its header.

    Nothing is allocated for a size that the file cannot hold.

    Raises:
        DataError: If the file cannot be read, or does not fit its header.

    """
    with open_bounded(path) as (stream, limit):
        start = stream.read(4)
        if len(start) < 4 or start[:2] != b"\0\0":
            raise DataError(
                "is not an IDX file", where=str(path), expected="two zero bytes at the start"
            )
        if start[2] != UNSIGNED_BYTE:
            raise DataError(
                f"has values of type 0x{start[2]:02x}",
                where=str(path),
                expected="0x08, unsigned bytes",
            )
        sizes = stream.read(4 * start[3])
        if len(sizes) < 4 * start[3]:
            raise DataError("ends within its IDX header", where=str(path))
        shape = struct.unpack(f">{start[3]}I", sizes)
        count = math.prod(shape)
        claim = f"the IDX header claims {count:,} values ({'×'.join(map(str, shape))})"
        with located(path):
            limit.check(count, claim)
        values = stream.read(count + 1)
    if len(values) != count:
        actual = f"only {len(values):,}" if len(values) < count else "more"
        raise DataError(
            f"{claim}, but there are {actual}",
            where=str(path),
            hint="download or copy the file again",
        )
    try:
        return np.frombuffer(values, np.uint8).reshape(shape)
    except ValueError as error:  # it is empty, with other lengths beyond what NumPy supports
        raise DataError(f"{claim}: {error}", where=str(path)) from error


def idx_file(folder: Path, name: str) -> Path | None:
    """Return the file with a published name in a folder, or ``None``.

    It may have the suffix ``.gz``, and a dot before ``idx``, as in ``train-images.idx3-ubyte``.
    """
    dotted = name.replace("-idx", ".idx")
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        if (folder / candidate).is_file():
            return folder / candidate
    return None


def is_idx_folder(folder: Path) -> bool:
    """Whether a folder has any of the four files."""
    return any(idx_file(folder, name) for name in TRAIN_FILES + TEST_FILES)


def read_idx_folder(folder: Path) -> Contents:
    """Return the training and test images of a folder with the four IDX files of MNIST.

    Raises:
        DataError: If a file is missing, cannot be read, or has a wrong shape.
    """
    return contents_of([_read_split(folder, TRAIN_FILES), _read_split(folder, TEST_FILES)], None)


def _read_split(
    folder: Path, names: tuple[str, str]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    paths = []
    for name in names:
        path = idx_file(folder, name)
        if path is None:
            raise DataError(
                f"{name} is missing", where=str(folder), expected=f"{name} or {name}.gz"
            )
        paths.append(path)
    images, labels = (read_idx(path) for path in paths)
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4:
        raise DataError(
            f"has {images.ndim} dimensions",
            where=str(paths[0]),
            expected="3: images, rows, columns",
        )
    if labels.ndim != 1:
        raise DataError(f"has {labels.ndim} dimensions", where=str(paths[1]), expected="1: labels")
    if len(images) != len(labels):
        raise DataError(
            f"{len(labels)} labels for {len(images)} images",
            where=str(paths[1]),
            expected=f"one label for each image of {paths[0].name}",
        )
    return images, labels.astype(np.int64)


def idx_digests(dataset: ImageDataset) -> tuple[str, str]:
    """Return the SHA-256 of the two uncompressed IDX files, images and labels, of a dataset."""
    images = dataset.images[..., 0] if dataset.image_shape[2] == 1 else dataset.images
    digests = []
    for values in (images, dataset.labels.astype(np.uint8)):
        digest = hashlib.sha256(bytes((0, 0, UNSIGNED_BYTE, values.ndim)))
        digest.update(struct.pack(f">{values.ndim}I", *values.shape))
        digest.update(np.ascontiguousarray(values).data)
        digests.append(digest.hexdigest())
    return digests[0], digests[1]
