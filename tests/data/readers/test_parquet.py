"""Parquet files as Hugging Face lays them out."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import DataError, MissingExtra
from seedbed.data.readers import parquet
from seedbed.data.readers.parquet import read_parquet

pa = pytest.importorskip("pyarrow", reason="pip install 'seedbed[parquet]' to run these tests")
pq = pytest.importorskip("pyarrow.parquet")

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), np.uint8)
NAMES = ["cat", "dog", "cow"]


def png(image: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def metadata(names: object = NAMES, column: str = "label") -> dict[str, str]:
    features = {column: {"names": names, "_type": "ClassLabel"}}
    return {"huggingface": json.dumps({"info": {"features": features}})}


def write(
    path: Path,
    images: Any = IMAGES,
    *,
    image: str = "image",
    label: str = "label",
    labels: Any = None,
    schema: dict[str, str] | None = None,
    plain: bool = False,
) -> Path:
    encoded = [png(each) for each in images]
    column = encoded if plain else [{"bytes": each, "path": None} for each in encoded]
    values = [number % 3 for number in range(len(images))] if labels is None else labels
    table = pa.table({image: column, label: values})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(metadata() if schema is None else schema), path)
    return path


@pytest.mark.parametrize("image", ["image", "img"])
@pytest.mark.parametrize("plain", [True, False])
def test_a_folder_with_splits(tmp_path: Path, image: str, plain: bool) -> None:
    write(tmp_path / "data" / "train-00000-of-00002.parquet", image=image, plain=plain)
    write(tmp_path / "data" / "train-00001-of-00002.parquet", 255 - IMAGES, image=image)
    write(tmp_path / "data" / "test-00000-of-00001.parquet", IMAGES[:3], image=image)
    contents = read_parquet(tmp_path)
    np.testing.assert_array_equal(contents.train.images, np.concatenate([IMAGES, 255 - IMAGES]))
    assert contents.train.labels.tolist() == [0, 1, 2] * 4
    assert contents.train.class_names == ("cat", "dog", "cow")
    assert contents.formats == {"PNG"}
    assert contents.test is not None
    np.testing.assert_array_equal(contents.test.images, IMAGES[:3])


def test_splits_may_be_folders(tmp_path: Path) -> None:
    write(tmp_path / "train" / "0000.parquet")
    write(tmp_path / "test" / "0000.parquet", IMAGES[:3])
    contents = read_parquet(tmp_path)
    assert contents.test is not None
    assert (len(contents.train), len(contents.test)) == (6, 3)


def test_a_single_file_has_no_test_split(tmp_path: Path) -> None:
    contents = read_parquet(write(tmp_path / "photos.parquet"))
    assert contents.test is None
    assert len(contents.train) == 6


def test_labels_are_numbered_where_the_schema_has_no_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", schema={})
    assert read_parquet(path).train.class_names == ("0", "1", "2")


def test_cifar100s_fine_labels_are_known(tmp_path: Path) -> None:
    schema = metadata(column="fine_label")
    path = write(tmp_path / "a.parquet", label="fine_label", schema=schema)
    assert read_parquet(path).train.class_names == ("cat", "dog", "cow")


def test_a_missing_extra_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"Parquet files of .*pip install 'seedbed\[parquet\]'"):
        read_parquet(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": "picture"}, "has the columns picture, label; expected one of image, img for"),
        ({"label": "kind"}, "expected one of label, labels, fine_label for the labels"),
        ({"labels": ["a"] * 6}, "the column label is string"),
        ({"labels": [1, None, 0, 1, 2, 2]}, "1 rows without; expected a whole number in every row"),
        ({"labels": [0, 1, 2, 3, 0, 1]}, "the label of image 3 is 3.*outside the 3 classes"),
        ({"labels": [0, 1, 2, -1, 0, 1]}, "the label of image 3 is -1"),
        ({"schema": {"huggingface": "{"}}, "huggingface metadata is no JSON"),
        ({"schema": metadata(names=[1, 2])}, "names of label are no list of text"),
        ({"schema": metadata(names=["a", "a", "b"])}, "two classes have the name 'a'"),
    ],
)
def test_columns_that_cannot_be_used_are_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "a.parquet", **options)
    with pytest.raises(DataError, match=message) as caught:
        read_parquet(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([1, 2], "the column image is int64; expected encoded images as bytes"),
        ([{"path": "a.png"}] * 2, "the column image has no field 'bytes'"),
        ([None, b"x"], "1 rows of the column image have no bytes"),
        ([png(IMAGES[0]), b"x"], "a.parquet: row 1: is no image"),
    ],
)
def test_images_that_are_none_are_refused(tmp_path: Path, column: Any, message: str) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": column, "label": [0, 1]}), path)
    with pytest.raises(DataError, match=message):
        read_parquet(path)


def test_damaged_and_empty_files_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="the Parquet file is damaged"):
        read_parquet(path)
    write(path, IMAGES[:0])
    with pytest.raises(DataError, match=r"encoded images as bytes|a split has no rows"):
        read_parquet(path)


def test_a_folder_without_a_training_split_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "test-00000-of-00001.parquet")
    with pytest.raises(DataError, match="no Parquet file is named after the training split"):
        read_parquet(tmp_path)
