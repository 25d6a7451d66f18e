"""Folders of tiny images, as people have them."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image


def image(path: Path, shade: int = 0, size: tuple[int, int] = (4, 3)) -> Path:
    """Write a gray image of (width, height), and the folders around it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(path)
    return path


def images(root: Path, folders: Iterable[str], count: int = 2) -> Path:
    """Write images of different shades into each folder below the root."""
    for number, folder in enumerate(folders):
        for index in range(count):
            image(root / folder / f"{index}.png", (number * count + index) % 256)
    return root
