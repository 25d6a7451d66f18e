"""Decoding PNG, JPEG and other encoded images into one array.

The rules for color, transparency and size:

* If all images are gray, they stay gray; if one has colors, all become RGB.
* Transparent images are rejected, unless ``background`` is given: only the user can choose it. An
  alpha channel that is opaque everywhere is dropped.
* Images with more than 8 bits per channel and animated images are rejected. Of a JPEG that holds
  several pictures, as phones write it, the first is read.
* Photos are rotated upright by their EXIF orientation.
* Images of different sizes are rejected, unless ``resize`` is given: every image is then scaled
  until it covers a square of that size, and cropped at the center.
* Images that cannot be decoded are rejected all at once, unless ``skip_unreadable`` is given.
"""

import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import DataError, UnreadableImage
from seedbed.data.readers.bounded import check_memory
from seedbed.data.readers.contents import Contents, contents_of
from seedbed.data.readers.decoding import DecodedImage, ImageRules, Picture, decode, fit
from seedbed.data.reading import LeftOut, Reading

CHUNK: Final = 256
"""Images per task of a thread; for single small images, a task costs more than decoding."""
SHOWN: Final = 3
"""Images that an error names."""


@dataclass(frozen=True)
class Decoded:
    """Images that were decoded together.

    Args:
        images: uint8, N×H×W×C: those that could be decoded.
        kept: Which pictures these are: bool, one value per picture.
        formats: The names of the formats that they were encoded in.
        sizes: Number of images by size before any resizing, ``"100×100"``.
        modes: Number of images by format and color, ``"JPEG RGB"``.
    """

    images: NDArray[np.uint8]
    kept: NDArray[np.bool_]
    formats: frozenset[str]
    sizes: Mapping[str, int]
    modes: Mapping[str, int]


def decode_all(pictures: Sequence[Picture], rules: ImageRules, where: str = "") -> Decoded:
    """Decode images to one size and number of channels.

    Args:
        pictures: One or more.
        rules: What to do with those that cannot be used as they are.
        where: Where they are, for the error about several of them.

    Raises:
        DataError: If images cannot be decoded or break the rules above, or sizes differ; names the
            number of images that have the problem.
    """
    with warnings.catch_warnings():
        # Damaged EXIF data does not affect the pixels. Pillow only warns about smaller
        # decompression bombs; here the warning is an error.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        first = _first_readable(pictures, rules, where)
        decoded = _decode_all(pictures, rules, first, first.pixels.shape[2] == 3, where)
        if decoded is None:
            decoded = _decode_all(pictures, rules, first, True, where)
    assert decoded is not None
    return decoded


def read_pictures(
    pictures: Sequence[Picture], resize: int | None = None
) -> tuple[NDArray[np.uint8], frozenset[str]]:
    """Decode all images and return them with the names of their formats.

    Args:
        pictures: One or more.
        resize: Height and width of the images in pixels; ``None`` keeps their size, which must then
            be the same for all.

    Returns:
        The images, uint8, N×H×W×C, and the names of the formats that they were encoded in.

    Raises:
        DataError: If an image cannot be decoded or breaks the rules above, or sizes differ.

    """
    decoded = decode_all(pictures, ImageRules(resize))
    return decoded.images, decoded.formats


def read_splits(
    splits: Mapping[str, tuple[Sequence[Picture], NDArray[np.int64], NDArray[np.str_]]],
    class_names: tuple[str, ...] | None,
    reading: Reading,
    rules: ImageRules,
    where: str = "",
) -> Contents:
    """Decode all splits to the same size and number of channels.

    Args:
        splits: Pictures, labels and image names of ``train``, and optionally of ``validation`` and
            ``test``.
        class_names: By label; without them, classes are numbered.
        reading: What was understood; what decoding tells is added.
        rules: What to do with images that cannot be used as they are.
        where: Where the images are, for messages.

    Raises:
        DataError: If an image or a label cannot be used, or a class has no image that can be
            decoded.
    """
    pictures = [picture for split, _, _ in splits.values() for picture in split]
    decoded = decode_all(pictures, rules, where)
    result = {}
    skipped: list[str] = []
    start = image = 0
    for split, (_, labels, names) in splits.items():
        kept = decoded.kept[start : start + len(labels)]
        missing = np.setdiff1d(labels, labels[kept])
        if len(missing):
            name = class_names[missing[0]] if class_names else str(missing[0])
            raise DataError(
                f"no {split} image of class {name!r} can be decoded",
                where=where,
                hint=f"list them with: seedbed data check {where}",
            )
        end = image + int(kept.sum())
        result[split] = decoded.images[image:end], labels[kept], names[kept]
        skipped += names[~kept].tolist()
        start, image = start + len(labels), end
    left_out = (LeftOut("unreadable images", tuple(skipped)),) if skipped else ()
    reading = replace(
        reading,
        sizes=decoded.sizes,
        modes=decoded.modes,
        left_out=(*reading.left_out, *left_out),
    )
    return contents_of(result, class_names, reading, formats=decoded.formats)


def resize_images(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return N×H×W×C uint8 images as N×size×size×C, scaled and cropped by the rules above."""
    count, height, width, channels = images.shape
    if (height, width) == (size, size):
        return images
    check_memory(count * size**2 * channels, f"{count:,} images of {size}×{size}")
    result = np.empty((count, size, size, channels), np.uint8)
    for index, image in enumerate(images):
        fitted = fit(Image.fromarray(image[..., 0] if channels == 1 else image), size)
        result[index] = np.asarray(fitted).reshape(size, size, channels)
    return result


@dataclass
class _Part:
    """What a thread has decoded: of the images, only what is counted, and the problems."""

    formats: set[str] = field(default_factory=set)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    problems: dict[int, DataError] = field(default_factory=dict)
    unlike: list[int] = field(default_factory=list)
    """Images of another size than the first."""
    lost: bool = False
    """Whether an image has colors that gray would lose."""


def _first_readable(pictures: Sequence[Picture], rules: ImageRules, where: str) -> DecodedImage:
    problems = {}
    for index, picture in enumerate(pictures):
        try:
            return decode(picture, rules)
        except DataError as error:
            problems[index] = error
    raise _together(problems, pictures, where)


def _decode_all(
    pictures: Sequence[Picture], rules: ImageRules, first: DecodedImage, color: bool, where: str
) -> Decoded | None:
    """Decode into one array; return ``None`` if an image has colors that gray would lose."""
    height, width = first.pixels.shape[:2]
    channels = 3 if color else 1
    what = f"{len(pictures):,} images of {height}×{width}"
    check_memory(len(pictures) * height * width * channels, what)
    images = np.empty((len(pictures), height, width, channels), np.uint8)

    def decode_part(start: int) -> _Part:
        part = _Part()
        for index in range(start, min(start + CHUNK, len(pictures))):
            try:
                image = decode(pictures[index], rules)
            except DataError as error:
                part.problems[index] = error
                continue
            part.formats.add(image.format)
            part.sizes[image.size] += 1
            part.modes[image.mode] += 1
            pixels = image.pixels
            if pixels.shape[2] > channels:
                part.lost = True
                break
            if pixels.shape[:2] != (height, width):
                part.unlike.append(index)
                continue
            images[index] = pixels
        return part

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(decode_part, range(0, len(pictures), CHUNK)))
    if any(part.lost for part in parts):
        return None
    problems = {index: error for part in parts for index, error in part.problems.items()}
    fatal = {
        index: error
        for index, error in problems.items()
        if not (rules.skip_unreadable and isinstance(error, UnreadableImage))
    }
    if fatal:
        raise _together(fatal, pictures, where)
    sizes = sum((part.sizes for part in parts), Counter[tuple[int, int]]())
    if unlike := [index for part in parts for index in part.unlike]:
        raise _unlike_sizes(pictures, unlike[0], sizes, first)
    kept = np.ones(len(pictures), bool)
    kept[list(problems)] = False
    return Decoded(
        images if not problems else images[kept],
        kept,
        frozenset[str]().union(*(part.formats for part in parts)),
        {f"{size[0]}×{size[1]}": count for size, count in sizes.items()},
        dict(sum((part.modes for part in parts), Counter[str]())),
    )


def _unlike_sizes(
    pictures: Sequence[Picture], index: int, sizes: Counter[tuple[int, int]], first: DecodedImage
) -> DataError:
    """Return the error for images of several sizes, with the first image that differs."""
    listed = [f"{count:,} of {h}×{w}" for (h, w), count in sizes.most_common(SHOWN)]
    if len(sizes) > SHOWN:
        listed.append(f"{len(sizes) - SHOWN} more sizes")
    pixels = decode(pictures[index], ImageRules()).pixels
    return DataError(
        f"is {pixels.shape[0]}×{pixels.shape[1]} pixels, but {pictures[0].where} is "
        f"{first.size[0]}×{first.size[1]} (in all, {', '.join(listed)})",
        where=pictures[index].where,
        expected="images of one size",
        hint="resize them, for example with resize = 32",
    )


def _together(
    problems: Mapping[int, DataError], pictures: Sequence[Picture], where: str
) -> DataError:
    """Return one error for all images that cannot be used."""
    if len(problems) == 1:
        (error,) = problems.values()
        return error
    kinds: dict[str, list[str]] = {}
    for index in sorted(problems):
        # What follows a colon is Pillow's reason, which differs between images.
        kinds.setdefault(problems[index].what.partition(":")[0], []).append(pictures[index].where)
    texts = []
    for what, names in kinds.items():
        listed = ", ".join(names[:SHOWN])
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        predicate = what if len(names) == 1 else _plural(what)
        texts.append(f"{len(names):,} {predicate} ({listed}{more})")
    unreadable = all(isinstance(error, UnreadableImage) for error in problems.values())
    skip = ", or leave them out with skip_unreadable = true" if unreadable else ""
    hint = next((e.hint for e in problems.values() if not isinstance(e, UnreadableImage)), "")
    check = f"list all with: seedbed data check {where}{skip}" if where else ""
    return (UnreadableImage if unreadable else DataError)(
        f"of {len(pictures):,} images, {'; '.join(texts)}",
        where=where,
        expected="images that can be decoded" if unreadable else "",
        hint="; ".join(filter(None, (hint, check))),
    )


def _plural(what: str) -> str:
    """Return the predicate of one image for several: "is not an image" -> "are not images"."""
    for one, several in (
        ("is not an image", "are not images"),
        ("is an animated image", "are animated images"),
        ("has ", "have "),
        ("is ", "are "),
    ):
        if what.startswith(one):
            return several + what[len(one) :]
    return what
