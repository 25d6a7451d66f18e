"""NumPy's files are read as NumPy reads them; damaged and hostile ones are rejected at no cost."""

import io
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.arrays import MALFORMED, open_npz, read_npy
from seedbed.data.readers.bounded import UNPACKED_VARIABLE
from sentences import Sentence

Read = Callable[[Path], NDArray[Any]]

ARRAYS: tuple[NDArray[Any], ...] = (
    np.arange(24).reshape(2, 3, 4),
    np.asfortranarray(np.arange(12, dtype=">i2").reshape(3, 4)),
    np.random.default_rng(0).normal(size=(500, 30)).astype(np.float32),
    np.array(["cat", "猫", ""]),
    np.array(7.5),
    np.zeros((0, 5)),
    np.zeros(40_000, bool),
)


def read_member(path: Path) -> NDArray[Any]:
    with open_npz(path) as arrays:
        return arrays["one"]


def write_member(path: Path, contents: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.npy", contents)


READERS: dict[str, tuple[Read, Callable[[Path, bytes], object]]] = {
    "npy": (read_npy, Path.write_bytes),
    "npz": (read_member, write_member),
}
"""By format: how a file is read, and how the bytes of an NPY file are written into it."""


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[bytes], NDArray[Any]]:
    reader, write = READERS[request.param]

    def written_and_read(contents: bytes) -> NDArray[Any]:
        write(tmp_path / "a.file", contents)
        return reader(tmp_path / "a.file")

    return written_and_read


def npy_bytes(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def header(shape: Any, descr: str = "'|u1'", version: bytes = b"\x01\x00") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.shape}")
def test_saved_arrays_are_read_back(
    array: NDArray[Any], read: Callable[[bytes], NDArray[Any]]
) -> None:
    result = read(npy_bytes(array))
    assert (result.dtype, result.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(result, array)
    assert result.flags.writeable


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_is_a_mapping_that_reads_arrays_on_access(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "a.npz"
    save(path, one=ARRAYS[0], other=ARRAYS[2], objects=np.array([{}]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "no array")
    with open_npz(path) as arrays:
        assert list(arrays) == ["one", "other", "objects"]
        assert "readme.txt" not in arrays
        np.testing.assert_array_equal(arrays["other"], ARRAYS[2])
        with pytest.raises(DataError) as error:
            arrays["objects"]
        assert error.value.where == str(path)
        assert error.value.what.startswith("objects ")


def rejection(contents: bytes, read: Callable[[bytes], NDArray[Any]], folder: Path) -> DataError:
    """Return the error for a file, which costs no memory and names the file."""
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read(contents)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert error.value.where == str(folder / "a.file")
    assert "\n" not in str(error.value)
    return error.value


@pytest.mark.parametrize(
    "contents",
    [
        header("'nine'"),
        header((9,), "'|nonsense'"),
        header((9,), version=b"\x09\x00") + bytes(9),
        header((9,))[:40],
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 100_000,
        b"",
        b"cos\nsystem\n(S'echo'\ntR.",
    ],
    ids=["shape", "dtype", "version", "truncated", "endless", "empty", "pickle"],
)
def test_an_invalid_header_is_rejected(
    read: Callable[[bytes], NDArray[Any]], tmp_path: Path, contents: bytes
) -> None:
    error = rejection(contents, read, tmp_path)
    assert isinstance(error.__cause__, MALFORMED)
    assert "no valid NPY header" in error.what


SHAPES: dict[str, tuple[bytes, Any]] = {
    "too large": (header((10**14,)) + bytes(9), (10**14,)),
    "beyond 64 bits": (header((10**30,)) + bytes(9), (10**30,)),
    "negative": (header((-1,)) + bytes(9), (-1,)),
    "too few bytes": (header((9,)) + bytes(8), (9,)),
    "too many bytes": (header((9,)) + bytes(10), (9,)),
    "one byte too many": (header((1 << 17,)) + bytes((1 << 17) + 1), (1 << 17,)),
    "items without bytes": (header((10**12,), "'<U0'"), (10**12,)),
    "no fields": (header((9,), "[]"), (9,)),
}


@pytest.mark.parametrize(("contents", "shape"), SHAPES.values(), ids=SHAPES)
def test_a_false_shape_is_rejected(
    read: Callable[[bytes], NDArray[Any]], tmp_path: Path, contents: bytes, shape: Any
) -> None:
    error = rejection(contents, read, tmp_path)
    assert f"the shape {shape}" in error.what
    assert error.__cause__ is None or isinstance(error.__cause__, DataError)


@pytest.mark.parametrize("contents", [header((0, 10**30)) + bytes(9), header((0, 10**30))])
def test_a_shape_that_no_array_can_have_is_rejected(
    read: Callable[[bytes], NDArray[Any]], tmp_path: Path, contents: bytes
) -> None:
    rejection(contents, read, tmp_path)


@pytest.mark.parametrize(
    "contents",
    [
        npy_bytes(np.array([{}])),
        header((10**14,)) + bytes(9),
        header((1 << 17,)) + bytes((1 << 17) + 1),
    ],
    ids=["objects", "too large", "other size"],
)
def test_the_error_says_what_is_wrong_with_an_array(
    tmp_path: Path, contents: bytes, sentence: Sentence
) -> None:
    (tmp_path / "a.npy").write_bytes(contents)
    with pytest.raises(DataError) as error:
        read_npy(tmp_path / "a.npy")
    sentence(error.value)


def test_objects_are_rejected(read: Callable[[bytes], NDArray[Any]], tmp_path: Path) -> None:
    error = rejection(npy_bytes(np.array([{}])), read, tmp_path)
    assert error.expected == "numbers or text"
    assert error.hint


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_anywhere_in_an_archive_is_an_error_or_harmless(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "a.npz"
    save(path, one=np.arange(2000) % 7)
    whole = path.read_bytes()
    errors = []
    for start in range(0, len(whole), max(1, len(whole) // 300)):
        for damaged in (whole[:start], whole[:start] + b"\xff" * 9 + whole[start + 9 :]):
            path.write_bytes(damaged)
            try:
                array = read_member(path)
            except (DataError, KeyError) as error:  # a KeyError if the name is damaged
                errors.append(error)
            else:  # the damaged bytes are not needed
                np.testing.assert_array_equal(array, np.arange(2000) % 7)
    assert len(errors) > 300
    for problem in errors:
        if isinstance(problem, DataError):
            assert problem.where == str(path)
            assert "\n" not in str(problem)


def test_a_decompression_bomb_is_rejected(tmp_path: Path) -> None:
    # A header may claim 4 GiB, and zeros are compressed to a thousandth.
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(30_000_000))
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read_member(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert isinstance(error.value.__cause__, MALFORMED)


def test_an_array_that_unpacks_to_much_more_than_its_file_is_rejected(
    tmp_path: Path, sentence: Sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, one=np.zeros(65 << 20, np.uint8))
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read_member(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert error.value.where == str(path)
    sentence(error.value)
    monkeypatch.setenv(UNPACKED_VARIABLE, "65")
    assert read_member(path).size == 65 << 20


def test_arrays_may_follow_compressed_ones(tmp_path: Path) -> None:
    """Text before logits, as in the predictions of a run, unpacks to more than the whole file."""
    path, arrays = tmp_path / "data.npz", {"text": np.full(500, "x" * 32), "logits": np.ones(1000)}
    with zipfile.ZipFile(path, "w") as archive:
        for (name, array), kind in zip(arrays.items(), (zipfile.ZIP_DEFLATED, 0), strict=True):
            file = io.BytesIO()
            np.save(file, array)
            archive.writestr(f"{name}.npy", file.getvalue(), kind)
    with open_npz(path) as read:
        for name, array in arrays.items():
            np.testing.assert_array_equal(read[name], array)


def test_all_arrays_of_a_file_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, one=np.zeros(2 << 20, np.uint8), two=np.zeros(2 << 20, np.uint8))
    monkeypatch.setenv(UNPACKED_VARIABLE, "3")
    with open_npz(path) as arrays:
        for _ in range(3):
            assert arrays["one"].size == 2 << 20
        with pytest.raises(DataError) as error:
            arrays["two"]
    assert "two claims" in error.value.what


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compressions_that_numpy_does_not_use_are_rejected(
    tmp_path: Path, method: int, sentence: Sentence
) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", method) as archive:
        archive.writestr("one.npy", npy_bytes(ARRAYS[0]))
    with pytest.raises(DataError) as error:
        read_member(tmp_path / "a.npz")
    assert error.value.where == str(tmp_path / "a.npz")
    assert error.value.what.startswith("one ")
    assert "numpy.savez" in error.value.hint
    if method == zipfile.ZIP_LZMA:
        sentence(error.value)


def test_an_encrypted_archive_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, one=ARRAYS[0])
    whole = bytearray(path.read_bytes())
    whole[6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(whole)
    with pytest.raises(DataError) as error:
        read_member(path)
    assert error.value.where == str(path)
    assert "encrypted" in error.value.what


@pytest.mark.parametrize(
    "contents", [b"", b"label\n1\n", b"PK\x03\x04nothing", npy_bytes(ARRAYS[0])]
)
def test_other_files_are_not_archives(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(contents)
    with pytest.raises(DataError) as error:
        read_member(tmp_path / "a.npz")
    assert error.value.where == str(tmp_path / "a.npz")
    assert error.value.what.startswith("is not an NPZ file")
    assert error.value.hint


@pytest.mark.parametrize("reader", [read_npy, read_member])
def test_files_that_cannot_be_opened_are_an_error(tmp_path: Path, reader: Read) -> None:
    for path, cause in ((tmp_path / "none", FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(DataError) as error:
            reader(path)
        assert error.value.where == str(path)
        assert isinstance(error.value.__cause__, cause)


@pytest.mark.parametrize("order", "<>")
def test_letters_beyond_unicode_are_rejected(tmp_path: Path, order: str) -> None:
    letters = np.array([ord("a"), sys.maxunicode, 0], np.uint32).astype(f"{order}u4")
    path = tmp_path / "text.npy"
    np.save(path, letters.view(f"{order}U1"))
    assert read_npy(path).tolist() == ["a", chr(sys.maxunicode), ""]
    letters[1] += 1
    np.save(path, letters.view(f"{order}U1"))
    with pytest.raises(DataError) as error:
        read_npy(path)
    assert f"{sys.maxunicode + 1:,}" in error.value.what


@pytest.mark.parametrize("descr", ["'a3'", "'|a3'"])
def test_old_names_of_types_are_read_without_a_warning(
    descr: str, read: Callable[[bytes], NDArray[Any]]
) -> None:
    array = read(header((2,), descr) + b"catdog")
    assert array.tolist() == [b"cat", b"dog"]
