"""Reading files that may be damaged or hostile: never allocate what only a header claims.

A compressed file may be much larger in memory than on disk. :class:`Limit` says how much larger;
the environment variable ``SEEDBED_MAX_UNPACKED`` replaces its default.
"""

import gzip
import math
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NoReturn, cast

from seedbed.core.errors import DataError
from seedbed.core.memory import usable_memory

GZIP_MAGIC = b"\x1f\x8b"
MAX_EXPANSION = 1032
"""The maximum compression ratio of DEFLATE, about 1032 : 1 according to zlib's technical notes."""
UNPACKED_VARIABLE: Final = "SEEDBED_MAX_UNPACKED"
"""The environment variable with the MiB that any compressed file may fill."""
USUAL_EXPANSION: Final = 100
"""A higher compression ratio is treated as a decompression bomb, as in Apache POI (the class
``ZipSecureFile``). Published datasets have ratios below 10."""
ALWAYS_ALLOWED: Final = 64 << 20
"""Bytes that any compressed file may fill: labels in order are compressed to almost nothing."""

LONGEST_LINE: Final = 16 << 20
"""Bytes of a line of text; one with a number for each of 100,000 classes has a tenth of it."""


@dataclass(frozen=True)
class Limit:
    """How many bytes a file may fill in memory.

    Args:
        file_size: Bytes on disk.
        packed: Whether the file is compressed.
    """

    file_size: int
    packed: bool

    @classmethod
    def of(cls, path: Path) -> "Limit":
        """Return the limit of a file, which is compressed if it is a gzip file."""
        return cls(path.stat().st_size, is_gzip(path))

    @property
    def size(self) -> int:
        """The bytes that the file may fill.

        For a compressed file: 100 times its size, or 64 MiB if that is more, but at most half the
        memory of this machine. ``SEEDBED_MAX_UNPACKED`` replaces all three.

        Raises:
            DataError: If the environment variable is not a number of MiB.
        """
        if not self.packed:
            return self.file_size
        setting = os.environ.get(UNPACKED_VARIABLE, "")
        if not setting:
            usual = max(ALWAYS_ALLOWED, self.file_size * USUAL_EXPANSION)
            return min(usual, usable_memory() // 2)
        if not re.fullmatch(r"[0-9]{1,9}", setting):
            raise DataError(
                f"{setting!r} is not a size",
                where=UNPACKED_VARIABLE,
                expected="MiB that a compressed file may unpack to, a whole number",
            )
        return int(setting) << 20

    def check(self, size: int, claim: str) -> None:
        """Reject a size before memory is allocated for it.

        Args:
            size: Bytes needed.
            claim: What the file claims, a sentence without its end, for the message.

        Raises:
            DataError: If the file cannot hold so many bytes, is not allowed to, or this machine has
                less memory.
        """
        if size > (max_bytes(self.file_size) if self.packed else self.file_size):
            raise DataError(
                f"{claim}, more than the file can hold", hint="download or copy the file again"
            )
        if size > self.size:
            self.refuse(f"{claim}, much more than its {_mib(self.file_size)} on disk", size)
        check_memory(size, claim)

    def refuse(self, what: str, size: int) -> NoReturn:
        """Raise the error for a file that unpacks to at least ``size`` bytes, too many."""
        needed = math.ceil(size / 2**20)
        raise DataError(
            what,
            expected=f"at most {_mib(self.size)} after decompression",
            hint=f"if you trust the file, set {UNPACKED_VARIABLE}={needed} or more",
        )


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def max_bytes(compressed: int) -> int:
    """Return the maximum size after decompression of ``compressed`` bytes of DEFLATE data."""
    return compressed * MAX_EXPANSION


def check_memory(size: int, what: str) -> None:
    """Reject data that does not fit into the memory that this process may use.

    Args:
        size: Bytes needed.
        what: What needs them, for the message.

    Raises:
        DataError: If there is less memory.

    """
    memory = usable_memory()
    if size > memory:
        raise DataError(
            f"{what}: {size / 2**30:,.1f} GiB do not fit into memory",
            expected=f"at most {memory / 2**30:,.1f} GiB, which this process may use",
            hint="use smaller images, fewer images or a machine with more memory",
        )


def check_lines(path: Path) -> None:
    """Reject a text with a line so long that it can only be damaged or hostile.

    Raises:
        DataError: If a line has more than 16 MiB, which would be needed several times over.
    """
    length = 0
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            first, *later = part.split(b"\n")
            length += len(first)
            if length > LONGEST_LINE:
                raise DataError(
                    f"has a line of more than {_mib(LONGEST_LINE)}",
                    expected="a text with a line for each row",
                )
            if later:
                length = len(later[-1])


def is_gzip(path: Path) -> bool:
    """Whether a file starts like a gzip file, whatever its name."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


@contextmanager
def open_bounded(path: Path) -> Iterator[tuple[IO[bytes], Limit]]:
    """Open a file, and decompress it if it is a gzip file.

    Yields:
        The open file, and how many bytes it may fill.

    Raises:
        DataError: If the file cannot be read, on opening or later.

    """
    with readable(path):
        limit = Limit.of(path)
        if limit.packed:
            with gzip.open(path, "rb") as unpacked:
                yield cast("IO[bytes]", unpacked), limit
        else:
            with path.open("rb") as plain:
                yield plain, limit


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
