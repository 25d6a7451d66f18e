"""Reading files that may be damaged or hostile: never allocate what only a header claims."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from seedbed.core.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
MAX_EXPANSION = 1032
"""The maximum compression ratio of DEFLATE, about 1032 : 1 according to zlib's technical notes."""


def max_bytes(compressed: int) -> int:
    """Return the maximum size after decompression of ``compressed`` bytes of DEFLATE data."""
    return compressed * MAX_EXPANSION


def check_memory(size: int, what: str) -> None:
    """Reject data that does not fit into the memory of this machine.

    Args:
        size: Bytes needed.
        what: What needs them, for the message.

    Raises:
        DataError: If the machine has less memory.

    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        memory = 64 << 30
    if size > memory:
        raise DataError(
            f"{what}: {size / 2**30:,.1f} GiB do not fit into memory",
            expected=f"at most {memory / 2**30:,.1f} GiB, the memory of this machine",
            hint="use smaller images, fewer images or a machine with more memory",
        )


def is_gzip(path: Path) -> bool:
    """Whether a file starts like a gzip file, whatever its name."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


@contextmanager
def open_bounded(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open a file, and decompress it if it is a gzip file.

    Yields:
        The open file, and the maximum number of bytes that it can hold.

    Raises:
        DataError: If the file cannot be read, on opening or later.

    """
    with readable(path):
        size = path.stat().st_size
        if is_gzip(path):
            with gzip.open(path, "rb") as unpacked:
                yield cast("IO[bytes]", unpacked), max_bytes(size)
        else:
            with path.open("rb") as plain:
                yield plain, size


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn errors of reading and decompressing into a :class:`DataError` about the file."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        cause = "truncated" if isinstance(error, EOFError) else "corrupt"
        raise DataError(
            f"the gzip data is {cause} ({error})",
            where=str(path),
            hint="download or copy the file again",
        ) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
