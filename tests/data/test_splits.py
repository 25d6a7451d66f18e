"""Splits are stratified, complete, and the same for the same seed."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset
from seedbed.data.splits import split
from sentences import Sentence


def numbered(counts: tuple[int, ...]) -> ImageDataset:
    """Make a dataset whose every pixel tells which image it is."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    return ImageDataset(images, labels, tuple("abcdef"[: len(counts)]))


def test_every_image_is_in_one_split_in_the_order_of_the_dataset() -> None:
    dataset = numbered((50, 30, 20))
    train, test = split(dataset, 0.2, seed=3)
    positions = [part.images.ravel().tolist() for part in (train, test)]
    assert sorted(positions[0] + positions[1]) == list(range(100))
    for part, indices in zip((train, test), positions, strict=True):
        assert indices == sorted(indices)
        np.testing.assert_array_equal(part.labels, dataset.labels[indices])


def test_every_class_gives_its_share() -> None:
    train, test = split(numbered((50, 30, 20, 2)), 0.2, seed=0)
    assert test.class_counts.tolist() == [10, 6, 4, 1]
    assert train.class_counts.tolist() == [40, 24, 16, 1]


def test_the_seed_decides_and_nothing_else() -> None:
    dataset = numbered((50, 30))
    first, again, other = (split(dataset, 0.3, seed)[1] for seed in (5, 5, 6))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, float("nan")])
def test_an_invalid_fraction_is_rejected(fraction: float) -> None:
    with pytest.raises(DataError) as error:
        split(numbered((5, 5)), fraction, seed=0)
    assert str(fraction) in error.value.what
    assert error.value.expected


@pytest.mark.parametrize(
    ("counts", "fraction", "seed"),
    [((5, 5), 1.0, 0), ((5, 5), 0.5, -1), ((5, 1), 0.5, 0), ((5, 0), 0.5, 0)],
    ids=["fraction", "seed", "one image", "no image"],
)
def test_a_dataset_that_cannot_be_split_is_rejected(
    counts: tuple[int, ...], fraction: float, seed: int, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        split(numbered(counts), fraction, seed)
    sentence(error.value)
