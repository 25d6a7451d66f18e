"""Segment an image by texture, without labels or training."""

import argparse
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError, StudyError
from seedbed.core.files import write_atomically
from seedbed.data.readers.decoding import Picture
from seedbed.data.readers.pictures import read_pictures
from seedbed.data.texture import MOST_SEGMENTS, Segmentation, segment_texture
from seedbed.display.escape import printable
from seedbed.report.pictures.segments import segment_picture

MOST_PIXELS: Final = 4_000_000
"""Of an image; its features need several times 100 bytes per pixel."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed segment``."""
    parser.add_argument(
        "image", type=Path, metavar="IMAGE", help="image file: PNG, JPEG, TIFF, BMP, ..."
    )
    parser.add_argument(
        "--segments",
        type=int,
        default=4,
        metavar="N",
        help=f"number of segments, 2 to {MOST_SEGMENTS} (default: %(default)s)",
    )
    parser.add_argument(
        "--window",
        type=int,
        default=15,
        metavar="PIXELS",
        help="side of the square window in which texture is measured, odd: larger for smoother "
        "segments, smaller for sharper borders (default: %(default)s)",
    )
    parser.add_argument(
        "--closing",
        type=int,
        default=7,
        metavar="PIXELS",
        help="close gaps up to this width, odd; 1 closes none (default: %(default)s)",
    )
    parser.add_argument(
        "--longest",
        type=int,
        metavar="PIXELS",
        help="scale the image down if its longer side has more pixels than this",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of k-means, 0 or more (default: %(default)s)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="PNG file for the image and its segments (default: IMAGE-segments.png in the current "
        "folder)",
    )
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help=".npy or .png file for the segment number of each pixel (default: the name of the "
        "picture with .npy)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed segment``."""
    out: Path = arguments.out or Path(f"{arguments.image.stem}-segments.png")
    labels: Path = arguments.labels or out.with_suffix(".npy")
    for option, file, kinds in (("--out", out, (".png",)), ("--labels", labels, (".npy", ".png"))):
        if file.suffix.lower() not in kinds:
            raise StudyError(f"cannot write {file.name}", where=option, expected=" or ".join(kinds))
    # The image may be the only copy, so it is never overwritten.
    for option, file, other in (
        ("--out", out, arguments.image),
        ("--labels", labels, arguments.image),
        ("--labels", labels, out),
    ):
        if file.resolve() == other.resolve():
            name = "--out" if other is out else "IMAGE"
            raise StudyError(f"names the same file as {name}", where=option)
    where = str(arguments.image)
    image = _read(arguments.image, arguments.longest)
    try:
        segmentation = segment_texture(
            _brightness(image),
            arguments.segments,
            window=arguments.window,
            closing=arguments.closing,
            seed=arguments.seed,
        )
    except DataError as error:
        raise DataError(
            error.what, where=where, expected=error.expected, hint=error.hint
        ) from error
    write_atomically(out, _png(segment_picture(image, segmentation.labels)), "choose another --out")
    write_atomically(labels, _label_map(segmentation.labels, labels), "choose another --labels")
    _print_result(segmentation, out, labels)
    return 0


def _read(file: Path, longest: int | None) -> NDArray[np.uint8]:
    """Return the H×W×C pixels of an image file, scaled down to ``longest`` if that is given."""
    if longest is not None and longest < 1:
        raise StudyError(f"cannot use {longest}", where="--longest", expected="1 or more")
    where = str(file)
    if not file.is_file():
        raise DataError("there is no such file" if not file.exists() else "not a file", where=where)
    try:
        images, _ = read_pictures([Picture(where, file)])
    except DataError as error:  # its hint is about folders of images
        raise DataError(error.what, where=where, expected=error.expected) from error
    pixels: NDArray[np.uint8] = images[0]
    if longest is not None and max(pixels.shape[:2]) > longest:
        pixels = _scaled_down(pixels, longest)
    height, width, _ = pixels.shape
    if height * width > MOST_PIXELS:
        raise DataError(
            f"has {height * width:,} pixels",
            where=where,
            expected=f"at most {MOST_PIXELS:,}",
            hint="scale it down, for example with --longest 1024",
        )
    return pixels


def _scaled_down(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width, channels = pixels.shape
    factor = longest / max(height, width)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    picture = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    small: NDArray[np.uint8] = np.asarray(picture.resize(size, Image.Resampling.BOX))
    return small.reshape(*size[::-1], channels)


def _brightness(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return H×W pixels: those of a gray image, or the luma of colors (ITU-R BT.601)."""
    if image.shape[2] == 1:
        return image[..., 0]
    brightness: NDArray[np.uint8] = np.asarray(Image.fromarray(image).convert("L"))
    return brightness


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _label_map(labels: NDArray[np.uint8], file: Path) -> bytes:
    if file.suffix.lower() == ".png":
        return _png(Image.fromarray(labels))
    contents = BytesIO()
    np.save(contents, labels)
    return contents.getvalue()


def _print_result(segmentation: Segmentation, out: Path, labels: Path) -> None:
    for number, fraction in enumerate(segmentation.fractions):
        print(f"segment {number:>2}  {100 * fraction:6.2f}% of the image")
    shares = ", ".join(f"{100 * share:.1f}%" for share in segmentation.explained)
    print(f"The principal components explain {shares} of the variance of the 24 features")
    print(f"The picture is in {printable(str(out))}, the label map in {printable(str(labels))}")
