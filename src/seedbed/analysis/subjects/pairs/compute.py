"""The most confused pairs of classes, and the images behind them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions
from seedbed.analysis.statistics.resampling import LEAST_RUNS, highest, shared_by_two, weights
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.analysis.subjects.pairs.result import (
    TOP,
    CellImages,
    ConfusedImage,
    ConfusedPair,
    MergedPair,
    PairImage,
    Pairs,
)

CANDIDATES: Final = 1000
"""Cells that are looked at in resampled runs."""


def compute(runs: Sequence[Predictions]) -> Pairs:
    """Return the pairs of classes that are confused most.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    stable = _stability(confusion_matrices(runs).normalized)
    pairs = tuple(
        msgspec.structs.replace(pair, in_top=stable.in_top(pair, runs[0].class_names))
        for pair in confused_pairs(runs)
    )
    return Pairs(pairs, merged_pairs(runs), confused_cells(runs), stable.shared)


@dataclass(frozen=True, eq=False)
class _Stability:
    """How often each cell is among the most confused ones in resampled runs."""

    times: Mapping[int, int]
    """By the number of the cell; other cells are never among them."""
    shared: float | None
    known: bool

    def in_top(self, pair: ConfusedPair, names: Sequence[str]) -> int | None:
        if not self.known:
            return None
        true, predicted = names.index(pair.true), names.index(pair.predicted)
        return self.times.get(true * len(names) + predicted, 0)


def _stability(rates: NDArray[np.float64]) -> _Stability:
    """Return how stable the most confused pairs are.

    Args:
        rates: Runs×K×K, confusion rates.
    """
    runs, classes, _ = rates.shape
    if runs < LEAST_RUNS:
        return _Stability({}, None, known=False)
    cells = (rates * (1 - np.eye(classes))).reshape(runs, -1)
    # Of many classes, only cells that are high in some run can be among the highest on average.
    candidates = np.sort(np.argsort(-cells.max(axis=0), kind="stable")[:CANDIDATES])
    selected = highest(weights(runs) @ cells[:, candidates], TOP)
    times = dict(zip(candidates.tolist(), selected.sum(axis=0).tolist(), strict=True))
    return _Stability(times, shared_by_two(selected), known=True)


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
    names, rates = runs[0].class_names, confusion_matrices(runs).mean
    return tuple(
        ConfusedPair(
            names[true],
            names[predicted],
            float(rates[true, predicted]),
            tuple(
                PairImage(image.index, image.name, image.hash, image.probability, image.n_wrong)
                for image in _images(runs, [(true, predicted)], images)
            ),
        )
        for true, predicted in _highest(rates, most)
    )


def merged_pairs(
    runs: Sequence[Predictions], most: int = 10, images: int = 10
) -> tuple[MergedPair, ...]:
    """Return the pairs of classes that are confused most, both directions counted together.

    The arguments and errors are those of :func:`confused_pairs`.
    """
    names, matrices = runs[0].class_names, confusion_matrices(runs)
    rates = matrices.mean
    confused = matrices.counts.mean(axis=0)
    occurs = matrices.counts[0].sum(axis=1)
    both = (confused + confused.T) / np.maximum(occurs[:, None] + occurs, 1)
    result = []
    for one, other in _highest(np.triu(both, 1), most):
        first, second = (one, other) if rates[one, other] >= rates[other, one] else (other, one)
        result.append(
            MergedPair(
                (names[first], names[second]),
                float(both[one, other]),
                (float(rates[first, second]), float(rates[second, first])),
                _images(runs, [(first, second), (second, first)], images),
            )
        )
    return tuple(result)


def confused_cells(
    runs: Sequence[Predictions], most: int = 200, images: int = 12
) -> tuple[CellImages, ...]:
    """Return the images behind the cells of the confusion matrix.

    Args:
        runs: All of one configuration.
        most: How many cells at most, ordered by rate; those that never occur are left out.
        images: How many images of each cell at most.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    names, rates = runs[0].class_names, confusion_matrices(runs).mean
    classes, count = len(rates), len(runs[0])
    labels = runs[0].labels
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    # Every error of every run as one number, which encodes its cell and its image.
    errors = np.concatenate(
        [((labels * classes + run.predicted) * count + np.arange(count))[run.wrong] for run in runs]
    )
    confidences = np.concatenate([run.confidences[run.wrong] for run in runs])
    distinct, inverse, times = np.unique(errors, return_inverse=True, return_counts=True)
    probability = np.bincount(inverse, confidences, minlength=len(distinct)) / times
    cell, index = np.divmod(distinct, count)
    order = np.lexsort((index, -probability, -times, -n_wrong[index], cell))
    begins = np.searchsorted(cell[order], np.arange(classes**2 + 1))
    result = []
    for true, predicted in _highest(rates, most):
        number = true * classes + predicted
        chosen = order[begins[number] : begins[number + 1]][:images]
        shown = index[chosen]
        result.append(
            CellImages(
                names[true],
                names[predicted],
                tuple(shown.tolist()),
                tuple(map(runs[0].name, shown.tolist())),
                tuple(probability[chosen].tolist()) if _scored(runs) else None,
                tuple(n_wrong[shown].tolist()),
            )
        )
    return tuple(result)


def _scored(runs: Sequence[Predictions]) -> bool:
    return all(run.has_scores for run in runs)


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
    names, labels = runs[0].class_names, runs[0].labels
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
            name=runs[0].name(int(index)),
            hash=runs[0].content_hash(int(index)),
            true=names[labels[int(index)]],
            predicted=names[int(predicted)],
            probability=-minus_mean if _scored(runs) else None,
            n_wrong=int(np.count_nonzero(predictions[:, int(index)] != labels[int(index)])),
        )
        for _, minus_mean, index, predicted in rows[:, order].T.tolist()
    )
