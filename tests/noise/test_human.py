"""Human labels, and whether they fit the images of a dataset."""

import hashlib
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown
from seedbed.data.readers.arrays import DAMAGED
from seedbed.noise.human import label_hash, labels_for, read_labels
from sentences import Sentence

CLEAN = np.arange(12) % 3
GIVEN = (CLEAN + (np.arange(12) > 8)) % 3


def write(folder: Path, **arrays: Any) -> Path:
    path = folder / "labels.npz"
    np.savez(path, **{"clean_label": CLEAN, "given": GIVEN, **arrays})
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, ">i4"])
def test_labels_for_these_images_are_read(tmp_path: Path, dtype: Any) -> None:
    path = write(tmp_path, clean_label=CLEAN.astype(dtype), given=GIVEN.astype(dtype))
    labels = labels_for(path, "given", CLEAN, 3)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, GIVEN)


WRONG: dict[str, dict[str, Any]] = {
    "another order": {"clean_label": CLEAN[::-1]},
    "other classes": {"clean_label": np.zeros(12, int)},
    "fewer images": {"clean_label": CLEAN[:9], "given": GIVEN[:9]},
    "fewer noisy labels": {"given": GIVEN[:9]},
    "too large": {"given": GIVEN + 1},
    "negative": {"given": GIVEN - 1},
    "floats": {"given": GIVEN / 2},
    "two dimensions": {"given": np.eye(12, dtype=int)},
    "objects": {"given": GIVEN.astype(object)},
}


@pytest.mark.parametrize("arrays", WRONG.values(), ids=WRONG)
def test_labels_for_other_images_are_rejected(
    tmp_path: Path, arrays: dict[str, Any], sentence: Sentence
) -> None:
    path = write(tmp_path, **arrays)
    with pytest.raises(DataError) as error:
        labels_for(path, "given", CLEAN, 3)
    assert error.value.where == str(path)
    sentence(error.value)


def test_an_unknown_key_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(DataError) as error:
        read_labels(path, "givne")
    assert error.value.where == str(path)
    assert error.value.what == unknown("array", "givne", ["clean_label", "given"])


def test_a_file_without_clean_labels_is_rejected(tmp_path: Path) -> None:
    np.savez(tmp_path / "bare.npz", given=GIVEN)
    with pytest.raises(DataError) as error:
        read_labels(tmp_path / "bare.npz", "given")
    assert error.value.where == str(tmp_path / "bare.npz")
    assert error.value.what == unknown("array", "clean_label", ["given"])


def test_other_files_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "labels.npz"
    with pytest.raises(DataError) as error:
        read_labels(path, "given")
    assert error.value.where == str(path)
    assert isinstance(error.value.__cause__, FileNotFoundError)
    np.save(tmp_path / "one.npy", CLEAN)
    for content in (b"", b"label\n1\n", b"PK\x03\x04nothing", (tmp_path / "one.npy").read_bytes()):
        path.write_bytes(content)
        with pytest.raises(DataError) as error:
            read_labels(path, "given")
        assert error.value.where == str(path)
        assert isinstance(error.value.__cause__, DAMAGED)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_is_an_error_or_harmless(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "labels.npz"
    save(path, clean_label=np.zeros(1000, int), given=np.arange(1000) % 7)
    whole = path.read_bytes()
    errors = []
    for start in range(0, len(whole) - 20, max(1, len(whole) // 150)):
        path.write_bytes(whole[:start] + b"\xff" * 20 + whole[start + 20 :])
        try:
            labels = read_labels(path, "given")
        except DataError as error:
            errors.append(error)
        else:  # the damaged bytes are not needed
            assert not labels.clean.any()
            np.testing.assert_array_equal(labels.noisy, np.arange(1000) % 7)
    assert len(errors) > 100
    assert all(error.where == str(path) for error in errors)
    assert not any("\n" in str(error) for error in errors)


@pytest.mark.parametrize("shape", [(10**14,), (10**30,), (-1,)])
def test_a_false_header_is_rejected(tmp_path: Path, shape: tuple[int, ...]) -> None:
    header = repr({"descr": "|u1", "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    lie = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(100)
    path = tmp_path / "labels.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clean_label.npy", lie)
    with pytest.raises(DataError) as error:
        read_labels(path, "clean_label")
    assert error.value.where == str(path)
    assert error.value.what.startswith(f"clean_label claims the shape {shape}")


def test_the_hash_does_not_depend_on_the_memory_layout() -> None:
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
def test_cifar_10n_fits_cifar_10(seedbed_data: Path, key: str, rate: float) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = seedbed_data / "cifar10-jpeg"
    (file,) = folder.rglob("train*.parquet")
    clean = parquet.read_table(file, columns=["label"])["label"].to_numpy().astype(np.int64)
    path = folder / "cifar10n-human-labels.npz"
    noisy = labels_for(path, key, clean, 10)
    assert np.mean(noisy != clean) == pytest.approx(rate, abs=0.0005)
    with pytest.raises(DataError) as error:
        labels_for(path, key, clean[::-1], 10)
    assert error.value.where == str(path)
