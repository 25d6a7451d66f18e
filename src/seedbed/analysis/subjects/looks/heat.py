"""Arrays as small pictures: heat maps over images, and filters in rows."""

import base64
import math
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

Pixels = NDArray[np.uint8]

HEAT: Final = ("#0b0724", "#57106e", "#bb3754", "#f98e09", "#fcffa4")
"""From little to much: ever brighter, so that it can be told without colors, too."""
SIDE: Final = 112
"""Pixels of the longer side of an image under a heat map, about."""
_THROUGH: Final = 0.25
"""How much of the image shows through where the heat is greatest."""


def colored(values: NDArray[np.floating]) -> Pixels:
    """Return values from 0 to 1 in the colors of heat: a last axis of R, G, B more."""
    stops = np.array(list(map(ImageColor.getrgb, HEAT)), np.float64)
    places = np.clip(values, 0, 1) * (len(stops) - 1)
    low = np.minimum(places.astype(int), len(stops) - 2)
    mixed: NDArray[np.float64] = stops[low] + (places - low)[..., None] * (
        stops[low + 1] - stops[low]
    )
    pixels: Pixels = mixed.round().astype(np.uint8)
    return pixels


def heat_map(image: Pixels, heat: NDArray[np.floating], margin: tuple[int, int] = (0, 0)) -> Pixels:
    """Return an image and, to its right, the same under what it was looked at.

    Args:
        image: H×W×C, gray or RGB.
        heat: rows×columns, 0 or more; it is shown relative to its maximum.
        margin: Rows above and columns left of the image that the heat map also covers, as padding.

    """
    height, width, _ = image.shape
    factor = max(round(SIDE / max(height, width)), 1)
    size = (width * factor, height * factor)
    top, left = margin
    whole = (size[0] + 2 * left * factor, size[1] + 2 * top * factor)
    relative = np.asarray(heat / max(float(heat.max()), 1e-12), np.float32)
    spread = np.asarray(Image.fromarray(relative).resize(whole, Image.Resampling.BICUBIC))
    spread = spread[top * factor :, left * factor :][: size[1], : size[0], None].clip(0, 1)
    rgb = np.broadcast_to(image, (height, width, 3))
    large = rgb.repeat(factor, axis=0).repeat(factor, axis=1)
    gray = large.mean(axis=2, keepdims=True)
    opaque = (1 - _THROUGH) * np.sqrt(spread)
    under = (1 - opaque) * gray + opaque * colored(spread[..., 0])
    return np.concatenate([large, under.round().astype(np.uint8)], axis=1)


def normalized(filters: NDArray[np.floating]) -> Pixels:
    """Return each filter from its smallest value (black) to its largest (white).

    Args:
        filters: N×C×H×W with C = 1 or 3; of three channels, colors are kept.

    Returns:
        uint8, N×H×W×3.

    """
    axes = (1, 2, 3)
    low = filters.min(axis=axes, keepdims=True)
    span = filters.max(axis=axes, keepdims=True) - low
    shown = (filters - low) / np.where(span > 0, span, 1)
    pixels = (255 * shown).round().astype(np.uint8).transpose(0, 2, 3, 1)
    return np.broadcast_to(pixels, (*pixels.shape[:3], 3))


def in_rows(tiles: Pixels, columns: int | None = None, gap: int = 1) -> Pixels:
    """Return N×H×W×3 tiles as one RGBA picture, transparent between them.

    Args:
        tiles: One or more.
        columns: In a row; by default 8, or more where that would make it higher than wide.
        gap: Pixels between tiles.

    """
    count, height, width, _ = tiles.shape
    columns = min(columns or max(math.ceil(math.sqrt(count)), 8), count)
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width, :3] = tile
        sheet[top : top + height, left : left + width, 3] = 255
    return sheet


def data_url(pixels: Pixels, settings: dict[str, Any] | None = None) -> str:
    """Return a picture as the address of an image in a page, by default without any loss."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", **(settings or {"lossless": True, "exact": True}))
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
