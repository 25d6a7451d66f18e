"""Decoding PNG, JPEG and other encoded images into one array.

The rules for color, transparency and size:

* If all images are gray, they stay gray; if one has colors, all become RGB.
* Transparent images are rejected, because only the user can choose a background. An alpha channel
  that is opaque everywhere is dropped.
* Images with more than 8 bits per channel and animated images are rejected.
* Photos are rotated upright by their EXIF orientation.
* Images of different sizes are rejected, unless ``resize`` is given: every image is then scaled
  until it covers a square of that size, and cropped at the center.
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
"""Formats that Pillow may decode; it starts external programs for some others."""
MAX_PIXELS = 50_000_000
"""Of one image: a larger one is treated as a decompression bomb."""
ORIENTATION = 0x0112
"""The EXIF tag."""
CHUNK = 256
"""Images per task of a thread; for single small images, a task costs more than decoding."""


@dataclass(frozen=True)
class Picture:
    """An encoded image: a file or bytes, and where it is, for messages."""

    where: str
    source: Path | bytes


def read_pictures(
    pictures: Sequence[Picture], resize: int | None = None
) -> tuple[NDArray[np.uint8], frozenset[str]]:
    """Decode all images.

    Args:
        pictures: One or more.
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.

    Returns:
        The images, uint8, N×H×W×C, and the names of the formats that they were encoded in.

    Raises:
        DataError: If an image cannot be decoded or breaks the rules above, or sizes differ.

    """
    with warnings.catch_warnings():
        # Damaged EXIF data does not affect the pixels. Pillow only warns about smaller
        # decompression bombs; here the warning is an error.
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
    """Decode one or two splits (pictures, labels) to the same size and number of channels.

    Args:
        splits: The training split, and optionally the test split.
        class_names: By label; without them, classes are numbered.
        resize: As for :func:`read_pictures`.

    Raises:
        DataError: If an image or a label cannot be used.
    """
    images, formats = read_pictures([picture for split in splits for picture in split[0]], resize)
    ends = np.cumsum([len(labels) for _, labels in splits])
    parts = np.split(images, ends[:-1])
    pairs = [(part, labels) for part, (_, labels) in zip(parts, splits, strict=True)]
    return contents_of(pairs, class_names, formats=formats)


def resize_images(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return N×H×W×C uint8 images as N×size×size×C, scaled and cropped by the rules above."""
    count, height, width, channels = images.shape
    if (height, width) == (size, size):
        return images
    check_memory(count * size**2 * channels, f"{count:,} images of {size}×{size}")
    result = np.empty((count, size, size, channels), np.uint8)
    for index, image in enumerate(images):
        fitted = _fit(Image.fromarray(image[..., 0] if channels == 1 else image), size)
        result[index] = np.asarray(fitted).reshape(size, size, channels)
    return result


def _decode_all(
    pictures: Sequence[Picture], size: tuple[int, ...], color: bool, resize: int | None
) -> tuple[NDArray[np.uint8], frozenset[str], bool]:
    """Decode into one array; also return whether an image has colors that gray would lose."""
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
                    hint="resize them, for example with resize = 32",
                )
            formats.add(encoding)
            if has_color and not color:
                return formats, True
            images[index] = pixels if pixels.shape[2] == channels else pixels[..., :1]
        return formats, lost

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(decode, range(0, len(pictures), CHUNK)))
    formats = frozenset[str]().union(*(names for names, _ in results))
    return images, formats, any(lost for _, lost in results)


def _decode(picture: Picture, resize: int | None) -> tuple[NDArray[np.uint8], bool, str]:
    """Return H×W×C pixels, whether they have colors, and the name of the format."""
    file = io.BytesIO(picture.source) if isinstance(picture.source, bytes) else picture.source
    try:
        with Image.open(file, formats=FORMATS) as image:
            _check_header(image, picture.where)
            encoding = str(image.format)
            opaque = _without_alpha(image, picture.where)
            if "exif" in image.info and image.getexif().get(ORIENTATION, 1) != 1:
                opaque.info["exif"] = image.info["exif"]
                opaque = ImageOps.exif_transpose(opaque)
            color = opaque.mode == "RGB"
            if resize is not None:
                opaque = _fit(opaque, resize)
            pixels = np.frombuffer(opaque.tobytes(), np.uint8)
            return pixels.reshape(opaque.height, opaque.width, 3 if color else 1), color, encoding
    except UnidentifiedImageError as error:
        raise DataError(
            "is not an image",
            where=picture.where,
            expected=f"one of {', '.join(FORMATS)}",
            hint="remove it, or move it out of the folder",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            "has too many pixels", where=picture.where, expected=f"at most {MAX_PIXELS:,}"
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise DataError(f"cannot be decoded: {error}", where=picture.where) from error


def _check_header(image: Image.Image, where: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise DataError(
            f"has {image.width * image.height:,} pixels",
            where=where,
            expected=f"at most {MAX_PIXELS:,}",
        )
    if getattr(image, "is_animated", False):
        raise DataError("is an animated image", where=where, expected="a single image")


def _without_alpha(image: Image.Image, where: str) -> Image.Image:
    """Return the image as 8-bit gray (Pillow's mode "L") or "RGB"."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        image.load()
        return image
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        if min(image.convert("RGBA").getchannel("A").tobytes()) < 255:
            raise DataError(
                "has transparent pixels",
                where=where,
                expected="an opaque image",
                hint="add a background first",
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
        f"has pixels of Pillow's mode {image.mode!r}",
        where=where,
        expected="gray or RGB with 8 bits per channel",
        hint="convert it first",
    )


def _fit(image: Image.Image, size: int) -> Image.Image:
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
