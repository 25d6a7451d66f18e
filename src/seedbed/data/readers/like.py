"""Images of any size and color, converted to the shape that a network was trained on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError
from seedbed.data.readers.decoding import Picture
from seedbed.data.readers.folders.tree import BROKEN_LINKS, NO_IMAGES, walk
from seedbed.data.readers.pictures import read_pictures


def image_files(paths: Sequence[Path]) -> list[Path]:
    """Return files and the files in folders; those of a folder are sorted by name.

    Raises:
        DataError: If a file does not exist, or a folder has no files.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            in_folder = _files_in(path)
            if not in_folder:
                raise DataError("there are no images in it", where=str(path))
            files += in_folder
        elif path.is_file():
            files.append(path)
        else:
            raise DataError("there is no such file", where=str(path), expected="images or folders")
    return files


def _files_in(folder: Path) -> list[Path]:
    tree = walk(folder)
    for reason in (NO_IMAGES, BROKEN_LINKS):
        if names := tree.left_out.get(reason):
            raise DataError(
                f"there are {len(names):,} {reason}",
                where=str(folder / names[0]),
                expected="images",
                hint="move them out of the folder",
            )
    return list(tree.root.files())


def read_like(files: Sequence[Path], image_shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return images as uint8, N×H×W×C, with the given height, width and channels.

    If height and width are equal, an image of another size is scaled until it covers the square,
    and cropped at the center. RGB becomes gray by luminance (ITU-R BT.601), and gray becomes RGB.

    Args:
        files: One or more.
        image_shape: Height, width and channels of the images that the network was trained on.

    Raises:
        DataError: If an image cannot be decoded, or has another size where that is not a square.
    """
    height, width, channels = image_shape
    result = np.empty((len(files), *image_shape), np.uint8)
    for position, file in enumerate(files):
        picture = [Picture(str(file), file)]
        # Resizing leaves an image unchanged that has the size already.
        ((pixels,), _) = read_pictures(picture, height if height == width else None)
        if pixels.shape[:2] != (height, width):
            raise DataError(
                f"is {pixels.shape[0]}×{pixels.shape[1]} pixels",
                where=str(file),
                expected=f"{height}×{width}, like the training images",
            )
        if channels == 1 and pixels.shape[2] == 3:
            pixels = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
        result[position] = pixels  # broadcasting turns gray into RGB
    return result
