"""Test images as one picture.

A sprite holds every image once, however many tables and matrices show it, so that a page which
carries everything in itself stays small. Pixels are kept as they are. Only images that are larger
than a page shows them are reduced, and need not be lossless then.
"""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, WebPImagePlugin

from seedbed.data.images import ImageDataset

BUDGET: Final = 3_700_000
"""Bytes of all sprites of a page; as text in the page they are a third more."""
WEBP: Final = WebPImagePlugin.WebPImageFile.format
"""Pillow's name of the format. It would import all its plugins, forty, to find one that it does not
know."""
LARGEST_TILE: Final = 112
"""Pixels of the longer side, above which an image is reduced."""
SAMPLED: Final = 200
"""So many tiles are encoded to learn how many fit into the budget."""
LOSSLESS: Final[Mapping[str, Any]] = {"lossless": True, "method": 2, "quality": 0}
"""A quarter smaller than PNG, and several times as fast as WebP's best, which gains 2% more."""
MOST_PIXELS: Final = 16_000_000
"""Of a sprite; phones show larger pictures blurred or not at all."""
REDUCED: Final[Mapping[str, Any]] = {"quality": 85, "method": 4}


@dataclass(frozen=True, eq=False)
class Sprite:
    """Test images as tiles of one picture, in rows from the upper left corner."""

    data: bytes
    """The file."""
    media_type: str
    columns: int
    """Tiles in a row."""
    tile_width: int
    tile_height: int
    places: Mapping[int, int]
    """Index of an image in the test split -> number of its tile, from 0."""
    left_out: int
    """How many of the images that are named did not fit into the budget."""

    @property
    def rows(self) -> int:
        """Rows of tiles; the last may not be full."""
        return -(-len(self.places) // self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        return self.columns * self.tile_width, self.rows * self.tile_height

    def position(self, index: int) -> tuple[int, int] | None:
        """Return x and y of a test image's upper left corner in pixels; ``None`` if left out."""
        place = self.places.get(index)
        if place is None:
            return None
        row, column = divmod(place, self.columns)
        return column * self.tile_width, row * self.tile_height

    @cached_property
    def data_url(self) -> str:
        """The file as the address of an image in a page."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


class Tiles(Protocol):
    """Test images as a page shows them."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images themselves."""

    def __call__(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return tiles, N×H×W×C, of the size that :func:`tile_size` gives."""


@dataclass(frozen=True, eq=False)
class DatasetTiles:
    """Tiles made of the images of a test split."""

    images: ImageDataset

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the images."""
        return self.images.image_shape

    def __call__(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return N×H×W×C tiles, reduced where the images are too large."""
        height, width, _ = tile_shape(self.image_shape)
        chosen = self.images.images[list(indices)]
        if chosen.shape[1:3] == (height, width):
            return chosen
        tiles = np.empty((len(chosen), height, width, chosen.shape[3]), np.uint8)
        for number, pixels in enumerate(chosen):
            picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
            small = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
            tiles[number] = small.reshape(tiles.shape[1:])
        return tiles


def make_sprite(wanted: Sequence[int], tiles: Tiles, *, budget: int = BUDGET) -> Sprite | None:
    """Return a sprite of some test images; ``None`` of none.

    Args:
        wanted: Their places in the test split, the one to be left out first at the end.
        tiles: What the page shows of them.
        budget: Bytes at most; one image is kept in any case.
    """
    if not wanted:
        return None
    height, width, _ = tile_shape(tiles.image_shape)
    reduced = is_reduced(tiles.image_shape)
    sample = wanted[:: max(len(wanted) // SAMPLED, 1)]
    each = len(_encoded(_sheet(tiles(sample)), reduced=reduced)) / len(sample)
    count = min(len(wanted), MOST_PIXELS // (width * height), max(int(budget / each), 1))
    while True:
        shown = sorted(wanted[:count])
        data = _encoded(_sheet(tiles(shown)), reduced=reduced)
        if len(data) <= budget or count == 1:
            break
        count = max(min(int(0.98 * count * budget / len(data)), count - 1), 1)
    return Sprite(
        data=data,
        media_type="image/webp",
        columns=_columns(len(shown), width, height),
        tile_width=width,
        tile_height=height,
        places={index: place for place, index in enumerate(shown)},
        left_out=len(wanted) - len(shown),
    )


def tile_shape(image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return height, width and channels of the tiles of images."""
    height, width, channels = image_shape
    factor = min(LARGEST_TILE / max(height, width), 1)
    return max(round(height * factor), 1), max(round(width * factor), 1), channels


def is_reduced(image_shape: tuple[int, ...]) -> bool:
    """Return whether a page shows images smaller than they are."""
    return max(image_shape[:2]) > LARGEST_TILE


def _columns(count: int, width: int, height: int) -> int:
    """Return how many tiles a row has, so that the picture is about as wide as high."""
    return max(min(math.ceil(math.sqrt(count * height / width)), count), 1)


def _sheet(tiles: NDArray[np.uint8]) -> Image.Image:
    _, height, width, channels = tiles.shape
    columns = _columns(len(tiles), width, height)
    rows = -(-len(tiles) // columns)
    grid = np.zeros((rows * columns, height, width, channels), np.uint8)
    grid[: len(tiles)] = tiles
    by_line = grid.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    sheet = by_line.reshape(rows * height, columns * width, channels)
    return Image.fromarray(sheet[..., 0] if channels == 1 else sheet)


def _encoded(sheet: Image.Image, *, reduced: bool) -> bytes:
    file = BytesIO()
    sheet.save(file, WEBP, **(REDUCED if reduced else LOSSLESS))
    return file.getvalue()
