"""What readers return, and what they share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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


def contents_of(
    splits: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]],
    class_names: tuple[str, ...] | None,
    *,
    formats: frozenset[str] = frozenset(),
) -> Contents:
    """Return one or two pairs (images, labels) as contents; without names, classes are numbered."""
    names = class_names or numbered_classes(*(labels for _, labels in splits))
    train, *rest = (ImageDataset(images, labels, names) for images, labels in splits)
    return Contents(train, rest[0] if rest else None, formats)
