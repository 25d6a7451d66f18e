"""NPZ files: the known layouts, and invalid arrays."""

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
from sentences import Sentence

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


def test_images_without_splits_with_class_names(tmp_path: Path) -> None:
    images = np.repeat(IMAGES[..., None], 3, axis=3).astype(np.int64)
    names = np.array(["cat", "dog", "猫", "cow", "ape", "never"])
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS.astype(np.uint8), class_names=names)
    contents = read_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(contents.train.images, images)
    assert contents.test is None
    assert contents.train.class_names == tuple(names)


def test_fortran_order_is_supported(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.asfortranarray(IMAGES), labels=LABELS)
    np.testing.assert_array_equal(read_npz(tmp_path / "a.npz").train.images[..., 0], IMAGES)


WITH_NAN = IMAGES.astype(np.float32)
WITH_NAN[7, 1, 1] = np.nan


INVALID: dict[str, dict[str, Any]] = {
    "NaN": {"images": WITH_NAN},
    "floats": {"images": IMAGES / 255},
    "image objects": {"images": IMAGES.astype(object)},
    "label objects": {"labels": LABELS.astype(object)},
    "out of range": {"images": IMAGES.astype(np.int16) - 300},
    "text": {"images": IMAGES.astype(str)},
    "channels first": {"images": np.zeros((10, 3, 8, 8), np.uint8)},
    "two dimensions": {"images": np.zeros((10, 8), np.uint8)},
    "too few labels": {"labels": LABELS[:9]},
    "float labels": {"labels": LABELS.astype(float)},
    "negative label": {"labels": LABELS - 1},
    "gaps": {"labels": LABELS * 10**9},
    "too few names": {"class_names": np.array(["a", "b"])},
    "names are numbers": {"class_names": np.array([1, 2])},
}


@pytest.mark.parametrize("arrays", INVALID.values(), ids=INVALID)
def test_invalid_arrays_are_rejected(
    tmp_path: Path, arrays: dict[str, Any], sentence: Sentence
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **{"images": IMAGES, "labels": LABELS, **arrays})
    with pytest.raises(DataError) as error:
        read_npz(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_missing_arrays_are_an_error(tmp_path: Path, sentence: Sentence) -> None:
    np.savez(tmp_path / "a.npz", pictures=IMAGES)
    with pytest.raises(DataError) as error:
        read_npz(tmp_path / "a.npz")
    assert error.value.where == str(tmp_path / "a.npz")
    sentence(error.value)


@pytest.mark.parametrize("shape", [(10**6, 10**6), (10**30,), (-1, 5)])
def test_nothing_is_allocated_for_a_false_header(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "a.npz"
    header = repr({"descr": "|u1", "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    lie = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(100)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", lie)
        archive.writestr("labels.npy", lie)
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read_npz(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert error.value.where == str(path)
    assert error.value.what.startswith(f"images claims the shape {shape}")


def test_compressions_that_numpy_does_not_use_are_rejected(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    path = tmp_path / "b.npz"
    with (
        zipfile.ZipFile(tmp_path / "a.npz") as stored,
        zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as packed,
    ):
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    with pytest.raises(DataError) as error:
        read_npz(path)
    assert error.value.where == str(path)
    assert error.value.what.startswith("images ")
    assert "numpy.savez" in error.value.hint


def test_damaged_files_are_rejected(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, images=np.zeros((100, 30, 30), np.uint8), labels=np.zeros(100, int))
    whole = stream.getvalue()
    path = tmp_path / "a.npz"
    flipped = bytearray(whole)
    flipped[80:90] = b"\xff" * 10
    for damaged in (whole[:-30], whole[: len(whole) // 2], bytes(flipped), b"PK\x03\x04nothing"):
        path.write_bytes(damaged)
        with pytest.raises(DataError) as error:
            read_npz(path)
        assert error.value.where == str(path)
