"""Shapes of the values between layers for one image, and the error of a layer that does not fit."""

import math
from typing import TypeAlias

ImageShape: TypeAlias = tuple[int, int, int]
"""(height, width, channels) of the images of a dataset."""

Shape: TypeAlias = tuple[int, ...]
"""(channels, height, width), (tokens, embed_dim), or (features,)."""


class ShapeError(Exception):
    """The reason why a layer does not accept its input."""


def times(shape: Shape) -> str:
    """Return a shape for people: ``3×32×32``."""
    return "×".join(map(str, shape))


def nearest_divisors(near: int, *of: int) -> str:
    """Return the common divisors of numbers just below and above ``near``: ``"4 or 7"``."""
    common = math.gcd(*of)
    divisors = [number for number in range(1, common + 1) if common % number == 0]
    below = [number for number in divisors if number < near][-1:]
    above = [number for number in divisors if number > near][:1]
    return " or ".join(map(str, below + above))


def image_of(shape: Shape) -> tuple[int, int, int]:
    """Return (channels, height, width), or raise :class:`ShapeError`."""
    if len(shape) != 3:
        raise ShapeError(f"its input is {'tokens' if len(shape) == 2 else 'flat'}, not an image")
    channels, height, width = shape
    return channels, height, width


def tokens_of(shape: Shape) -> tuple[int, int]:
    """Return (tokens, embed_dim), or raise :class:`ShapeError`."""
    if len(shape) != 2:
        raise ShapeError("it needs tokens, as PatchEmbedding returns them")
    tokens, embed_dim = shape
    return tokens, embed_dim


def windows(height: int, width: int, size: int, stride: int) -> tuple[int, int]:
    """Return the number of windows in a column and in a row, or raise :class:`ShapeError`."""
    if size > min(height, width):
        raise ShapeError(f"its {size}×{size} window is larger than its {height}×{width} input")
    return (height - size) // stride + 1, (width - size) // stride + 1
