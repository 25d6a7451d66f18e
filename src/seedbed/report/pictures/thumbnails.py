"""The pictures that pages of a study have shown: ``thumbnails.zip`` in its folder.

The dataset may move or be deleted, and a study may be sent without it. So every picture of a page
is kept under the content hash of its image: ``<hash>.webp`` as the page shows it, and
``full/<hash>.webp`` with all pixels, where an analysis has used them and the page shows fewer. The
file only grows, and can be deleted: a page that is written while the dataset is there makes it
again.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.files import make_way, write_atomically
from seedbed.core.seal import BLANK, is_sealed, sealed
from seedbed.data.images import content_hashes
from seedbed.data.readers.decoding import UNDECODABLE
from seedbed.display.notice import notice
from seedbed.report.pictures.sprite import WEBP
from seedbed.study.store.names import THUMBNAILS

_WHOLE: Final = {"lossless": True, "method": 0, "quality": 0}
_REDUCED: Final = {"quality": 90, "method": 1}
"""Settings that take half the time of a sprite's and little more space: each is a file."""
_MEMBER: Final = re.compile(r"(full/)?([0-9a-f]{32})\.webp")
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every member, so that the same pictures give the same file."""


@dataclass(frozen=True)
class Thumbnails:
    """Pictures as WebP files, by the content hash of their images."""

    small: Mapping[str, bytes] = field(default_factory=dict)
    """As a page shows them."""
    full: Mapping[str, bytes] = field(default_factory=dict)
    """All pixels, of images that a page shows reduced."""

    def __or__(self, other: "Thumbnails") -> "Thumbnails":
        """Return the pictures of both."""
        return Thumbnails({**self.small, **other.small}, {**self.full, **other.full})

    def __len__(self) -> int:
        return len(self.small) + len(self.full)


def read_thumbnails(folder: Path) -> Thumbnails:
    """Return the pictures that are kept in the folder of a study; none without the file.

    A damaged file counts as none, and the user is told: a page does without its pictures.
    """
    file = folder / THUMBNAILS
    found: dict[bool, dict[str, bytes]] = {False: {}, True: {}}
    try:
        contents = file.read_bytes()
        # Without its seal it is as good as no archive.
        with zipfile.ZipFile(BytesIO(contents if is_sealed(contents) else b"")) as archive:
            for member in archive.infolist():
                match = _MEMBER.fullmatch(member.filename)
                # Pictures are stored as they are, so none takes more memory than the file.
                if match and member.compress_type == zipfile.ZIP_STORED:
                    found[bool(match[1])][match[2]] = archive.read(member)
    except (FileNotFoundError, NotADirectoryError):
        return Thumbnails()
    except (OSError, zipfile.BadZipFile, ValueError):
        notice(f"{file} is damaged; its pictures are left out unless the dataset is there")
        return Thumbnails()
    return Thumbnails(found[False], found[True])


def keep_thumbnails(folder: Path, new: Thumbnails) -> None:
    """Add pictures to those that the folder of a study has.

    Raises:
        StoreError: If the file cannot be written.
    """
    before = read_thumbnails(folder)
    merged = new | before
    if len(merged) == len(before):
        return
    contents = BytesIO()
    with zipfile.ZipFile(contents, "w", zipfile.ZIP_STORED) as archive:
        for prefix, pictures in (("", merged.small), ("full/", merged.full)):
            for content_hash, data in sorted(pictures.items()):
                archive.writestr(zipfile.ZipInfo(f"{prefix}{content_hash}.webp", _BEGINNING), data)
        archive.comment = f"checksum {BLANK}".encode()
    make_way(folder / THUMBNAILS)
    write_atomically(folder / THUMBNAILS, sealed(contents.getvalue()))


def encoded(pixels: NDArray[np.uint8], *, reduced: bool = False) -> bytes:
    """Return H×W×C pixels as a WebP file; lossless unless they are of a reduced image."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    file = BytesIO()
    picture.save(file, WEBP, **(_REDUCED if reduced else _WHOLE))
    return file.getvalue()


def has_its_pixels(data: bytes, content_hash: str) -> bool:
    """Return whether a WebP file has the pixels of an image; lossy ones cannot be compared."""
    if data[12:16] != b"VP8L":  # https://developers.google.com/speed/webp/docs/riff_container
        return True
    try:
        with Image.open(BytesIO(data), formats=[WEBP]) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except (Image.DecompressionBombError, *UNDECODABLE):
        return False
    images = (np.ascontiguousarray(pixels[..., :channels]) for channels in (1, 3))
    return any(content_hashes(image[np.newaxis])[0] == content_hash for image in images)


def decoded(data: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8] | None:
    """Return the pixels of a WebP file; ``None`` if they do not have this shape (H×W×C)."""
    height, width, channels = shape
    try:
        with Image.open(BytesIO(data), formats=[WEBP]) as picture:
            if picture.size != (width, height):  # before its pixels take memory
                return None
            pixels = np.asarray(picture.convert("RGB"))
    except (Image.DecompressionBombError, *UNDECODABLE):
        return None
    return np.ascontiguousarray(pixels[..., :channels])
