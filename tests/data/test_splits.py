"""Splits are stratified, complete, and the same for the same seed."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.images import ImageDataset
from seedbed.data.splits import split


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
    for part, found in zip((train, test), positions, strict=True):
        assert found == sorted(found)
        np.testing.assert_array_equal(part.labels, dataset.labels[found])


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
def test_a_fraction_that_is_none_is_refused(fraction: float) -> None:
    with pytest.raises(DataError, match="above 0 and below 1"):
        split(numbered((5, 5)), fraction, seed=0)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(DataError, match="split seed is -1; expected 0 or more"):
        split(numbered((5, 5)), 0.5, seed=-1)
    with pytest.raises(DataError, match="class 'b' has 1 image; expected two or more"):
        split(numbered((5, 1)), 0.5, seed=0)
