"""Every test image that some run gets wrong: in how many runs, and what it is taken for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions, check_same_images


@dataclass(frozen=True, eq=False)
class ImageErrors:
    """The M images that at least one run gets wrong, in the order of the test split."""

    index: NDArray[np.int64]
    """M places in the test split, from 0, increasing."""
    true: NDArray[np.int64]
    """M classes of their labels."""
    predicted: NDArray[np.int64]
    """M wrong classes: that which most runs predict, of equal ones the first."""
    n_wrong: NDArray[np.int64]
    """M numbers of runs that predict a wrong class, each at least 1."""

    def to_dict(self) -> dict[str, list[int]]:
        """Return what the summary holds: a list for each of the four."""
        names = ("index", "true", "predicted", "n_wrong")
        return {name: getattr(self, name).tolist() for name in names}


def image_errors(runs: Sequence[Predictions]) -> ImageErrors:
    """Return what the runs of a configuration get wrong.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    labels, classes = runs[0].labels, len(runs[0].class_names)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    index = np.flatnonzero(n_wrong)
    votes = np.zeros((len(index), classes), np.uint16)  # of thousands of classes it would be large
    for run in runs:
        votes[np.arange(len(index)), run.predicted[index]] += 1
    votes[np.arange(len(index)), labels[index]] = 0
    return ImageErrors(index, labels[index], votes.argmax(axis=1), n_wrong[index])
