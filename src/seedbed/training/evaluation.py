"""Evaluation after an epoch: the logits of the run's splits, and their metrics."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Event
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits
from seedbed.noise.labels import NoisyLabels
from seedbed.noise.memorization import count_memorized
from seedbed.training.batches import training_sample
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.metrics import accuracy, mean_loss
from seedbed.training.recipe import Recipe
from seedbed.training.splits import Split, learned_images, validation_images


class Trainer(Protocol):
    """An engine's network, ready to be trained and evaluated."""

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        indices: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those at ``indices``, in consecutive parts."""


TrainerType = TypeVar("TrainerType", bound=Trainer)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The logits of some images of a split."""

    logits: NDArray[np.float32]
    """N×K."""
    labels: NDArray[np.int64]
    """The labels of the run, noisy if it has noise; N."""
    indices: NDArray[np.int64]
    """Positions in the dataset's split; N."""


def epochs_between_evaluations(recipe: Recipe, dataset: DatasetSplits) -> int:
    """Return the epochs between two evaluations, ``evaluate_every`` or its automatic value.

    That is 1 if at most as many images are held out as are trained on. A training step takes about
    as long as three predictions, so evaluation then takes less time than training, even with a
    sample of training images as large as the test split. With more held-out images, it is their
    number per training image, rounded up. It is the same for all seeds.
    """
    if recipe.evaluate_every != "auto":
        return recipe.evaluate_every
    if recipe.checkpoint == "best-on-validation":
        return 1
    any_seeds = Seeds()
    test = len(dataset.test) if "test" in dataset.splits else 0
    held_out = validation_images(recipe, dataset, any_seeds) + test
    return max(1, math.ceil(held_out / learned_images(recipe, dataset.train, any_seeds)))


def evaluated_images(splits: Mapping[str, Split], *, every_image: bool) -> dict[str, Split]:
    """Return the images of every split to evaluate.

    Args:
        splits: Of the run.
        every_image: Whether to evaluate all training images instead of a fixed sample as large as
            the test split (or the validation split, if there is no test split).
    """
    chosen, train = dict(splits), splits["train"]
    held_out = [splits[name] for name in ("test", "validation") if name in splits]
    if held_out and not every_image:
        sample = training_sample(len(train), len(held_out[0]))
        chosen["train"] = replace(train, indices=train.indices[sample], labels=train.labels[sample])
    return chosen


def evaluate(
    trainer: Trainer, weights: NDArray[np.float32], splits: Mapping[str, Split], stop: Event
) -> dict[str, Evaluated]:
    """Return the logits of every split.

    Args:
        trainer: The engine's network.
        weights: Flat.
        splits: From :func:`evaluated_images`.
        stop: Stops early; the result must not be used then.
    """
    return {
        name: Evaluated(logits_of(trainer, weights, split, stop), split.labels, split.indices)
        for name, split in splits.items()
    }


def logits_of(
    trainer: Trainer, weights: NDArray[np.float32], split: Split, stop: Event
) -> NDArray[np.float32]:
    """Return the N×K logits of a split; the result must not be used once ``stop`` is set."""
    parts = []
    for part in trainer.logits(weights, split.dataset.images, split.indices):
        parts.append(part)
        if stop.is_set():
            break
    return np.concatenate(parts)


def scores(results: Mapping[str, Evaluated], noisy: NoisyLabels | None) -> dict[str, float]:
    """Return the fields of an :class:`EpochRecord` that are measured after an epoch.

    Args:
        results: From :func:`evaluate`; empty if the epoch was not evaluated.
        noisy: The labels of the whole training split, if there is noise.
    """
    fields = {}
    for name, split in results.items():
        fields[f"{name}_loss"] = mean_loss(CrossEntropy(), split.logits, split.labels)
        fields[f"{name}_accuracy"] = accuracy(split.logits, split.labels)
    if noisy is not None and results:
        train = results["train"]
        clean = noisy.clean[train.indices]
        counted = count_memorized(train.logits.argmax(axis=1), train.labels, clean)
        fields["clean_train_accuracy"] = accuracy(train.logits, clean)
        if counted.flipped:
            fields["memorized"] = counted.memorized / counted.flipped
            fields["recovered"] = counted.recovered / counted.flipped
    return fields
