"""The format of a path is recognized by its contents."""

import gzip
import io
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photo_folders import images
from seedbed.core.errors import DataError
from seedbed.data.readers.decoding import ImageRules
from seedbed.data.readers.path import FORMATS, find_dataset, read_path
from sentences import Sentence


def test_formats_are_recognized(tmp_path: Path) -> None:
    pixels, labels = np.zeros((4, 3, 3), np.uint8), np.array([0, 1, 0, 1], np.uint8)
    idx = tmp_path / "idx"
    idx.mkdir()
    for name, values in (("train", pixels), ("t10k", pixels)):
        header = struct.pack(">BBBB3I", 0, 0, 8, 3, *values.shape)
        (idx / f"{name}-images-idx3-ubyte").write_bytes(header + values.tobytes())
        header = struct.pack(">BBBBI", 0, 0, 8, 1, len(labels))
        (idx / f"{name}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    npz = tmp_path / "npz" / "a.npz"
    npz.parent.mkdir()
    np.savez(npz, images=pixels, labels=labels)
    classes = tmp_path / "classes"
    for name in ("cat", "dog"):
        (classes / name).mkdir(parents=True)
        for number in (1, 2):
            Image.new("L", (3, 3)).save(classes / name / f"{number}.png")
    for path in (idx, npz, npz.parent, classes):
        assert read_path(path).train.images.shape == (4, 3, 3, 1)


@pytest.mark.parametrize(
    ("name", "expected"), [("nothing", ""), ("empty", FORMATS), ("a.csv", FORMATS)]
)
def test_unknown_formats_are_rejected(
    tmp_path: Path, name: str, expected: str, sentence: Sentence
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.csv").write_text("1,2,3")
    with pytest.raises(DataError) as error:
        read_path(tmp_path / name)
    assert error.value.where == str(tmp_path / name)
    assert error.value.expected == expected
    sentence(error.value)


def test_a_gzip_file_without_an_archive_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"hello"))
    with pytest.raises(DataError) as error:
        read_path(tmp_path / "a.gz")
    assert error.value.where == str(tmp_path / "a.gz")
    assert isinstance(error.value.__cause__, tarfile.TarError)


def test_an_empty_folder_is_not_a_dataset(tmp_path: Path) -> None:
    assert find_dataset(tmp_path / "none") is None
    assert find_dataset(tmp_path) is None
    (tmp_path / "a").write_text("x")
    assert find_dataset(tmp_path) == tmp_path
    assert find_dataset(tmp_path / "a") == tmp_path / "a"


def valid_files(folder: Path) -> list[Path]:
    """Write a small valid dataset in every format of a single file."""
    images = np.random.default_rng(0).integers(0, 256, (6, 6, 6), np.uint8)
    labels = np.arange(6) % 3
    np.savez(folder / "plain.npz", images=images, labels=labels)
    np.savez_compressed(folder / "packed.npz", images=images, labels=labels)
    names = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
    for mode, name in (("w", "cifar.tar"), ("w:gz", "cifar.tar.gz")):
        with tarfile.open(folder / name, mode) as archive:  # type: ignore[call-overload]
            for batch in names:
                info = tarfile.TarInfo(f"cifar/{batch}")
                info.size = 3073
                archive.addfile(info, io.BytesIO(bytes(3073)))
    files = sorted(folder.iterdir())
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM"):
        path = folder / kind / "cat" / "1"
        path.parent.mkdir(parents=True)
        Image.fromarray(images[0]).save(path, kind)
        files.append(path)
    return files


def test_a_damaged_file_gives_images_or_one_error(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    messages = []
    for file in valid_files(tmp_path):
        whole = file.read_bytes()
        dataset = file.parents[1] if file.parent != tmp_path else file
        for _ in range(40):
            data = bytearray(whole)
            # Mostly in the header, where damage matters most.
            for position in generator.integers(0, min(len(data), 300), 3):
                data[position] = generator.integers(0, 256)
            if generator.random() < 0.2:
                data = data[: generator.integers(0, len(data))]
            file.write_bytes(bytes(data))
            try:
                read_path(dataset)
            except DataError as error:
                messages.append(str(error))
    assert len(messages) > 200
    assert not [message for message in messages if "\n" in message]


@pytest.mark.parametrize("path", ["C:\test\new", "photos\n", "D:\bark"])
def test_a_path_whose_backslashes_were_escapes(path: str) -> None:
    with pytest.raises(DataError) as error:
        read_path(Path(path))
    assert error.value.where == repr(path)
    assert "single quotes" in error.value.hint


@pytest.mark.parametrize("name", ["a.npz", "a.parquet"])
def test_class_folders_beside_another_format_are_asked_about(tmp_path: Path, name: str) -> None:
    images(tmp_path, ["cat", "dog"])
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError) as error:
        read_path(tmp_path)
    assert error.value.where == str(tmp_path)
    assert str(tmp_path / name) in error.value.hint
    assert read_path(tmp_path, layout="classes").train.class_names == ("cat", "dog")


@pytest.mark.parametrize(
    "settings",
    [
        {"rules": ImageRules(skip_unreadable=True)},
        {"rules": ImageRules(background="white")},
        {"layout": "classes"},
    ],
)
def test_rules_for_images_apply_to_folders_of_images(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=np.zeros((2, 4, 4), np.uint8), labels=np.arange(2))
    assert len(read_path(path, ImageRules(resize=3)).train) == 2
    with pytest.raises(DataError) as error:
        read_path(path, **settings)
    assert error.value.where == str(path)


def test_several_npz_files_are_refused_by_name(tmp_path: Path, sentence: Sentence) -> None:
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", images=np.zeros((2, 3, 3), np.uint8), labels=[0, 1])
    with pytest.raises(DataError) as error:
        read_path(tmp_path)
    assert error.value.where == str(tmp_path)
    assert {"a.npz", "b.npz"} <= {word.strip(",") for word in error.value.what.split()}
    sentence(error.value)


def test_a_column_of_labels_is_for_parquet_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 3, 3), np.uint8), labels=[0, 1])
    for path in (tmp_path, tmp_path / "a.npz"):
        with pytest.raises(DataError) as error:
            read_path(path, label_column="label")
        assert error.value.where == str(path)
        assert "label_column" in error.value.expected


@pytest.mark.parametrize(
    "name", ["train-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte"]
)
def test_a_single_idx_file_is_no_dataset(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"x"))
    with pytest.raises(DataError) as error:
        read_path(tmp_path / name)
    assert error.value.where == str(tmp_path / name)
    assert str(tmp_path) in error.value.hint
