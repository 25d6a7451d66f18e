"""Datasets by name: where they are searched for, and how copies that differ are marked."""

import dataclasses
import gzip
import hashlib
import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from seedbed.core.errors import DataError, DownloadError
from seedbed.core.suggestions import unknown
from seedbed.data.catalog import CATALOG, cache_folder, load_dataset, locate
from seedbed.data.images import DatasetSplits
from seedbed.data.published import PUBLISHED
from seedbed.data.remote_file import Digest, RemoteFile
from sentences import Sentence

pytestmark = pytest.mark.usefixtures("elsewhere")

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
LABELS = np.arange(40, dtype=np.uint8) % 10
FILES = {
    "train-images-idx3-ubyte": IMAGES[:30],
    "train-labels-idx1-ubyte": LABELS[:30],
    "t10k-images-idx3-ubyte": IMAGES[30:],
    "t10k-labels-idx1-ubyte": LABELS[30:],
}


def as_idx(values: NDArray[np.uint8]) -> bytes:
    return (
        struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()
    )


def write(folder: Path, *, level: int = 9) -> Path:
    folder.mkdir(parents=True)
    for name, values in FILES.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(as_idx(values), level, mtime=level))
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish the small dataset above as "mnist", on a mirror that cannot be reached."""
    digests = tuple(hashlib.sha256(as_idx(values)).hexdigest() for values in FILES.values())
    files = tuple(
        RemoteFile(f"{name}.gz", ("http://127.0.0.1:9/",), Digest("sha256", digest, True), 1000)
        for name, digest in zip(FILES, digests, strict=True)
    )
    fake = dataclasses.replace(
        PUBLISHED["mnist"], images=(30, 10), contents=digests, alternatives=(files,)
    )
    monkeypatch.setitem(PUBLISHED, "mnist", fake)


def test_the_digits_are_scikit_learns() -> None:
    dataset = load_dataset("digits")
    assert (len(dataset.train), len(dataset.test)) == PUBLISHED["digits"].images
    assert dataset.image_shape == (8, 8, 1)
    assert dataset.modified is None
    assert dataset.train.images.max() == 255
    whole = load_digits()
    images = np.concatenate([dataset.train.images, dataset.test.images])[..., 0] / 255 * 16
    key = [tuple(image.ravel()) for image in np.rint(images)]
    assert sorted(key) == sorted(tuple(image.ravel()) for image in whole.images)
    assert dataset.test.class_counts.min() >= 34
    assert dataset.fingerprint == load_dataset("digits").fingerprint
    assert dataset.fingerprint != load_dataset("digits", split_seed=1).fingerprint


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(DataError) as error:
        load_dataset("mnits")
    assert error.value.what == unknown("dataset", "mnits", CATALOG)
    assert error.value.hint == ""


def test_a_folder_given_as_a_name_gets_a_hint(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        load_dataset(str(tmp_path))
    assert error.value.what == unknown("dataset", str(tmp_path), CATALOG)
    assert error.value.hint
    sentence(error.value)


def test_a_dataset_is_given_by_name_or_path(sentence: Sentence) -> None:
    with pytest.raises(DataError) as neither:
        load_dataset()
    with pytest.raises(DataError) as both:
        load_dataset("mnist", path="photos")
    assert str(neither.value) == str(both.value)
    sentence(both.value)


@pytest.mark.usefixtures("small")
def test_locations_are_searched_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate(PUBLISHED["mnist"]) is None
    cached = write(tmp_path / "cache" / "mnist")
    assert locate(PUBLISHED["mnist"]) == cached
    variable = write(tmp_path / "variable" / "MNIST" / "raw")
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "variable"))
    assert locate(PUBLISHED["mnist"]) == variable
    given = write(tmp_path / "given" / "mnist")
    assert locate(PUBLISHED["mnist"], tmp_path / "given") == given
    (tmp_path / "empty" / "mnist").mkdir(parents=True)
    assert locate(PUBLISHED["mnist"], tmp_path / "empty") == variable


def test_a_missing_data_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        load_dataset("mnist", data_root=tmp_path / "none")
    assert error.value.where == str(tmp_path / "none")
    assert error.value.hint == ""


def test_a_missing_folder_in_the_environment_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "none"))
    with pytest.raises(DataError) as error:
        load_dataset("mnist")
    assert error.value.where == str(tmp_path / "none")
    assert "SEEDBED_DATA" in error.value.hint
    sentence(error.value)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("level", [1, 9])
def test_a_recompressed_copy_is_the_published_one(tmp_path: Path, level: int) -> None:
    write(tmp_path / "mnist", level=level)
    dataset = load_dataset("mnist", data_root=tmp_path)
    assert dataset.modified is None
    assert dataset.title == "mnist"
    assert dataset.source == str(tmp_path / "mnist")
    np.testing.assert_array_equal(dataset.test.images[..., 0], IMAGES[30:])


@pytest.mark.usefixtures("small")
def test_another_format_with_the_same_contents_is_the_published_one(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    np.savez(
        tmp_path / "mnist" / "mnist.npz",
        x_train=IMAGES[:30],
        y_train=LABELS[:30],
        x_test=IMAGES[30:],
        y_test=LABELS[30:],
    )
    assert load_dataset("mnist", data_root=tmp_path).modified is None


@pytest.mark.usefixtures("small")
def test_one_changed_pixel_or_label_marks_the_copy(tmp_path: Path) -> None:
    for name in FILES:
        folder = write(tmp_path / name / "mnist")
        changed = bytearray(as_idx(FILES[name]))
        changed[-1] ^= 1
        (folder / f"{name}.gz").write_bytes(gzip.compress(bytes(changed)))
        dataset = load_dataset("mnist", data_root=tmp_path / name)
        assert dataset.modified == "differs from the published MNIST handwritten digits"
        assert dataset.title.startswith("mnist (modified: ")


def test_a_recompressed_copy_is_not_verified_if_only_files_have_checksums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    folder = write(tmp_path / "kmnist")
    small = dataclasses.replace(PUBLISHED["kmnist"], images=(30, 10))
    monkeypatch.setitem(PUBLISHED, "kmnist", small)
    sentence(load_dataset("kmnist", data_root=tmp_path).modified)
    files = tuple(
        RemoteFile(
            path.name, (), Digest("sha256", hashlib.sha256(path.read_bytes()).hexdigest()), 1
        )
        for path in folder.iterdir()
    )
    fake = dataclasses.replace(small, alternatives=(files,))
    monkeypatch.setitem(PUBLISHED, "kmnist", fake)
    dataset = load_dataset("kmnist", data_root=tmp_path)
    assert dataset.modified is None
    assert dataset.class_names[:2] == ("o", "ki")


@pytest.mark.usefixtures("small")
def test_without_a_network_the_error_names_the_dataset_the_file_and_the_folder(
    tmp_path: Path,
) -> None:
    with pytest.raises(DownloadError) as error:
        load_dataset("mnist")
    assert error.value.where == "mnist"
    assert error.value.what.startswith("train-images-idx3-ubyte.gz ")
    assert str(tmp_path / "cache" / "mnist") in error.value.hint
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("small")
def test_a_dataset_that_may_not_be_downloaded() -> None:
    with pytest.raises(DataError) as error:
        load_dataset("mnist", download=False)
    assert not isinstance(error.value, DownloadError)
    assert error.value.where == "mnist"
    assert error.value.hint.startswith("run: seedbed data ")
    assert error.value.hint.endswith(" mnist")


@pytest.mark.usefixtures("small")
def test_missing_files_in_the_cache_are_downloaded(tmp_path: Path) -> None:
    folder = write(tmp_path / "cache" / "mnist")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DownloadError) as error:
        load_dataset("mnist")
    assert error.value.what.startswith("t10k-labels-idx1-ubyte.gz ")


def test_a_path_is_named_after_its_folder_or_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "photos.v2")
    assert load_dataset(path=folder).name == "photos"
    np.savez(tmp_path / "cells.npz", images=IMAGES, labels=LABELS)
    dataset = load_dataset(path=tmp_path / "cells.npz", test_fraction=0.25, split_seed=4, resize=14)
    assert dataset.name == "cells"
    assert (len(dataset.train), len(dataset.test)) == (30, 10)
    assert dataset.image_shape == (14, 14, 1)


def test_a_dataset_with_a_test_split_is_not_split_again(tmp_path: Path) -> None:
    folder = write(tmp_path / "photos")
    for options in ({"test_fraction": 0.1}, {"split_seed": 1}):
        with pytest.raises(DataError) as error:
            load_dataset(path=folder, **options)
        assert error.value.where == str(folder)
        assert "test_fraction" in error.value.hint
        assert "split_seed" in error.value.hint


def test_an_invalid_size_is_rejected(sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        load_dataset("digits", resize=0)
    assert error.value.expected == "1 or more"
    sentence(error.value)


def test_the_cache_is_where_the_system_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert cache_folder().name == "data"
    assert cache_folder().parent.name == "seedbed"


def test_the_catalog() -> None:
    general = ("digits", "mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100")
    assert CATALOG[:6] == general
    assert {name: len(PUBLISHED[name].classes) for name in CATALOG} == {
        "digits": 10,
        "mnist": 10,
        "fashion-mnist": 10,
        "kmnist": 10,
        "cifar10": 10,
        "cifar100": 100,
        "breastmnist": 2,
        "retinamnist": 5,
        "pneumoniamnist": 2,
        "dermamnist": 7,
        "bloodmnist": 8,
        "organcmnist": 11,
        "organsmnist": 11,
        "organamnist": 11,
        "pathmnist": 9,
        "octmnist": 4,
        "tissuemnist": 8,
    }


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_ones_are_the_published_ones(seedbed_data: Path, name: str) -> None:
    dataset = load_dataset(name, data_root=seedbed_data)
    assert dataset.modified is None
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)
    assert dataset.test.class_counts.sum() == 10_000


def test_the_real_jpeg_copy_of_cifar10_says_that_it_is_one(seedbed_data: Path) -> None:
    pytest.importorskip("pyarrow", reason="pip install 'seedbed[parquet]' to run this test")
    dataset = load_dataset("cifar10", data_root=seedbed_data)
    assert dataset.test.names[7].split(":")[-1] == "7"
    assert dataset.modified == "not the published pixels: JPEG copy"
    assert dataset.title == "cifar10 (modified: not the published pixels: JPEG copy)"
    assert dataset.image_shape == (32, 32, 3)
    assert dataset.class_names == PUBLISHED["cifar10"].classes
    assert dataset.train.class_counts.tolist() == [5000] * 10
    # The published order: the first training images are a frog and two trucks.
    assert dataset.train.labels[:3].tolist() == [6, 9, 9]


def with_validation(folder: Path) -> Path:
    images = np.random.default_rng(1).integers(0, 256, (40, 6, 6), np.uint8)
    arrays = {"train": images[:30], "val": images[30:]}
    values: dict[str, Any] = {}
    for split, pixels in arrays.items():
        values |= {f"x_{split}": pixels, f"y_{split}": np.arange(len(pixels)) % 2}
    np.savez(folder / "a.npz", **values)
    return folder / "a.npz"


def test_a_test_split_is_drawn_beside_a_validation_split(tmp_path: Path) -> None:
    dataset = load_dataset(path=with_validation(tmp_path), test_fraction=0.3, split_seed=4)
    assert {name: len(split) for name, split in dataset.splits.items()} == {
        "train": 22,
        "validation": 10,
        "test": 8,
    }
    assert dataset.splits["validation"].names.tolist() == [f"validation/{n}" for n in range(10)]
    names = [*dataset.train.names, *dataset.test.names]
    assert sorted(names) == sorted(f"train/{n}" for n in range(30))
    assert {"30", "4"} <= set(dataset.reading.splits["test"].split())
    none = load_dataset(path=with_validation(tmp_path), test_fraction=0)
    assert list(none.splits) == ["train", "validation"]
    assert "test" not in none.reading.splits


def test_names_survive_resizing(tmp_path: Path) -> None:
    path = with_validation(tmp_path)
    small, whole = load_dataset(path=path, resize=3), load_dataset(path=path)
    for name, split in small.splits.items():
        assert split.image_shape == (3, 3, 1)
        assert split.names.tolist() == whole.splits[name].names.tolist()


def test_the_fingerprint_is_of_all_splits_but_not_of_names(tmp_path: Path) -> None:
    dataset = load_dataset(path=with_validation(tmp_path))
    splits = dict(dataset.splits)
    renamed = {
        name: dataclasses.replace(split, names=np.char.add("a", split.names))
        for name, split in splits.items()
    }
    assert DatasetSplits("a", renamed).fingerprint == dataset.fingerprint
    del splits["validation"]
    assert DatasetSplits("a", splits).fingerprint != dataset.fingerprint


def test_a_parquet_copy_of_cifar100_has_the_fine_labels(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pip install 'seedbed[parquet]' to run this test")
    parquet = pytest.importorskip("pyarrow.parquet")
    stream = io.BytesIO()
    Image.new("RGB", (32, 32)).save(stream, "PNG")
    columns = {"coarse_label": [0, 1] * 2, "fine_label": [0, 1, 2, 3]}
    table = pa.table({"img": [stream.getvalue()] * 4, **columns})
    (tmp_path / "cifar100").mkdir()
    for split in ("train", "test"):
        parquet.write_table(table, tmp_path / "cifar100" / f"{split}.parquet")
    dataset = load_dataset("cifar100", data_root=tmp_path)
    assert dataset.train.labels.tolist() == [0, 1, 2, 3]
    with pytest.raises(DataError) as error:
        load_dataset(path=tmp_path / "cifar100")
    assert "label_column" in error.value.hint
    coarse = load_dataset(path=tmp_path / "cifar100", label_column="coarse_label")
    assert coarse.train.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "option",
    [
        {"layout": "classes"},
        {"skip_unreadable": True},
        {"background": "white"},
        {"label_column": "label"},
        {"groups": "(.*)_"},
    ],
)
def test_what_is_for_paths_is_refused_beside_a_name(option: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        load_dataset("digits", **option)
    assert [error.value.where] == list(option)
