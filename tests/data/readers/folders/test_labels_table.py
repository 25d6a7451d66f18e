"""Images with a table of labels: columns are found by their values, or asked about."""

from pathlib import Path

import pytest

from photo_folders import image, images
from seedbed.core.errors import DataError
from seedbed.data.readers.contents import Contents
from seedbed.data.readers.folders.class_folders import read_image_folder
from sentences import Sentence

LABELS = ("cat", "dog", "dog", "cat", "dog", "cat")


def photos(root: Path, folder: str = "images", count: int = 6) -> Path:
    for number in range(count):
        image(root / folder / f"{number}.png", number)
    return root


def table(path: Path, header: str, *rows: str, sep: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header, *rows]
    path.write_text("\n".join(line.replace(",", sep) for line in lines) + "\n", encoding="utf-8")
    return path


def labeled(path: Path, name: str = "{}.png", header: str = "file,kind", sep: str = ",") -> Path:
    rows = (f"{name.format(number)},{label}" for number, label in enumerate(LABELS))
    return table(path, header, *rows, sep=sep)


def check(contents: Contents) -> None:
    assert contents.train.class_names == ("cat", "dog")
    assert contents.train.images[:, 0, 0, 0].tolist() == list(range(6))
    names = [contents.train.class_names[label] for label in contents.train.labels]
    assert names == list(LABELS)


@pytest.mark.parametrize("name", ["labels.csv", "Metadata.CSV"])
@pytest.mark.parametrize("file", ["{}.png", "{}", "images/{}.png", "./images/{}", "images\\{}.png"])
def test_a_table_beside_a_folder_of_images(tmp_path: Path, name: str, file: str) -> None:
    labeled(photos(tmp_path) / name, file)
    contents = read_image_folder(tmp_path)
    check(contents)
    assert contents.reading.format == "images with a table of labels"
    assert contents.reading.classes_from == f"the column kind of {name}"
    assert contents.train.names.tolist()[0] == "images/0.png"
    assert not contents.reading.left_out


@pytest.mark.parametrize("folder", ["", "images", "data/images"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_where_the_images_are(tmp_path: Path, folder: str, sep: str) -> None:
    labeled(photos(tmp_path, folder) / "labels.csv", sep=sep)
    check(read_image_folder(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["", "sep=;\r\n"])
def test_tables_of_spreadsheets(tmp_path: Path, encoding: str, first: str) -> None:
    text = labeled(photos(tmp_path) / "labels.csv", sep=";").read_text()
    text = first + text.replace("\n", "\r\n") + ";\r\n"
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    check(read_image_folder(tmp_path))


def test_a_split_column(tmp_path: Path) -> None:
    splits = ("Train", "train", "train", "train", "dev", "test")
    rows = (f"{n},{a},{b}" for n, (a, b) in enumerate(zip(LABELS, splits, strict=True)))
    table(photos(tmp_path) / "labels.csv", "id,label,set", *rows)
    contents = read_image_folder(tmp_path)
    assert contents.validation is not None
    assert contents.test is not None
    assert contents.train.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    assert contents.validation.labels.tolist() == [1]
    assert contents.test.names.tolist() == ["images/5.png"]
    assert set(contents.reading.splits.values()) == {"the column set"}


def test_a_table_for_each_split(tmp_path: Path) -> None:
    for split in ("train", "test"):
        photos(tmp_path, split)
        labeled(tmp_path / split / "metadata.csv", header="file_name,label")
    contents = read_image_folder(tmp_path)
    check(contents)
    assert contents.test is not None
    assert contents.test.labels.tolist() == contents.train.labels.tolist()
    assert contents.reading.splits == {"train": "train/", "test": "test/"}


def test_folders_of_splits_with_one_table(tmp_path: Path) -> None:
    photos(tmp_path, "train", 4)
    image(tmp_path / "test" / "4.png", 4)
    image(tmp_path / "test" / "5.png", 5)
    labeled(tmp_path / "labels.csv")
    contents = read_image_folder(tmp_path)
    assert len(contents.train) == 4
    assert contents.test is not None
    assert contents.test.labels.tolist() == [1, 0]


def test_what_does_not_match_is_left_out_with_a_word(tmp_path: Path) -> None:
    labeled(photos(tmp_path, count=5) / "labels.csv")
    image(tmp_path / "images" / "new.png")
    with (tmp_path / "labels.csv").open("a") as file:
        file.write("7.png,cat\n")
    contents = read_image_folder(tmp_path)
    assert len(contents.train) == 5
    assert {part.reason: part.names for part in contents.reading.left_out} == {
        "rows of labels.csv without an image": ("5.png", "7.png"),
        "images without a label": ("images/new.png",),
    }


def test_names_are_preferred_to_numbers_of_the_same_classes(tmp_path: Path) -> None:
    rows = (f"{n}.png,{int(name == 'dog')},{name}" for n, name in enumerate(LABELS))
    table(photos(tmp_path) / "labels.csv", "file_name,label,class_name", *rows)
    contents = read_image_folder(tmp_path)
    check(contents)
    assert "class_name" in contents.reading.decisions[0]


def test_other_columns_are_not_labels(tmp_path: Path) -> None:
    rows = (f"{n}.png,{name},{n % 2},{n / 7:.3f}" for n, name in enumerate(LABELS))
    table(photos(tmp_path) / "labels.csv", "file_name,label,sex,age", *rows)
    contents = read_image_folder(tmp_path)
    check(contents)
    assert contents.reading.decisions == ("columns that are not used: sex",)


def test_numbers_are_classes_in_the_order_of_their_values(tmp_path: Path) -> None:
    rows = (f"{n}.png,{label}" for n, label in enumerate(("10", "2", "0", "10", "2", "0")))
    table(photos(tmp_path) / "labels.csv", "file,label", *rows)
    assert read_image_folder(tmp_path).train.class_names == ("0", "2", "10")


DOUBTFUL = {
    "two columns of labels": "file,kind,sex 0.png,cat,f 1.png,dog,f 2.png,cat,m 3.png,dog,m",
    "label and class": "file,label,class 0.png,cat,f 1.png,dog,f 2.png,cat,m 3.png,dog,m",
    "no labels": "file,age 0.png,11 1.png,12 2.png,13",
    "no files": "file,label x.png,cat y.png,dog",
    "no header": "0.png,cat 1.png,dog 2.png,cat",
    "two labels of an image": "file,label 0.png,cat 0.png,dog 1.png,cat 2.png,dog",
    "columns of different images": "a,b,label 0.png,1.png,cat 1.png,2.png,dog 2.png,3.png,cat",
    "one class": "file,label 0.png,cat 1.png,cat",
    "a short row": "file,label 0.png,cat 1.png",
    "no rows": "file,label",
    "a column twice": "file,label,label 0.png,cat,dog",
}


@pytest.mark.parametrize("lines", DOUBTFUL.values(), ids=DOUBTFUL)
def test_doubtful_tables_are_rejected(tmp_path: Path, lines: str, sentence: Sentence) -> None:
    path = table(photos(tmp_path) / "labels.csv", *lines.split())
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_a_table_of_folders_that_agree_changes_nothing(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    rows = (f"{name}/{n}.png,{name}" for name in ("cat", "dog") for n in (0, 1))
    table(tmp_path / "labels.csv", "path,label", *rows)
    contents = read_image_folder(tmp_path)
    assert contents.reading.format == "class folders"
    assert [part.reason for part in contents.reading.left_out] == ["tables of labels"]


def test_a_table_and_folders_that_disagree_are_asked_about(
    tmp_path: Path, sentence: Sentence
) -> None:
    images(tmp_path, ["one", "two"])
    rows = (f"{name}/{n}.png,{n}" for name in ("one", "two") for n in (0, 1))
    table(tmp_path / "labels.csv", "path,label", *rows)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)
    assert read_image_folder(tmp_path, layout="table").train.class_names == ("0", "1")
    assert read_image_folder(tmp_path, layout="classes").train.class_names == ("one", "two")


def test_a_table_of_something_else_beside_class_folders(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    table(tmp_path / "metadata.csv", "class,latin", "cat,felis", "dog,canis")
    contents = read_image_folder(tmp_path)
    assert contents.train.class_names == ("cat", "dog")
    assert [part.names for part in contents.reading.left_out] == [("metadata.csv",)]


def test_a_table_that_is_missing(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path, layout="table")
    assert error.value.where == str(tmp_path)
    assert error.value.expected == "labels.csv or metadata.csv"


@pytest.mark.parametrize("name", ["annotations.csv", "images/train.csv", "Labels.xlsx"])
def test_a_table_under_another_name_is_mentioned(tmp_path: Path, name: str) -> None:
    photos(tmp_path)
    labeled(tmp_path / name)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.what == "there is only one class, images"
    assert name in error.value.hint


def test_tables_that_contradict_each_other(tmp_path: Path) -> None:
    labeled(photos(tmp_path) / "labels.csv")
    rows = (f"{n}.png,{label}" for n, label in enumerate(reversed(LABELS)))
    path = table(tmp_path / "images" / "labels.csv", "file,label", *rows)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(path)


def test_a_table_without_labels_beside_class_folders(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    rows = (f"{name}/{n}.png,{name}-{n}" for name in ("cat", "dog") for n in (0, 1))
    table(tmp_path / "metadata.csv", "path,patient", *rows)
    contents = read_image_folder(tmp_path)
    assert contents.train.class_names == ("cat", "dog")
    assert [part.names for part in contents.reading.left_out] == [("metadata.csv",)]


def test_one_folder_called_train_does_not_make_splits(tmp_path: Path) -> None:
    photos(tmp_path, "train", 4)
    image(tmp_path / "extra" / "4.png", 4)
    image(tmp_path / "extra" / "5.png", 5)
    labeled(tmp_path / "labels.csv")
    assert len(read_image_folder(tmp_path, layout="table").train) == 6


def test_the_label_column_may_be_given(tmp_path: Path) -> None:
    rows = (f"{n}.png,{name},{n % 2}" for n, name in enumerate(LABELS))
    path = table(photos(tmp_path) / "labels.csv", "file,kind,sex", *rows)
    check(read_image_folder(tmp_path, label_column="kind"))
    assert read_image_folder(tmp_path, label_column="sex").train.class_names == ("0", "1")
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path, label_column="kinds")
    assert error.value.where == str(path)


def test_a_label_column_without_a_table(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path, label_column="kind")
    assert error.value.where == str(tmp_path)
