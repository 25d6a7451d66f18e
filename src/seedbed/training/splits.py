"""The splits of a run: which images, and which labels.

The training subset, the held-out images and the noisy labels are drawn from separate streams, so
they contribute to the spread over runs unless their seeds are fixed. The same seeds hold out the
same images whatever the noise, and smaller training subsets are subsets of larger ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError, StudyError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.images import DatasetSplits, ImageDataset, ImageIdentities
from seedbed.data.splits import deal
from seedbed.noise.labels import NoisyLabels, noisy_labels
from seedbed.noise.spec import NoiseSpec
from seedbed.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Sample:
    """The training images of a run, the images that it holds out, and the labels."""

    train: NDArray[np.int64]
    """Increasing indices into the training split."""
    validation: NDArray[np.int64]
    """The same, disjoint from ``train``."""
    labels: NoisyLabels
    """Of the whole training split. Validation labels are as noisy as training labels, because
    nobody has clean ones in practice."""


@dataclass(frozen=True, eq=False)
class Split:
    """The images of a run's train, validation or test split, in the order of their logits."""

    source: str
    """The split of the dataset that contains the images: ``train`` for held-out images."""
    dataset: ImageDataset
    """All images of that split, with their clean labels."""
    indices: NDArray[np.int64]
    """Increasing positions in ``dataset``; N."""
    labels: NDArray[np.int64]
    """The labels of the run; N. If there is noise, those of images from the training split are
    noisy, held-out ones included."""

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def identities(self) -> ImageIdentities:
        """Which images these are; N."""
        return ImageIdentities(self.dataset.names[self.indices], self.dataset.hashes[self.indices])


def learned_images(recipe: Recipe, train: ImageDataset, seeds: Seeds) -> int:
    """Return how many images of the training split a run trains on."""
    if recipe.train_size is not None:
        return recipe.train_size
    return len(train) - held_out_images(recipe, train, seeds)


def held_out_images(recipe: Recipe, train: ImageDataset, seeds: Seeds) -> int:
    """Return how many images of the training split a run holds out for validation."""
    if train.groups is not None:
        return len(_held_out(recipe, train, seeds))
    if recipe.folds is None:
        return recipe.validation_size
    return len(range(seeds.fold % recipe.folds, len(train), recipe.folds))


def validation_images(recipe: Recipe, dataset: DatasetSplits, seeds: Seeds) -> int:
    """Return how many images the validation split of a run has; 0 if there is none."""
    held_out = held_out_images(recipe, dataset.train, seeds)
    own = dataset.splits.get("validation")
    return held_out or (len(own) if own else 0)


def fold_of(
    labels: NDArray[np.int64], folds: int, seed: int, groups: NDArray[np.str_] | None = None
) -> NDArray[np.int64]:
    """Return the images that a fold of a stratified cross-validation holds out.

    The shuffled images of each class are dealt to the folds in turn, so the sizes of the folds, and
    their numbers of images per class, differ by at most one. Seed s is fold s mod ``folds`` of the
    division ⌊s / ``folds``⌋. Groups stay whole, so the numbers are then as equal as they allow
    (:func:`seedbed.data.splits.deal`).

    Args:
        labels: The clean labels, N.
        folds: Number of folds, 2 to N.
        seed: 0 or more.
        groups: N; ``None`` if every image is one of its own.

    Returns:
        Increasing indices.

    Raises:
        DataError: If too few groups have images of the same class.
    """
    division, fold = divmod(seed, folds)
    if groups is not None:
        shares = dict.fromkeys(range(folds), 1 / folds)
        return np.flatnonzero(deal(labels, groups, shares, stream(division, "fold")) == fold)
    shuffled = stream(division, "fold").permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_class[fold::folds])


def _held_out(recipe: Recipe, train: ImageDataset, seeds: Seeds) -> NDArray[np.int64]:
    """Return the indices of the images that a run holds out for validation, increasing."""
    images, groups = len(train), train.groups
    if recipe.folds is not None:
        if groups is not None and recipe.folds > len(np.unique(groups)):
            raise StudyError(
                f"{recipe.folds} folds are too many for {len(np.unique(groups))} groups",
                where="recipe.folds",
                expected="at least one group for every fold",
            )
        with _setting("recipe.folds"):
            return fold_of(train.labels, recipe.folds, seeds.fold, groups)
    if not recipe.validation_size:
        return np.arange(0)
    generator = stream(seeds.validation, "split")
    if groups is None:
        return np.sort(generator.permutation(images)[: recipe.validation_size])
    share = min(recipe.validation_size / images, 1.0)
    if share == 1:
        return np.arange(images)
    with _setting("recipe.validation_size"):
        return np.flatnonzero(deal(train.labels, groups, {0: 1 - share, 1: share}, generator))


@contextmanager
def _setting(name: str) -> Iterator[None]:
    """Raise an error about groups as one about a setting."""
    try:
        yield
    except DataError as error:
        raise StudyError(error.what, where=name, expected=error.expected) from None


def draw_sample(train: ImageDataset, recipe: Recipe, noise: NoiseSpec, seeds: Seeds) -> Sample:
    """Draw the sample of a run.

    Args:
        train: The training split.
        recipe: Sets the numbers of images.
        noise: The label noise.
        seeds: Of the run.

    Raises:
        StudyError: If there are too few images, or the noise does not match the classes.
        DataError: If human labels do not match the images.
    """
    images = len(train)
    validation = _held_out(recipe, train, seeds)
    # Without groups, more images may be asked for than there are.
    held_out = (
        len(validation) if train.groups is not None else held_out_images(recipe, train, seeds)
    )
    size = images - held_out if recipe.train_size is None else recipe.train_size
    if size < 1 or size + held_out > images or (recipe.folds or 0) > images:
        rest = "all others" if recipe.train_size is None else f"{size} images"
        raise StudyError(
            f"{held_out} images for validation and {rest} for training are too many",
            where="recipe",
            expected=f"at most {images} images in total, and at least 1 for training",
        )
    labels = noisy_labels(train.labels, noise, train.class_names, seeds.noise)
    # The same stream as for validation: with equal seeds, these images follow the held-out ones.
    order = stream(seeds.subset, "split").permutation(images)
    others = order[~np.isin(order, validation, assume_unique=True)]
    return Sample(np.sort(others[:size]), validation, labels)


def splits_of(dataset: DatasetSplits, sample: Sample) -> dict[str, Split]:
    """Return the splits of a run: ``train``, and ``validation`` and ``test`` if it has them.

    The validation split consists of the held-out images, or else is that of the dataset.
    """
    train, noisy = dataset.train, sample.labels.noisy
    splits = {"train": Split("train", train, sample.train, noisy[sample.train])}
    if len(sample.validation):
        splits["validation"] = Split("train", train, sample.validation, noisy[sample.validation])
    for name, whole in dataset.splits.items():
        if name not in splits:
            splits[name] = Split(name, whole, np.arange(len(whole)), whole.labels)
    return splits
