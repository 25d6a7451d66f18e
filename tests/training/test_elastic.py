"""The random fields of elastic distortion, and how they are smoothed."""

import numpy as np
import pytest
import scipy.stats
from scipy.ndimage import gaussian_filter

import reference_images
from seedbed.training.batches import epoch_warps
from seedbed.training.elastic import EpochFields, smoothing
from seedbed.training.recipe import Augmentation

ELASTIC = Augmentation(elastic_alpha=34)
SHAPE = (9, 7, 3)


@pytest.mark.parametrize("sigma", [0.1, 0.7, 4.0, 30.0])
@pytest.mark.parametrize("shape", [(28, 20), (1, 6), (5, 1)])
def test_a_field_is_smoothed_as_scipy_does(sigma: float, shape: tuple[int, int]) -> None:
    height, width = shape
    numbers = np.random.default_rng(0).uniform(-1, 1, shape)
    smoothed = smoothing(height, sigma, 3.0) @ numbers @ smoothing(width, sigma)
    expected = 3 * gaussian_filter(numbers, sigma, mode="constant")
    np.testing.assert_allclose(smoothed, expected, rtol=2e-6, atol=1e-7)


def test_fields_depend_on_seed_and_epoch_alone() -> None:
    first = EpochFields(1, 4, ELASTIC, SHAPE).draw(50)
    assert first is not None
    assert first.dtype == np.uint8
    assert first.shape == (50, 2, 9, 7)
    parts = EpochFields(1, 4, ELASTIC, SHAPE)
    drawn = [parts.draw(count) for count in (1, 2, 3, 44)]
    np.testing.assert_array_equal(np.concatenate([p for p in drawn if p is not None]), first)
    # Of another strength, the same: settings have their own draws.
    weaker = Augmentation(shift=1, elastic_alpha=3, elastic_sigma=2)
    np.testing.assert_array_equal(EpochFields(1, 4, weaker, SHAPE).draw(50), first)
    for seed, epoch in ((1, 5), (2, 4)):
        other = EpochFields(seed, epoch, ELASTIC, SHAPE).draw(50)
        assert other is not None
        assert np.mean(other == first) < 0.02


def test_numbers_are_uniform_and_independent() -> None:
    fields = EpochFields(0, 0, ELASTIC, (20, 20, 1)).draw(100)
    assert fields is not None
    counts = np.bincount(fields.ravel(), minlength=256)
    assert scipy.stats.chisquare(counts).pvalue > 0.001
    right, down = fields[:, 0].ravel(), fields[:, 1].ravel()
    for one, other in ((right, down), (right[:-1], right[1:])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(len(one))


def test_without_a_distortion_nothing_is_drawn() -> None:
    fields = EpochFields(0, 0, Augmentation(shift=2), SHAPE)
    assert fields.draw(3) is None
    assert fields.count == 0


def test_a_distortion_alone_moves_images_nowhere_else() -> None:
    warps = epoch_warps(0, 10, 0, ELASTIC, SHAPE)
    np.testing.assert_array_equal(warps, np.tile([1, 0, 0, 0, 1, 0], (10, 1)))


def test_the_reference_displaces_pixels_the_way_it_says() -> None:
    image = np.zeros((1, 1, 5, 5))
    image[0, 0, 2, 3] = 1
    moved = np.zeros((1, 2, 5, 5))
    moved[:, 0] = 1  # what was one pixel to the right
    warps = np.array([[1, 0, 0, 0, 1, 0]], np.float32)
    assert reference_images.distorted(image, warps, moved)[0, 0, 2, 2] == 1
