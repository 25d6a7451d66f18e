"""The images that every side trains on, in memory before anything is measured."""

from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.splits import select
from seedbed.errors import DataError

TRAIN, TEST, SIZE, CLASSES = 60_000, 10_000, 28, 10
STAND_IN: Final = "random images of MNIST's size"


@cache
def mnist() -> DatasetSplits:
    """Return MNIST, or random images of its size where it cannot be had.

    How long a step takes does not depend on the pixels.
    """
    try:
        return load_dataset("mnist")
    except DataError as error:
        name = f"{STAND_IN}, because it cannot be had ({error})"
    generator = np.random.default_rng(0)
    names = tuple(map(str, range(CLASSES)))
    train, test = (
        ImageDataset(
            generator.integers(0, 256, (count, SIZE, SIZE, 1), np.uint8),
            generator.integers(0, CLASSES, count, np.int64),
            names,
        )
        for count in (TRAIN, TEST)
    )
    return DatasetSplits(name, train, test)


@cache
def part_of_mnist(train: int, test: int) -> DatasetSplits:
    """Return so many of the first images of each split."""
    whole = mnist()
    places = np.arange(TRAIN)
    return replace(
        whole, train=select(whole.train, places[:train]), test=select(whole.test, places[:test])
    )


def network_input() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the training images as the peers like them best, normalised N×H×W×C, and labels."""
    train = mnist().train
    return train.normalisation().apply(train.images), train.labels.copy()
