"""Images are converted to the shape of the training images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.data.readers.like import image_files, read_like
from sentences import Sentence


def written(path: Path, *shape: int) -> tuple[Path, np.ndarray]:
    pixels = stream(0, "split").integers(0, 256, shape).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path, pixels


def test_an_image_of_the_right_shape_is_unchanged(tmp_path: Path) -> None:
    gray, pixels = written(tmp_path / "gray.png", 8, 8)
    np.testing.assert_array_equal(read_like([gray], (8, 8, 1))[0, ..., 0], pixels)
    color, rgb = written(tmp_path / "rgb.png", 6, 8, 3)
    np.testing.assert_array_equal(read_like([color], (6, 8, 3))[0], rgb)


def test_gray_becomes_rgb_and_colors_become_gray(tmp_path: Path) -> None:
    gray, pixels = written(tmp_path / "gray.png", 8, 8)
    color, rgb = written(tmp_path / "rgb.png", 8, 8, 3)
    images = read_like([gray, color], (8, 8, 3))
    np.testing.assert_array_equal(images[0], np.repeat(pixels[..., None], 3, axis=2))
    np.testing.assert_array_equal(images[1], rgb)
    luminance = rgb @ np.array([0.299, 0.587, 0.114])
    images = read_like([gray, color], (8, 8, 1))
    np.testing.assert_allclose(images[1, ..., 0], luminance, atol=1)


def test_another_size_is_scaled_and_cropped_to_a_square(tmp_path: Path, sentence: Sentence) -> None:
    wide, _ = written(tmp_path / "wide.png", 8, 24)
    assert read_like([wide], (8, 8, 1)).shape == (1, 8, 8, 1)
    with pytest.raises(DataError) as error:
        read_like([wide], (6, 8, 1))
    assert error.value.where == str(wide)
    assert error.value.expected.startswith("6×8,")
    sentence(error.value)


def test_files_are_given_by_name_or_by_folder(tmp_path: Path) -> None:
    paths = [written(tmp_path / name, 4, 4)[0] for name in ("b.png", "a/z.png", "a/y.png")]
    (tmp_path / "a" / ".hidden.png").write_bytes(b"")
    assert image_files([paths[0], tmp_path / "a"]) == [paths[0], paths[2], paths[1]]


@pytest.mark.parametrize("name", ["nothing.png", "empty"])
def test_missing_files_are_an_error(tmp_path: Path, name: str, sentence: Sentence) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError) as error:
        image_files([tmp_path / name])
    assert error.value.where == str(tmp_path / name)
    sentence(error.value)
