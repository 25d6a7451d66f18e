"""A picture of an image and its segments, beside each other."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from seedbed.display.charts.style import every_look

GAP = 8
"""White pixels between the two."""
MIXED = 0.6
"""How much of a segment's color covers the image."""


def segment_picture(image: NDArray[np.uint8], labels: NDArray[np.integer]) -> Image.Image:
    """Return the image, and to its right the same in the colors of its segments.

    Segments are outlined in white, so that they can be told apart without colors, too.

    Args:
        image: H×W×C, gray or RGB.
        labels: H×W, the segment of each pixel from 0 on.

    """
    height, width = labels.shape
    rgb = np.broadcast_to(image, (height, width, 3))
    colors = np.array(list(map(ImageColor.getrgb, _colors(int(labels.max()) + 1))))
    gray = rgb.mean(axis=2, keepdims=True)
    segments = (1 - MIXED) * gray + MIXED * colors[labels]
    segments[_outline(labels)] = 255
    sheet = np.full((height, 2 * width + GAP, 3), 255, np.uint8)
    sheet[:, :width] = rgb
    sheet[:, width + GAP :] = segments.round()
    return Image.fromarray(sheet)


def _colors(count: int) -> list[str]:
    """Return the colors of the charts, and then shades of them."""
    colors = list(dict.fromkeys(look.color for look in every_look()))
    shades = [
        "#{:02x}{:02x}{:02x}".format(*(int(share * part) for part in ImageColor.getrgb(color)))
        for share in (1.0, 0.6, 0.3)
        for color in colors
    ]
    return shades[:count]


def _outline(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which pixels have another segment to their right or below."""
    outline = np.zeros(labels.shape, bool)
    outline[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    outline[:-1] |= labels[:-1] != labels[1:]
    return outline
