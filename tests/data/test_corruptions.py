"""Corruptions of test images, against loops over pixels, and statistics."""

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.data.corruptions import CORRUPTIONS, add_noise, blur, corrupt, rotate, shift

Images = NDArray[np.uint8]


def made(images: int = 6, side: int = 9, channels: int = 3) -> Images:
    generator = np.random.Generator(np.random.Philox(5))
    return generator.integers(0, 256, (images, side, side, channels)).astype(np.uint8)


class Directions:
    """A generator that returns the given directions, in order."""

    def __init__(self, *values: float) -> None:
        self._values = np.array(values)

    def uniform(self, *_: float) -> NDArray[np.float64]:
        return self._values

    choice = uniform


def directions(*values: float) -> np.random.Generator:
    return Directions(*values)  # type: ignore[return-value]


def bilinear(image: Images, y: float, x: float) -> NDArray[np.float64]:
    """Interpolate one pixel, by the formula in :mod:`seedbed.training.batches`."""
    height, width, _ = image.shape
    y, x = min(max(y, 0.0), height - 1.0), min(max(x, 0.0), width - 1.0)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    v, u = y - top, x - left
    pixels = image.astype(float)
    result: NDArray[np.float64] = (1 - v) * (
        (1 - u) * pixels[top, left] + u * pixels[top, right]
    ) + v * ((1 - u) * pixels[bottom, left] + u * pixels[bottom, right])
    return result


@pytest.mark.parametrize("kind", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_result_has_the_same_shape_and_dtype_and_the_input_is_unchanged(
    kind: str, channels: int
) -> None:
    images = made(channels=channels)
    before = images.copy()
    images.flags.writeable = False
    for strength in CORRUPTIONS[kind].strengths:
        result = corrupt(images, kind, strength)
        assert result.dtype == np.uint8
        assert result.shape == images.shape
        assert not np.array_equal(result, images)
        np.testing.assert_array_equal(result, corrupt(images, kind, strength))
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_nothing_changes_at_strength_0(kind: str) -> None:
    np.testing.assert_array_equal(corrupt(made(), kind, 0), made())


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_an_image_is_corrupted_the_same_among_more_images(kind: str) -> None:
    few, more = made(4), np.concatenate([made(4), made(3)])
    np.testing.assert_array_equal(corrupt(few, kind, 2), corrupt(more, kind, 2)[:4])


def test_a_shift_by_whole_pixels_moves_every_pixel_and_repeats_the_edge() -> None:
    images = made(4)
    result = shift(images, 2, directions(0, np.pi / 2, np.pi, 3 * np.pi / 2))
    for image, moved, (down, right) in zip(
        images, result, [(0, 2), (2, 0), (0, -2), (-2, 0)], strict=True
    ):
        rows = np.clip(np.arange(9) - down, 0, 8)
        columns = np.clip(np.arange(9) - right, 0, 8)
        np.testing.assert_array_equal(moved, image[np.ix_(rows, columns)])


def test_a_shift_in_any_direction_has_the_given_length() -> None:
    images, angles = made(5), [0.3, 1.1, 2.9, 4.4, 6.0]
    result = shift(images, 1.5, directions(*angles))
    for image, moved, angle in zip(images, result, angles, strict=True):
        for y in range(9):
            for x in range(9):
                expected = bilinear(image, y - 1.5 * np.sin(angle), x - 1.5 * np.cos(angle))
                assert np.abs(moved[y, x] - expected).max() <= 0.501


def test_a_rotation_turns_about_the_center() -> None:
    images = made(2)
    result = rotate(images, 90, directions(1, -1))
    np.testing.assert_array_equal(result[0], np.rot90(images[0], 1))
    np.testing.assert_array_equal(result[1], np.rot90(images[1], -1))
    result = rotate(images, 20, directions(1, -1))
    cosine, sine = np.cos(np.radians(20)), np.sin(np.radians(20))
    for image, turned, way in zip(images, result, (1, -1), strict=True):
        for y in range(9):
            for x in range(9):
                v, u = y - 4, x - 4
                expected = bilinear(
                    image, 4 + cosine * v + way * sine * u, 4 - way * sine * v + cosine * u
                )
                assert np.abs(turned[y, x] - expected).max() <= 0.501


def test_noise_has_the_given_standard_deviation_and_is_clipped() -> None:
    gray = np.full((50, 20, 20, 1), 128, np.uint8)
    result = add_noise(gray, 16, stream(1, "corruptions")).astype(float)
    assert result.std() == pytest.approx(16, rel=0.02)
    assert result.mean() == pytest.approx(128, abs=0.3)
    black = add_noise(np.zeros_like(gray), 32, stream(1, "corruptions"))
    assert np.mean(black == 0) == pytest.approx(0.5, abs=0.02)


def test_a_blurred_point_is_a_gaussian() -> None:
    images = np.zeros((1, 31, 31, 1), np.uint8)
    images[0, 15, 15] = 255
    for sigma in (1.0, 1.5, 2.0):
        distance = np.arange(31) - 15
        line = np.exp(-(distance**2) / (2 * sigma**2))
        line /= line.sum()
        result = blur(images, sigma, stream(0, "corruptions"))
        assert np.abs(result[0, :, :, 0] - 255 * np.outer(line, line)).max() <= 0.51
