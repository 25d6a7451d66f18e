"""The test images that a page shows, out of the dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses
from seedbed.analysis.subjects.image_errors import images_by_index
from seedbed.core.errors import DataError, SeedbedError
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.report.pictures.links import absolute_names, common_folder, file_links
from seedbed.report.pictures.sprite import (
    BUDGET,
    DatasetTiles,
    Sprite,
    Tiles,
    is_reduced,
    make_sprite,
    tile_shape,
)
from seedbed.report.pictures.thumbnails import Thumbnails, decoded, encoded, read_thumbnails
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.study.store.dataset import reload_dataset
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True, eq=False)
class FoundImages:
    """The test images that belong to entries, as far as they could be found."""

    splits: Mapping[str, ImageDataset] = field(default_factory=dict)
    """By ``test_fingerprint``, the fingerprint that entries have."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """``test_fingerprint`` -> why its images were not found."""
    roots: Mapping[str, Path] = field(default_factory=dict)
    """``test_fingerprint`` -> the folder that the names of its images start from."""
    kept: Thumbnails = field(default_factory=Thumbnails)
    """Pictures that earlier pages have shown."""
    used: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Images of the splits whose pixels an analysis has used, by hash."""

    def __or__(self, other: "FoundImages") -> "FoundImages":
        """Return what is found in either; a reason only for what is in neither."""
        splits = {**self.splits, **other.splits}
        missing = {**self.missing, **other.missing}
        return FoundImages(
            splits,
            {key: why for key, why in missing.items() if key not in splits},
            {**self.roots, **other.roots},
            self.kept | other.kept,
            {**self.used, **other.used},
        )

    def pixels(
        self, key: str, hashes: Sequence[str], shape: tuple[int, int, int]
    ) -> dict[str, NDArray[np.uint8]]:
        """Return test images as they are, by hash, as far as they are known.

        Args:
            key: Of the test set: its ``test_fingerprint``.
            hashes: Of the contents of the images.
            shape: Height, width and channels.
        """
        if key in self.splits:
            images = self.splits[key]
            index_of = {of: index for index, of in enumerate(images.hashes.tolist())}
            found = {of: images.images[index_of[of]] for of in hashes if of in index_of}
            self.used.update(found)
            return found
        known = self.kept.full if is_reduced(shape) else self.kept.small
        read = {of: decoded(known[of], shape) for of in hashes if of in known}
        return {of: image for of, image in read.items() if image is not None}


@dataclass(frozen=True, eq=False)
class Pictures:
    """What a page shows of the images behind its numbers."""

    sprites: Mapping[str, Sprite] = field(default_factory=dict)
    """By ``test_fingerprint``; one without an error has none."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """``test_fingerprint`` -> why none of its images are shown."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """``test_fingerprint`` -> why only pictures are shown that earlier pages have shown."""
    links: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """``test_fingerprint`` -> index -> address of the file of an image, where it exists."""

    def of(self, entry: Entry) -> Sprite | None:
        """Return the sprite with the test images of an entry."""
        return self.sprites.get(entry.header.test_fingerprint)


@dataclass(frozen=True, eq=False)
class KeptTiles:
    """Tiles of images whose dataset is gone."""

    image_shape: tuple[int, int, int]
    tiles: Mapping[int, NDArray[np.uint8]]
    """By index in the test split."""

    def __call__(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return N×H×W×C tiles."""
        return np.stack([self.tiles[index] for index in indices])


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
        folder: Of the study, or of external predictions.
        entries: Of its summary.
        known: Datasets that are in memory, by fingerprint.
        data_root: Where published datasets are looked for first.

    Raises:
        StoreError: If the pictures of earlier pages cannot be read.
    """
    named = {entry.header.test_fingerprint: entry for entry in entries if named_images([entry])}
    datasets = {}
    missing = {}
    specs: dict[str | None, DatasetSpec] | None = None
    for key, entry in named.items():
        fingerprint = entry.header.configuration.get("dataset", {}).get("fingerprint")
        if known is not None and fingerprint in known:
            datasets[key] = known[fingerprint]
            continue
        try:
            if specs is None:
                specs = _specs(folder)
            datasets[key] = _load(specs.get(fingerprint), entry, data_root)
        except SeedbedError as error:
            missing[key] = str(error)
    splits = {key: data.test for key, data in datasets.items()}
    roots = {key: Path(data.source) for key, data in datasets.items() if data.source}
    for key in missing:  # external predictions may name their images by paths
        shared = common_folder(absolute_names(_of_set(entries, key)))
        if shared:
            roots[key] = Path(shared)
    return FoundImages(splits, missing, roots, read_thumbnails(folder))


def make_pictures(
    entries: Sequence[Entry],
    images: FoundImages,
    page: Path | None = None,
    *,
    budget: int = BUDGET,
) -> Pictures:
    """Return the sprites of a page, and the addresses of the files behind them.

    Args:
        entries: Of one or more summaries.
        images: The test images of theirs that were found.
        page: The file of the page; without it, no image has an address.
        budget: Bytes that all sprites together may have.

    """
    tiles: dict[str, Tiles] = {key: DatasetTiles(split) for key, split in images.splits.items()}
    for key in images.missing:
        kept = _kept_tiles(_of_set(entries, key), images.kept)
        if kept is not None:
            tiles[key] = kept
    sprites = {}
    named = {key: named_images(_of_set(entries, key)) for key in tiles}
    # What a small test set does not need of its share is left for larger ones.
    waiting = sorted(tiles, key=lambda key: len(named[key]) * prod(tiles[key].image_shape))
    for number, key in enumerate(waiting):
        share = budget // (len(waiting) - number)
        source = tiles[key]
        known = source.tiles if isinstance(source, KeptTiles) else named[key]
        wanted = [index for index in named[key] if index in known]
        sprite = make_sprite(wanted, source, budget=share)
        if sprite is not None:
            sprites[key] = replace(sprite, left_out=len(named[key]) - len(sprite.places))
            budget -= len(sprite.data)
    links = {
        key: file_links(_of_set(entries, key), root, page)
        for key, root in images.roots.items()
        if page is not None
    }
    return Pictures(
        sprites,
        {key: why for key, why in images.missing.items() if key not in sprites},
        {key: why for key, why in images.missing.items() if key in sprites},
        links,
    )


def shown_thumbnails(images: FoundImages, pictures: Pictures) -> Thumbnails:
    """Return what a page shows of its datasets and is not kept yet."""
    small: dict[str, bytes] = {}
    full: dict[str, bytes] = {}
    for content_hash, image in images.used.items():
        (full if is_reduced(image.shape) else small)[content_hash] = encoded(image)
    for key, split in images.splits.items():
        sprite = pictures.sprites.get(key)
        hashes = split.hashes
        new = [i for i in sprite.places if hashes[i] not in images.kept.small] if sprite else []
        reduced = is_reduced(split.image_shape)
        for index, tile in zip(new, DatasetTiles(split)(new), strict=True):
            small[str(hashes[index])] = encoded(tile, reduced=reduced)
    return Thumbnails(small, full)


def _of_set(entries: Sequence[Entry], key: str) -> list[Entry]:
    return [entry for entry in entries if entry.header.test_fingerprint == key]


def _kept_tiles(entries: Sequence[Entry], kept: Thumbnails) -> KeptTiles | None:
    """Return the pictures of a test set that earlier pages have shown; ``None`` without any."""
    provenance = next((entry.header.provenance for entry in entries if entry.header.n), None)
    if provenance is None:
        return None
    shape = provenance.dataset.image_shape
    tiles = {}
    for index, image in images_by_index(entries).items():
        data = kept.small.get(image.hash or "")
        pixels = None if data is None else decoded(data, tile_shape(shape))
        if pixels is not None:
            tiles[index] = pixels
    return KeptTiles(shape, tiles) if tiles else None


def _specs(folder: Path) -> dict[str | None, DatasetSpec]:
    """Return the datasets of a study by fingerprint."""
    store = StudyStore(folder)
    if not store.study_file.exists():
        raise DataError("external predictions come without images")
    return {dataset.fingerprint: dataset for dataset in store.read_datasets()}


def _load(spec: DatasetSpec | None, entry: Entry, data_root: Path | None) -> DatasetSplits:
    if spec is None:
        raise DataError("study.toml does not say where the images are", where=entry.header.dataset)
    provenance = entry.header.provenance
    source = provenance.dataset.source if provenance else None
    return reload_dataset(spec, source, data_root)


def named_images(entries: Sequence[Entry]) -> list[int]:
    """Return the test images that analyses show, the one to be left out first at the end.

    Args:
        entries: Of one test set.

    Returns:
        Places in the test split.
    """
    best: dict[int, tuple[bool, float, int]] = {}
    for analysis in analyses():
        for part in analysis.parts or ():
            for image in part.images(entries) if part.images else ():
                key = (not image.at_once, -image.share, image.place)
                best[image.index] = min(key, best.get(image.index, key))
    return sorted(best, key=lambda index: (best[index], index))
