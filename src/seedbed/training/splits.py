"""What a run learns from and is measured on: which images, and which labels they have.

Which training images are learned from, which are held out, and which labels are wrong are drawn
from streams with seeds of their own, so that they are part of the spread over runs unless they are
held fixed. The same seeds hold out the same images whatever the noise, and smaller training subsets
are parts of larger ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.noise.labels import NoisyLabels, noisy_labels
from seedbed.noise.spec import NoiseSpec
from seedbed.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Sample:
    """The part of a training split that a run learns from, and the part that is held out."""

    train: NDArray[np.int64]
    """Increasing indices into the training split."""
    validation: NDArray[np.int64]
    """The same; none of them is in ``train``."""
    labels: NoisyLabels
    """Of the whole training split. Validation labels are as noisy as those that are learned from: a
    practitioner has no others."""


@dataclass(frozen=True, eq=False)
class Split:
    """The images of a run's train, validation or test split, in the order of their logits."""

    source: str
    """The split of the dataset in which the images lie: ``train`` for images that are held out."""
    dataset: ImageDataset
    """All images of that split, with their clean labels."""
    indices: NDArray[np.int64]
    """Increasing positions in ``dataset``; N."""
    labels: NDArray[np.int64]
    """What the run takes for their labels: with noise those of training and validation images are
    noisy; N."""

    def __len__(self) -> int:
        return len(self.indices)


def learned_images(recipe: Recipe, images: int, seeds: Seeds) -> int:
    """Return how many of ``images`` training images a run learns from, an epoch."""
    if recipe.train_size is not None:
        return recipe.train_size
    return images - held_out_images(recipe, images, seeds)


def held_out_images(recipe: Recipe, images: int, seeds: Seeds) -> int:
    """Return how many of ``images`` training images a run holds out for validation."""
    if recipe.folds is None:
        return recipe.validation_size
    return len(range(seeds.fold % recipe.folds, images, recipe.folds))


def fold_of(labels: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Return which images a fold of a cross-validation holds out.

    The images of each class are dealt out at random, one fold after the other, so that the folds
    differ by one image at most, and so do the images that they have of a class. Seed s is fold s
    mod ``folds`` of the division number ⌊s / ``folds``⌋.

    Args:
        labels: N, those of the dataset, whatever the noise.
        folds: How many, from 2 to N.
        seed: 0 or more.

    Returns:
        Increasing indices.
    """
    division, fold = divmod(seed, folds)
    shuffled = stream(division, "fold").permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_class[fold::folds])


def draw_sample(train: ImageDataset, recipe: Recipe, noise: NoiseSpec, seeds: Seeds) -> Sample:
    """Draw the sample of a run.

    Args:
        train: The training split.
        recipe: How many images are learned from and held out.
        noise: What happens to the labels.
        seeds: The run's.

    Raises:
        StudyError: If there are not as many images, or the noise does not fit the classes.
        DataError: If human labels do not fit the images.
    """
    images = len(train)
    held_out = held_out_images(recipe, images, seeds)
    wanted = learned_images(recipe, images, seeds)
    if wanted < 1 or wanted + held_out > images or (recipe.folds or 0) > images:
        asked = "all others" if recipe.train_size is None else f"{wanted} images"
        raise StudyError(
            f"{held_out} images for validation and {asked} to learn from are asked for",
            where="recipe",
            expected=f"together at most the {images} training images, and some to learn from",
        )
    labels = noisy_labels(train.labels, noise, train.class_names, seeds.noise)
    if recipe.folds is not None:
        validation = fold_of(train.labels, recipe.folds, seeds.fold)
    elif held_out:
        validation = np.sort(stream(seeds.validation, "split").permutation(images)[:held_out])
    else:
        validation = np.arange(0)
    # The same stream as for validation: with equal seeds, the images that follow in its order.
    order = stream(seeds.subset, "split").permutation(images)
    others = order[~np.isin(order, validation, assume_unique=True)]
    return Sample(np.sort(others[:wanted]), validation, labels)


def splits_of(dataset: DatasetSplits, sample: Sample) -> dict[str, Split]:
    """Return the splits of a run by name: ``train``, and ``validation`` and ``test`` if it has any.

    Images that are held out are its validation images, and otherwise those of the dataset's own
    validation split.
    """
    train, noisy = dataset.train, sample.labels.noisy
    splits = {"train": Split("train", train, sample.train, noisy[sample.train])}
    if len(sample.validation):
        splits["validation"] = Split("train", train, sample.validation, noisy[sample.validation])
    for name, whole in dataset.splits.items():
        if name not in splits:
            splits[name] = Split(name, whole, np.arange(len(whole)), whole.labels)
    return splits
