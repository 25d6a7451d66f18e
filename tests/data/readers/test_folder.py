"""One folder per class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.data.readers.folder import read_class_folders
from sentences import Sentence


def write(path: Path, shade: int, size: tuple[int, int] = (4, 3)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(path)


def tree(root: Path) -> None:
    write(root / "dog" / "b.png", 20)
    write(root / "dog" / "a.png", 10)
    write(root / "cat" / "more" / "z.png", 5)


def test_classes_and_files_are_sorted_by_name(tmp_path: Path) -> None:
    tree(tmp_path)
    contents = read_class_folders(tmp_path)
    assert contents.test is None
    assert contents.train.class_names == ("cat", "dog")
    assert contents.train.labels.tolist() == [0, 1, 1]
    assert contents.train.images[:, 0, 0, 0].tolist() == [5, 10, 20]
    assert contents.train.image_shape == (3, 4, 1)


def test_train_and_test_are_splits(tmp_path: Path) -> None:
    tree(tmp_path / "train")
    write(tmp_path / "test" / "cat" / "1.png", 1)
    write(tmp_path / "test" / "dog" / "2.png", 2)
    contents = read_class_folders(tmp_path)
    assert contents.test is not None
    assert contents.test.images[:, 0, 0, 0].tolist() == [1, 2]
    assert contents.test.labels.tolist() == [0, 1]


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for name in ("train", "plane", "ship"):
        write(tmp_path / name / "1.png", 1)
    assert read_class_folders(tmp_path).train.class_names == ("plane", "ship", "train")


def test_hidden_and_system_files_are_ignored(tmp_path: Path) -> None:
    tree(tmp_path)
    for name in ("cat/.DS_Store", "cat/Thumbs.db", ".cache/x", "cat/.hidden/y.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert len(read_class_folders(tmp_path).train) == 3


def test_any_class_name_is_allowed(tmp_path: Path) -> None:
    write(tmp_path / "猫 & <dog>" / "1.png", 1)
    write(tmp_path / "a'b\"c" / "2.png", 2)
    assert set(read_class_folders(tmp_path).train.class_names) == {"猫 & <dog>", "a'b\"c"}


def test_a_file_that_is_not_an_image_is_an_error(tmp_path: Path) -> None:
    tree(tmp_path)
    (tmp_path / "dog" / "notes.txt").write_text("hello")
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path / "dog" / "notes.txt")
    assert error.value.hint


def test_images_of_different_sizes_are_rejected_unless_resized(tmp_path: Path) -> None:
    tree(tmp_path)
    write(tmp_path / "dog" / "c.png", 3, size=(40, 30))
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path / "dog" / "c.png")
    assert "30×40" in error.value.what
    assert f"{tmp_path / 'cat' / 'more' / 'z.png'} is 3×4" in error.value.what
    assert read_class_folders(tmp_path, resize=8).train.image_shape == (8, 8, 1)


def test_both_splits_have_one_size_and_color(tmp_path: Path) -> None:
    for split, mode in (("train", "L"), ("test", "RGB")):
        for name in ("cat", "dog"):
            path = tmp_path / split / name
            path.mkdir(parents=True)
            Image.new(mode, (4, 4), "red" if mode == "RGB" else 9).save(path / "1.png")
    contents = read_class_folders(tmp_path)
    assert contents.train.image_shape == (4, 4, 3)
    assert np.unique(contents.train.images).tolist() == [9]


def test_empty_folders_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)


def test_a_class_without_images_is_rejected(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "dog").mkdir()
    write(tmp_path / "cat" / "1.png", 1)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path / "dog")
    sentence(error.value)


@pytest.mark.parametrize(
    "splits", [("train",), ("test",), ("train", "val"), ("test", "train", "validation")]
)
def test_splits_other_than_train_and_test_are_rejected(
    tmp_path: Path, splits: tuple[str, ...]
) -> None:
    for split in splits:
        tree(tmp_path / split)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path)
    assert error.value.what == f"has the folders {', '.join(splits)}"


def test_the_error_for_other_splits(tmp_path: Path, sentence: Sentence) -> None:
    for split in ("train", "val"):
        tree(tmp_path / split)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    sentence(error.value)


@pytest.mark.parametrize("split", ["train", "test"])
def test_splits_with_different_classes_are_rejected(
    tmp_path: Path, split: str, sentence: Sentence
) -> None:
    for name in ("train", "test"):
        write(tmp_path / name / "cat" / "1.png", 1)
    write(tmp_path / split / "cow" / "1.png", 1)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path)
    assert f"'cow' is only in {split}/" in error.value.what
    if split == "test":
        sentence(error.value)


@pytest.mark.parametrize("name", ["dog/z.png", "dog/more", "cow"])
def test_a_link_out_of_the_dataset_is_rejected(
    tmp_path: Path, name: str, sentence: Sentence
) -> None:
    tree(tmp_path / "photos")
    write(tmp_path / "private" / "secret.png", 1)
    target = tmp_path / "private"
    (tmp_path / "photos" / name).symlink_to(target / "secret.png" if "." in name else target)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path / "photos")
    assert error.value.where == str(tmp_path / "photos" / name)
    assert error.value.expected
    if name == "cow":
        sentence(error.value)


@pytest.mark.parametrize("target", ["nothing.png", "z.png"], ids=["missing", "loop"])
def test_a_broken_link_is_rejected(tmp_path: Path, target: str) -> None:
    tree(tmp_path)
    (tmp_path / "dog" / "z.png").symlink_to(target)
    with pytest.raises(DataError) as error:
        read_class_folders(tmp_path)
    assert error.value.where == str(tmp_path / "dog" / "z.png")
    assert target in error.value.what
    assert error.value.hint


def test_links_inside_the_dataset_and_to_it_are_followed(tmp_path: Path) -> None:
    tree(tmp_path / "photos")
    (tmp_path / "photos" / "dog" / "c.png").symlink_to("../cat/more/z.png")
    (tmp_path / "photos" / "dog" / ".hidden").symlink_to("/etc/passwd")
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    contents = read_class_folders(tmp_path / "link")
    assert contents.train.images[:, 0, 0, 0].tolist() == [5, 10, 20, 5]
