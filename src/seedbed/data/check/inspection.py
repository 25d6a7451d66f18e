"""One look at every image of a dataset: what it is, and what keeps it from being used."""

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError, UnreadableImage
from seedbed.data.check.near import look
from seedbed.data.images import HASH_BYTES, ImageDataset, describe_shape
from seedbed.data.readers.decoding import ImageRules, Picture, decode

CHUNK: Final = 64
"""Images per task of a thread."""
OPAQUE: Final = ImageRules(background="white")


@dataclass(frozen=True)
class Inspected:
    """An image.

    Args:
        name: As in :attr:`ImageIdentities.names`.
        split: Its split.
        label: The name of its class; empty if that is not known.
        size: ``"100×100"``; empty if it cannot be decoded.
        mode: ``"JPEG RGB"``.
        problem: Why it cannot be used, in the words of the reader; empty if it can.
        unreadable: Whether it cannot be decoded.
        hash: Of the contents; empty if it cannot be decoded.
        look: The difference hash, 64 bits.
        thumbnail: uint8, 256 values.
    """

    name: str
    split: str
    label: str
    size: str = ""
    mode: str = ""
    problem: str = ""
    unreadable: bool = False
    hash: str = ""
    look: int = 0
    thumbnail: NDArray[np.uint8] | None = None


def inspect_files(pictures: Sequence[Picture], images: Sequence[Inspected]) -> list[Inspected]:
    """Decode every picture once, and return its image with what was seen."""

    def inspect(index: int) -> Inspected:
        picture, image = pictures[index], images[index]
        problem = ""
        try:
            decoded = decode(picture, ImageRules())
        except UnreadableImage as error:
            return replace(image, problem=error.what, unreadable=True)
        except DataError as error:
            problem = error.what
            try:
                decoded = decode(picture, OPAQUE)
            except DataError:
                return replace(image, problem=problem)
        size = f"{decoded.size[0]}×{decoded.size[1]}"
        image = replace(image, size=size, mode=decoded.mode, problem=problem)
        return _with_pixels(image, decoded.pixels)

    return _in_threads(inspect, len(images))


def inspect_dataset(dataset: ImageDataset, split: str) -> list[Inspected]:
    """Return every image of a dataset in memory."""
    size, mode = describe_shape(dataset.image_shape).split(" ")

    def inspect(index: int) -> Inspected:
        label = dataset.class_names[dataset.labels[index]]
        image = Inspected(str(dataset.names[index]), split, label, size, mode)
        return _with_pixels(image, dataset.images[index])

    return _in_threads(inspect, len(dataset))


def _in_threads(inspect: Callable[[int], Inspected], count: int) -> list[Inspected]:
    def inspect_part(start: int) -> list[Inspected]:
        return [inspect(index) for index in range(start, min(start + CHUNK, count))]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return [
                image for part in pool.map(inspect_part, range(0, count, CHUNK)) for image in part
            ]


def _with_pixels(image: Inspected, pixels: NDArray[np.uint8]) -> Inspected:
    # Shape and pixels, as in ImageDataset.hashes.
    digest = hashlib.blake2b(json.dumps(pixels.shape).encode(), digest_size=HASH_BYTES)
    digest.update(np.ascontiguousarray(pixels).data)
    bits, thumbnail = look(pixels)
    return replace(image, hash=digest.hexdigest(), look=bits, thumbnail=thumbnail)
