"""NumPy's files are read as NumPy reads them, and no harm comes from damaged or hostile ones."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.arrays import open_npz, read_npy

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
"""By kind of file: how it is read, and how the bytes of an NPY file are written into one."""


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
def test_arrays_are_those_that_were_saved(
    array: NDArray[Any], read: Callable[[bytes], NDArray[Any]]
) -> None:
    found = read(npy_bytes(array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)
    assert found.flags.writeable


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_is_a_mapping_whose_values_are_read_when_asked_for(
    tmp_path: Path, save: Any
) -> None:
    path = tmp_path / "a.npz"
    save(path, one=ARRAYS[0], other=ARRAYS[2], objects=np.array([{}]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "no array")
    with open_npz(path) as arrays:
        assert list(arrays) == ["one", "other", "objects"]
        assert "readme.txt" not in arrays
        np.testing.assert_array_equal(arrays["other"], ARRAYS[2])
        with pytest.raises(DataError, match=r"a\.npz: objects is an array of Python objects"):
            arrays["objects"]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (npy_bytes(np.array([{}])), "an array of Python objects, which are never unpickled"),
        (header((10**14,)) + bytes(9), "promises the shape .* which the file cannot hold"),
        (header((10**30,)) + bytes(9), "promises the shape"),
        (header((0, 10**30)) + bytes(9), "does not hold|no array that can be made"),
        (header((0, 10**30)), "no array that can be made"),
        (header((-1,)) + bytes(9), "promises the shape"),
        (header((9,)) + bytes(8), "promises the shape|does not hold"),
        (header((9,)) + bytes(10), "does not hold what its shape"),
        (header((1 << 17,)) + bytes((1 << 17) + 1), "does not hold what its shape"),
        (header("'nine'"), "no NPY header"),
        (header((9,), "[]"), "does not hold"),
        (header((10**12,), "'<U0'"), "promises the shape"),
        (header((9,), "'|nonsense'"), "no NPY header"),
        (header((9,), version=b"\x09\x00") + bytes(9), "no NPY header"),
        (header((9,))[:40], "no NPY header"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 100_000, "no NPY header"),
        (b"", "no NPY header"),
        (b"cos\nsystem\n(S'echo'\ntR.", "no NPY header"),
    ],
)
def test_what_is_no_array_is_one_line_and_costs_nothing(
    read: Callable[[bytes], NDArray[Any]], tmp_path: Path, contents: bytes, message: str
) -> None:
    tracemalloc.start()
    with pytest.raises(DataError, match=message) as caught:
        read(contents)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    assert str(caught.value).startswith(f"{tmp_path / 'a.file'}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_that_is_damaged_anywhere(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "a.npz"
    save(path, one=np.arange(2000) % 7)
    whole = path.read_bytes()
    messages = []
    for start in range(0, len(whole), max(1, len(whole) // 300)):
        for damaged in (whole[:start], whole[:start] + b"\xff" * 9 + whole[start + 9 :]):
            path.write_bytes(damaged)
            try:
                found = read_member(path)
            except (DataError, KeyError) as error:  # it may be the name that is damaged
                messages.append(f"{path}: " if isinstance(error, KeyError) else str(error))
            else:  # what is damaged is read by nobody
                np.testing.assert_array_equal(found, np.arange(2000) % 7)
    assert len(messages) > 300
    assert all(each.startswith(f"{path}: ") and "\n" not in each for each in messages)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    # A header may be 4 GiB long, and zeros shrink a thousandfold.
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(30_000_000))
    tracemalloc.start()
    with pytest.raises(DataError, match="one has no NPY header"):
        read_member(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_what_numpy_writes_is_unpacked(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", method) as archive:
        archive.writestr("one.npy", npy_bytes(ARRAYS[0]))
    with pytest.raises(DataError, match=r"a\.npz: one is compressed .* numpy\.savez"):
        read_member(tmp_path / "a.npz")


def test_an_encrypted_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, one=ARRAYS[0])
    whole = bytearray(path.read_bytes())
    whole[6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(whole)
    with pytest.raises(DataError, match=r"a\.npz: the file is damaged: .*encrypted"):
        read_member(path)


@pytest.mark.parametrize(
    "contents", [b"", b"label\n1\n", b"PK\x03\x04nothing", npy_bytes(ARRAYS[0])]
)
def test_what_is_no_archive(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(contents)
    with pytest.raises(DataError, match=r"a\.npz: is no NPZ file, or a damaged one"):
        read_member(tmp_path / "a.npz")


@pytest.mark.parametrize("reader", [read_npy, read_member])
def test_files_that_cannot_be_opened(tmp_path: Path, reader: Read) -> None:
    with pytest.raises(DataError, match="none: cannot be read: No such file"):
        reader(tmp_path / "none")
    with pytest.raises(DataError, match=r"cannot be read: .*directory"):
        reader(tmp_path)
