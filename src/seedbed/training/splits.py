"""What a run learns from: which training images, and which labels they have.

Both are drawn from the run's own seed, so that they are part of the spread over runs. The streams
are separate: the same seed holds out the same images whatever the noise, and smaller training
subsets are parts of larger ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StudyError
from seedbed.core.seeds import stream
from seedbed.data.images import ImageDataset
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


def learned_images(recipe: Recipe, images: int) -> int:
    """Return how many of ``images`` training images a run learns from, an epoch."""
    return images - recipe.validation_size if recipe.train_size is None else recipe.train_size


def draw_sample(train: ImageDataset, recipe: Recipe, noise: NoiseSpec, seed: int) -> Sample:
    """Draw the sample of a run.

    Args:
        train: The training split.
        recipe: How many images are learned from and held out.
        noise: What happens to the labels.
        seed: The run's.

    Raises:
        StudyError: If there are not as many images, or the noise does not fit the classes.
        DataError: If human labels do not fit the images.
    """
    images = len(train)
    held_out = recipe.validation_size
    wanted = learned_images(recipe, images)
    if wanted < 1 or wanted + held_out > images:
        asked = "all others" if recipe.train_size is None else f"{wanted} images"
        raise StudyError(
            f"{held_out} images for validation and {asked} to learn from are asked for",
            where="recipe",
            expected=f"together at most the {images} training images, and some to learn from",
        )
    order = stream(seed, "split").permutation(images) if held_out or wanted < images else None
    if order is None:
        chosen, validation = np.arange(images), np.arange(0)
    else:
        chosen = np.sort(order[held_out : held_out + wanted])
        validation = np.sort(order[:held_out])
    return Sample(chosen, validation, noisy_labels(train.labels, noise, train.class_names, seed))
