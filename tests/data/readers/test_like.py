"""Images made like those of a dataset."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.data.readers.like import image_files, read_like


def written(path: Path, *shape: int) -> tuple[Path, np.ndarray]:
    pixels = stream(0, "split").integers(0, 256, shape).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path, pixels


def test_an_image_of_the_right_size_and_color_stays_as_it_is(tmp_path: Path) -> None:
    gray, pixels = written(tmp_path / "gray.png", 8, 8)
    np.testing.assert_array_equal(read_like([gray], (8, 8, 1))[0, ..., 0], pixels)
    color, rgb = written(tmp_path / "rgb.png", 6, 8, 3)
    np.testing.assert_array_equal(read_like([color], (6, 8, 3))[0], rgb)


def test_gray_becomes_rgb_and_colors_become_gray(tmp_path: Path) -> None:
    gray, pixels = written(tmp_path / "gray.png", 8, 8)
    color, rgb = written(tmp_path / "rgb.png", 8, 8, 3)
    found = read_like([gray, color], (8, 8, 3))
    np.testing.assert_array_equal(found[0], np.repeat(pixels[..., None], 3, axis=2))
    np.testing.assert_array_equal(found[1], rgb)
    luminance = rgb @ np.array([0.299, 0.587, 0.114])
    found = read_like([gray, color], (8, 8, 1))
    np.testing.assert_allclose(found[1, ..., 0], luminance, atol=1)


def test_another_size_is_scaled_and_cut_to_a_square(tmp_path: Path) -> None:
    wide, _ = written(tmp_path / "wide.png", 8, 24)
    assert read_like([wide], (8, 8, 1)).shape == (1, 8, 8, 1)
    with pytest.raises(DataError, match=r"wide.png: is 8×24 pixels; expected 6×8, as the network"):
        read_like([wide], (6, 8, 1))


def test_files_are_found_by_name_and_in_folders(tmp_path: Path) -> None:
    paths = [written(tmp_path / name, 4, 4)[0] for name in ("b.png", "a/z.png", "a/y.png")]
    (tmp_path / "a" / ".hidden.png").write_bytes(b"")
    assert image_files([paths[0], tmp_path / "a"]) == [paths[0], paths[2], paths[1]]


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing.png: there is no such file"):
        image_files([tmp_path / "nothing.png"])
    with pytest.raises(DataError, match="there are no images in it"):
        image_files([tmp_path])
