"""The images that every side trains on, in memory before anything is measured."""

from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.data.splits import select

TRAIN, TEST, SIZE, CLASSES = 60_000, 10_000, 28, 10
COLORED: Final = frozenset({"resnet8"})
"""Networks that are measured on random images of CIFAR-10's size, the others on MNIST."""
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
    return _invented(name, TRAIN, TEST, (SIZE, SIZE, 1))


@cache
def images_of(network: str) -> DatasetSplits:
    """Return what a network is measured on."""
    if network in COLORED:
        return _invented("random images of CIFAR-10's size", 10_000, 100, (32, 32, 3))
    return mnist()


def images_an_epoch(network: str) -> int:
    """Return how many images an epoch of the dataset has, whose times are stated."""
    return 50_000 if network in COLORED else TRAIN


def _invented(name: str, train: int, test: int, shape: tuple[int, int, int]) -> DatasetSplits:
    generator = np.random.default_rng(0)
    names = tuple(map(str, range(CLASSES)))
    first, second = (
        ImageDataset(
            generator.integers(0, 256, (count, *shape), np.uint8),
            generator.integers(0, CLASSES, count, np.int64),
            names,
        )
        for count in (train, test)
    )
    return DatasetSplits(name, {"train": first, "test": second})


@cache
def part_of(network: str, train: int, test: int) -> DatasetSplits:
    """Return so many of the first images of each split."""
    whole = images_of(network)
    places = np.arange(len(whole.train))
    parts = {
        "train": select(whole.train, places[:train]),
        "test": select(whole.test, places[:test]),
    }
    return replace(whole, splits=parts)


def network_input(network: str = "lenet5") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the training images as the peers like them best, normalized N×H×W×C, and labels."""
    train = images_of(network).train
    return train.normalization().apply(train.images), train.labels.copy()
