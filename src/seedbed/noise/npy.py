"""NumPy's files, which may be damaged: what goes wrong with them, and how an archive is opened."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Final

import numpy as np

from seedbed.data.readers.bounded import readable
from seedbed.errors import DataError

MALFORMED: Final = (ValueError, OverflowError, SyntaxError, TokenError, EOFError, MemoryError)
"""What NumPy raises, never unpickling, for contents that are no array or cannot be one.

It documents ``ValueError``; damaged headers, which it reads as Python literals, showed the others.
"""


@contextmanager
def open_npz(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """Open an NPZ file. Nothing is ever unpickled.

    Raises:
        DataError: While open, if the file cannot be read.
    """
    with readable(path), path.open("rb") as file:
        # Anything else NumPy would take for a pickle, or leave half open.
        if not zipfile.is_zipfile(file):
            raise DataError("is no NPZ file, or a damaged one", where=str(path))
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as archive:
                yield archive
        # An encrypted archive is a RuntimeError, an unknown compression one of its kinds.
        except (*MALFORMED, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(f"cannot be read: {error}", where=str(path)) from error
