"""NumPy's files, which may be damaged or hostile: NPY (one array) and NPZ (several, by name).

Nothing is unpickled, and nothing is allocated for a size that the file cannot hold. ``numpy.load``
is not used, because it allocates whatever a header claims, and raises almost any exception for a
damaged file.
"""

import math
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import Limit, readable
from seedbed.data.readers.contents import located

MAX_HEADER: Final = 16_384
"""Bytes that are read for the header; NumPy rejects headers above 10,000."""

HEADERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

MALFORMED: Final = (ValueError, TypeError, KeyError, OverflowError, SyntaxError, TokenError)
"""What NumPy raises for an invalid header, which it parses as a Python literal."""

DAMAGED: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
"""What :mod:`zipfile` raises for a damaged archive; RuntimeError is for an encrypted one."""


class NpzFile(Mapping[str, NDArray[Any]]):
    """The arrays of an open NPZ file by name; they are read on access, as by :func:`read_npy`.

    Raises:
        DataError: On access, if the array is damaged, has a false size, or holds objects; or if the
            arrays that were read so far fill more than :class:`Limit` allows.
    """

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        members = (name for name in archive.namelist() if name.endswith(".npy"))
        self._members = {name.removesuffix(".npy"): name for name in members}
        self._sizes: dict[bool, dict[str, int]] = {False: {}, True: {}}
        """Of members that have been read, by whether they are compressed."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, name: str) -> NDArray[Any]:
        member = self._archive.getinfo(self._members[name])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"{name} has an unsupported compression",
                where=str(self._path),
                expected="none, or DEFLATE",
                hint="save it with numpy.savez or numpy.savez_compressed",
            )
        with _undamaged(self._path):
            packed = member.compress_type == zipfile.ZIP_DEFLATED
            limit = Limit(self._path.stat().st_size, packed)

            def check(size: int, claim: str) -> None:
                if size > member.file_size:
                    raise DataError(f"{claim}, more than the file can hold")
                # The limit is for the whole file: its members may share compressed data.
                limit.check(sum((self._sizes[packed] | {name: size}).values()), claim)
                self._sizes[packed][name] = size

            with self._archive.open(member) as stream:
                return _read(stream, name, check)


@contextmanager
def open_npz(path: Path) -> Iterator[NpzFile]:
    """Open an NPZ file.

    Raises:
        DataError: If there is no such file, or it is not an NPZ file.
    """
    with readable(path):
        try:
            archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            raise DataError(
                f"is not an NPZ file, or is damaged: {error}",
                where=str(path),
                hint="download or copy the file again",
            ) from error
    with archive:
        yield NpzFile(archive, path)


def read_npy(path: Path) -> NDArray[Any]:
    """Return the array in an NPY file, of any shape and any dtype but object; it is writable.

    Raises:
        DataError: If there is no such file, or it is damaged, has a false size, or holds objects.
    """
    with _undamaged(path), path.open("rb") as stream:
        return _read(stream, "the file", Limit(path.stat().st_size, packed=False).check)


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    with readable(path), located(path):
        try:
            yield
        except DAMAGED as error:
            raise DataError(
                f"the file is damaged: {error}", hint="download or copy the file again"
            ) from error


def _read(stream: IO[bytes], name: str, check: Callable[[int, str], None]) -> NDArray[Any]:
    """Return the array in a stream; ``check`` is called with its size before it is allocated."""
    start = BytesIO(stream.read(MAX_HEADER))
    try:
        # Advice about headers of Python 2 and old names of types is of no use to who reads a file.
        with warnings.catch_warnings(action="ignore"):
            shape, fortran_order, dtype = HEADERS[npy.read_magic(start)](start)
    except MALFORMED as error:
        raise DataError(f"{name} has no valid NPY header: {error}") from error
    if dtype.hasobject:
        raise DataError(
            f"{name} is an array of Python objects, which are not unpickled",
            expected="numbers or text",
            hint="save it with another dtype",
        )
    # Items without bytes, such as empty text, count as one byte: else any shape would fit.
    size = math.prod(shape) * max(dtype.itemsize, 1)
    claim = f"{name} claims the shape {shape}"
    if min(shape, default=0) < 0:
        raise DataError(claim, expected="no negative length")
    check(size, claim)
    data = bytearray(size)
    begun = start.readinto(data)
    complete = _fill(stream, memoryview(data)[begun:])
    if not complete or start.read(1) or stream.read(1):
        raise DataError(f"{claim}, but its data has another size")
    _check_text(data, dtype, name)
    try:
        return np.ndarray(shape, dtype, data, order="F" if fortran_order else "C")
    except MALFORMED as error:
        raise DataError(f"{name} claims an invalid array: {error}") from error


def _check_text(data: bytearray, dtype: np.dtype[Any], name: str) -> None:
    """Reject text that Python cannot express, on which conversions fail in many ways."""
    if dtype.kind != "U" or not dtype.itemsize:
        return
    letters = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
    if len(letters) and letters.max() > sys.maxunicode:
        raise DataError(
            f"{name} has a letter with the code {letters.max():,}",
            expected=f"text, whose codes are at most {sys.maxunicode:,}",
        )


def _fill(stream: IO[bytes], data: memoryview) -> bool:
    """Read a stream into ``data``; return whether it had enough bytes."""
    while data:
        part = stream.read(min(len(data), 1 << 20))
        if not part:
            return False
        data[: len(part)] = part
        data = data[len(part) :]
    return True
