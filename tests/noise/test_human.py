"""Labels that people gave."""

import hashlib
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.noise.human import fitting_labels, label_hash, read_labels

CLEAN = np.arange(12) % 3
GIVEN = (CLEAN + (np.arange(12) > 8)) % 3


def write(folder: Path, **arrays: Any) -> Path:
    path = folder / "labels.npz"
    np.savez(path, **{"clean_label": CLEAN, "given": GIVEN, **arrays})
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, ">i4"])
def test_labels_of_these_images(tmp_path: Path, dtype: Any) -> None:
    path = write(tmp_path, clean_label=CLEAN.astype(dtype), given=GIVEN.astype(dtype))
    labels = fitting_labels(path, "given", CLEAN, 3)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, GIVEN)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"clean_label": CLEAN[::-1]},
            "differs from the dataset's labels for 8 of 12 images, first for image 0: 2 there, 0 "
            "here; each class is there as often, so only the order is another",
        ),
        ({"clean_label": np.zeros(12, int)}, "for 8 of 12 images, first for image 1: 0 there, 1 h"),
        (
            {"clean_label": CLEAN[:9], "given": GIVEN[:9]},
            "holds 9 labels, but there are 12 training images",
        ),
        ({"given": GIVEN[:9]}, "given holds 9 labels, clean_label 12; expected one of each"),
        ({"given": GIVEN + 1}, "given of image 2 is 3; expected 0 to 2"),
        ({"given": GIVEN - 1}, "given of image 0 is -1; expected 0 to 2"),
        ({"given": GIVEN / 2}, "given is float64 of the shape .* one whole number an image"),
        ({"given": np.eye(12, dtype=int)}, r"given is int64 of the shape \(12, 12\)"),
        ({"given": GIVEN.astype(object)}, "given is an array of Python objects, which are never"),
    ],
)
def test_labels_of_other_images_are_refused(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    path = write(tmp_path, **arrays)
    with pytest.raises(DataError, match=message) as caught:
        fitting_labels(path, "given", CLEAN, 3)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_different_composition_is_not_called_another_order(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        fitting_labels(write(tmp_path, clean_label=np.zeros(12, int)), "given", CLEAN, 3)
    assert "order is another" not in str(caught.value)


def test_a_key_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"unknown array 'givne' \(did you mean 'given'\?\); exp"):
        read_labels(write(tmp_path), "givne")
    np.savez(tmp_path / "bare.npz", given=GIVEN)
    with pytest.raises(DataError, match="unknown array 'clean_label'"):
        read_labels(tmp_path / "bare.npz", "given")


def test_files_that_are_no_npz(tmp_path: Path) -> None:
    path = tmp_path / "labels.npz"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_labels(path, "given")
    np.save(tmp_path / "one.npy", CLEAN)
    for content in (b"", b"label\n1\n", b"PK\x03\x04nothing", (tmp_path / "one.npy").read_bytes()):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is no NPZ file"):
            read_labels(path, "given")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_files(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "labels.npz"
    save(path, clean_label=np.zeros(1000, int), given=np.arange(1000) % 7)
    whole = path.read_bytes()
    messages = []
    for start in range(0, len(whole) - 20, max(1, len(whole) // 150)):
        path.write_bytes(whole[:start] + b"\xff" * 20 + whole[start + 20 :])
        try:
            found = read_labels(path, "given")
        except DataError as error:
            messages.append(str(error))
        else:  # what is damaged is read by nobody
            assert not found.clean.any()
            np.testing.assert_array_equal(found.noisy, np.arange(1000) % 7)
    assert len(messages) > 100
    assert not any("\n" in message for message in messages)


@pytest.mark.parametrize("shape", [(10**14,), (10**30,), (-1,)])
def test_a_header_that_lies(tmp_path: Path, shape: tuple[int, ...]) -> None:
    header = repr({"descr": "|u1", "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    lie = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(100)
    path = tmp_path / "labels.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clean_label.npy", lie)
    with pytest.raises(DataError, match="clean_label promises the shape"):
        read_labels(path, "clean_label")


def test_the_hash_is_that_of_the_numbers_whatever_their_layout() -> None:
    plain = hashlib.sha256(b"".join(int(label).to_bytes(8, "little") for label in GIVEN))
    assert label_hash(GIVEN) == plain.hexdigest()
    assert label_hash(np.repeat(GIVEN, 2)[::2]) == plain.hexdigest()


@pytest.mark.parametrize(
    ("key", "rate"),  # as published
    [
        ("aggre_label", 0.0903),
        ("random_label1", 0.1723),
        ("random_label2", 0.1812),
        ("random_label3", 0.1764),
        ("worse_label", 0.4021),
    ],
)
def test_cifar_10n_belongs_to_cifar_10(seedbed_data: Path, key: str, rate: float) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = seedbed_data / "cifar10-jpeg"
    (file,) = folder.rglob("train*.parquet")
    clean = parquet.read_table(file, columns=["label"])["label"].to_numpy().astype(np.int64)
    noisy = fitting_labels(folder / "cifar10n-human-labels.npz", key, clean, 10)
    assert np.mean(noisy != clean) == pytest.approx(rate, abs=0.0005)
    with pytest.raises(DataError, match=r"clean_label differs .* only the order is another"):
        fitting_labels(folder / "cifar10n-human-labels.npz", key, clean[::-1], 10)
