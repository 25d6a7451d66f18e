"""Precision, recall and F1 of every class, over the runs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from seedbed.analysis.aggregate import Accuracies, Aggregate, Interval
from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.shown_intervals import ENDS, ends
from seedbed.analysis.subjects.roc.result import Roc
from seedbed.display.formatters import flattened, interval_text, number, spread
from seedbed.display.table import Report, Row, Table

if TYPE_CHECKING:
    from seedbed.analysis.predictions import Predictions
    from seedbed.analysis.statistics.crossed import Levels

COLUMNS: Final = (
    *("precision", "precision_std", "recall", "recall_std", *(f"recall_{end}" for end in ENDS)),
    *("f1", "f1_std", "auc", "auc_std"),
)
UNBALANCED: Final = 2
"""Classes are called unbalanced where the largest has so many times the smallest's test images."""


class ClassScores(msgspec.Struct, frozen=True):
    """How well one class is recognized; runs in which a score is not defined are left out of it."""

    name: str = msgspec.field(name="class")
    support: int
    """Test images of the class."""
    precision: Aggregate
    """Of the images predicted as the class, the fraction that belong to it; not defined where none
    are."""
    recall: Aggregate
    """Of the images of the class, the fraction predicted as it; not defined if there are none."""
    f1: Aggregate
    """Harmonic mean of both; not defined for a class that neither occurs nor is predicted."""
    recall_interval: Interval | None = None
    """95%, of the mean recall over seeds on these images; ``None`` for fewer than two runs. The
    recall is the accuracy on the images of the class, so its intervals are those of accuracy
    (:mod:`seedbed.analysis.intervals`)."""
    recall_interval_new_images: Interval | None = None
    """95%, of the mean recall on new images of the class; ``None`` without test images of it."""


class PerClass(msgspec.Struct, frozen=True):
    """The scores of each class, in the order of the classes."""

    per_class: tuple[ClassScores, ...]


def compute(material: Material) -> PerClass | None:
    """Return the scores of each class; ``None`` without runs."""
    if not material.predictions:
        return None
    from seedbed.analysis.subjects.accuracy.compute import collapsed_in

    scores = class_scores(material.predictions, material.levels)
    if collapsed_in(material):
        # No interval would hold the mean that they dominate.
        scores = tuple(
            msgspec.structs.replace(of, recall_interval=None, recall_interval_new_images=None)
            for of in scores
        )
    return PerClass(scores)


def class_scores(
    runs: "Sequence[Predictions]", levels: "Levels | None" = None
) -> tuple[ClassScores, ...]:
    """Return the scores of each class.

    Args:
        runs: Of the same images.
        levels: Of runs that cross the seeds of several streams.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    import numpy as np

    from seedbed.analysis.subjects.confusion.matrices import confusion_matrices

    counts = confusion_matrices(runs).counts
    correct = np.diagonal(counts, axis1=1, axis2=2)
    occurs, predicted = counts.sum(axis=2), counts.sum(axis=1)

    def ratios(part: Any, whole: Any) -> list[Aggregate]:
        ratio = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
        return [Aggregate.of(runs) for runs in ratio.T.tolist()]

    right = ~np.stack([run.wrong for run in runs])
    intervals = [
        # Contiguous, because the layout of an array decides the last digits of its sums.
        _recall_intervals(np.ascontiguousarray(right[:, runs[0].labels == k]), levels)
        for k in range(len(runs[0].class_names))
    ]
    columns = zip(
        runs[0].class_names,
        occurs[0].tolist(),
        ratios(correct, predicted),
        ratios(correct, occurs),
        ratios(2 * correct, occurs + predicted),
        strict=True,
    )
    return tuple(
        ClassScores(*scores, *of_recall)
        for scores, of_recall in zip(columns, intervals, strict=True)
    )


def _recall_intervals(
    right: Any, levels: "Levels | None"
) -> tuple[Interval | None, Interval | None]:
    """Return the intervals of the accuracy on the images of one class."""
    from seedbed.analysis.intervals import with_intervals

    images = right.shape[1]
    if not images:
        return (None, None)
    recall = with_intervals(Accuracies.of(right.mean(axis=1).tolist()), images, right, levels)
    return (recall.interval, recall.interval_new_images)


def class_sizes(entry: Entry) -> list[int]:
    """Return how many test images every class has that has any."""
    result = entry.view(PerClass)
    return [scores.support for scores in result.per_class if scores.support] if result else []


def is_unbalanced(entry: Entry) -> bool:
    """Whether a class has so many more test images than another that it dominates accuracy."""
    return unbalanced(class_sizes(entry))


def unbalanced(sizes: Sequence[int]) -> bool:
    """Whether classes of these sizes are unbalanced."""
    return bool(sizes) and max(sizes) >= UNBALANCED * min(sizes)


def per_class_table(entries: Sequence[Entry]) -> Report:
    """Return the scores of each class, a table for each configuration."""
    results = [(entry, entry.view(PerClass)) for entry in entries]
    return Report(
        tuple(_table(entry, result) for entry, result in results),
        (*SAME, "class", "support", *COLUMNS),
        flattened(_lines(entry, result) for entry, result in results if result),
        [
            identity(entry)
            | {"per_class": msgspec.to_builtins(result.per_class) if result else None}
            for entry, result in results
        ],
        study_notes(entries),
    )


def _table(entry: Entry, result: PerClass | None) -> Table:
    n, aucs = entry.header.n, _aucs(entry)
    mean = "" if n == 1 else f" Mean ± standard deviation over n = {n} runs."
    return Table(
        title([entry], "precision and recall of the classes"),
        (
            "class",
            "images",
            "precision",
            "recall",
            "95% interval, these images",
            "95% interval, new images",
            "F1",
            *(("AUC",) if any(aucs) else ()),
        ),
        (
            tuple(
                (*_row(scores), *((spread(auc),) if any(aucs) else ()))
                for scores, auc in zip(result.per_class if result else (), aucs, strict=False)
            ),
        ),
        (
            "Precision: fraction of the images predicted as the class that belong to it; recall: "
            f"fraction of the images of the class predicted as it; F1: their harmonic mean.{mean}",
            "The intervals are of the mean recall, each with 95% by itself: of many classes, some "
            "may miss.",
            *logits_notes([entry], PerClass),
            *notes_of([entry]),
        ),
    )


def _row(scores: ClassScores) -> Row:
    return (
        scores.name,
        number(scores.support),
        spread(scores.precision),
        spread(scores.recall),
        interval_text(scores.recall_interval),
        interval_text(scores.recall_interval_new_images),
        spread(scores.f1),
    )


def _aucs(entry: Entry) -> list[Aggregate | None]:
    """Return the AUC of each class against the rest; ``None`` where only classes are known."""
    roc, classes = entry.view(Roc), len(entry.header.class_names or ())
    return [roc.auc.per_class.of(place) if roc else None for place in range(classes)]


def _lines(entry: Entry, result: PerClass) -> Iterator[tuple[Any, ...]]:
    for scores, auc in zip(result.per_class, _aucs(entry), strict=True):
        yield (
            *(*same_values(entry), scores.name, scores.support),
            *(scores.precision.mean, scores.precision.std, scores.recall.mean, scores.recall.std),
            *ends(scores.recall_interval, scores.recall_interval_new_images),
            *(scores.f1.mean, scores.f1.std),
            *((auc.mean, auc.std) if auc else (None, None)),
        )


ANALYSIS = Analysis(
    "per-class",
    topic="errors",
    result=PerClass,
    compute=compute,
    tables={
        "per-class": TableView(
            "Precision, recall and F1",
            per_class_table,
            detail=lambda entry: entry.view(PerClass) is not None,
        )
    },
    parts=(),
    rank=20,
)
