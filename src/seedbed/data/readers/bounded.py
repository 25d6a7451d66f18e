"""Reading files that may be damaged or hostile, without allocating what they only promise."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from seedbed.core.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
MOST_EXPANSION = 1032
"""DEFLATE cannot expand further (zlib's technical notes: one bit for 258 bytes, about 1032 : 1)."""


def most_bytes(stored: int) -> int:
    """Return the most bytes that ``stored`` bytes of DEFLATE data can become."""
    return stored * MOST_EXPANSION


def check_memory(size: int, what: str) -> None:
    """Refuse what cannot fit into this machine's memory.

    Args:
        size: Bytes needed.
        what: What needs them, for the message.

    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows does not tell
        memory = 64 << 30
    if size > memory:
        raise DataError(
            f"{what} would need {size / 2**30:,.1f} GiB, this machine has {memory / 2**30:,.1f}",
            hint="use smaller images, fewer images or a machine with more memory",
        )


def is_gzip(path: Path) -> bool:
    """Whether the file begins as a gzip file does, whatever its name says."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


@contextmanager
def open_bounded(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open a file, decompressing gzip, with the most bytes that reading it can give.

    Raises:
        DataError: While open, for whatever keeps the file from being read to its end.

    """
    with readable(path):
        size = path.stat().st_size
        if is_gzip(path):
            with gzip.open(path, "rb") as unpacked:
                yield cast("IO[bytes]", unpacked), most_bytes(size)
        else:
            with path.open("rb") as plain:
                yield plain, size


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn the errors of reading and decompressing into one line about the file."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        cause = "truncated" if isinstance(error, EOFError) else "corrupt"
        raise DataError(
            f"the gzip data is {cause} ({error})",
            where=str(path),
            hint="fetch or copy the file again",
        ) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
