"""Images of any size and color, made like those that a network was trained on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.data.readers.folder import files_in
from seedbed.data.readers.pictures import Picture, read_pictures


def image_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that are meant: each by its name, those of a folder in order of name.

    Raises:
        DataError: If there is no such file, or none in a folder.
    """
    found = []
    for path in paths:
        if path.is_dir():
            inside = files_in(path)
            if not inside:
                raise DataError("there are no images in it", where=str(path))
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise DataError("there is no such file", where=str(path), expected="images, or folders")
    return found


def read_like(files: Sequence[Path], image_shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return N×H×W×C images of the shape (height, width, channels).

    One of another size is scaled so that it just covers a square of that side, and what sticks out
    is cut off evenly. Colors become gray by their luminance (ITU-R BT.601), gray becomes RGB.

    Args:
        files: One or more.
        image_shape: Of the images that the network was trained on.

    Raises:
        DataError: If one cannot be decoded, or is of another size and no square is asked for.
    """
    height, width, channels = image_shape
    result = np.empty((len(files), *image_shape), np.uint8)
    for position, file in enumerate(files):
        picture = [Picture(str(file), file)]
        # A square is asked for of every image; one that is of that size already stays as it is.
        ((pixels,), _) = read_pictures(picture, height if height == width else None)
        if pixels.shape[:2] != (height, width):
            raise DataError(
                f"is {pixels.shape[0]}×{pixels.shape[1]} pixels",
                where=str(file),
                expected=f"{height}×{width}, as the network was trained on",
            )
        if channels == 1 and pixels.shape[2] == 3:
            pixels = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
        result[position] = pixels  # gray is repeated for every channel
    return result
