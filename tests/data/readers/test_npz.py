"""NPZ files: the known layouts, and arrays that cannot be used."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.npz import read_npz

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 4, 5), np.uint8)
LABELS = np.arange(10) % 5


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
    ],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_layouts_with_splits(tmp_path: Path, names: tuple[str, ...], save: Any) -> None:
    values = (IMAGES, LABELS[:, None], IMAGES[:5], LABELS[:5])
    save(tmp_path / "a.npz", **dict(zip(names, values, strict=True)))
    contents = read_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(contents.train.images[..., 0], IMAGES)
    np.testing.assert_array_equal(contents.train.labels, LABELS)
    assert contents.test is not None
    assert len(contents.test) == 5


def test_one_tree_with_class_names(tmp_path: Path) -> None:
    images = np.repeat(IMAGES[..., None], 3, axis=3).astype(np.int64)
    names = np.array(["cat", "dog", "猫", "cow", "ape", "never"])
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS.astype(np.uint8), class_names=names)
    contents = read_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(contents.train.images, images)
    assert contents.test is None
    assert contents.train.class_names == tuple(names)


def test_column_order_is_understood(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.asfortranarray(IMAGES), labels=LABELS)
    np.testing.assert_array_equal(read_npz(tmp_path / "a.npz").train.images[..., 0], IMAGES)


WITH_NAN = IMAGES.astype(np.float32)
WITH_NAN[7, 1, 1] = np.nan


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": WITH_NAN}, "image 7 of images holds NaN; expected pixels from 0 to 255"),
        ({"images": IMAGES / 255}, r"holds float64 pixels; expected whole numbers.*255 \* images"),
        (
            {"images": IMAGES.astype(object)},
            "images is an array of Python objects, which are never",
        ),
        ({"labels": LABELS.astype(object)}, "labels is an array of Python objects"),
        ({"images": IMAGES.astype(np.int16) - 300}, "holds values from -300 to"),
        ({"images": IMAGES.astype(str)}, "images holds <U3; expected uint8"),
        ({"images": np.zeros((10, 3, 8, 8), np.uint8)}, "channels first; expected N×H×W×C"),
        ({"images": np.zeros((10, 8), np.uint8)}, r"the shape \(10, 8\)"),
        ({"labels": LABELS[:9]}, "images has 10 images, labels 9 labels"),
        (
            {"labels": LABELS.astype(float)},
            "labels is float64 .* expected one whole number an image",
        ),
        ({"labels": LABELS - 1}, "a label is -1; expected labels of 0 and above"),
        ({"labels": LABELS * 10**9}, "no training image has the label 1;"),
        ({"class_names": np.array(["a", "b"])}, "outside the 2 classes"),
        ({"class_names": np.array([1, 2])}, "class_names is no one-dimensional array of text"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **{"images": IMAGES, "labels": LABELS, **arrays})
    with pytest.raises(DataError, match=message) as caught:
        read_npz(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_missing_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", pictures=IMAGES)
    with pytest.raises(DataError, match="holds the arrays pictures; expected x_train, y_train"):
        read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("shape", [(10**6, 10**6), (10**30,), (-1, 5)])
def test_nothing_is_allocated_for_a_header_that_lies(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "a.npz"
    header = repr({"descr": "|u1", "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    lie = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(100)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", lie)
        archive.writestr("labels.npy", lie)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"images promises the shape .* which the file cannot hold"):
        read_npz(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_only_what_numpy_writes_is_unpacked(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    path = tmp_path / "b.npz"
    with (
        zipfile.ZipFile(tmp_path / "a.npz") as stored,
        zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as packed,
    ):
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    with pytest.raises(DataError, match=r"images is compressed .* numpy\.savez"):
        read_npz(path)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, images=np.zeros((100, 30, 30), np.uint8), labels=np.zeros(100, int))
    whole = stream.getvalue()
    path = tmp_path / "a.npz"
    flipped = bytearray(whole)
    flipped[80:90] = b"\xff" * 10
    for damaged in (whole[:-30], whole[: len(whole) // 2], bytes(flipped), b"PK\x03\x04nothing"):
        path.write_bytes(damaged)
        with pytest.raises(DataError) as caught:
            read_npz(path)
        assert str(caught.value).startswith(f"{path}: ")
