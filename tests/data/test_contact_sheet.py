"""The contact sheet shows the right pixels, crisp, for any names and sizes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import StoreError
from seedbed.data.contact_sheet import contact_sheet, write_contact_sheet
from seedbed.data.images import ImageDataset


def make(
    names: tuple[str, ...] = ("a", "b", "c"), size: tuple[int, int] = (8, 8), channels: int = 1
) -> ImageDataset:
    labels = np.arange(30) % len(names)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 200, (30, *size, channels), np.uint8)
    return ImageDataset(images, labels, names)


@pytest.mark.parametrize("channels", [1, 3])
def test_every_pixel_is_a_block_of_its_own_color(channels: int) -> None:
    dataset = make(channels=channels)
    sheet = np.asarray(contact_sheet(dataset, images_per_class=4))
    height, width, _ = sheet.shape
    assert height == 4 + 3 * 60
    # From the right: the gap, then the fourth image of each class.
    left = width - 4 - 56
    for label in range(3):
        index = np.flatnonzero(dataset.labels == label)[3]
        tile = sheet[4 + 60 * label : 60 + 60 * label, left : left + 56]
        expected = dataset.images[index].repeat(7, axis=0).repeat(7, axis=1)
        np.testing.assert_array_equal(tile, np.broadcast_to(expected, tile.shape))


@pytest.mark.parametrize(
    "names",
    [
        ("日本語", "Größe", "עברית"),
        ("\x7f", "a\nb\x00", " "),
        ("x" * 10_000, "<b>&amp;</b>", "\u202etxt"),
        ("", "🐈", "é"),
    ],
)
def test_any_class_name_can_be_drawn(names: tuple[str, ...]) -> None:
    assert contact_sheet(make(names)).width < 900


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (300, 200), (56, 57)])
def test_any_size_gives_tiles_of_a_readable_size(size: tuple[int, int]) -> None:
    sheet = contact_sheet(make(size=size))
    assert 3 * 1 <= sheet.height <= 3 * 120
    assert sheet.width < 1300


def test_only_the_png_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    path.write_text("older")
    write_contact_sheet(make(), path)
    with Image.open(path) as image:
        assert image.format == "PNG"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        write_contact_sheet(make(), tmp_path / "none" / "sheet.png")
    assert error.value.where == str(tmp_path / "none" / "sheet.png")
    assert "--sheet" in error.value.hint
    assert "--no-sheet" in error.value.hint
    assert list(tmp_path.iterdir()) == []
