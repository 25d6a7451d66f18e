"""The test images that a page shows, out of the dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses
from seedbed.core.errors import DataError, SeedbedError
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.report.pictures.sprite import BUDGET, Sprite, make_sprite
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.study.store.dataset import reload_dataset
from seedbed.study.store.study import StudyStore


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
        return self.sprites.get(entry.header.test_fingerprint)


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

    """
    named = {entry.header.test_fingerprint: entry for entry in entries if named_images([entry])}
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
        of_set = [entry for entry in entries if entry.header.test_fingerprint == key]
        sprite = make_sprite(named_images(of_set), images.splits[key], budget=share)
        if sprite is not None:
            sprites[key] = sprite
            budget -= len(sprite.data)
    return Pictures(sprites, images.missing)


def _specs(folder: Path) -> dict[str | None, DatasetSpec]:
    """Return the datasets of a study by fingerprint."""
    store = StudyStore(folder)
    if not store.study_file.exists():
        raise DataError("external predictions come without images")
    return {dataset.fingerprint: dataset for dataset in store.read_study().datasets}


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
