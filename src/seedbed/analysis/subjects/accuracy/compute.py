"""The accuracies of runs, from their predictions and histories."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import with_intervals, with_resampled_interval
from seedbed.analysis.material import Material
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.crossed import levels_of
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.superiority import probability_interval
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs
from seedbed.analysis.subjects.accuracy.result import Accuracy, Checkpoints, CollapsedRun, Reported

if TYPE_CHECKING:
    from seedbed.study.store.run import StoredRun
    from seedbed.training.engine import EpochRecord


def compute(material: Material) -> Accuracy:
    """Return the accuracies of the runs of one configuration."""
    runs = material.results.finished if material.results else None
    train = Accuracies.of(
        [None] * len(material.predictions)
        if runs is None
        else [run.kept.train_accuracy for run in runs]
    )
    correct = None
    if material.predictions:
        correct = ~np.array([run.wrong for run in material.predictions])
        test = Accuracies.of(run.accuracy for run in material.predictions)
        images = len(material.predictions[0])
    else:
        test = Accuracies.of(run.kept.test_accuracy for run in runs or ())
        images = runs[0].record.dataset.test_images if runs else 0
    validation = Accuracies.of(run.kept.validation_accuracy for run in runs or ())
    untested = bool(runs) and test.mean is None
    collapsed, seeds, levels = collapsed_in(material), _seeds(material), material.levels
    without = share = None
    if collapsed:
        without = _without(collapsed, seeds, test, images, correct)
        share = probability_interval(len(collapsed) / len(seeds), len(seeds), LEVEL)
    else:
        train = with_intervals(train, _train_images(runs), levels=levels) if runs else train
        test = with_intervals(test, images, correct, levels)
    return Accuracy(
        train_accuracy=train,
        test_accuracy=test,
        validation_accuracy=_validated(validation, runs or (), seeds) if validation.n else None,
        collapsed=collapsed,
        without_collapsed=without,
        collapse_interval=share,
        checkpoints=None if runs is None or untested else _checkpoints(runs),
    )


def collapsed_in(material: Material) -> tuple[CollapsedRun, ...]:
    """Return the runs of one configuration that collapsed.

    Training accuracy decides; test accuracy does where that is not known.
    """
    runs = material.results.finished if material.results else []
    accuracies: list[float | None] = [run.kept.train_accuracy for run in runs]
    if any(accuracy is not None for accuracy in accuracies):
        return collapsed_runs(_seeds(material), accuracies, _train_images(runs))
    predictions = material.predictions
    if not predictions:
        return ()
    return collapsed_runs(
        _seeds(material), [run.accuracy for run in predictions], len(predictions[0])
    )


def _seeds(material: Material) -> list[int | str]:
    if material.results is None:
        return list(material.names)
    return [run.record.seed for run in material.results.finished]


def _without(
    collapsed: Sequence[CollapsedRun],
    seeds: Sequence[int | str],
    test: Accuracies,
    images: int,
    correct: NDArray[np.bool_] | None,
) -> Accuracies:
    """Return the test accuracy of the runs that did not collapse, with its intervals."""
    out = {run.seed for run in collapsed}
    kept = [place for place, seed in enumerate(seeds) if seed not in out]
    accuracies = Accuracies.of(test.runs[place] for place in kept)
    levels = levels_of([seeds[place] for place in kept])
    return with_intervals(accuracies, images, None if correct is None else correct[kept], levels)


def _validated(
    validation: Accuracies, runs: "Sequence[StoredRun]", seeds: Sequence[int | str]
) -> Accuracies:
    """Return validation accuracy with its intervals."""
    if None in validation.runs:
        return validation
    splits = runs[0].record.splits
    images = splits["validation"].images
    if splits["validation"].source == "train":
        folds = runs[0].record.configuration["recipe"].get("folds")
        resampling = Resampling("fold" if folds else "validation", splits["train"].images, images)
        resampled = with_resampled_interval(validation, seeds, resampling)
        if resampled is not None:
            return resampled
    return with_intervals(validation, images, levels=levels_of(seeds))


def _train_images(runs: "Sequence[StoredRun]") -> int:
    record = runs[0].record
    images = record.splits["train"].images
    if runs[0].kept.epoch < len(runs[0].history):
        # Only after the last epoch is it measured on all images.
        held_out = record.splits.get("test") or record.splits.get("validation")
        images = min(images, held_out.images) if held_out else images
    return images


def _checkpoints(runs: "Sequence[StoredRun]") -> Checkpoints:
    validated = runs and all(
        epoch.validation_accuracy is not None for run in runs for epoch in run.history[-1:]
    )
    return Checkpoints(
        last=_reported(runs, lambda epoch: epoch.epoch),
        best_on_validation=_reported(runs, lambda epoch: epoch.validation_accuracy or 0.0)
        if validated
        else None,
        best_on_test=_reported(runs, lambda epoch: epoch.test_accuracy or 0.0),
    )


def _reported(runs: "Sequence[StoredRun]", by: "Callable[[EpochRecord], float]") -> Reported:
    # The first of equal epochs.
    chosen = [max((epoch for epoch in run.history if epoch.evaluated), key=by) for run in runs]
    return Reported(
        Accuracies.of(epoch.test_accuracy for epoch in chosen),
        tuple(epoch.epoch for epoch in chosen),
    )
