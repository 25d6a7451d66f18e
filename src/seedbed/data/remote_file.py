"""The facts about a published file: where it can be downloaded, and its checksum."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seedbed.data.readers.bounded import is_gzip

Progress = Callable[[str, int, int | None], None]
"""Called with the file's name, the bytes that are here, and the bytes in total if known."""


@dataclass(frozen=True)
class Digest:
    """The checksum of a file.

    Args:
        algorithm: A name that :mod:`hashlib` knows.
        value: The checksum as hexadecimal digits.
        of_contents: Whether it is the checksum of the decompressed contents of a gzip file.
    """

    algorithm: str
    value: str
    of_contents: bool = False

    def of(self, path: Path) -> str:
        """Return the digest of a file, to compare with :attr:`value`."""
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        packed = self.of_contents and is_gzip(path)
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class RemoteFile:
    """A published file.

    Args:
        name: The file name in the cache.
        urls: Where it can be downloaded, the preferred mirror first.
        digest: The checksum.
        size: In bytes, as published; mirrors may compress it differently.
    """

    name: str
    urls: tuple[str, ...]
    digest: Digest
    size: int
