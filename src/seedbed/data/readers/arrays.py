"""NumPy's own files, which may be damaged or hostile: NPY, an array, and NPZ, several by name.

Nothing is ever unpickled, and nothing allocated for a size that a file cannot hold. ``numpy.load``
unpickles only if asked to, but allocates whatever a header promises, and of a damaged file it may
raise almost anything.
"""

import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory, most_bytes, readable
from seedbed.data.readers.contents import located

MOST_HEADER: Final = 16_384
"""Bytes that are read to find a header; NumPy itself refuses headers above 10,000."""

HEADERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

MALFORMED: Final = (ValueError, TypeError, KeyError, OverflowError, SyntaxError, TokenError)
"""What NumPy raises for a header that it cannot read: it takes one for a Python literal."""

DAMAGED: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
"""What a damaged archive raises; an encrypted one, or another compression, is a RuntimeError."""


class NpzFile(Mapping[str, NDArray[Any]]):
    """The arrays of an open NPZ file; each is read when it is asked for, as :func:`read_npy` does.

    Raises:
        DataError: On reading an array that is damaged, lies about its size, or holds objects.
    """

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        members = (name for name in archive.namelist() if name.endswith(".npy"))
        self._members = {name.removesuffix(".npy"): name for name in members}

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, name: str) -> NDArray[Any]:
        member = self._archive.getinfo(self._members[name])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"{name} is compressed in a way that NumPy does not write",
                where=str(self._path),
                hint="store it with numpy.savez or numpy.savez_compressed",
            )
        with _undamaged(self._path):
            most = min(member.file_size, most_bytes(self._path.stat().st_size))
            with self._archive.open(member) as stream:
                return _read(stream, name, most)


@contextmanager
def open_npz(path: Path) -> Iterator[NpzFile]:
    """Open an NPZ file.

    Raises:
        DataError: If there is no such file, or it is no NPZ file.
    """
    with readable(path):
        try:
            archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            raise DataError(
                f"is no NPZ file, or a damaged one: {error}",
                where=str(path),
                hint="fetch or copy the file again",
            ) from error
    with archive:
        yield NpzFile(archive, path)


def read_npy(path: Path) -> NDArray[Any]:
    """Return the array in an NPY file, of whatever type and shape; it may be changed.

    Raises:
        DataError: If there is no such file, or it is damaged, lies about its size, or holds
            objects.
    """
    with _undamaged(path), path.open("rb") as stream:
        return _read(stream, "it", path.stat().st_size)


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    with readable(path), located(path):
        try:
            yield
        except DAMAGED as error:
            raise DataError(
                f"the file is damaged: {error}", hint="fetch or copy the file again"
            ) from error


def _read(stream: IO[bytes], name: str, most: int) -> NDArray[Any]:
    """Return the array in a stream that holds at most so many bytes."""
    start = BytesIO(stream.read(MOST_HEADER))
    try:
        shape, column_order, dtype = HEADERS[npy.read_magic(start)](start)
    except MALFORMED as error:
        raise DataError(f"{name} has no NPY header that can be read: {error}") from error
    if dtype.hasobject:
        raise DataError(
            f"{name} is an array of Python objects, which are never unpickled",
            hint="store plain numbers, and text as text",
        )
    # What takes no room at all, such as text of no letters, could be promised without end.
    size = math.prod(shape) * max(dtype.itemsize, 1)
    if min(shape, default=0) < 0 or size > most:
        raise DataError(f"{name} promises the shape {shape}, which the file cannot hold")
    check_memory(size, name)
    data = bytearray(size)
    begun = start.readinto(data)
    whole = _fill(stream, memoryview(data)[begun:])
    if not whole or start.read(1) or stream.read(1):
        raise DataError(f"{name} does not hold what its shape {shape} promises")
    try:
        return np.ndarray(shape, dtype, data, order="F" if column_order else "C")
    except MALFORMED as error:
        raise DataError(f"{name} is no array that can be made: {error}") from error


def _fill(stream: IO[bytes], data: memoryview) -> bool:
    """Read until there is enough, and return whether there was."""
    while data:
        part = stream.read(min(len(data), 1 << 20))
        if not part:
            return False
        data[: len(part)] = part
        data = data[len(part) :]
    return True
