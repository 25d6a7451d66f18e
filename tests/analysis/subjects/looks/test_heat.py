"""Arrays as small pictures, read back from what the page carries."""

import base64
from io import BytesIO

import numpy as np
from PIL import Image, ImageColor

from seedbed.analysis.subjects.looks.heat import (
    HEAT,
    colored,
    data_url,
    heat_map,
    in_rows,
    normalized,
)


def test_colors_go_from_dark_to_bright() -> None:
    found = colored(np.linspace(0, 1, 50))
    assert found[0].tolist() == list(ImageColor.getrgb(HEAT[0]))
    assert found[-1].tolist() == list(ImageColor.getrgb(HEAT[-1]))
    brightness = found @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(brightness) > 0).all()


def test_the_image_stands_beside_its_heat_map() -> None:
    image = np.full((28, 28, 1), 80, np.uint8)
    heat = np.zeros((7, 7))
    heat[1, 5] = 0.3
    found = heat_map(image, heat)
    assert found.shape == (112, 224, 3)
    assert (found[:, :112] == 80).all()
    right = found[:, 112:].astype(int)
    brightest = np.unravel_index(right.sum(axis=2).argmax(), (112, 112))
    assert np.abs(np.array(brightest) - (24, 88)).max() <= 2
    assert (right[100, 10] == 80).all()


def test_heat_on_padding_is_cut_off() -> None:
    heat = np.zeros((8, 8))
    heat[2, 2] = 1
    found = heat_map(np.zeros((28, 28, 3), np.uint8), heat, (2, 2))[:, 112:].astype(int)
    brightest = np.unravel_index(found.sum(axis=2).argmax(), (112, 112))
    assert np.abs(np.array(brightest) - (32, 32)).max() <= 2


def test_even_heat_is_no_division_by_nothing() -> None:
    assert heat_map(np.zeros((9, 6, 1), np.uint8), np.zeros((3, 2))).shape == (108, 144, 3)


def test_a_filter_goes_from_black_to_white() -> None:
    filters = np.stack([np.arange(12.0).reshape(1, 3, 4), np.full((1, 3, 4), 5.0)])
    found = normalized(filters)
    assert found.shape == (2, 3, 4, 3)
    assert (found[0, 0, 0] == 0).all()
    assert (found[0, 2, 3] == 255).all()
    assert (found[1] == 0).all()


def test_colors_of_a_filter_share_a_scale() -> None:
    found = normalized(np.array([[[[0.0, 1.0]], [[2.0, 0.0]], [[0.0, 4.0]]]]))
    assert found[0, 0].tolist() == [[0, 128, 0], [64, 0, 255]]


def test_tiles_stand_in_rows_with_nothing_between() -> None:
    tiles = np.stack([np.full((2, 3, 3), 10 * number, np.uint8) for number in range(1, 6)])
    found = in_rows(tiles, columns=2)
    assert found.shape == (8, 7, 4)
    assert found[0, 0].tolist() == [10, 10, 10, 255]
    assert found[6, 2].tolist() == [50, 50, 50, 255]
    assert found[2, 0, 3] == 0  # between rows
    assert found[7, 6, 3] == 0  # no sixth tile


def test_an_address_holds_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4)).astype(np.uint8)
    head, _, contents = data_url(pixels).partition(",")
    assert head == "data:image/webp;base64"
    with Image.open(BytesIO(base64.b64decode(contents))) as picture:
        np.testing.assert_array_equal(np.asarray(picture.convert("RGBA")), pixels)
