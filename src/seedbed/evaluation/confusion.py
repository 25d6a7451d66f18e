"""Which classes are taken for which, and the images behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions, check_same_images


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion matrices of the runs of one configuration.

    Args:
        counts: int64, runs×K×K: ``counts[r, i, j]`` test images of class i are predicted as class j
            by run r.

    """

    counts: NDArray[np.int64]

    @cached_property
    def normalized(self) -> NDArray[np.float64]:
        """float64, runs×K×K: each row a fraction of its true class, so that it sums to 1.

        The row of a class that never occurs is 0, as scikit-learn has it.
        """
        occurs = self.counts.sum(axis=2, keepdims=True)
        result: NDArray[np.float64] = self.counts / np.maximum(occurs, 1)
        return result

    @property
    def mean(self) -> NDArray[np.float64]:
        """float64, K×K: the mean of :attr:`normalized` over the runs."""
        result: NDArray[np.float64] = self.normalized.mean(axis=0)
        return result

    @property
    def std(self) -> NDArray[np.float64] | None:
        """float64, K×K: the sample standard deviation over the runs; ``None`` of a single one."""
        if len(self.counts) < 2:
            return None
        result: NDArray[np.float64] = self.normalized.std(axis=0, ddof=1)
        return result


@dataclass(frozen=True)
class ConfusedImage:
    """A test image behind a confused pair."""

    index: int
    """In the test split, from 0."""
    true: int
    """Class of its label."""
    predicted: int
    """Class that it is taken for."""
    probability: float
    """Of the predicted class: the mean over the runs that predict it."""
    n_wrong: int
    """How many runs predict any wrong class."""


@dataclass(frozen=True)
class ConfusedPair:
    """A true class and the class that it is taken for."""

    true: int
    predicted: int
    rate: float
    """Fraction of the true class's images, mean over the runs."""
    images: tuple[ConfusedImage, ...]
    """Those that most runs confuse so come first, and of these the most confident."""


@dataclass(frozen=True)
class MergedPair:
    """Two classes that are taken for each other, in either direction."""

    classes: tuple[int, int]
    """The one that is more often taken for the other comes first."""
    rate: float
    """Fraction of both classes' images that are taken for the other, mean over the runs."""
    rates: tuple[float, float]
    """Of the first class taken for the second, and of the second for the first."""
    images: tuple[ConfusedImage, ...]
    """Of both directions, in the same order as in a :class:`ConfusedPair`."""


@dataclass(frozen=True, eq=False)
class Cell:
    """The images behind a cell of the confusion matrix, off its diagonal; M of them."""

    true: int
    predicted: int
    index: NDArray[np.int64]
    """M places in the test split: first those that most runs get wrong, of these those that most
    runs confuse so, of these the most confident."""
    probability: NDArray[np.float64]
    """M probabilities of the predicted class: means over the runs that predict it."""
    n_wrong: NDArray[np.int64]
    """M numbers of runs that predict any wrong class."""


def confusion(runs: Sequence[Predictions]) -> Confusion:
    """Count the confusions of every run.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    classes = len(runs[0].class_names)
    cells = classes * runs[0].labels + np.stack([run.predicted for run in runs])
    counts = [np.bincount(each, minlength=classes**2) for each in cells]
    return Confusion(np.stack(counts).astype(np.int64).reshape(-1, classes, classes))


def confused_pairs(
    runs: Sequence[Predictions], most: int = 10, images: int = 10
) -> tuple[ConfusedPair, ...]:
    """Return the pairs of classes that are confused most.

    Args:
        runs: All of one configuration.
        most: How many pairs at most, ordered by rate; those that never occur are left out.
        images: How many images of each pair at most.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    rates = confusion(runs).mean
    return tuple(
        ConfusedPair(
            true,
            predicted,
            float(rates[true, predicted]),
            _images(runs, [(true, predicted)], images),
        )
        for true, predicted in _highest(rates, most)
    )


def merged_pairs(
    runs: Sequence[Predictions], most: int = 10, images: int = 10
) -> tuple[MergedPair, ...]:
    """Return the pairs of classes that are confused most, both directions counted together.

    The arguments and errors are those of :func:`confused_pairs`.
    """
    matrices = confusion(runs)
    rates = matrices.mean
    confused = matrices.counts.mean(axis=0)
    occurs = matrices.counts[0].sum(axis=1)
    both = (confused + confused.T) / np.maximum(occurs[:, None] + occurs, 1)
    result = []
    for one, other in _highest(np.triu(both, 1), most):
        first, second = (one, other) if rates[one, other] >= rates[other, one] else (other, one)
        behind = _images(runs, [(first, second), (second, first)], images)
        directions = (float(rates[first, second]), float(rates[second, first]))
        result.append(MergedPair((first, second), float(both[one, other]), directions, behind))
    return tuple(result)


def confused_cells(
    runs: Sequence[Predictions], most: int = 200, images: int = 12
) -> tuple[Cell, ...]:
    """Return the images behind the cells of the confusion matrix.

    Args:
        runs: All of one configuration.
        most: How many cells at most, ordered by rate; those that never occur are left out.
        images: How many images of each cell at most.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    rates = confusion(runs).mean
    classes, count = len(rates), len(runs[0])
    labels = runs[0].labels
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    # Every error of every run as one number, which says its cell and its image.
    errors = np.concatenate(
        [((labels * classes + run.predicted) * count + np.arange(count))[run.wrong] for run in runs]
    )
    sure = np.concatenate([run.confidences[run.wrong] for run in runs])
    found, place, times = np.unique(errors, return_inverse=True, return_counts=True)
    probability = np.bincount(place, sure, minlength=len(found)) / times
    cell, index = np.divmod(found, count)
    order = np.lexsort((index, -probability, -times, -n_wrong[index], cell))
    begins = np.searchsorted(cell[order], np.arange(classes**2 + 1))
    result = []
    for true, predicted in _highest(rates, most):
        number = true * classes + predicted
        chosen = order[begins[number] : begins[number + 1]][:images]
        shown = index[chosen]
        result.append(Cell(true, predicted, shown, probability[chosen], n_wrong[shown]))
    return tuple(result)


def _highest(rates: NDArray[np.float64], most: int) -> Iterator[tuple[int, int]]:
    """Yield the cells off the diagonal that are not 0, the highest first, equal ones in order."""
    off_diagonal = rates * (1 - np.eye(len(rates)))
    for cell in np.argsort(-off_diagonal, axis=None, kind="stable")[: max(most, 0)]:
        true, predicted = divmod(int(cell), len(rates))
        if off_diagonal[true, predicted] == 0:
            return
        yield true, predicted


def _images(
    runs: Sequence[Predictions], pairs: Sequence[tuple[int, int]], most: int
) -> tuple[ConfusedImage, ...]:
    """Return the images of the pairs, first those that most runs confuse."""
    labels = runs[0].labels
    predictions = np.stack([run.predicted for run in runs])
    candidates = []
    for true, predicted in pairs:
        confused = (predictions == predicted) & (labels == true)
        (members,) = np.nonzero(confused.any(axis=0))
        probabilities = np.stack([run.probabilities[members, predicted] for run in runs])
        mean = np.mean(probabilities, axis=0, where=confused[:, members])
        times = confused[:, members].sum(axis=0)
        candidates.append(np.stack([-times, -mean, members, np.full(len(members), predicted)]))
    rows = np.concatenate(candidates, axis=1)
    order = np.lexsort(rows[2::-1])[: max(most, 0)]
    return tuple(
        ConfusedImage(
            index=int(index),
            true=int(labels[int(index)]),
            predicted=int(predicted),
            probability=-minus_mean,
            n_wrong=int(np.count_nonzero(predictions[:, int(index)] != labels[int(index)])),
        )
        for _, minus_mean, index, predicted in rows[:, order].T.tolist()
    )
