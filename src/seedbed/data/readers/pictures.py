"""Decoding PNG, JPEG and other encoded images into one array.

What happens to color, transparency and size is decided here and nowhere else:

* All gray images stay gray; as soon as one has colors, all become RGB.
* Transparency is refused, because what is behind an image is not ours to choose. An alpha channel
  that is opaque everywhere is dropped.
* Images of more than 8 bits a channel and moving images are refused.
* A photograph that a camera stored on its side is turned upright (EXIF orientation).
* Images of different sizes are refused unless a size is asked for. Then each is scaled so that it
  just covers a square of that size, and what sticks out is cut off evenly on both sides.
"""

import io
import os
import struct
import warnings
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory
from seedbed.data.readers.contents import Contents, contents_of

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Formats that are decoded; others, some of which start programs, are not even recognized."""
MOST_PIXELS = 50_000_000
"""Of one image: a larger one is taken for a decompression bomb."""
ORIENTATION = 0x0112
CHUNK = 256
"""Images a thread takes at a time; small images cost more to hand over than to decode."""


@dataclass(frozen=True)
class Picture:
    """An encoded image: a file, or bytes that were found at ``where``."""

    where: str
    source: Path | bytes


def read_pictures(
    pictures: Sequence[Picture], resize: int | None = None
) -> tuple[NDArray[np.uint8], frozenset[str]]:
    """Decode all images.

    Args:
        pictures: One or more.
        resize: Height and width of every image in pixels; ``None`` keeps them, and they must agree.

    Returns:
        The uint8 images, N×H×W×C, and the names of the formats they were encoded in.

    Raises:
        DataError: If one cannot be decoded, or does not fit the others.

    """
    with warnings.catch_warnings():
        # Damaged EXIF data does not matter to the pixels. Of a bomb Pillow warns before it refuses
        # one; here the warning already is the refusal.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        first, color, _ = _decode(pictures[0], resize)
        images, formats, lost = _decode_all(pictures, first.shape[:2], color, resize)
        if lost:
            images, formats, _ = _decode_all(pictures, first.shape[:2], True, resize)
    return images, formats


def read_splits(
    splits: Sequence[tuple[Sequence[Picture], NDArray[np.int64]]],
    class_names: tuple[str, ...] | None,
    resize: int | None,
) -> Contents:
    """Decode one or two splits of (pictures, labels); one size and color holds for both."""
    images, formats = read_pictures([picture for split in splits for picture in split[0]], resize)
    ends = np.cumsum([len(labels) for _, labels in splits])
    parts = np.split(images, ends[:-1])
    pairs = [(part, labels) for part, (_, labels) in zip(parts, splits, strict=True)]
    return contents_of(pairs, class_names, formats=formats)


def resize_images(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return N×H×W×C uint8 images as N×size×size×C; see the module for how."""
    count, height, width, channels = images.shape
    if (height, width) == (size, size):
        return images
    result = np.empty((count, size, size, channels), np.uint8)
    for index, image in enumerate(images):
        fitted = _fit(Image.fromarray(image[..., 0] if channels == 1 else image), size)
        result[index] = np.asarray(fitted).reshape(size, size, channels)
    return result


def _decode_all(
    pictures: Sequence[Picture], size: tuple[int, ...], color: bool, resize: int | None
) -> tuple[NDArray[np.uint8], frozenset[str], bool]:
    """Decode into one array; the last value tells whether colors did not fit into gray."""
    height, width = size
    channels = 3 if color else 1
    what = f"{len(pictures):,} images of {height}×{width}"
    check_memory(len(pictures) * height * width * channels, what)
    images = np.empty((len(pictures), height, width, channels), np.uint8)

    def decode(start: int) -> tuple[set[str], bool]:
        formats, lost = set(), False
        for index in range(start, min(start + CHUNK, len(pictures))):
            pixels, has_color, encoding = _decode(pictures[index], resize)
            if pixels.shape[:2] != (height, width):
                raise DataError(
                    f"is {pixels.shape[0]}×{pixels.shape[1]} pixels, "
                    f"but {pictures[0].where} is {height}×{width}",
                    where=pictures[index].where,
                    expected="images of one size",
                    hint="ask for a size to resize them to, for example resize = 32",
                )
            formats.add(encoding)
            if has_color and not color:
                return formats, True
            images[index] = pixels if pixels.shape[2] == channels else pixels[..., :1]
        return formats, lost

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(decode, range(0, len(pictures), CHUNK)))
    formats = frozenset[str]().union(*(found for found, _ in results))
    return images, formats, any(lost for _, lost in results)


def _decode(picture: Picture, resize: int | None) -> tuple[NDArray[np.uint8], bool, str]:
    """Return H×W×C pixels, whether they have colors, and the name of the format."""
    file = io.BytesIO(picture.source) if isinstance(picture.source, bytes) else picture.source
    try:
        with Image.open(file, formats=FORMATS) as image:
            _check_header(image, picture.where)
            encoding = str(image.format)
            plain = _without_alpha(image, picture.where)
            if "exif" in image.info and image.getexif().get(ORIENTATION, 1) != 1:
                plain.info["exif"] = image.info["exif"]
                plain = ImageOps.exif_transpose(plain)
            color = plain.mode == "RGB"
            if resize is not None:
                plain = _fit(plain, resize)
            pixels = np.frombuffer(plain.tobytes(), np.uint8)
            return pixels.reshape(plain.height, plain.width, 3 if color else 1), color, encoding
    except UnidentifiedImageError as error:
        raise DataError(
            "is no image",
            where=picture.where,
            expected=f"one of {', '.join(FORMATS)}",
            hint="remove it, or move it out of the folder",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            "has too many pixels", where=picture.where, expected=f"at most {MOST_PIXELS:,}"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise DataError(f"cannot be decoded: {error}", where=picture.where) from error


def _check_header(image: Image.Image, where: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise DataError(
            f"has {image.width * image.height:,} pixels",
            where=where,
            expected=f"at most {MOST_PIXELS:,}",
        )
    if getattr(image, "is_animated", False):
        raise DataError("is a moving image", where=where, expected="a single image")


def _without_alpha(image: Image.Image, where: str) -> Image.Image:
    """Return the image as 8-bit gray ("L") or "RGB"."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        image.load()
        return image
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        if min(image.convert("RGBA").getchannel("A").tobytes()) < 255:
            raise DataError(
                "is transparent in places",
                where=where,
                expected="an opaque image",
                hint="put it on a background first",
            )
        return image.convert("L" if image.mode in ("L", "LA", "La") else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P":
        rgb = image.convert("RGB")
        red, green, blue = rgb.split()
        return red if red.tobytes() == green.tobytes() == blue.tobytes() else rgb
    if image.mode in ("CMYK", "YCbCr"):
        return image.convert("RGB")
    raise DataError(
        f"has pixels of the kind {image.mode!r}",
        where=where,
        expected="8 bits a channel, gray or RGB",
        hint="convert it to 8 bits first",
    )


def _fit(image: Image.Image, size: int) -> Image.Image:
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
