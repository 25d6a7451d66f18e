"""The test images that most runs get wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.analysis.predictions import Predictions, check_same_images


@dataclass(frozen=True)
class HardSample:
    """A test image that some runs get wrong."""

    index: int
    """In the test split, from 0."""
    true: int
    """Class of its label."""
    predicted: int
    """The wrong class that most runs predict; of equal ones the first."""
    probability: float
    """Of that class: the mean over the runs that predict it."""
    n_wrong: int
    """How many runs predict a wrong class."""
    loss: float
    """Cross-entropy in nats, mean over all runs."""


@dataclass(frozen=True)
class HardSamples:
    """The test images that most runs get wrong, and how many there are of them."""

    images_n_wrong: tuple[int, ...]
    """How many test images exactly 0, 1, ..., n of the n runs get wrong."""
    samples: tuple[HardSample, ...]
    """Ordered by the number of runs that get them wrong, then by mean loss."""


def hard_samples(runs: Sequence[Predictions], most: int = 50) -> HardSamples:
    """Find the images that the runs of a configuration get wrong.

    Args:
        runs: All of one configuration.
        most: How many samples at most; images that every run gets right are left out.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    losses = np.mean([run.losses for run in runs], axis=0)
    order = np.lexsort((np.arange(len(losses)), -losses, -n_wrong))
    hardest = order[: min(max(most, 0), np.count_nonzero(n_wrong))]
    return HardSamples(
        images_n_wrong=tuple(np.bincount(n_wrong, minlength=len(runs) + 1).tolist()),
        samples=tuple(
            _sample(runs, int(index), int(n_wrong[index]), float(losses[index]))
            for index in hardest
        ),
    )


def _sample(runs: Sequence[Predictions], index: int, n_wrong: int, loss: float) -> HardSample:
    true = int(runs[0].labels[index])
    votes = np.bincount([run.predicted[index] for run in runs], minlength=len(runs[0].class_names))
    votes[true] = 0
    predicted = int(votes.argmax())
    chosen = [
        run.probabilities[index, predicted] for run in runs if run.predicted[index] == predicted
    ]
    return HardSample(index, true, predicted, float(np.mean(chosen)), n_wrong, loss)
