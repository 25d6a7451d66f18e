"""Splits, classes, and folders around them: read, or asked about, but never mistaken."""

import unicodedata
from pathlib import Path

import pytest

from photo_folders import image, images
from seedbed.core.errors import DataError
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.folders.class_folders import read_image_folder
from sentences import Sentence

CLASSES = ("cat", "dog")


def of(*splits: str, classes: tuple[str, ...] = CLASSES) -> list[str]:
    return [f"{split}/{name}" for split in splits for name in classes]


def sizes(contents: Contents) -> dict[str, int]:
    splits = {"train": contents.train, "val": contents.validation, "test": contents.test}
    return {name: len(split) for name, split in splits.items() if split}


def left_out(contents: Contents) -> dict[str, tuple[str, ...]]:
    return {part.reason: part.names for part in contents.reading.left_out}


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("Train", "Test"),
        ("TRAIN", "TEST"),
        ("Training", "Testing"),
        ("training", "eval"),
        ("training_set", "test_set"),
        ("train_data", "test-data"),
        ("trainset", "testset"),
        ("seg_train", "seg_test"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("TrainImages", "TestImages"),
        ("alphabet_train/alphabet_train", "alphabet_test"),
        ("train2017", "test2017"),
    ],
)
def test_two_splits(tmp_path: Path, train: str, test: str) -> None:
    contents = read_image_folder(images(tmp_path, of(train, test)))
    assert contents.train.class_names == CLASSES
    assert sizes(contents) == {"train": 4, "test": 4}
    first, second = train.split("/")[0], test.split("/")[0]
    assert contents.reading.splits == {"train": f"{first}/", "test": f"{second}/"}
    assert contents.train.names.tolist()[0] == f"{train}/cat/0.png"
    assert contents.test is not None
    assert contents.test.names.tolist()[-1] == f"{test}/dog/1.png"
    assert not contents.reading.left_out


@pytest.mark.parametrize("name", ["val", "valid", "Validation", "dev", "validation_set", "seg_val"])
def test_a_validation_split_is_kept(tmp_path: Path, name: str) -> None:
    images(tmp_path, of("train", "test"))
    contents = read_image_folder(images(tmp_path, of(name), count=3))
    assert sizes(contents) == {"train": 4, "val": 6, "test": 4}
    assert list(contents.reading.splits) == ["train", "validation", "test"]


def test_a_validation_split_without_a_test_split(tmp_path: Path) -> None:
    contents = read_image_folder(images(tmp_path, of("train", "val")))
    assert sizes(contents) == {"train": 4, "val": 4}


@pytest.mark.parametrize(
    "classes",
    [
        ("plane", "ship", "train"),
        ("bus", "Train"),
        ("control", "test"),
        ("control", "treatment"),
        ("eval", "other"),
        ("dev", "ops"),
        ("test_tube", "train_station"),
        ("contest", "latest", "trains"),
        ("steam_train", "express_train"),
        ("set", "data"),
    ],
)
def test_classes_may_have_the_names_of_splits(tmp_path: Path, classes: tuple[str, ...]) -> None:
    contents = read_image_folder(images(tmp_path, classes))
    assert contents.train.class_names == tuple(sorted(classes))
    assert sizes(contents) == {"train": 2 * len(classes)}
    named = {"train", "Train", "test", "eval", "dev"} & set(classes)
    assert [name for name in named if name in " ".join(contents.reading.decisions)] == list(named)


@pytest.mark.parametrize("classes", [("train", "test"), ("Training", "Testing", "other")])
def test_flat_folders_that_may_be_splits_are_asked_about(
    tmp_path: Path, classes: tuple[str, ...], sentence: Sentence
) -> None:
    images(tmp_path, classes)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert "layout" in error.value.hint
    if len(classes) == 2:
        sentence(error.value)
    contents = read_image_folder(tmp_path, layout="classes")
    assert contents.train.class_names == tuple(sorted(classes))
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path, layout="splits")
    assert "class folder" in str(error.value)


def test_a_split_beside_classes_is_asked_about(tmp_path: Path, sentence: Sentence) -> None:
    images(tmp_path, ["plane", "ship", "train/diesel", "train/steam"])
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)
    as_classes = read_image_folder(tmp_path, layout="classes")
    assert as_classes.train.class_names == ("plane", "ship", "train")
    assert len(as_classes.train) == 8
    as_splits = read_image_folder(tmp_path, layout="splits")
    assert as_splits.train.class_names == ("diesel", "steam")
    assert left_out(as_splits) == {
        "images in no split's folder": ("plane/0.png", "plane/1.png", "ship/0.png", "ship/1.png")
    }


def test_folders_beside_two_splits_are_left_out_with_a_word(tmp_path: Path) -> None:
    images(tmp_path, [*of("train", "test"), "extra", "val"], count=1)
    contents = read_image_folder(tmp_path)
    assert sizes(contents) == {"train": 2, "test": 2}
    assert left_out(contents) == {
        "images in no split's folder": ("extra/0.png",),
        "images in a folder without class folders": ("val/0.png",),
    }


def test_a_test_split_without_labels_is_left_out_with_a_word(tmp_path: Path) -> None:
    contents = read_image_folder(images(tmp_path, [*of("train"), "test"], count=1))
    assert sizes(contents) == {"train": 2}
    assert left_out(contents) == {"images in a folder without class folders": ("test/0.png",)}


def test_splits_without_training_images(tmp_path: Path, sentence: Sentence) -> None:
    images(tmp_path, of("test", "val"))
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)


@pytest.mark.parametrize("names", [("train", "training", "test"), ("train", "test", "testing")])
def test_two_folders_of_one_split(tmp_path: Path, names: tuple[str, ...]) -> None:
    images(tmp_path, of(*names))
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert error.value.expected == "one folder per split"


@pytest.mark.parametrize("split", ["train", "test"])
def test_splits_with_different_classes(tmp_path: Path, split: str, sentence: Sentence) -> None:
    images(tmp_path, [*of("train", "test"), f"{split}/cow"])
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert f"cow only in {split}/" in error.value.what
    if split == "test":
        sentence(error.value)


@pytest.mark.parametrize("around", ["photos", "archive/photos", "train", "test"])
def test_a_folder_around_class_folders(tmp_path: Path, around: str) -> None:
    images(tmp_path, of(around))
    image(tmp_path / "sample.png")
    contents = read_image_folder(tmp_path)
    assert contents.train.class_names == CLASSES
    assert contents.train.names.tolist()[0] == f"{around}/cat/0.png"
    assert f"{around}/" in " ".join(contents.reading.decisions)
    assert left_out(contents) == {"images beside the class folders": ("sample.png",)}


def test_a_folder_around_splits(tmp_path: Path) -> None:
    contents = read_image_folder(images(tmp_path, of("data/Training", "data/Testing")))
    assert sizes(contents) == {"train": 4, "test": 4}
    assert contents.reading.splits == {"train": "data/Training/", "test": "data/Testing/"}


@pytest.mark.parametrize("folders", [["cat"], ["photos/cat"], ["train/cat", "test/cat"]])
def test_one_class_is_rejected(tmp_path: Path, folders: list[str]) -> None:
    images(tmp_path, folders)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert error.value.what == "there is only one class, cat"


def test_images_without_class_folders(tmp_path: Path, sentence: Sentence) -> None:
    image(tmp_path / "a.png")
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    sentence(error.value)


def test_the_same_folders_in_every_folder_are_asked_about(
    tmp_path: Path, sentence: Sentence
) -> None:
    images(tmp_path, of("2019", "2020"))
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)
    assert read_image_folder(tmp_path, layout="classes").train.class_names == ("2019", "2020")


def test_one_folder_in_every_class_folder_is_no_doubt(tmp_path: Path) -> None:
    contents = read_image_folder(images(tmp_path, ["cat/images", "dog/images"]))
    assert contents.train.class_names == CLASSES


def test_folders_in_a_class_folder_belong_to_the_class(tmp_path: Path) -> None:
    contents = read_image_folder(images(tmp_path, ["cat/big", "cat/small", "dog"]))
    assert contents.train.class_names == CLASSES
    assert contents.train.class_counts.tolist() == [4, 2]
    assert "cat" in contents.reading.decisions[0]


NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("train", "test"), [(NFC, NFD), (NFD, NFC), (NFD, NFD)])
def test_both_normal_forms_are_one_class(tmp_path: Path, train: str, test: str) -> None:
    folders = [f"train/{train}", f"test/{test}", "train/tea", "test/tea"]
    contents = read_image_folder(images(tmp_path, folders))
    assert contents.train.class_names == (NFC, "tea")
    assert any("NFD" in text for text in contents.reading.decisions) == (train != test)


def test_both_normal_forms_side_by_side_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    images(tmp_path, [NFC, NFD, "tea"])
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert "U+00E9" in error.value.what
    assert "U+0065 U+0301" in error.value.what
    sentence(error.value)


def test_an_empty_folder_beside_others_is_rejected(tmp_path: Path) -> None:
    images(tmp_path, of("train"))
    (tmp_path / "test").mkdir()
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path / "test")


def test_a_folder_of_other_files_is_left_out_with_a_word(tmp_path: Path) -> None:
    images(tmp_path, CLASSES)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    assert left_out(read_image_folder(tmp_path)) == {
        "files that are no images": ("notes/a.txt",),
        "folders without images": ("notes/",),
    }
