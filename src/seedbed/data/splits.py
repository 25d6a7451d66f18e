"""Splitting a dataset that has no test split."""

from numbers import Real
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.data.images import ImageDataset

TEST_FRACTION: Final = 0.2
"""The fraction of images in a test split that is drawn, by default."""
SPLIT_SEED: Final = 0
"""The seed that draws it, by default."""


def split(
    dataset: ImageDataset, test_fraction: float, seed: int
) -> tuple[ImageDataset, ImageDataset]:
    """Split a dataset into a training and a test split, stratified by class.

    In every class, the fraction, rounded, but at least one image, is drawn for the test split from
    the stream ``split`` of the seed. Both splits keep the order of the dataset.

    Args:
        dataset: The images; every class needs two or more.
        test_fraction: The fraction of images in the test split, above 0 and below 1.
        seed: 0 or more.

    Returns:
        The training split and the test split.

    Raises:
        DataError: If the fraction or the seed is out of range, or a class has too few images.

    """
    if not isinstance(test_fraction, Real) or not 0 < test_fraction < 1:
        raise DataError(
            f"the test fraction is {test_fraction!r}", expected="a number above 0 and below 1"
        )
    if seed < 0:
        raise DataError(f"the split seed is {seed}", expected="0 or more")
    generator = stream(seed, "split")
    in_test = np.zeros(len(dataset), bool)
    for label, name in enumerate(dataset.class_names):
        members = np.flatnonzero(dataset.labels == label)
        if len(members) < 2:
            raise DataError(
                f"class {name!r} has {len(members)} image{'s' * (len(members) != 1)}",
                expected="two or more, one for each split",
            )
        count = min(max(round(len(members) * test_fraction), 1), len(members) - 1)
        in_test[generator.permutation(members)[:count]] = True
    return select(dataset, ~in_test), select(dataset, in_test)


def select(dataset: ImageDataset, images: NDArray[np.bool_] | NDArray[np.int64]) -> ImageDataset:
    """Return the images at a boolean mask or an array of indices."""
    return ImageDataset(
        dataset.images[images],
        dataset.labels[images],
        dataset.class_names,
        dataset.names[images],
    )
