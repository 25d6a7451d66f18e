"""The predictions that an audit scores: of networks that were not trained on the image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StoreError
from seedbed.data.images import ImageDataset
from seedbed.noise.estimation import Probabilities
from seedbed.noise.human import Labels
from seedbed.training.metrics import probabilities


@dataclass(frozen=True, eq=False)
class SplitPredictions:
    """Out-of-fold predictions for the N images of a split."""

    name: str
    images: ImageDataset
    given: Labels
    """The labels that are audited, N."""
    clean: Labels | None
    """The clean labels, N; ``None`` if they are not known."""
    draws: tuple[Probabilities, ...]
    """N×K each: one of every division into folds, or of every run for images that no run trains
    on. An image that a division lacks has the mean of the others there."""
    votes: NDArray[np.int64]
    """How many networks predict each class, N×K."""
    networks: NDArray[np.int64]
    """How many networks predicted each image, N; at least 1."""

    @property
    def mean(self) -> Probabilities:
        """The mean probabilities, N×K: what cleanlab calls ``pred_probs``."""
        mean: Probabilities = np.mean(self.draws, axis=0)
        return mean


@dataclass(frozen=True, eq=False)
class Part:
    """The logits of one run for some images of a split."""

    draw: int
    """The number of the division, or of the run."""
    indices: NDArray[np.int64]
    logits: NDArray[np.float32]


def gather(
    name: str,
    images: ImageDataset,
    given: Labels,
    clean: Labels | None,
    parts: Sequence[Part],
) -> SplitPredictions:
    """Put the predictions of all runs together.

    Raises:
        StoreError: If an image has no prediction.
    """
    count, classes = len(images), len(images.class_names)
    sums = {part.draw: np.zeros((count, classes), np.float32) for part in parts}
    known = {part.draw: np.zeros(count, bool) for part in parts}
    votes = np.zeros((count, classes), np.int64)
    for part in parts:
        sums[part.draw][part.indices] = probabilities(part.logits)
        known[part.draw][part.indices] = True
        votes[part.indices, part.logits.argmax(axis=1)] += 1
    networks = votes.sum(axis=1)
    if not networks.all():
        raise StoreError(
            f"{(networks == 0).sum():,} of {count:,} {name} images have no prediction, because "
            "runs have not finished",
            hint="run the command again; if runs diverged, with a lower recipe.learning_rate",
        )
    return SplitPredictions(
        name, images, given, clean, _filled(sums, known, networks), votes, networks
    )


def _filled(
    sums: Mapping[int, NDArray[np.float32]],
    known: Mapping[int, NDArray[np.bool_]],
    networks: NDArray[np.int64],
) -> tuple[Probabilities, ...]:
    if all(rows.all() for rows in known.values()):
        return tuple(sums.values())
    mean = sum(sums.values()) / networks[:, None].astype(np.float32)
    return tuple(np.where(known[draw][:, None], sums[draw], mean) for draw in sums)
