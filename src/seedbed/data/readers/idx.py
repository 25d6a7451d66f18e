"""IDX files, the format of MNIST and its relatives, with or without gzip compression.

An IDX file is two zero bytes, a type code, the number of dimensions, a big-endian 32-bit size for
every dimension, and the values. See http://yann.lecun.com/exdb/mnist/.
"""

import hashlib
import math
import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import SPLITS, ImageDataset
from seedbed.data.readers.bounded import open_bounded
from seedbed.data.readers.contents import INDEX, Contents, contents_of, indices, located
from seedbed.data.readers.emnist import CLASSES, as_shown
from seedbed.data.readers.folders.split_names import split_of
from seedbed.data.reading import Reading

UNSIGNED_BYTE = 0x08
TRAIN_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
NAME: Final = re.compile(
    r"(?:(?P<prefix>.+)-)?(?P<split>[a-z]+|t10k)-(?P<role>images|labels)[-.]idx\d-ubyte(\.gz)?"
)
"""``train-images-idx3-ubyte`` and ``emnist-letters-train-images-idx3-ubyte.gz``; or with a dot, as
in ``train-images.idx3-ubyte``."""


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


def is_idx_name(name: str) -> bool:
    """Whether a file has a name like those of MNIST or EMNIST."""
    match = NAME.fullmatch(name)
    return bool(match and _split(match["split"]))


def is_idx_folder(folder: Path) -> bool:
    """Whether a folder has IDX files with the names of MNIST or EMNIST."""
    return bool(_files(folder))


def read_idx_folder(folder: Path) -> Contents:
    """Return the images of a folder with the IDX files of MNIST, or of one split of EMNIST.

    Files for a validation split are read, too.

    Raises:
        DataError: If a file is missing, cannot be read, or has a wrong shape; or if there are files
            of several datasets.
    """
    datasets = _files(folder)
    if len(datasets) > 1:
        names = [prefix or "mnist" for prefix in sorted(datasets)]
        raise DataError(
            f"has the IDX files of {len(names)} datasets: {', '.join(names)}",
            where=str(folder),
            expected="one dataset",
            hint="move the files of one of them into a folder of their own",
        )
    ((prefix, files),) = datasets.items()
    defaults = {"train": "train", "test": "test" if prefix else "t10k"}
    words = {**defaults, **_words(files, folder)}
    parts: dict[str, tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]] = {}
    decisions: tuple[str, ...] = ()
    for split in (split for split in SPLITS if split in words):
        images, labels = _read_split(folder, prefix, words[split], files)
        if prefix in CLASSES:
            images, labels, decisions = as_shown(prefix, images, labels)
        parts[split] = (images, labels, indices(len(images), split))
    class_names = tuple(CLASSES[prefix]) if prefix in CLASSES else None
    reading = Reading(
        f"IDX, {prefix}" if prefix else "IDX",
        {split: files[words[split], "images"].name for split in parts},
        classes_from="the publication" if class_names else "the labels",
        names_from=INDEX,
        decisions=decisions,
    )
    with located(folder):
        return contents_of(parts, class_names, reading)


def _files(folder: Path) -> dict[str, dict[tuple[str, str], Path]]:
    """Return the IDX files by prefix, and then by the word for the split and by role."""
    files: dict[str, dict[tuple[str, str], Path]] = {}
    # The file that is not compressed comes first, and is taken if there are both.
    for path in sorted(folder.iterdir()):
        match = NAME.fullmatch(path.name)
        if match and is_idx_name(path.name) and path.is_file():
            of_prefix = files.setdefault(match["prefix"] or "", {})
            of_prefix.setdefault((match["split"], match["role"]), path)
    return files


def _split(word: str) -> str | None:
    return "test" if word == "t10k" else split_of(word)


def _words(files: Iterable[tuple[str, str]], folder: Path) -> dict[str, str]:
    """Return the word that the file names use for each split."""
    words: dict[str, str] = {}
    for word, _ in files:
        split = _split(word) or ""
        if words.setdefault(split, word) != word:
            raise DataError(
                f"has files named {words[split]} and {word} for the {split} split",
                where=str(folder),
                expected="one of them",
            )
    return words


def _read_split(
    folder: Path, prefix: str, word: str, files: Mapping[tuple[str, str], Path]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    for role, dimensions in (("images", 3), ("labels", 1)):
        if (word, role) not in files:
            start = f"{prefix}-{word}" if prefix else word
            name = f"{start}-{role}-idx{dimensions}-ubyte"
            raise DataError(
                f"{name} is missing", where=str(folder), expected=f"{name} or {name}.gz"
            )
    paths = files[word, "images"], files[word, "labels"]
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
