"""Near duplicates: found after scaling and encoding, and held against comparing all pairs."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from seedbed.data.check.near import MAX_BITS, look, near_duplicates


def photo(seed: int, side: int = 96) -> Image.Image:
    """Return an image with shapes of several sizes, as photos have them."""
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)
    large = Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)
    return large.filter(ImageFilter.GaussianBlur(1))


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image)


def encoded_again(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=70)
    return Image.open(stream)


ALTERED = {
    "encoded": encoded_again,
    "scaled": lambda image: image.resize((60, 60), Image.Resampling.BILINEAR),
    "gray": lambda image: image.convert("L").convert("RGB"),
    "brighter": lambda image: image.point(lambda value: min(value + 2, 255)),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_copy_is_a_near_duplicate(alter: object) -> None:
    assert callable(alter)
    images = [photo(0), photo(1), photo(2), alter(photo(1))]
    looks = [look(pixels(image)) for image in images]
    hashes = np.array([bits for bits, _ in looks], np.uint64)
    thumbnails = np.stack([thumbnail for _, thumbnail in looks])
    same = np.zeros(4, np.int64)
    assert near_duplicates(hashes, thumbnails, same, across=False) == {3: 1}
    assert near_duplicates(hashes, thumbnails, same, across=True) == {}
    splits = np.array([0, 0, 0, 1])
    assert near_duplicates(hashes, thumbnails, splits, across=True) == {3: 1}
    assert near_duplicates(hashes, thumbnails, splits, across=False) == {}


@pytest.mark.parametrize("across", [True, False])
def test_every_image_that_has_one_is_found(across: bool) -> None:
    generator = np.random.default_rng(0)
    count = 300
    hashes = generator.integers(0, 2**63, count, np.uint64)
    thumbnails = generator.integers(0, 256, (count, 256), np.uint8)
    splits = generator.integers(0, 2, count)
    for copy in range(150, count):
        bits = generator.choice(64, generator.integers(0, 6), replace=False)
        flipped = sum(1 << int(bit) for bit in bits)
        hashes[copy] = hashes[copy - 150] ^ np.uint64(flipped)
        change = generator.integers(0, 12)
        thumbnails[copy] = np.clip(thumbnails[copy - 150].astype(int) + change, 0, 255)
    expected = set()
    for second in range(count):
        for first in range(second):
            differing = int(hashes[first] ^ hashes[second]).bit_count()
            change = thumbnails[first].astype(float) - thumbnails[second]
            like = (change**2).mean() <= max(4.0, 0.01 * thumbnails[first].var())
            if differing <= MAX_BITS and like:
                expected |= {second} if (splits[first] != splits[second]) == across else set()
    assert 10 < len(expected) < 100
    found = near_duplicates(hashes, thumbnails, splits, across=across)
    assert set(found) == expected


def test_flat_images_are_compared_by_their_brightness() -> None:
    looks = [look(np.full((9, 9, 1), shade, np.uint8)) for shade in (0, 2, 100)]
    hashes = np.array([bits for bits, _ in looks], np.uint64)
    thumbnails = np.stack([thumbnail for _, thumbnail in looks])
    found = near_duplicates(hashes, thumbnails, np.zeros(3, np.int64), across=False)
    assert found == {1: 0}
