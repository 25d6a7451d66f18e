"""Parquet files in the layout of Hugging Face datasets."""

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
from sentences import Sentence

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
    encoded = [png(pixels) for pixels in images]
    column = encoded if plain else [{"bytes": data, "path": None} for data in encoded]
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


def test_classes_are_numbered_if_the_schema_has_no_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", schema={})
    assert read_parquet(path).train.class_names == ("0", "1", "2")


def test_the_fine_labels_of_cifar100_are_recognized(tmp_path: Path) -> None:
    schema = metadata(column="fine_label")
    path = write(tmp_path / "a.parquet", label="fine_label", schema=schema)
    assert read_parquet(path).train.class_names == ("cat", "dog", "cow")


def test_a_missing_extra_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as error:
        read_parquet(tmp_path)
    assert error.value.extra == "parquet"
    sentence(error.value)


INVALID: dict[str, dict[str, Any]] = {
    "no images": {"image": "picture"},
    "no labels": {"label": "kind"},
    "text labels": {"labels": ["a"] * 6},
    "missing label": {"labels": [1, None, 0, 1, 2, 2]},
    "label too large": {"labels": [0, 1, 2, 3, 0, 1]},
    "negative label": {"labels": [0, 1, 2, -1, 0, 1]},
    "names are numbers": {"schema": metadata(names=[1, 2])},
    "equal names": {"schema": metadata(names=["a", "a", "b"])},
}


@pytest.mark.parametrize("options", INVALID.values(), ids=INVALID)
def test_invalid_columns_are_rejected(
    tmp_path: Path, options: dict[str, Any], sentence: Sentence
) -> None:
    path = write(tmp_path / "a.parquet", **options)
    with pytest.raises(DataError) as error:
        read_parquet(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_invalid_metadata_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", schema={"huggingface": "{"})
    with pytest.raises(DataError) as error:
        read_parquet(path)
    assert error.value.where == str(path)
    assert isinstance(error.value.__cause__, json.JSONDecodeError)


@pytest.mark.parametrize(
    ("column", "where"),
    [
        ([1, 2], ""),
        ([{"path": "a.png"}] * 2, ""),
        ([None, b"x"], ""),
        ([png(IMAGES[0]), b"x"], ": row 1"),
    ],
    ids=["numbers", "no bytes", "missing image", "not an image"],
)
def test_invalid_images_are_rejected(
    tmp_path: Path, column: Any, where: str, sentence: Sentence
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": column, "label": [0, 1]}), path)
    with pytest.raises(DataError) as error:
        read_parquet(path)
    assert error.value.where == f"{path}{where}"
    sentence(error.value)


def test_a_damaged_file_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as error:
        read_parquet(path)
    assert error.value.where == str(path)
    assert isinstance(error.value.__cause__, pa.ArrowException | ValueError)


def test_a_file_without_rows_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", IMAGES[:0])
    with pytest.raises(DataError) as error:
        read_parquet(path)
    assert error.value.where == str(path)


def test_a_folder_without_a_training_split_is_rejected(tmp_path: Path, sentence: Sentence) -> None:
    write(tmp_path / "test-00000-of-00001.parquet")
    with pytest.raises(DataError) as error:
        read_parquet(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)
