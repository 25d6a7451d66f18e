"""The accuracy of runs."""

from collections.abc import Sequence

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.predictions import Predictions, check_same_images


def accuracies(runs: Sequence[Predictions]) -> Accuracies:
    """Return the accuracy of every run of a configuration.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    return Accuracies.of(run.accuracy for run in runs)
