"""The reliability diagram, the expected calibration error (ECE) and the Brier score.

The reliability diagram puts every image into one of M bins of equal width by its confidence (the
probability of the predicted class), and compares the mean confidence of a bin with the fraction of
its images that are correct. The expected calibration error is the mean distance of the two,
weighted by the images of the bin:

    ECE = sum over bins of |B| / N · |accuracy(B) - confidence(B)|

It depends on M: 15, as in the source. It is not 0 even where every probability is right, because
the accuracy of a bin varies with its images: by several points with a few hundred of them. The
debiased ECE subtracts how much of it that variation explains, estimated by resampling the bins
(from their normal limit, without drawing anything). The Brier score is the squared distance of the
probabilities from the one-hot vector of the label, summed over the classes and averaged over the
images, 0 (best) to 2. For two classes it is twice what is often called the Brier score.

Sources:
    Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017:
    reliability diagram and ECE. Kumar, Liang and Ma, Verified uncertainty calibration, NeurIPS
    2019, section 4 and its code: the debiased ECE. Brier, Verification of forecasts expressed in
    terms of probability, Monthly Weather Review 78, 1950.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.analysis.subjects.calibration.result import Bins, Calibration

BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """The bins of a reliability diagram, M of them of equal width from 0 to 1.

    A bin holds the confidences above its lower edge, up to and including its upper one; the first
    holds 0 too.

    Args:
        counts: int64, M: images in each bin.
        confidences: float64, M: the sum of their confidences.
        correct: int64, M: how many of them are correct.

    """

    counts: NDArray[np.int64]
    confidences: NDArray[np.float64]
    correct: NDArray[np.int64]

    @property
    def error(self) -> float:
        """The expected calibration error, 0 to 1."""
        return float(np.abs(self.correct - self.confidences).sum() / self.counts.sum())

    @property
    def debiased_error(self) -> float:
        """The debiased expected calibration error, 0 to 1."""
        filled = self.counts > 0
        counts = self.counts[filled]
        accuracies = self.correct[filled] / counts
        distances = accuracies - self.confidences[filled] / counts
        deviations = np.sqrt(accuracies * (1 - accuracies) / counts)
        resampled = float((counts * _mean_magnitude(distances, deviations)).sum() / counts.sum())
        return max(2 * self.error - resampled, 0.0)

    def bins(self) -> Bins:
        """Return what an entry holds of it."""
        edges = np.linspace(0, 1, len(self.counts) + 1).tolist()
        return Bins(
            lower=tuple(edges[:-1]),
            upper=tuple(edges[1:]),
            images=tuple(self.counts.tolist()),
            confidence=self._means(self.confidences),
            accuracy=self._means(self.correct),
        )

    def _means(self, sums: NDArray[Any]) -> tuple[float | None, ...]:
        bins = zip(sums.tolist(), self.counts.tolist(), strict=True)
        return tuple(total / images if images else None for total, images in bins)


def _mean_magnitude(
    means: NDArray[np.float64], deviations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the means of the magnitudes of normal numbers (the folded normal distribution)."""
    scaled = np.divide(means, deviations, out=np.full_like(means, np.inf), where=deviations > 0)
    density = np.sqrt(2 / np.pi) * np.exp(-np.square(scaled) / 2)
    magnitudes: NDArray[np.float64] = np.where(
        deviations > 0, deviations * density + means * (1 - 2 * ndtr(-scaled)), np.abs(means)
    )
    return magnitudes


def reliability(run: Predictions, bins: int = BINS) -> Reliability:
    """Return the reliability diagram of one run."""
    confidences = run.confidences
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    bin_of_image = np.searchsorted(inner_edges, confidences)
    return Reliability(
        counts=np.bincount(bin_of_image, minlength=bins).astype(np.int64),
        confidences=np.bincount(bin_of_image, confidences, minlength=bins).astype(np.float64),
        correct=np.bincount(bin_of_image[~run.wrong], minlength=bins).astype(np.int64),
    )


def brier_score(run: Predictions) -> float:
    """Return the multi-class Brier score, 0 (best) to 2."""
    probabilities = run.probabilities
    of_label = probabilities[np.arange(len(run)), run.labels]
    # (p - 1)² = p² - 2p + 1 for the label's class, p² for the others.
    return float(np.mean(np.einsum("ij,ij->i", probabilities, probabilities) - 2 * of_label + 1))


def calibration(runs: Sequence[Predictions], bins: int = BINS) -> Calibration:
    """Return the calibration of the runs of a configuration.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    diagrams = [reliability(run, bins) for run in runs]
    ece = Aggregate.of(diagram.error for diagram in diagrams)
    debiased = Aggregate.of(diagram.debiased_error for diagram in diagrams)
    brier = Aggregate.of(map(brier_score, runs))
    assert ece.mean is not None
    assert debiased.mean is not None
    assert brier.mean is not None
    together = Reliability(
        counts=np.sum([diagram.counts for diagram in diagrams], axis=0),
        confidences=np.sum([diagram.confidences for diagram in diagrams], axis=0),
        correct=np.sum([diagram.correct for diagram in diagrams], axis=0),
    )
    return Calibration(
        ece.mean,
        brier.mean,
        ece.std,
        brier.std,
        together.bins(),
        debiased.mean,
        debiased.std,
    )
