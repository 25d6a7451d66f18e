"""The test images that a summary names, out of the dataset, as one picture a test set.

A sprite holds every image once, however many tables and matrices show it, so that a page which
carries everything in itself stays small. Pixels are kept as they are; only images that are larger
than a page shows them are reduced, and then need not be lossless.
"""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.only_right.images import right_in_one
from seedbed.core.errors import DataError, SeedbedError
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.study.dataset_again import dataset_again
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.study.store.study import StudyStore

BUDGET: Final = 3_700_000
"""Bytes of all sprites of a page; as text in the page they are a third more."""
LARGEST_TILE: Final = 112
"""Pixels of the longer side, above which an image is reduced."""
SAMPLED: Final = 200
"""So many tiles are encoded to learn how many fit into the budget."""
LOSSLESS: Final[Mapping[str, Any]] = {"lossless": True, "method": 2, "quality": 0}
"""A quarter smaller than PNG, and several times as fast as WebP's best, which gains 2 % more."""
MOST_PIXELS: Final = 16_000_000
"""Of a sprite; phones show larger pictures blurred or not at all."""
MOST_ONLY_RIGHT: Final = 42
"""Images of each network that it alone gets right."""
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


@dataclass(frozen=True, eq=False)
class FoundImages:
    """The test images that belong to entries, as far as they could be found."""

    splits: Mapping[str, ImageDataset] = field(default_factory=dict)
    """By ``test_fingerprint``, the fingerprint that entries have."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """``test_fingerprint`` -> why its images cannot be shown, in one line."""

    def __or__(self, other: "FoundImages") -> "FoundImages":
        """Return what is found in either; a reason only for what is in neither."""
        splits = {**self.splits, **other.splits}
        missing = {**self.missing, **other.missing}
        return FoundImages(splits, {key: why for key, why in missing.items() if key not in splits})


@dataclass(frozen=True, eq=False)
class Pictures:
    """What a page shows of the images behind its numbers."""

    sprites: Mapping[str, Sprite] = field(default_factory=dict)
    """By ``test_fingerprint``; one without an error has none."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """``test_fingerprint`` -> why its images cannot be shown, in one line."""

    def of(self, entry: Entry) -> Sprite | None:
        """Return the sprite with the test images of an entry."""
        return self.sprites.get(entry["test_fingerprint"])


def find_test_images(
    folder: Path,
    entries: Sequence[Entry],
    *,
    known: Mapping[str, DatasetSplits] | None = None,
    data_root: Path | None = None,
) -> FoundImages:
    """Return the test images of a study, if they are still those that it was tested on.

    They are read as they were for training: resized and split as ``study.toml`` says. Nothing is
    downloaded, and nothing is read of which no entry names an image.

    Args:
        folder: Of the study, or of predictions from elsewhere.
        entries: Of its summary.
        known: Datasets that are in memory, by fingerprint.
        data_root: Where published datasets are looked for first.

    """
    named = {each["test_fingerprint"]: each for each in entries if any(_named(each))}
    splits = {key: data.test for key, data in (known or {}).items() if key in named}
    missing = {}
    specs: dict[str | None, DatasetSpec] | None = None
    for key, entry in named.items():
        if key in splits:
            continue
        try:
            if specs is None:
                specs = _specs(folder)
            splits[key] = _load(specs.get(key), entry, data_root).test
        except SeedbedError as error:
            missing[key] = str(error)
    return FoundImages(splits, missing)


def make_pictures(
    entries: Sequence[Entry], images: FoundImages, *, budget: int = BUDGET
) -> Pictures:
    """Return the sprites of a page.

    Args:
        entries: Of one or more summaries.
        images: The test images of theirs that were found.
        budget: Bytes that all sprites together may have.

    """
    sprites = {}
    # What a small test set does not need of its share is left for larger ones.
    waiting = sorted(images.splits, key=lambda key: images.splits[key].images.nbytes)
    for number, key in enumerate(waiting):
        share = budget // (len(waiting) - number)
        of_set = [each for each in entries if each["test_fingerprint"] == key]
        made = make_sprite(of_set, images.splits[key], budget=share)
        if made is not None:
            sprites[key] = made
            budget -= len(made.data)
    return Pictures(sprites, images.missing)


def make_sprite(
    entries: Sequence[Entry], images: ImageDataset, *, budget: int = BUDGET
) -> Sprite | None:
    """Return the images that entries of one test set name; ``None`` if they name none.

    If not all fit, those are left out first that need a click to be seen, and of these the ones
    that the smallest part of the runs gets wrong.

    Args:
        entries: All with the same ``test_fingerprint``.
        images: The test split.
        budget: Bytes at most; one image is kept in any case.

    """
    wanted = _most_telling(entries)
    if not wanted:
        return None
    width, height, reduced = _tile(images)
    sample = wanted[:: max(len(wanted) // SAMPLED, 1)]
    each = len(_encoded(_sheet(images, sample, width, height), reduced=reduced)) / len(sample)
    count = min(len(wanted), MOST_PIXELS // (width * height), max(int(budget / each), 1))
    while True:
        shown = sorted(wanted[:count])
        sheet = _sheet(images, shown, width, height)
        data = _encoded(sheet, reduced=reduced)
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


def _specs(folder: Path) -> dict[str | None, DatasetSpec]:
    """Return the datasets of a study by fingerprint."""
    store = StudyStore(folder)
    if not store.study_file.exists():
        raise DataError("these predictions came without their images")
    return {each.fingerprint: each for each in store.read_study().datasets}


def _load(spec: DatasetSpec | None, entry: Entry, data_root: Path | None) -> DatasetSplits:
    if spec is None:
        raise DataError("study.toml does not say where the images are", where=entry["dataset"])
    source = ((entry.get("provenance") or {}).get("dataset") or {}).get("source")
    return dataset_again(spec, source, data_root)


def _named(entry: Entry) -> Iterator[tuple[int, int, int, int]]:
    """Yield (rank, runs that get it wrong, place, index) of every image that an entry names.

    Rank 0 is shown at once, 1 after a click; the place is that among the images of its cell.
    """
    for key in ("top_pairs", "merged_pairs"):
        for pair in entry.get(key) or ():
            for place, image in enumerate(pair["images"]):
                yield 0, image["n_wrong"], place, image["index"]
    for place, sample in enumerate((entry["hard_examples"] or {"examples": ()})["examples"]):
        yield 0, sample["n_wrong"], place, sample["index"]
    for cell in entry.get("confused_images") or ():
        pairs = zip(cell["n_wrong"], cell["index"], strict=True)
        for place, (n_wrong, index) in enumerate(pairs):
            yield 1, n_wrong, place, index


def _most_telling(entries: Sequence[Entry]) -> list[int]:
    """Return the index of every image that is named, the one to be left out first at the end."""
    best: dict[int, tuple[int, float, int]] = {}
    for entry in entries:
        for rank, n_wrong, place, index in _named(entry):
            key = (rank, -n_wrong / entry["n"], place)
            best[index] = min(key, best.get(index, key))
    for network in right_in_one(entries):
        for place, image in enumerate(network.images[:MOST_ONLY_RIGHT]):
            key = (0, -1.0, place)
            best[image.index] = min(key, best.get(image.index, key))
    return sorted(best, key=lambda index: (best[index], index))


def _tile(images: ImageDataset) -> tuple[int, int, bool]:
    """Return width and height of a tile, and whether images are reduced to it."""
    height, width, _ = images.image_shape
    longest = max(height, width)
    if longest <= LARGEST_TILE:
        return width, height, False
    factor = LARGEST_TILE / longest
    return max(round(width * factor), 1), max(round(height * factor), 1), True


def _columns(count: int, width: int, height: int) -> int:
    """Return how many tiles a row has, so that the picture is about as wide as high."""
    return max(min(math.ceil(math.sqrt(count * height / width)), count), 1)


def _sheet(images: ImageDataset, indices: Sequence[int], width: int, height: int) -> Image.Image:
    tiles = _tiles(images, indices, width, height)
    columns = _columns(len(tiles), width, height)
    rows = -(-len(tiles) // columns)
    channels = tiles.shape[3]
    grid = np.zeros((rows * columns, height, width, channels), np.uint8)
    grid[: len(tiles)] = tiles
    by_line = grid.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    sheet = by_line.reshape(rows * height, columns * width, channels)
    return Image.fromarray(sheet[..., 0] if channels == 1 else sheet)


def _tiles(
    images: ImageDataset, indices: Sequence[int], width: int, height: int
) -> NDArray[np.uint8]:
    """Return N×H×W×C tiles."""
    chosen = images.images[list(indices)]
    if chosen.shape[1:3] == (height, width):
        return chosen
    tiles = np.empty((len(chosen), height, width, chosen.shape[3]), np.uint8)
    for number, pixels in enumerate(chosen):
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        small = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
        tiles[number] = small.reshape(tiles.shape[1:])
    return tiles


def _encoded(sheet: Image.Image, *, reduced: bool) -> bytes:
    file = BytesIO()
    sheet.save(file, "WEBP", **(REDUCED if reduced else LOSSLESS))
    return file.getvalue()
