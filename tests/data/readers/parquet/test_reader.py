"""Parquet files in the layout of Hugging Face datasets."""

import io
import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import DataError, MissingExtra
from seedbed.data.readers.parquet import reader
from seedbed.data.readers.parquet.reader import read_parquet
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
    more: dict[str, Any] | None = None,
) -> Path:
    encoded = [png(pixels) for pixels in images]
    column = encoded if plain else [{"bytes": data, "path": None} for data in encoded]
    values = [number % 3 for number in range(len(images))] if labels is None else labels
    table = pa.table({image: column, label: values, **(more or {})})
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
    monkeypatch.setattr(reader, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as error:
        read_parquet(tmp_path)
    assert error.value.extra == "parquet"
    sentence(error.value)


INVALID: dict[str, dict[str, Any]] = {
    "no images": {"image": "picture"},
    "no labels": {"label": "kind"},
    "text labels": {"labels": ["a"] * 6},
    "fractions": {"labels": [0.5] * 6},
    "several labels": {"labels": [[0, 1]] * 6},
    "two columns of images": {"more": {"img": [b""] * 6}},
    "two columns of labels": {"more": {"fine_label": [0] * 6, "coarse_label": [1] * 6}},
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


def test_a_row_is_named_by_file_and_row(tmp_path: Path) -> None:
    write(tmp_path / "data" / "train-00000-of-00002.parquet", IMAGES[:2])
    write(tmp_path / "data" / "train-00001-of-00002.parquet", IMAGES[2:])
    contents = read_parquet(tmp_path)
    start = "data/train-0000"
    names = [f"{start}0-of-00002.parquet:{row}" for row in range(2)]
    names += [f"{start}1-of-00002.parquet:{row}" for row in range(4)]
    assert contents.train.names.tolist() == names
    alone = read_parquet(tmp_path / "data" / "train-00000-of-00002.parquet")
    assert alone.train.names[1] == "train-00000-of-00002.parquet:1"


def test_a_validation_split_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "train.parquet")
    write(tmp_path / "validation.parquet", IMAGES[:5])
    write(tmp_path / "test.parquet", IMAGES[:4])
    write(tmp_path / "notes.parquet", IMAGES[:3])
    contents = read_parquet(tmp_path)
    sizes = {name: len(split) for name, split in contents.splits.items()}
    assert sizes == {"train": 6, "validation": 5, "test": 4}
    (left_out,) = contents.reading.left_out
    assert left_out.names == ("notes.parquet",)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("split", ["train-1", "validation", "test"])
def test_classes_in_another_order_are_matched_by_name(
    tmp_path: Path, order: tuple[int, ...], split: str
) -> None:
    truth = [0, 1, 2, 2, 1, 0]
    names = [NAMES[number] for number in order]
    write(tmp_path / "train-0.parquet", labels=truth)
    write(
        tmp_path / f"{split}.parquet",
        labels=[names.index(NAMES[number]) for number in truth],
        schema=metadata(names),
    )
    contents = read_parquet(tmp_path)
    assert contents.train.class_names == tuple(NAMES)
    read = list(contents.splits.values())[-1]
    assert read.class_names == tuple(NAMES)
    assert read.labels[-6:].tolist() == truth
    assert len(contents.reading.decisions) == (names != NAMES)


def test_labels_without_a_name_stay_without_one(tmp_path: Path) -> None:
    write(tmp_path / "train.parquet")
    write(tmp_path / "test.parquet", labels=[-1] * 6, schema=metadata(NAMES[::-1]))
    with pytest.raises(DataError) as error:
        read_parquet(tmp_path)
    assert "-1" in error.value.what


def test_other_classes_in_a_file_are_refused(tmp_path: Path, sentence: Sentence) -> None:
    write(tmp_path / "train.parquet")
    write(tmp_path / "test.parquet", schema=metadata(["cat", "dog", "owl"]))
    with pytest.raises(DataError) as error:
        read_parquet(tmp_path)
    assert error.value.where == str(tmp_path / "test.parquet")
    assert {"'owl'", "'cow'"} <= set(re.findall("'[a-z]+'", error.value.what))
    sentence(error.value)


def test_a_file_without_class_names_is_numbered_like_the_others(tmp_path: Path) -> None:
    write(tmp_path / "train.parquet")
    write(tmp_path / "test.parquet", labels=[2, 1, 0, 0, 1, 2], schema={})
    contents = read_parquet(tmp_path)
    assert contents.splits["test"].labels.tolist() == [2, 1, 0, 0, 1, 2]
    assert any("test.parquet" in decision for decision in contents.reading.decisions)


def test_text_labels_are_classes(tmp_path: Path) -> None:
    labels = ["owl", "ant", "owl", "ant", "bee", "ant"]
    write(tmp_path / "train.parquet", labels=labels, schema={})
    categories = pa.array(labels[::-1]).dictionary_encode()
    write(tmp_path / "test.parquet", labels=categories, schema={})
    contents = read_parquet(tmp_path)
    assert contents.train.class_names == ("ant", "bee", "owl")
    assert contents.train.labels.tolist() == [2, 0, 2, 0, 1, 0]
    assert contents.splits["test"].labels.tolist() == [0, 1, 0, 2, 0, 2]
    assert contents.reading.decisions


def test_text_in_one_file_and_numbers_in_another_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "train.parquet", labels=["0", "1"] * 3, schema={})
    for name in ("train-2.parquet", "test.parquet"):
        other = write(tmp_path / name, schema={})
        with pytest.raises(DataError) as error:
            read_parquet(tmp_path)
        assert error.value.where == str(tmp_path)
        other.unlink()


@pytest.mark.parametrize("wanted", ["fine_label", "coarse_label"])
def test_the_setting_chooses_the_column_of_labels(tmp_path: Path, wanted: str) -> None:
    columns = {"coarse_label": [0, 0, 0, 1, 1, 1], "fine_label": [0, 1, 2, 3, 4, 5]}
    write(tmp_path / "a.parquet", label="x", labels=[7] * 6, schema={}, more=columns)
    with pytest.raises(DataError) as error:
        read_parquet(tmp_path / "a.parquet")
    assert "label_column" in error.value.hint
    contents = read_parquet(tmp_path / "a.parquet", label=wanted)
    assert contents.train.labels.tolist() == columns[wanted]
    (decision,) = contents.reading.decisions
    assert {"x", "coarse_label", "fine_label"} <= set(re.findall(r"\w+", decision))
    with pytest.raises(DataError) as error:
        read_parquet(tmp_path / "a.parquet", label="kind")
    assert "kind" in error.value.expected


def test_a_column_that_the_schema_declares_has_any_name(tmp_path: Path) -> None:
    schema = metadata(column="animal")
    path = write(tmp_path / "a.parquet", label="animal", schema=schema, more={"weight": [1.5] * 6})
    assert read_parquet(path).train.class_names == tuple(NAMES)


def test_a_list_beside_the_labels_is_no_second_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", more={"labels": [[0, 1]] * 6})
    assert read_parquet(path).train.labels.tolist() == [0, 1, 2] * 2
