"""What a reader returns, and the checks that every reader shares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset


@dataclass(frozen=True)
class Contents:
    """What was found at a path.

    ``test`` is ``None`` where the source has no split of its own. ``formats`` names the formats of
    encoded images, for example ``{"JPEG"}``; it is empty where pixels are stored as they are.
    """

    train: ImageDataset
    test: ImageDataset | None
    formats: frozenset[str] = frozenset()


@contextmanager
def located(where: object) -> Iterator[None]:
    """Say where it was to errors that do not say so themselves."""
    try:
        yield
    except DataError as error:
        if error.where:
            raise
        raise DataError(
            error.what, where=str(where), expected=error.expected, hint=error.hint
        ) from error


def numbered_classes(*labels: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the class names ``"0"``, ``"1"``, ... for sources that name no classes.

    Args:
        labels: int64, the labels of each split; those of the first must cover every class.

    Raises:
        DataError: If a label is negative, or a class below the highest label has no image.

    """
    every = np.concatenate(labels)
    if not len(every):
        raise DataError("there are no labels")
    if every.min() < 0:
        raise DataError(f"a label is {every.min()}", expected="labels of 0 and above")
    # Found without an array as long as the highest label, which may be any number.
    present = np.unique(labels[0])
    count = int(every.max()) + 1
    if len(present) < count:
        missing = next(i for i, label in enumerate([*present.tolist(), count]) if i != label)
        raise DataError(
            f"the highest label is {count - 1}, but no training image has the label {missing}",
            expected=f"labels from 0 to {count - 1}, each with an image",
            hint="number the classes from 0 without gaps, or store class_names",
        )
    return numbered_names(count)


def numbered_names(count: int) -> tuple[str, ...]:
    """Return ``("0", "1", ...)``, ``count`` names."""
    return tuple(str(index) for index in range(count))


def contents_of(
    splits: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64]]],
    class_names: tuple[str, ...] | None,
    *,
    formats: frozenset[str] = frozenset(),
) -> Contents:
    """Return one or two (images, labels) pairs as contents; classes are numbered if not named."""
    names = class_names or numbered_classes(*(labels for _, labels in splits))
    train, *rest = (ImageDataset(images, labels, names) for images, labels in splits)
    return Contents(train, rest[0] if rest else None, formats)
