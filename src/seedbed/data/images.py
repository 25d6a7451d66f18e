"""Datasets in memory: images with labels, their splits, and their normalization."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.reading import NOTHING, Reading
from seedbed.display.escape import printable, without_folders

SHOWN: Final = 9
"""Classes that a dataset names where it shows itself."""
CHANNELS = (1, 3)
"""Gray and RGB."""

SPLITS: Final = ("train", "validation", "test")
"""The splits of a dataset, and of a run."""


HASH_BYTES: Final = 16
"""Of an image's content hash: two of a billion images agree by chance once in 10^21."""


@dataclass(frozen=True, eq=False)
class ImageIdentities:
    """Which images the rows of an array are of, in the order of the rows.

    Args:
        names: Text, N, all different: the path of a file below the root of the dataset, the row of
            a file, or the index in a published split, for example ``test/41``.
        hashes: Text, N: the content hash of each image, 32 hexadecimal digits; empty text where the
            content is not known, as in predictions of other tools.
    """

    names: NDArray[np.str_]
    hashes: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.names)


def content_hashes(images: NDArray[np.uint8]) -> NDArray[np.str_]:
    """Return what identifies the contents of images, whatever they are called.

    Args:
        images: uint8, N×H×W×C, C-contiguous.

    Returns:
        Text, N: BLAKE2b over shape and pixels of each image, as 32 hexadecimal digits.
    """
    shape = json.dumps(images.shape[1:]).encode()
    of_shape = hashlib.blake2b(shape, digest_size=HASH_BYTES)
    hashes = []
    for image in images:
        digest = of_shape.copy()
        digest.update(image.data)
        hashes.append(digest.hexdigest())
    return np.array(hashes)


@dataclass(frozen=True)
class Normalization:
    """The normalization of a network's input: ``(pixel / 255 - mean) / std``, per channel.

    Args:
        mean: The mean of pixel / 255, one number per channel.
        std: The population standard deviation of pixel / 255, one number per channel; 1 for a
            constant channel, because it is a divisor.

    Raises:
        DataError: If the lengths differ, or a standard deviation is not positive.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.std) or not all(value > 0 for value in self.std):
            raise DataError(
                f"the normalization has mean {self.mean} and std {self.std}",
                expected="one mean and one positive std per channel",
            )

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the float32 network input of N×H×W×C images, in the same layout."""
        if images.shape[-1] != len(self.mean):
            raise DataError(
                f"images have {images.shape[-1]} channels",
                expected=f"{len(self.mean)}, like the normalization",
            )
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        result: NDArray[np.float32] = (images.astype(np.float32) / np.float32(255) - mean) / std
        return result


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Labeled images of one size.

    The arrays become read-only, because the fingerprint identifies them.

    Args:
        images: uint8, N×H×W×C, C-contiguous, C = 1 (gray) or 3 (RGB), N at least 1.
        labels: int64, N, each from 0 to ``len(class_names) - 1``.
        class_names: One name per class, all different.
        names: Text, N, all different: what users call each image, see :class:`ImageIdentities`. If
            empty, the images are numbered from 0. Names are not part of the fingerprint, so that a
            renamed file changes no result.
        groups: Text, N: which images belong together, such as those of a patient, so that no split
            separates them; ``None`` if none do. Part of the fingerprint, whatever they are called.

    Raises:
        DataError: If an array has another dtype, shape or value, or their lengths differ.

    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    names: NDArray[np.str_] = field(default_factory=lambda: np.array([], np.str_))
    groups: NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        _check_images(self.images)
        _check_class_names(self.class_names)
        _check_labels(self.labels, len(self.images), len(self.class_names))
        if not len(self.names):
            object.__setattr__(self, "names", np.arange(len(self.images)).astype(np.str_))
        else:
            _check_names(self.names, len(self.images))
        arrays = ["images", "labels", "names"]
        if self.groups is not None:
            _check_texts(self.groups, len(self.images), "group")
            arrays.append("groups")
        for name in arrays:
            # A view, so that the caller's array stays writable. Contiguous, because hashes and
            # kernels need it, and labels may be a slice.
            view = np.ascontiguousarray(getattr(self, name)).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"ImageDataset({len(self):,} images, {_described(self)})"

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        _, height, width, channels = self.images.shape
        return height, width, channels

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of image shape, class names, labels and pixels, as 64 hexadecimal digits."""
        header = json.dumps([self.images.shape, self.class_names])
        digest = hashlib.sha256(header.encode("ascii") + b"\n")
        digest.update(self.labels.astype("<i8", copy=False).data)
        digest.update(self.images.data)
        if self.groups is not None:
            _, first, number = np.unique(self.groups, return_index=True, return_inverse=True)
            digest.update(first[number].astype("<i8", copy=False).data)
        return digest.hexdigest()

    @cached_property
    def image_fingerprint(self) -> str:
        """SHA-256 of image shape and pixels, in their order: equal whatever the labels are."""
        digest = hashlib.sha256(json.dumps(self.images.shape).encode("ascii") + b"\n")
        digest.update(self.images.data)
        return digest.hexdigest()

    @cached_property
    def label_fingerprint(self) -> str:
        """SHA-256 of class names and labels, in their order."""
        digest = hashlib.sha256(json.dumps(self.class_names).encode("ascii") + b"\n")
        digest.update(self.labels.astype("<i8", copy=False).data)
        return digest.hexdigest()

    @cached_property
    def hashes(self) -> NDArray[np.str_]:
        """Text, N: the :func:`content_hashes` of the images."""
        return content_hashes(self.images)

    @property
    def class_counts(self) -> NDArray[np.int64]:
        """The number of images of every class; int64, one number per class."""
        return np.bincount(self.labels, minlength=len(self.class_names)).astype(np.int64)

    def normalization(self) -> Normalization:
        """Return the mean and the standard deviation of every channel over all images."""
        return self._normalization

    @cached_property
    def _normalization(self) -> Normalization:
        # A histogram of the 256 pixel values gives exact results without float copies of images.
        channels = self.image_shape[2]
        counts = np.zeros((channels, 256), np.int64)
        for start in range(0, len(self), 1024):
            for channel in range(channels):
                pixels = self.images[start : start + 1024, :, :, channel]
                counts[channel] += np.bincount(pixels.ravel(), minlength=256)
        values = np.arange(256) / 255
        total = counts.sum(axis=1)
        mean = (counts * values).sum(axis=1) / total  # not @, whose order depends on the processor
        std = np.sqrt((counts * (values - mean[:, None]) ** 2).sum(axis=1) / total)
        constant = (counts > 0).sum(axis=1) == 1
        return Normalization(tuple(mean.tolist()), tuple(np.where(constant, 1.0, std).tolist()))


@dataclass(frozen=True, eq=False)
class DatasetSplits:
    """A dataset as studies use it: splits by name, with the same classes and image size.

    Args:
        name: The name in the catalog, or of the folder or file.
        splits: ``train``, and optionally ``validation`` and ``test``; they are put in this order.
            Nothing may be selected on ``test``.
        modified: How the contents differ from the published dataset of this name, in a few words;
            ``None`` if they do not, or if there is no such dataset.
        source: The path that the dataset was read from.
        reading: What was understood of the files there.

    Raises:
        DataError: If ``train`` is missing, a split has another name, or their sizes or classes
            differ.

    """

    name: str
    splits: Mapping[str, ImageDataset]
    modified: str | None = None
    source: str = ""
    reading: Reading = NOTHING

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(split):,} {name}" for name, split in self.splits.items())
        modified = f"\n  modified: {self.modified}" if self.modified else ""
        source = f"\n  from {without_folders(self.source)}" if self.source else ""
        described = _described(self.splits["train"])
        return f"DatasetSplits({self.name!r}: {sizes} images\n  {described}{modified}{source})"

    def __post_init__(self) -> None:
        unknown = self.splits.keys() - set(SPLITS)
        if unknown or "train" not in self.splits:
            raise DataError(
                f"the splits are {', '.join(self.splits) or 'none'}",
                where=self.name,
                expected="train, and optionally validation and test",
            )
        ordered = {name: self.splits[name] for name in SPLITS if name in self.splits}
        object.__setattr__(self, "splits", ordered)
        for name, split in ordered.items():
            if split.image_shape != self.image_shape:
                raise DataError(
                    f"train images are {describe_shape(self.image_shape)}, "
                    f"{name} images {describe_shape(split.image_shape)}",
                    where=self.name,
                    expected="one size for all splits",
                )
            if split.class_names != self.class_names:
                raise DataError(
                    f"the train and {name} splits have different classes",
                    where=self.name,
                    expected="the same class names in the same order",
                )

    @property
    def train(self) -> ImageDataset:
        """The training split."""
        return self.splits["train"]

    @property
    def test(self) -> ImageDataset:
        """The test split.

        Raises:
            DataError: If there is none; ``"test" in dataset.splits`` says so beforehand.
        """
        if "test" not in self.splits:
            raise DataError("there is no test split", where=self.name)
        return self.splits["test"]

    def without_test(self) -> "DatasetSplits":
        """Return the same dataset without its test split."""
        splits = {name: split for name, split in self.splits.items() if name != "test"}
        return replace(self, splits=splits)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of every split."""
        return self.train.class_names

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        return self.train.image_shape

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the names and fingerprints of the splits, as 64 hexadecimal digits."""
        parts = [f"{name} {split.fingerprint}" for name, split in self.splits.items()]
        return hashlib.sha256("\n".join(parts).encode("ascii")).hexdigest()

    @property
    def title(self) -> str:
        """The name in tables and records, which marks a modified copy."""
        return f"{self.name} (modified: {self.modified})" if self.modified else self.name


def describe_shape(shape: tuple[int, int, int]) -> str:
    """Return an image shape in words, for example ``28×28 gray``."""
    height, width, channels = shape
    return f"{height}×{width} {'gray' if channels == 1 else 'RGB'}"


def _described(images: ImageDataset) -> str:
    """Return the size of images, and their classes: of many the first and the last."""
    names = images.class_names
    shown = [*names[:SHOWN], *names[SHOWN:][-1:]]
    if len(names) > len(shown):
        shown.insert(-1, "...")
    classes = f"{len(names)} classes: {printable(', '.join(shown))}"
    return f"{describe_shape(images.image_shape)}; {classes}"


def _check_images(images: NDArray[np.uint8]) -> None:
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        actual = images.dtype if isinstance(images, np.ndarray) else type(images).__name__
        raise DataError(f"images are {actual}", expected="an array of uint8, 0 to 255")
    if images.ndim != 4 or images.shape[3] not in CHANNELS:
        raise DataError(
            f"images have the shape {images.shape}",
            expected="N×H×W×C with C = 1 (gray) or 3 (RGB)",
        )
    if 0 in images.shape:
        raise DataError(f"there are no images: their shape is {images.shape}")
    if not images.flags.c_contiguous:
        raise DataError(
            "the images are not contiguous in memory",
            hint="pass numpy.ascontiguousarray(images)",
        )


def _check_texts(texts: NDArray[np.str_], images: int, one: str) -> None:
    if not isinstance(texts, np.ndarray) or texts.dtype.kind != "U" or texts.ndim != 1:
        actual = f"{texts.dtype} of shape {texts.shape}" if hasattr(texts, "dtype") else texts
        raise DataError(f"image {one}s are {actual}", expected="a one-dimensional array of str")
    if len(texts) != images:
        raise DataError(f"{len(texts)} {one}s for {images} images", expected=f"one {one} per image")


def _check_names(names: NDArray[np.str_], images: int) -> None:
    _check_texts(names, images, "name")
    if len(set(names.tolist())) < images:
        listed, counts = np.unique(names, return_counts=True)
        raise DataError(f"two images have the name {str(listed[counts > 1][0])!r}")


def _check_class_names(class_names: tuple[str, ...]) -> None:
    if not isinstance(class_names, tuple) or not all(isinstance(n, str) for n in class_names):
        raise DataError(f"class names are {class_names!r}", expected="a tuple of str")
    if not class_names:
        raise DataError("there are no classes", expected="at least one class name")
    for name in class_names:
        if not name.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in name):
            raise DataError(f"the class name {name!r} is not UTF-8", hint="rename its folder")
    repeated = [name for name, count in Counter(class_names).items() if count > 1]
    if repeated:
        raise DataError(f"two classes have the name {min(repeated)!r}")


def _check_labels(labels: NDArray[np.int64], images: int, classes: int) -> None:
    if not isinstance(labels, np.ndarray) or labels.dtype != np.int64 or labels.ndim != 1:
        actual = f"{labels.dtype} of shape {labels.shape}" if hasattr(labels, "dtype") else labels
        raise DataError(f"labels are {actual}", expected="a one-dimensional array of int64")
    if len(labels) != images:
        raise DataError(f"{len(labels)} labels for {images} images", expected="one label per image")
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise DataError(
            f"the label of image {wrong[0]} is {labels[wrong[0]]}; {len(wrong)} of {images} labels "
            "are outside the classes",
            expected=f"0 to {classes - 1}",
        )
