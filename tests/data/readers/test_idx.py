"""IDX files, whole, damaged and lying."""

import gzip
import hashlib
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.idx import idx_digests, read_idx, read_idx_folder

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


def test_names_with_dots_are_known(tmp_path: Path) -> None:
    write_folder(tmp_path, suffix="")
    for file in list(tmp_path.iterdir()):
        file.rename(tmp_path / file.name.replace("-idx", ".idx"))
    assert len(read_idx_folder(tmp_path).train) == 20


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    write_folder(tmp_path, suffix="")
    files = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    expected = tuple(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files)
    assert idx_digests(read_idx_folder(tmp_path).train) == expected


@pytest.mark.parametrize("packed", [False, True])
def test_nothing_is_allocated_for_a_header_that_lies(tmp_path: Path, packed: bool) -> None:
    data = struct.pack(">BBBB3I", 0, 0, 8, 3, 60_000, 4000, 4000) + bytes(1000)
    (tmp_path / "f").write_bytes(gzip.compress(data) if packed else data)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"promises 960,000,000,000 values .60000×4000×4000"):
        read_idx(tmp_path / "f")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no IDX file"),
        (b"\x89PNG....", "is no IDX file"),
        (as_idx(IMAGES)[:7], "ends within its IDX header"),
        (as_idx(IMAGES)[:-1], "400 values .20×5×4., which a file of this size|only 399 follow"),
        (as_idx(IMAGES) + b"x", "promises 400 values .20×5×4., but more follow"),
        (b"\0\0\x0d\x01" + struct.pack(">If", 1, 1.0), "values of the type 0x0d; expected 0x08"),
        (gzip.compress(as_idx(IMAGES))[:-20], "the gzip data is truncated"),
        (gzip.compress(as_idx(IMAGES))[:-5] + b"wrong", "the gzip data is corrupt"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 40, "the gzip data is corrupt"),
    ],
    ids=[
        "empty",
        "another format",
        "header cut",
        "values cut",
        "values left over",
        "floats",
        "gzip cut",
        "gzip checksum",
        "gzip data",
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte is missing"):
        read_idx_folder(tmp_path)


def test_counts_that_differ_are_refused(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(LABELS[:-1])))
    with pytest.raises(DataError, match=r"train-labels.*: 19 labels for 20 images"):
        read_idx_folder(tmp_path)


def test_images_and_labels_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(IMAGES)))
    with pytest.raises(DataError, match="has 3 dimensions; expected 1: labels"):
        read_idx_folder(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(as_idx(LABELS)))
    with pytest.raises(DataError, match="has 1 dimensions; expected 3: images, rows, columns"):
        read_idx_folder(tmp_path)


def test_a_label_beyond_the_others_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path)
    labels = LABELS.copy()
    labels[4] = 200
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(labels)))
    with pytest.raises(DataError, match=r"highest label is 200, but no .* has the label 3"):
        read_idx_folder(tmp_path)


def test_real_mnist_is_read_as_it_is(seedbed_data: Path) -> None:
    contents = read_idx_folder(seedbed_data / "mnist")
    raw = gzip.decompress((seedbed_data / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    assert contents.test is not None
    assert contents.test.images.tobytes() == raw[16:]
    assert contents.train.images.shape == (60_000, 28, 28, 1)
    assert contents.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
