"""NPZ files: the known layouts, and invalid arrays."""

import io
import itertools
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


def test_three_splits_under_any_usual_names(tmp_path: Path) -> None:
    words = itertools.product(
        ("train", "Train", "training"),
        ("val", "valid", "validation", "dev"),
        ("test", "Test", "testing"),
    )
    roles = [("x", "y"), ("X", "y"), ("images", "labels"), ("data", "targets")]
    values = ((IMAGES, LABELS), (IMAGES[:6] // 2, LABELS[:6]), (IMAGES[5:] // 3, LABELS[5:]))
    for of_splits, of_roles, split_first in itertools.product(words, roles, (True, False)):
        arrays: dict[str, Any] = {
            f"{split}_{role}" if split_first else f"{role}_{split}": value
            for split, pair in zip(of_splits, values, strict=True)
            for role, value in zip(of_roles, pair, strict=True)
        }
        np.savez(tmp_path / "a.npz", **arrays)
        contents = read_npz(tmp_path / "a.npz")
        assert list(contents.splits) == ["train", "validation", "test"], arrays.keys()
        for (name, split), (images, labels) in zip(contents.splits.items(), values, strict=True):
            np.testing.assert_array_equal(split.images[..., 0], images)
            np.testing.assert_array_equal(split.labels, labels)
            assert split.names.tolist() == [f"{name}/{index}" for index in range(len(images))]
        assert list(contents.reading.splits) == ["train", "validation", "test"]
        assert not contents.reading.left_out
        assert not contents.reading.decisions


def test_one_split_is_named_by_the_index(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    assert read_npz(tmp_path / "a.npz").train.names.tolist() == [str(n) for n in range(10)]


AS_STORED = {
    "N by 1": LABELS[:, None],
    "one-hot": np.eye(5, dtype=np.uint8)[LABELS],
    "one-hot floats": np.eye(5)[LABELS],
    "whole floats": LABELS.astype(np.float32),
    "text": np.array(["10", "2", "a", "b", "c"])[LABELS],
    "bytes": np.array([b"10", b"2", b"a", b"b", b"c"])[LABELS],
}


@pytest.mark.parametrize("stored", AS_STORED.values(), ids=AS_STORED)
def test_labels_in_another_form_are_understood(tmp_path: Path, stored: Any) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=stored)
    contents = read_npz(tmp_path / "a.npz")
    if stored.dtype.kind in "US":
        assert contents.train.class_names == ("2", "10", "a", "b", "c")
        order = np.array([1, 0, 2, 3, 4])
        np.testing.assert_array_equal(contents.train.labels, order[LABELS])
    else:
        np.testing.assert_array_equal(contents.train.labels, LABELS)
    assert len(contents.reading.decisions) == 1


def test_text_labels_follow_the_class_names(tmp_path: Path) -> None:
    names = np.array(["dog", "cat", "cow", "ape", "bee"])
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=names[LABELS], class_names=names)
    contents = read_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(contents.train.labels, LABELS)
    assert contents.train.class_names == tuple(names)
    assert not contents.reading.decisions


@pytest.mark.parametrize("missing", ["x_val", "y_val", "x_test", "y_train"])
def test_half_a_split_is_refused(tmp_path: Path, missing: str) -> None:
    arrays: dict[str, Any] = {
        f"{role}_{split}": value
        for split in ("train", "val", "test")
        for role, value in (("x", IMAGES), ("y", LABELS))
    }
    del arrays[missing]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError) as error:
        read_npz(tmp_path / "a.npz")
    partner = {"x": "y", "y": "x"}[missing[0]] + missing[1:]
    assert error.value.what.split()[0] == partner


def test_a_class_without_training_images_is_refused(tmp_path: Path) -> None:
    labels = np.array(["cat", "dog"])
    pair: dict[str, Any] = {"x_train": IMAGES, "y_train": labels[LABELS % 2], "x_test": IMAGES[:1]}
    np.savez(tmp_path / "a.npz", **pair, y_test=np.array(["owl"]))
    with pytest.raises(DataError) as error:
        read_npz(tmp_path / "a.npz")
    assert "'owl'" in error.value.what
    assert "test" in error.value.what


def test_arrays_of_another_name_are_left_out_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS, patient=LABELS, y_noisy=LABELS)
    (left_out,) = read_npz(tmp_path / "a.npz").reading.left_out
    assert left_out.names == ("patient", "y_noisy")


def test_the_real_sets_of_medmnist_keep_their_validation_split(seedbed_data: Path) -> None:
    for name, sizes in (("breastmnist", [546, 78, 156]), ("pneumoniamnist", [4708, 524, 624])):
        contents = read_npz(seedbed_data / "medmnist" / f"{name}.npz")
        assert [len(split) for split in contents.splits.values()] == sizes
        assert contents.train.class_names == ("0", "1")


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
    "float labels": {"labels": LABELS + 0.5},
    "label NaN": {"labels": np.where(LABELS == 2, np.nan, LABELS)},
    "label 1e300": {"labels": np.where(LABELS == 2, 1e300, LABELS)},
    "several labels": {"labels": np.eye(5, dtype=np.uint8)[LABELS] | np.eye(5, dtype=np.uint8)[0]},
    "two columns": {"labels": np.stack([LABELS, LABELS], axis=1)},
    "empty label": {"labels": np.where(LABELS == 2, "", "cat")},
    "label not UTF-8": {"labels": np.full(10, b"caf\xe9")},
    "no class of this name": {
        "labels": np.array(["cat", "dog"] * 5),
        "class_names": np.array(["cat", "cow"]),
    },
    "two arrays of labels": {"targets": LABELS},
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
