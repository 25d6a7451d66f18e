"""Reject predictions and labels that cannot belong together, and name the likely cause.

The mistake is common and silent: the test images are read twice in different order, the columns of
the scores are in another order than the labels count them, a header line shifts the rows. Every
number is then wrong, and nothing fails. A published report has an AUC of 0.50 for a network that is
69% accurate.

Contradictions are always rejected: :func:`check_scores`, and for stored runs
:mod:`seedbed.study.store.contradictions`.
:func:`check_order` is for predictions of unknown origin. It rejects what is far more likely to be
such a mistake than a result. A network that learned labels which were exchanged on purpose looks
the same, so the check is not for runs whose origin is known.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.analysis.subjects.roc.compute import run_roc
from seedbed.core.errors import DataError

CLEARLY_BETTER: Final = 0.2
"""Cohen's kappa from which predictions have to do with the labels."""

CHANCE_AUC: Final = 0.55
"""AUC up to which scores have nothing to do with the labels."""

GOOD: Final = 0.4
"""Cohen's kappa from which another reading of the same file is held to be the right one, and how
far above chance a mean confidence promises as much."""

MUCH_BETTER: Final = 0.15
"""How much higher Cohen's kappa must be in another reading of the same file."""

SIMILAR: Final = 0.2
"""Total variation distance up to which classes are predicted about as often as they occur."""


def check_scores(run: Predictions, where: str = "") -> None:
    """Reject scores whose highest is right but which do not rank the images of a class.

    Few images pass, as in :func:`check_order`.

    Args:
        run: The predictions.
        where: What the user calls them.

    Raises:
        DataError: If the accuracy is clearly better than chance and the AUC at most 0.55.

    """
    if not run.has_scores or _tells_little(run):
        return
    if _kappa(run.predicted, run.labels) < CLEARLY_BETTER:
        return
    # Weighted by class, so that rare classes, whose AUC may be anything, do not decide.
    auc = run_roc(run).weighted_auc
    if auc is not None and auc <= CHANCE_AUC:
        raise DataError(
            f"the accuracy is {run.accuracy:.2%} but the AUC {auc:.2f}, no better than chance",
            where=where,
            hint="the scores of different images cannot be compared: "
            "pass logits or probabilities as the network gives them",
        )


def check_order(run: Predictions, where: str = "") -> None:
    """Reject predictions that look as if rows or columns were mixed up.

    Fewer than 50 images, or than 10 per class, are too few to tell, and pass.

    Args:
        run: The predictions, of unknown origin.
        where: What the user calls them.

    Raises:
        DataError: If another order of the columns makes the predictions good and much better; or if
            they are no better than chance, and either another order of the rows makes them good, or
            they are as confident, and spread over the classes, as good ones are.

    """
    if _tells_little(run):
        return
    chance = _chance(run.predicted, run.labels)
    no_better = run.accuracy <= chance + 3 * np.sqrt(chance * (1 - chance) / len(run))
    what = f"the accuracy is {run.accuracy:.2%}"
    if no_better:
        what += f", no better than chance ({chance:.2%})"
    kappa_as_read = _kappa(run.predicted, run.labels)
    for predicted, cause in _other_readings(run) if no_better else _other_columns(run):
        kappa = _kappa(predicted, run.labels)
        if kappa >= GOOD and kappa - kappa_as_read >= MUCH_BETTER:
            would_be = np.mean(predicted == run.labels)
            raise DataError(f"{what}, but would be {would_be:.2%} if {cause}", where=where)
    if not run.has_scores:
        return
    confidence = float(run.confidences.mean())
    if no_better and confidence - chance >= GOOD and _frequencies_differ(run) <= SIMILAR:
        raise DataError(
            f"{what}, but the predictions are {confidence:.0%} confident and each class is "
            "predicted about as often as it occurs",
            where=where,
            hint="the rows of scores and labels seem to be in a different order: "
            "write both in one pass, without shuffling in between",
        )


def _tells_little(run: Predictions) -> bool:
    return len(run) < max(50, 10 * len(run.class_names))


def _other_readings(run: Predictions) -> Iterator[tuple[NDArray[np.int64], str]]:
    """Yield what would be predicted if some mistake had been made, and the mistake."""
    yield from _other_columns(run)
    if run.has_scores:
        yield run.scores.argmin(axis=1), "the lowest score were the predicted class"
    yield np.roll(run.predicted, 1), "the scores were one row too early against the labels"
    yield np.roll(run.predicted, -1), "the scores were one row too late against the labels"
    yield run.predicted[::-1], "the rows of scores and labels were in opposite order"


def _other_columns(run: Predictions) -> Iterator[tuple[NDArray[np.int64], str]]:
    """Yield the same for columns in another order, if the predictions suggest one."""
    # The class that a column is mostly predicted for, with all classes counted as equally frequent.
    class_of_column = confusion_matrices([run]).normalized[0].argmax(axis=0)
    if len(np.unique(class_of_column)) == len(class_of_column):
        moved = np.flatnonzero(class_of_column != np.arange(len(class_of_column)))
        columns = ", ".join(run.class_names[column] for column in moved)
        classes = ", ".join(run.class_names[class_of_column[column]] for column in moved)
        cause = f"the columns of {columns} were those of {classes}"
        yield class_of_column[run.predicted], cause


def _kappa(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Return Cohen's kappa: 1 for perfect agreement, 0 for as much as by chance."""
    chance = _chance(predicted, labels)
    agreement = float(np.mean(predicted == labels))
    return (agreement - chance) / (1 - chance) if chance < 1 else 0.0


def _chance(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Return the agreement to be expected if the two had nothing to do with each other."""
    one, other = _frequencies(predicted, labels)
    return float(one @ other)


def _frequencies_differ(run: Predictions) -> float:
    """Return the total variation distance of predicted and true classes, 0 to 1."""
    one, other = _frequencies(run.predicted, run.labels)
    return float(np.abs(one - other).sum() / 2)


def _frequencies(
    one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    classes = max(one.max(), other.max()) + 1
    first, second = (
        np.bincount(numbers, minlength=classes) / len(numbers) for numbers in (one, other)
    )
    return first, second
