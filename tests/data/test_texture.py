"""Laws' filters as published, and segments that are the textures an image was made of."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d
from sklearn.metrics import adjusted_rand_score

from seedbed.core.errors import DataError
from seedbed.data.texture import (
    KERNELS,
    segment_texture,
    texture_energy,
    texture_features,
)

NAMES = [down + along for down in KERNELS for along in KERNELS]
PUBLISHED = {
    "L5E5": [[-1, -2, 0, 2, 1], [-4, -8, 0, 8, 4], [-6, -12, 0, 12, 6]],
    "E5S5": [[1, 0, -2, 0, 1], [2, 0, -4, 0, 2], [0, 0, 0, 0, 0]],
    "R5R5": [[1, -4, 6, -4, 1], [-4, 16, -24, 16, -4], [6, -24, 36, -24, 6]],
}
"""The first three rows, as in Laws (1980); the others mirror them, but for their signs."""


def woven(side: int = 128, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Stripes across, stripes down, diagonal blocks and noise, a quarter each, all as bright."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    textures = [
        60 * np.sin(x / 1.5),
        60 * np.sin(y / 3),
        60 * np.sign(np.sin((x + y) / 2.5)),
        25 * random.standard_normal((side, side)),
    ]
    truth = (y >= side // 2) * 2 + (x >= side // 2)
    noise = 4 * random.standard_normal((side, side))
    return np.clip(128 + np.choose(truth, textures) + noise, 0, 255), truth


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_filters_are_those_of_laws(name: str) -> None:
    impulse = np.zeros((11, 11))
    impulse[5, 5] = 1
    answer = texture_energy(impulse, window=1)[3:8, 3:8, NAMES.index(name)]
    np.testing.assert_array_equal(answer[:3], np.abs(PUBLISHED[name]))
    np.testing.assert_array_equal(answer[3:], answer[1::-1])


def test_energy_is_that_of_plain_convolution() -> None:
    image = np.random.default_rng(0).uniform(0, 255, (24, 20))
    found = texture_energy(image, window=3)
    for place, name in enumerate(NAMES):
        kernel = np.outer(KERNELS[name[:2]], KERNELS[name[2:]])
        answer = np.abs(convolve2d(image, kernel, mode="same"))
        expected = convolve2d(answer, np.full((3, 3), 1 / 9), mode="same")
        np.testing.assert_allclose(
            found[4:-4, 4:-4, place], expected[4:-4, 4:-4], rtol=1e-4, atol=1e-2
        )


def test_features_do_not_depend_on_how_bright_the_light_is() -> None:
    image, _ = woven(64)
    np.testing.assert_allclose(
        texture_features(image, 15), texture_features(0.5 * image, 15), rtol=1e-4, atol=1e-6
    )


def test_features_of_black_are_nothing() -> None:
    assert not texture_features(np.zeros((20, 20)), 5).any()


@pytest.mark.parametrize("seed", [0, 1])
def test_textures_are_told_apart(seed: int) -> None:
    image, truth = woven()
    found = segment_texture(image, 4, seed=seed)
    assert adjusted_rand_score(truth.ravel(), found.labels.ravel()) > 0.9
    np.testing.assert_allclose(found.fractions, 0.25, atol=0.02)
    assert 0.9 < sum(found.explained) < 1


def test_two_textures_are_two_segments() -> None:
    image, truth = woven()
    found = segment_texture(image[:64], 2)
    assert adjusted_rand_score(truth[:64].ravel(), found.labels.ravel()) > 0.9


def test_a_seed_gives_the_same_segments_again() -> None:
    image, _ = woven(64)
    first, again = (segment_texture(image, 3, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.labels, again.labels)


def test_segments_are_numbered_by_size() -> None:
    found = segment_texture(woven()[0], 5)
    assert list(found.fractions) == sorted(found.fractions, reverse=True)
    np.testing.assert_allclose(sum(found.fractions), 1)


def test_closing_fills_specks() -> None:
    random = np.random.default_rng(3)
    image = woven()[0] + 30 * random.standard_normal((128, 128))

    def borders(closing: int) -> int:
        labels = segment_texture(image.clip(0), 4, window=7, closing=closing).labels
        return int((labels[:, 1:] != labels[:, :-1]).sum())

    assert borders(9) < 0.5 * borders(1)


@pytest.mark.parametrize(
    ("size", "segments", "settings", "complaint"),
    [
        ((64, 64), 1, {}, "cannot be divided into 1; expected 2 to 20"),
        ((64, 64), 21, {}, "cannot be divided into 21"),
        ((64, 64), 3, {"window": 4}, "a window of 4; expected an odd number from 3"),
        ((64, 64), 3, {"closing": 0}, "a closing of 0; expected an odd number from 1"),
        ((64, 64), 3, {"seed": -1}, "cannot use the seed -1"),
        ((64, 9), 3, {}, "is 64×9 pixels, less than the 15×15"),
        ((64, 64, 3), 3, {}, r"has the shape \(64, 64, 3\)"),
    ],
)
def test_what_cannot_be_used_is_refused(
    size: tuple[int, ...], segments: int, settings: dict[str, int], complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        segment_texture(np.ones(size), segments, **settings)


def test_an_image_without_texture_is_refused() -> None:
    with pytest.raises(DataError, match="has fewer than 3 textures"):
        segment_texture(np.full((40, 40), 128), 3)
