"""The four published versions of CIFAR have the same images, and damaged files are rejected."""

import hashlib
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.cifar import cifar_digests, find_cifar, read_cifar
from sentences import Sentence

GENERATOR = np.random.default_rng(2)
PLANES = GENERATOR.integers(0, 256, (24, 3072), np.uint8)
LABELS = np.arange(24) % 10
NAMES = "airplane automobile bird cat deer dog frog horse ship truck".split()  # noqa: SIM905
BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
PARTS = [slice(4 * part, 4 * part + 4) for part in range(6)]


def cifar10_binary(folder: Path) -> None:
    for name, part in zip(BATCHES, PARTS, strict=True):
        records = np.column_stack([LABELS[part].astype(np.uint8), PLANES[part]])
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")


def cifar10_python(folder: Path) -> None:
    for name, part in zip(BATCHES, PARTS, strict=True):
        batch = {b"data": PLANES[part], b"labels": LABELS[part].tolist(), b"batch_label": b"one"}
        (folder / name).write_bytes(pickle.dumps(batch, 2))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": NAMES}, 2))


def cifar100(folder: Path, *, binary: bool) -> None:
    fine = np.arange(200) % 100
    planes = GENERATOR.integers(0, 256, (200, 3072), np.uint8)
    for name in ("train", "test"):
        if binary:
            records = np.column_stack([np.zeros((200, 1), np.uint8), fine.astype(np.uint8), planes])
            (folder / f"{name}.bin").write_bytes(records.tobytes())
        else:
            batch = {"data": planes, "fine_labels": fine.tolist(), "coarse_labels": [0] * 200}
            (folder / name).write_bytes(pickle.dumps(batch, 2))
    if not binary:
        names = {"fine_label_names": [f"class {number}" for number in range(100)]}
        (folder / "meta").write_bytes(pickle.dumps(names, 2))


def as_archive(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(folder.iterdir()):
            info = tarfile.TarInfo(f"cifar-10-batches/{file.name}")
            info.size = file.stat().st_size
            archive.addfile(info, io.BytesIO(file.read_bytes()))
    return path


def test_a_pixel_is_where_the_format_says(tmp_path: Path) -> None:
    cifar10_binary(tmp_path)
    contents = read_cifar(tmp_path)
    assert contents.train.images.shape == (20, 32, 32, 3)
    for image, y, x, channel in [(0, 0, 0, 0), (3, 31, 30, 2), (19, 7, 0, 1)]:
        expected = PLANES[image, channel * 1024 + y * 32 + x]
        assert contents.train.images[image, y, x, channel] == expected
    np.testing.assert_array_equal(contents.train.labels, LABELS[:20])
    assert contents.train.class_names == tuple(NAMES)
    assert contents.test is not None
    np.testing.assert_array_equal(contents.test.labels, LABELS[20:])


def test_every_form_of_cifar10_gives_the_same(tmp_path: Path) -> None:
    fingerprints = set()
    for form, write in (("bin", cifar10_binary), ("py", cifar10_python)):
        folder = tmp_path / f"cifar-10-batches-{form}"
        folder.mkdir()
        write(folder)
        for path in (folder, as_archive(folder, tmp_path / f"{form}.tar.gz")):
            contents = read_cifar(path)
            assert contents.test is not None
            fingerprints.add((contents.train.fingerprint, contents.test.fingerprint))
            assert contents.train.names.tolist() == [f"train/{n}" for n in range(20)]
            assert contents.test.names[-1] == f"test/{len(contents.test) - 1}"
    assert len(fingerprints) == 1


def test_cifar100_has_the_fine_labels(tmp_path: Path) -> None:
    for binary in (True, False):
        folder = tmp_path / str(binary)
        folder.mkdir()
        cifar100(folder, binary=binary)
        contents = read_cifar(folder)
        assert len(contents.train.class_names) == 100
        np.testing.assert_array_equal(contents.train.labels, np.arange(200) % 100)


def test_digests_are_those_of_the_binary_files(tmp_path: Path) -> None:
    cifar10_binary(tmp_path)
    expected = [
        hashlib.sha256((tmp_path / f"{name}.bin").read_bytes()).hexdigest() for name in BATCHES
    ]
    contents = read_cifar(tmp_path)
    assert contents.test is not None
    assert list(cifar_digests(contents.train, 1, 5)) == expected[:5]
    assert list(cifar_digests(contents.test, 1, 1)) == expected[5:]


def test_published_folders_and_archives_are_recognized(tmp_path: Path) -> None:
    assert find_cifar(tmp_path) is None
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    cifar10_python(folder)
    as_archive(folder, tmp_path / "cifar-10-python.tar.gz")
    assert find_cifar(tmp_path) == folder
    for file in folder.iterdir():
        file.unlink()
    assert find_cifar(tmp_path) == tmp_path / "cifar-10-python.tar.gz"


def test_a_missing_batch_is_an_error(tmp_path: Path, sentence: Sentence) -> None:
    cifar10_binary(tmp_path)
    (tmp_path / "data_batch_3.bin").unlink()
    with pytest.raises(DataError) as error:
        read_cifar(tmp_path)
    assert error.value.where == str(tmp_path)
    assert "data_batch_3.bin" in error.value.what
    sentence(error.value)


def test_an_archive_with_other_files_is_rejected(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("hello")
    path = as_archive(tmp_path / "notes", tmp_path / "notes.tar.gz")
    with pytest.raises(DataError) as error:
        read_cifar(path)
    assert error.value.where == str(path)
    sentence(error.value)


@pytest.mark.parametrize("data", [b"", bytes(3072), bytes(3074)])
def test_half_a_record_is_rejected(tmp_path: Path, data: bytes) -> None:
    cifar10_binary(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(data)
    with pytest.raises(DataError) as error:
        read_cifar(tmp_path)
    assert error.value.where == str(tmp_path / "data_batch_2.bin")
    assert f"{len(data):,} bytes" in error.value.what
    assert "3073" in error.value.expected


def test_the_error_for_half_a_record(tmp_path: Path, sentence: Sentence) -> None:
    cifar10_binary(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(bytes(3074))
    with pytest.raises(DataError) as error:
        read_cifar(tmp_path)
    sentence(error.value)


def test_a_label_outside_the_classes_is_rejected(tmp_path: Path) -> None:
    cifar10_binary(tmp_path)
    (tmp_path / "test_batch.bin").write_bytes(b"\x0a" + bytes(3072))
    with pytest.raises(DataError) as error:
        read_cifar(tmp_path)
    assert error.value.where == str(tmp_path)
    assert error.value.expected == "0 to 9"


TWO = np.zeros((2, 3072), np.uint8)
BATCHES_OF_PYTHON: dict[str, object] = {
    "a list": [],
    "data is a list": {"data": [1, 2]},
    "data is narrow": {"data": np.zeros((2, 10), np.uint8)},
    "no labels": {"data": TWO},
    "labels are text": {"data": TWO, "labels": ["a", "b"]},
    "too few labels": {"data": TWO, "labels": [1]},
    "negative label": {"data": TWO[:1], "labels": [-1]},
}


@pytest.mark.parametrize("batch", BATCHES_OF_PYTHON.values(), ids=BATCHES_OF_PYTHON)
def test_an_invalid_python_batch_is_rejected(
    tmp_path: Path, batch: object, sentence: Sentence
) -> None:
    cifar10_python(tmp_path)
    (tmp_path / "data_batch_4").write_bytes(pickle.dumps(batch, 2))
    with pytest.raises(DataError) as error:
        read_cifar(tmp_path)
    assert error.value.where == str(tmp_path / "data_batch_4")
    sentence(error.value)


def test_invalid_class_names_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    cifar10_python(tmp_path)
    messages = set()
    for meta in ({"num_vis": 3072}, {"label_names": "cat"}, {"label_names": [("a",)] * 10}):
        (tmp_path / "batches.meta").write_bytes(pickle.dumps(meta, 2))
        with pytest.raises(DataError) as error:
            read_cifar(tmp_path)
        assert error.value.where == str(tmp_path / "batches.meta")
        messages.add(str(error.value))
    (message,) = messages
    sentence(message)
