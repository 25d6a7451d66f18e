"""IDX files: valid, damaged and with false headers."""

import gzip
import hashlib
import itertools
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.idx import idx_digests, read_idx, read_idx_folder
from sentences import Sentence

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 5, 4), np.uint8)
LABELS = np.arange(20, dtype=np.uint8) % 3


def as_idx(values: NDArray[np.uint8]) -> bytes:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.tobytes()


def write_folder(folder: Path, *, suffix: str = ".gz") -> None:
    for name, values in (
        ("train-images-idx3-ubyte", IMAGES),
        ("train-labels-idx1-ubyte", LABELS),
        ("t10k-images-idx3-ubyte", IMAGES[:6]),
        ("t10k-labels-idx1-ubyte", LABELS[:6]),
    ):
        data = as_idx(values)
        packed = gzip.compress(data) if suffix == ".gz" else data
        (folder / f"{name}{suffix}").write_bytes(packed)


@pytest.mark.parametrize("suffix", [".gz", ""])
def test_a_folder_is_read(tmp_path: Path, suffix: str) -> None:
    write_folder(tmp_path, suffix=suffix)
    contents = read_idx_folder(tmp_path)
    np.testing.assert_array_equal(contents.train.images[..., 0], IMAGES)
    np.testing.assert_array_equal(contents.train.labels, LABELS)
    assert contents.test is not None
    assert len(contents.test) == 6
    assert contents.test.class_names == ("0", "1", "2")


def test_compression_is_recognized_by_content_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(gzip.compress(as_idx(IMAGES)))
    np.testing.assert_array_equal(read_idx(tmp_path / "images"), IMAGES)


def test_names_with_dots_are_recognized(tmp_path: Path) -> None:
    write_folder(tmp_path, suffix="")
    for file in list(tmp_path.iterdir()):
        file.rename(tmp_path / file.name.replace("-idx", ".idx"))
    assert len(read_idx_folder(tmp_path).train) == 20


def test_digests_equal_the_checksums_of_the_files(tmp_path: Path) -> None:
    write_folder(tmp_path, suffix="")
    files = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    expected = tuple(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files)
    assert idx_digests(read_idx_folder(tmp_path).train) == expected


@pytest.mark.parametrize("packed", [False, True])
def test_nothing_is_allocated_for_a_false_header(tmp_path: Path, packed: bool) -> None:
    data = struct.pack(">BBBB3I", 0, 0, 8, 3, 60_000, 4000, 4000) + bytes(1000)
    (tmp_path / "f").write_bytes(gzip.compress(data) if packed else data)
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read_idx(tmp_path / "f")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert error.value.where == str(tmp_path / "f")
    assert "960,000,000,000 values (60000×4000×4000)" in error.value.what
    assert error.value.hint


DAMAGED = {
    "empty": b"",
    "another format": b"\x89PNG....",
    "header truncated": as_idx(IMAGES)[:7],
    "values truncated": as_idx(IMAGES)[:-9],
    "too many values": as_idx(IMAGES) + b"x",
    "floats": b"\0\0\x0d\x01" + struct.pack(">If", 1, 1.0),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_an_invalid_file_is_rejected(tmp_path: Path, data: bytes, sentence: Sentence) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        read_idx(path)
    assert error.value.where == str(path)
    sentence(error.value)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (gzip.compress(as_idx(IMAGES))[:-20], EOFError),
        (gzip.compress(as_idx(IMAGES))[:-5] + b"wrong", gzip.BadGzipFile),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 40, zlib.error),
    ],
    ids=["truncated", "checksum", "data"],
)
def test_damaged_gzip_data_is_rejected(tmp_path: Path, data: bytes, cause: type[Exception]) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        read_idx(path)
    assert error.value.where == str(path)
    assert isinstance(error.value.__cause__, cause)
    assert ("truncated" if cause is EOFError else "corrupt") in error.value.what
    assert error.value.hint


def test_packed_values_that_end_early_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(gzip.compress(as_idx(IMAGES)[:-1]))
    with pytest.raises(DataError) as error:
        read_idx(tmp_path / "f")
    assert error.value.where == str(tmp_path / "f")
    assert "399" in error.value.what


def test_a_missing_file_is_an_error(tmp_path: Path, sentence: Sentence) -> None:
    write_folder(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert error.value.expected == "t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz"
    sentence(error.value)


def test_a_validation_split_and_other_words_are_read(tmp_path: Path) -> None:
    for validation, test in itertools.product(("val", "valid", "validation"), ("test", "t10k")):
        folder = tmp_path / f"{validation} {test}"
        folder.mkdir()
        write_folder(folder)
        for role in ("images-idx3", "labels-idx1"):
            held_out = folder / f"{validation}-{role}-ubyte.gz"
            held_out.write_bytes((folder / f"t10k-{role}-ubyte.gz").read_bytes())
            (folder / f"t10k-{role}-ubyte.gz").rename(folder / f"{test}-{role}-ubyte.gz")
        contents = read_idx_folder(folder)
        assert {name: len(split) for name, split in contents.splits.items()} == {
            "train": 20,
            "validation": 6,
            "test": 6,
        }
        assert contents.reading.splits["validation"] == f"{validation}-images-idx3-ubyte.gz"


def test_names_say_split_and_index(tmp_path: Path) -> None:
    write_folder(tmp_path)
    contents = read_idx_folder(tmp_path)
    assert contents.train.names.tolist() == [f"train/{index}" for index in range(20)]
    assert contents.splits["test"].names.tolist() == [f"test/{index}" for index in range(6)]


def test_two_test_splits_are_refused(tmp_path: Path, sentence: Sentence) -> None:
    write_folder(tmp_path)
    (tmp_path / "test-images-idx3-ubyte").write_bytes(as_idx(IMAGES))
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert {"t10k", "test"} <= set(error.value.what.split())
    sentence(error.value)


def write_emnist(folder: Path, split: str, labels: NDArray[np.uint8]) -> None:
    folder.mkdir(exist_ok=True)
    for word in ("train", "test"):
        start = folder / f"emnist-{split}-{word}"
        Path(f"{start}-images-idx3-ubyte.gz").write_bytes(gzip.compress(as_idx(IMAGES)))
        Path(f"{start}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(labels)))


@pytest.mark.parametrize(
    ("split", "classes"),
    [
        ("balanced", 47),
        ("bymerge", 47),
        ("byclass", 62),
        ("letters", 26),
        ("digits", 10),
        ("mnist", 10),
    ],
)
def test_emnist_is_read_upright_and_with_its_classes(
    tmp_path: Path, split: str, classes: int
) -> None:
    first = split == "letters"
    write_emnist(tmp_path, split, LABELS + first)
    contents = read_idx_folder(tmp_path)
    np.testing.assert_array_equal(contents.train.images[..., 0], IMAGES.transpose(0, 2, 1))
    np.testing.assert_array_equal(contents.train.labels, LABELS)
    assert len(set(contents.train.class_names)) == classes
    assert contents.train.class_names[:3] == (("A", "B", "C") if first else ("0", "1", "2"))
    assert len(contents.reading.decisions) == 1 + first
    assert list(contents.splits) == ["train", "test"]


def test_a_dataset_with_a_prefix_that_is_not_emnist_is_left_alone(tmp_path: Path) -> None:
    write_emnist(tmp_path, "letters", LABELS)
    for file in list(tmp_path.iterdir()):
        file.rename(tmp_path / file.name.replace("emnist-letters", "my-own"))
    contents = read_idx_folder(tmp_path)
    np.testing.assert_array_equal(contents.train.images[..., 0], IMAGES)
    assert contents.train.class_names == ("0", "1", "2")
    assert not contents.reading.decisions


def test_several_datasets_in_a_folder_are_refused(tmp_path: Path, sentence: Sentence) -> None:
    write_emnist(tmp_path, "letters", LABELS + 1)
    write_emnist(tmp_path, "digits", LABELS)
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert "emnist-digits, emnist-letters" in error.value.what
    sentence(error.value)


def test_a_missing_file_of_emnist_is_named(tmp_path: Path) -> None:
    write_emnist(tmp_path, "letters", LABELS + 1)
    (tmp_path / "emnist-letters-test-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.what.split()[0] == "emnist-letters-test-labels-idx1-ubyte"


def test_different_counts_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    write_folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(LABELS[:-1])))
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.where == str(tmp_path / "train-labels-idx1-ubyte.gz")
    assert "train-images-idx3-ubyte.gz" in error.value.expected
    sentence(error.value)


@pytest.mark.parametrize(
    ("name", "values"),
    [("train-labels-idx1-ubyte.gz", IMAGES), ("train-images-idx3-ubyte.gz", LABELS)],
    ids=["labels", "images"],
)
def test_a_wrong_number_of_dimensions_is_rejected(
    tmp_path: Path, name: str, values: NDArray[np.uint8], sentence: Sentence
) -> None:
    write_folder(tmp_path)
    (tmp_path / name).write_bytes(gzip.compress(as_idx(values)))
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert error.value.where == str(tmp_path / name)
    sentence(error.value)


def test_a_label_beyond_the_others_is_rejected(tmp_path: Path) -> None:
    write_folder(tmp_path)
    labels = LABELS.copy()
    labels[4] = 200
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(labels)))
    with pytest.raises(DataError) as error:
        read_idx_folder(tmp_path)
    assert "200" in error.value.what
    assert error.value.what.endswith("label 3")


def test_real_mnist_is_read_unchanged(seedbed_data: Path) -> None:
    contents = read_idx_folder(seedbed_data / "mnist")
    raw = gzip.decompress((seedbed_data / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    assert contents.test is not None
    assert contents.test.images.tobytes() == raw[16:]
    assert contents.train.images.shape == (60_000, 28, 28, 1)
    assert contents.train.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_an_empty_file_with_impossible_lengths_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes((0, 0, 8, 4)) + struct.pack(">4I", 0, *[2**32 - 1] * 3))
    with pytest.raises(DataError) as error:
        read_idx(path)
    assert error.value.where == str(path)
