"""What readers return, and what they share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset
from seedbed.data.reading import NOTHING, Reading


@dataclass(frozen=True)
class Contents:
    """The images at a path.

    Args:
        train: The training split, or all images if the source has no splits.
        test: The test split, or ``None``.
        formats: The formats of encoded images, for example ``{"JPEG"}``; empty for raw pixels.
        validation: The validation split, or ``None``.
        reading: What was understood.
    """

    train: ImageDataset
    test: ImageDataset | None
    formats: frozenset[str] = frozenset()
    validation: ImageDataset | None = None
    reading: Reading = NOTHING

    @property
    def splits(self) -> dict[str, ImageDataset]:
        """The splits by name, without those that are not there."""
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in splits.items() if split is not None}

    def with_splits(self, splits: Mapping[str, ImageDataset]) -> Self:
        """Return the contents with other splits, by name."""
        return replace(
            self,
            train=splits["train"],
            validation=splits.get("validation"),
            test=splits.get("test"),
        )


@contextmanager
def located(where: object) -> Iterator[None]:
    """Set ``where`` in every :class:`DataError` that has none."""
    try:
        yield
    except DataError as error:
        if error.where:
            raise
        raise DataError(
            error.what, where=str(where), expected=error.expected, hint=error.hint
        ) from (error.__cause__ or error)


def numbered_classes(*labels: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the class names ``"0"``, ``"1"``, ... for a source without class names.

    Args:
        labels: The labels of each split, int64; the first split must have every class.

    Raises:
        DataError: If a label is negative, or a class below the highest label has no image.

    """
    merged = np.concatenate(labels)
    if not len(merged):
        raise DataError("there are no labels")
    if merged.min() < 0:
        raise DataError(f"a label is {merged.min()}", expected="0 or more")
    # No array is as long as the highest label, which may be any number.
    present = np.unique(labels[0])
    count = int(merged.max()) + 1
    if len(present) < count:
        missing = next(i for i, label in enumerate([*present.tolist(), count]) if i != label)
        raise DataError(
            f"the highest label is {count - 1}, but no training image has label {missing}",
            expected=f"an image for every label from 0 to {count - 1}",
            hint="number the classes from 0 without gaps, or store class_names",
        )
    return numbered_names(count)


def numbered_names(count: int) -> tuple[str, ...]:
    """Return ``count`` names: ``("0", "1", ...)``."""
    return tuple(str(index) for index in range(count))


INDEX: Final = "the index in the split"
"""What :func:`indices` are, in :attr:`Reading.names_from`."""


def indices(count: int, split: str = "") -> NDArray[np.str_]:
    """Return ``count`` image names, the index in a split: ``train/0``, ...; or ``0``, ..."""
    numbers = np.arange(count).astype(f"<U{len(str(count))}")
    return np.char.add(f"{split}/", numbers) if split else numbers


def contents_of(
    splits: Mapping[str, tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]],
    class_names: tuple[str, ...] | None,
    reading: Reading,
    *,
    formats: frozenset[str] = frozenset(),
) -> Contents:
    """Return splits as contents.

    Args:
        splits: Images, labels and image names of ``train``, and optionally of ``validation`` and
            ``test``. A name is unique over all splits.
        class_names: By label; without them, classes are numbered.
        reading: What was understood.
        formats: See :class:`Contents`.

    Raises:
        DataError: If an array cannot be used.
    """
    labels = [labels for _, labels, _ in splits.values()]
    classes = class_names or numbered_classes(*labels)
    datasets = {
        name: ImageDataset(images, labels, classes, names)
        for name, (images, labels, names) in splits.items()
    }
    return Contents(
        datasets["train"],
        datasets.get("test"),
        formats,
        datasets.get("validation"),
        reading,
    )
