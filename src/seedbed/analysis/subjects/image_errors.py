"""Every test image that some run misclassifies: in how many runs, and as what."""

from typing import TYPE_CHECKING

import msgspec

from seedbed.analysis.base import Analysis
from seedbed.analysis.material import Material

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedbed.analysis.predictions import Predictions


class ImageErrors(msgspec.Struct, frozen=True):
    """The M images that at least one run misclassifies, in the order of the test split."""

    index: tuple[int, ...]
    """In the test split, from 0, increasing."""
    true: tuple[int, ...]
    """The numbers of the classes of their labels."""
    predicted: tuple[int, ...]
    """The number of the wrong class that most runs predict, of equal ones the first."""
    n_wrong: tuple[int, ...]
    """How many runs misclassify each, at least 1."""


class ImageErrorsOfRuns(msgspec.Struct, frozen=True):
    """What the runs of one configuration misclassify."""

    image_errors: ImageErrors


def compute(material: Material) -> ImageErrorsOfRuns | None:
    """Return what the runs misclassify; ``None`` without runs."""
    runs = material.predictions
    return ImageErrorsOfRuns(image_errors(runs)) if runs else None


def image_errors(runs: "Sequence[Predictions]") -> ImageErrors:
    """Return what the runs of a configuration misclassify.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    import numpy as np

    from seedbed.analysis.predictions import check_same_images

    check_same_images(runs)
    labels, classes = runs[0].labels, len(runs[0].class_names)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    index = np.flatnonzero(n_wrong)
    votes = np.zeros((len(index), classes), np.uint16)  # large for thousands of classes
    for run in runs:
        votes[np.arange(len(index)), run.predicted[index]] += 1
    votes[np.arange(len(index)), labels[index]] = 0
    columns = (index, labels[index], votes.argmax(axis=1), n_wrong[index])
    return ImageErrors(*(tuple(column.tolist()) for column in columns))


ANALYSIS = Analysis(
    "image-errors", topic="errors", result=ImageErrorsOfRuns, compute=compute, rank=26
)
