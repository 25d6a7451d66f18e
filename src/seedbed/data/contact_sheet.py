"""A contact sheet: one picture with example images of every class, one class per row."""

import math
import unicodedata
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seedbed.core.files import write_atomically
from seedbed.data.images import ImageDataset

MIN_TILE, MAX_TILE = 56, 112
"""The longer side of a displayed image, in pixels."""
GAP = 4
MAX_LABEL_WIDTH = 160
FONT_SIZE = 14
BACKGROUND, INK = (255, 255, 255), (40, 40, 40)


def contact_sheet(dataset: ImageDataset, images_per_class: int = 12) -> Image.Image:
    """Return an RGB picture with the first images of each class, one class per row.

    Small images are enlarged by a whole factor without smoothing, so that all pixels are visible.

    Args:
        dataset: The images.
        images_per_class: The maximum number of images per class, 1 or more.

    """
    width, height = _tile_size(dataset)
    font = ImageFont.load_default(FONT_SIZE)
    labels = [_drawable(name, number, font) for number, name in enumerate(dataset.class_names)]
    left = 3 * GAP + math.ceil(max(font.getlength(label) for label in labels))
    columns = min(images_per_class, int(dataset.class_counts.max()))
    size = (left + GAP + columns * (width + GAP), GAP + len(labels) * (height + GAP))
    sheet = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for number, label in enumerate(labels):
        top = GAP + number * (height + GAP)
        draw.text((GAP, top + height // 2), label, INK, font, anchor="lm")
        for column, index in enumerate(np.flatnonzero(dataset.labels == number)[:columns]):
            tile = _rgb(dataset, int(index)).resize((width, height), _filter(dataset))
            sheet.paste(tile, (left + GAP + column * (width + GAP), top))
    return sheet


def write_contact_sheet(dataset: ImageDataset, path: Path, images_per_class: int = 12) -> None:
    """Write the contact sheet as a PNG file, complete or not at all.

    Args:
        dataset: The images.
        path: The PNG file; an existing one is replaced.
        images_per_class: The maximum number of images per class, 1 or more.

    Raises:
        StoreError: If the file cannot be written.

    """
    png = BytesIO()
    contact_sheet(dataset, images_per_class).save(png, "PNG", optimize=True)
    hint = "choose another file with --sheet, or none with --no-sheet"
    write_atomically(path, png.getvalue(), hint)


def _tile_size(dataset: ImageDataset) -> tuple[int, int]:
    """Return the width and height of a displayed image, in pixels."""
    height, width, _ = dataset.image_shape
    longest = max(height, width)
    enlarged = math.ceil(MIN_TILE / longest)
    factor = enlarged if longest * enlarged <= MAX_TILE else MAX_TILE / longest
    return max(round(width * factor), 1), max(round(height * factor), 1)


def _filter(dataset: ImageDataset) -> Image.Resampling:
    smaller = _tile_size(dataset)[0] < dataset.image_shape[1]
    return Image.Resampling.BOX if smaller else Image.Resampling.NEAREST


def _rgb(dataset: ImageDataset, index: int) -> Image.Image:
    pixels = dataset.images[index]
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("RGB")


def _drawable(name: str, number: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Return a class name that Pillow's built-in font can draw: ASCII, on one line that fits.

    Accents are dropped, other characters become question marks. A name that changes is preceded by
    its label, which identifies the class.
    """
    plain = unicodedata.normalize("NFKD", name[:MAX_LABEL_WIDTH])
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    text = "".join(char if char.isascii() and char.isprintable() else "?" for char in plain)
    if text != name:
        text = f"{number}: {text}"
    while font.getlength(text) > MAX_LABEL_WIDTH:
        text = text.removesuffix("...")[:-1] + "..."
    return text
