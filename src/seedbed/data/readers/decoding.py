"""Decoding one PNG, JPEG or other encoded image, by the rules in :mod:`.pictures`."""

import io
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageOps, UnidentifiedImageError

from seedbed.core.errors import DataError, UnreadableImage

FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Formats that Pillow may decode; it starts external programs for some others."""
MAX_PIXELS: Final = 50_000_000
"""Of one image: a larger one is treated as a decompression bomb."""
MAX_BYTES: Final = 8 * MAX_PIXELS
"""Of one encoded image: four channels of 16 bits, not compressed."""
ORIENTATION: Final = 0x0112
"""The EXIF tag."""
SEVERAL: Final = "MPO"
"""Pillow's name for a JPEG that holds several pictures, as phones write it: the photo, and then
previews, depth maps or the picture of a second lens."""
UNDECODABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise for a damaged image, or for none: each has errors of its own."""
EIGHT_BITS: Final = ("JPEG", SEVERAL, "BMP", "GIF", "WEBP")
"""Formats whose channels never have more than 8 bits, as Pillow reads them."""
COLORS: Final = {"1": "black and white", "L": "gray", "LA": "gray with alpha", "P": "palette"}
"""Names of Pillow's modes, where these are not words that people use."""


@dataclass(frozen=True)
class Picture:
    """An encoded image: a file or bytes, and where it is, for messages."""

    where: str
    source: Path | bytes


@dataclass(frozen=True)
class ImageRules:
    """What to do with encoded images that cannot be used as they are.

    Args:
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.
        skip_unreadable: Whether to leave out images that cannot be decoded.
        background: The color behind transparent images, ``"white"`` or ``"#rrggbb"``; ``None``
            rejects them.
    """

    resize: int | None = None
    skip_unreadable: bool = False
    background: str | None = None


class DecodedImage(NamedTuple):
    """One image.

    Args:
        pixels: uint8, H×W×C, C = 1 (gray) or 3 (RGB), resized by the rules.
        size: Height and width in pixels before resizing.
        format: Of the encoding, for example ``"JPEG"``.
        mode: Format and color, for example ``"JPEG RGB"``.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    format: str
    mode: str


def decode(picture: Picture, rules: ImageRules) -> DecodedImage:
    """Decode an image.

    Raises:
        UnreadableImage: If it cannot be decoded.
        DataError: If it breaks the rules about transparency, bits and several pictures.
    """
    try:
        with Image.open(_encoded(picture), formats=FORMATS) as image:
            _check_header(image, picture.where)
            encoding = "JPEG" if image.format == SEVERAL else str(image.format)
            mode = f"{encoding} {COLORS.get(image.mode, image.mode)}"
            opaque = _without_alpha(image, picture.where, rules.background)
            if "exif" in image.info and image.getexif().get(ORIENTATION, 1) != 1:
                opaque.info["exif"] = image.info["exif"]
                opaque = ImageOps.exif_transpose(opaque)
            size = opaque.height, opaque.width
            if rules.resize is not None:
                opaque = fit(opaque, rules.resize)
            pixels = np.frombuffer(opaque.tobytes(), np.uint8)
            shape = opaque.height, opaque.width, 3 if opaque.mode == "RGB" else 1
            return DecodedImage(pixels.reshape(shape), size, encoding, mode)
    except UnidentifiedImageError as error:
        raise UnreadableImage(
            "is not an image",
            where=picture.where,
            expected=f"one of {', '.join(FORMATS)}",
            hint="remove it, or move it out of the folder",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImage(
            "has too many pixels", where=picture.where, expected=f"at most {MAX_PIXELS:,}"
        ) from error
    except UNDECODABLE as error:
        raise UnreadableImage(f"cannot be decoded: {error}", where=picture.where) from error


def _encoded(picture: Picture) -> io.BytesIO:
    """Return an encoded image in memory: of a file, Python would allocate what a chunk claims."""
    source = picture.source
    if not isinstance(source, bytes):
        if source.stat().st_size > MAX_BYTES:
            raise UnreadableImage(
                f"has {source.stat().st_size:,} bytes",
                where=picture.where,
                expected=f"at most {MAX_BYTES:,}, more than an image of {MAX_PIXELS:,} pixels has",
            )
        source = source.read_bytes()
    return io.BytesIO(source)


def fit(image: Image.Image, size: int) -> Image.Image:
    """Return an image scaled until it covers a square, and cropped at the center."""
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)


def _check_header(image: Image.Image, where: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImage(
            f"has {image.width * image.height:,} pixels",
            where=where,
            expected=f"at most {MAX_PIXELS:,}",
        )
    if image.format != SEVERAL and getattr(image, "is_animated", False):
        raise DataError("is an animated image", where=where, expected="a single image")
    if _has_16_bits(image):
        raise DataError(
            "has 16 bits per channel",
            where=where,
            expected="gray or RGB with 8 bits per channel",
            hint="convert it first",
        )


def _has_16_bits(image: Image.Image) -> bool:
    """Whether an image has 16 bits per channel, of which Pillow would drop the lower eight.

    Pillow's mode does not tell it for RGB. The arguments of its decoders do: a raw mode such as
    "RGB;16B" for PNG and TIFF, and the highest value for PPM.
    """
    if image.format in EIGHT_BITS:
        return False
    for tile in getattr(image, "tile", ()):
        arguments = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if any(";16" in value for value in arguments if isinstance(value, str)):
            return True
        if image.format == "PPM" and any(v > 255 for v in arguments if isinstance(v, int)):
            return True
    return False


def _without_alpha(image: Image.Image, where: str, background: str | None) -> Image.Image:
    """Return the image as 8-bit gray (Pillow's mode "L") or "RGB"."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        image.load()
        return image
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        return _on_background(image, where, background)
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


def _on_background(image: Image.Image, where: str, background: str | None) -> Image.Image:
    """Return an image with an alpha channel as gray or RGB."""
    gray = image.mode in ("L", "LA", "La")
    whole = image.convert("RGBA")
    if min(whole.getchannel("A").tobytes()) == 255:
        return image.convert("L" if gray else "RGB")
    if background is None:
        raise DataError(
            "has transparent pixels",
            where=where,
            expected="an opaque image",
            hint='add a background first, or set background = "white" for the dataset',
        )
    red, green, blue = ImageColor.getrgb(background)[:3]
    behind = Image.new("RGBA", whole.size, (red, green, blue, 255))
    result = Image.alpha_composite(behind, whole)
    return result.convert("L" if gray and red == green == blue else "RGB")


def sizes_of(files: Sequence[Path]) -> Counter[tuple[int, int]]:
    """Return the number of files by height and width, from their headers.

    Photos count upright. Files that cannot be read are not counted.
    """
    sizes: Counter[tuple[int, int]] = Counter()
    with warnings.catch_warnings(action="ignore"):
        for file in files:
            try:
                with Image.open(file, formats=FORMATS) as image:
                    width, height = image.size
                    # Orientations from 5 on lie on their side.
                    if "exif" in image.info and image.getexif().get(ORIENTATION, 1) >= 5:
                        width, height = height, width
                    sizes[height, width] += 1
            except (Image.DecompressionBombError, *UNDECODABLE):
                continue
    return sizes
