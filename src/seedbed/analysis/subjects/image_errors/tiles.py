"""Test images as tiles of a panel, with what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial
from seedbed.display.pictures.panel import Tile


class NamedImage(Protocol):
    """An image of a result."""

    @property
    def hash(self) -> str | None:
        """Of its content."""

    @property
    def n_wrong(self) -> int:
        """How many runs misclassify it."""


def one_by_one(material: PageMaterial) -> list[PageMaterial]:
    """Return what each configuration with a finished run is shown with, on its own."""
    return [
        replace(material, entries=[entry], folders=list(material.folders[place : place + 1]))
        for place, entry in enumerate(material.entries)
        if entry.header.n
    ]


def known_pixels(material: PageMaterial, hashes: Sequence[str]) -> Mapping[str, NDArray[np.uint8]]:
    """Return test images of the only entry by hash, as far as they are there."""
    (entry,) = material.entries
    provenance = entry.header.provenance
    if material.pixels is None or provenance is None:
        return {}
    return material.pixels(entry.header.test_fingerprint, hashes, provenance.dataset.image_shape)


def error_tiles(
    material: PageMaterial, images: Sequence[NamedImage], captions: Sequence[Sequence[str]]
) -> list[Tile]:
    """Return tiles of test images that some runs of the only entry get wrong.

    Args:
        material: Of one entry.
        images: Those whose pixels are not there are left out.
        captions: Lines about each, before that on how many runs are wrong.
    """
    (entry,) = material.entries
    pixels = known_pixels(material, [image.hash for image in images if image.hash])
    return [
        Tile(pixels[image.hash or ""], (*lines, _wrong(entry, image)))
        for image, lines in zip(images, captions, strict=True)
        if image.hash in pixels
    ]


def _wrong(entry: Entry, image: NamedImage) -> str:
    n = entry.header.n
    return f"{image.n_wrong} of {n} wrong"
