"""One folder per class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photo_folders import image
from seedbed.core.errors import DataError, UnreadableImage
from seedbed.data.readers.decoding import ImageRules
from seedbed.data.readers.folders.class_folders import read_image_folder
from sentences import Sentence


def tree(root: Path) -> None:
    image(root / "dog" / "b.png", 20)
    image(root / "dog" / "a.png", 10)
    image(root / "cat" / "more" / "z.png", 5)


def test_classes_and_files_are_sorted_by_name(tmp_path: Path) -> None:
    tree(tmp_path)
    contents = read_image_folder(tmp_path)
    assert contents.test is None
    assert contents.train.class_names == ("cat", "dog")
    assert contents.train.labels.tolist() == [0, 1, 1]
    assert contents.train.images[:, 0, 0, 0].tolist() == [5, 10, 20]
    assert contents.train.image_shape == (3, 4, 1)


def test_any_class_name_is_allowed(tmp_path: Path) -> None:
    image(tmp_path / "猫 & <dog>" / "1.png", 1)
    image(tmp_path / "a'b\"c" / "2.png", 2)
    assert set(read_image_folder(tmp_path).train.class_names) == {"猫 & <dog>", "a'b\"c"}


def test_images_of_different_sizes_are_rejected_unless_resized(tmp_path: Path) -> None:
    tree(tmp_path)
    image(tmp_path / "dog" / "c.png", 3, size=(40, 30))
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path / "dog" / "c.png")
    assert "30×40" in error.value.what
    assert f"{tmp_path / 'cat' / 'more' / 'z.png'} is 3×4" in error.value.what
    assert read_image_folder(tmp_path, ImageRules(resize=8)).train.image_shape == (8, 8, 1)


def test_both_splits_have_one_size_and_color(tmp_path: Path) -> None:
    for split, mode in (("train", "L"), ("test", "RGB")):
        for name in ("cat", "dog"):
            path = tmp_path / split / name
            path.mkdir(parents=True)
            Image.new(mode, (4, 4), "red" if mode == "RGB" else 9).save(path / "1.png")
    contents = read_image_folder(tmp_path)
    assert contents.train.image_shape == (4, 4, 3)
    assert np.unique(contents.train.images).tolist() == [9]


def test_empty_folders_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)


def test_a_class_without_images_is_rejected(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "dog").mkdir()
    image(tmp_path / "cat" / "1.png", 1)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path / "dog")
    sentence(error.value)


def test_unreadable_images_are_named_together(tmp_path: Path, sentence: Sentence) -> None:
    spoiled = spoil(tmp_path)
    with pytest.raises(UnreadableImage) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert "6 cannot be decoded" in error.value.what
    assert "1 is not an image" in error.value.what
    assert "skip_unreadable" in error.value.hint
    assert f"seedbed data check {tmp_path}" in error.value.hint
    sentence(error.value)
    contents = read_image_folder(tmp_path, ImageRules(skip_unreadable=True))
    assert len(contents.train) == 13
    (left_out,) = contents.reading.left_out
    assert left_out.reason == "unreadable images"
    assert sorted(left_out.names) == sorted(spoiled)
    assert not set(spoiled) & set(contents.train.names.tolist())
    labels = [name.startswith("dog") for name in contents.train.names.tolist()]
    assert contents.train.labels.tolist() == labels


def test_a_class_of_unreadable_images_is_rejected(tmp_path: Path) -> None:
    image(tmp_path / "cat" / "1.png")
    image(tmp_path / "dog" / "1.png").write_bytes(b"")
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path, ImageRules(skip_unreadable=True))
    assert error.value.where == str(tmp_path)
    assert "'dog'" in error.value.what


def spoil(root: Path) -> list[str]:
    """Write 20 images, and spoil 7 of them; return their names."""
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 40, 3), np.uint8)
    for number, photo in enumerate(pixels):
        path = root / ("cat" if number < 10 else "dog") / f"{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo).save(path)
    names = [f"cat/{number:02}.jpg" for number in range(6)]
    for name in names:
        (root / name).write_bytes((root / name).read_bytes()[:600])
    (root / "dog" / "19.jpg").write_bytes(b"<html>")
    return [*names, "dog/19.jpg"]


def test_the_reading_has_sizes_and_modes(tmp_path: Path) -> None:
    tree(tmp_path)
    image(tmp_path / "dog" / "c.jpg", 3, size=(40, 30))
    reading = read_image_folder(tmp_path, ImageRules(resize=8)).reading
    assert reading.format == "class folders"
    assert reading.sizes == {"3×4": 3, "30×40": 1}
    assert reading.modes == {"PNG gray": 3, "JPEG gray": 1}
    assert reading.splits == {}


def test_images_are_named_by_their_path(tmp_path: Path) -> None:
    tree(tmp_path)
    names = read_image_folder(tmp_path).train.names.tolist()
    assert names == ["cat/more/z.png", "dog/a.png", "dog/b.png"]
