"""The accuracies of runs, from their predictions and histories."""

from collections.abc import Callable, Sequence

import numpy as np

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_runs
from seedbed.analysis.subjects.accuracy.result import Accuracy, Checkpoints, Reported
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
    seeds = [run.record.seed for run in runs] if runs is not None else list(material.names)
    validation = Accuracies.of(run.kept.validation_accuracy for run in runs or ())
    untested = bool(runs) and test.mean is None
    levels = material.levels
    return Accuracy(
        train_accuracy=with_intervals(train, _train_images(runs), levels=levels) if runs else train,
        test_accuracy=with_intervals(test, images, correct, levels),
        validation_accuracy=validation if validation.n else None,
        collapsed=collapsed_runs(seeds, train.runs if train.n else test.runs),
        checkpoints=None if runs is None or untested else _checkpoints(runs),
    )


def _train_images(runs: Sequence[StoredRun]) -> int:
    record = runs[0].record
    images = record.splits["train"].images
    if runs[0].kept.epoch < len(runs[0].history):
        # Only after the last epoch is it measured on all images.
        held_out = record.splits.get("test") or record.splits.get("validation")
        images = min(images, held_out.images) if held_out else images
    return images


def _checkpoints(runs: Sequence[StoredRun]) -> Checkpoints:
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


def _reported(runs: Sequence[StoredRun], by: Callable[[EpochRecord], float]) -> Reported:
    # The first of equal epochs.
    chosen = [max((epoch for epoch in run.history if epoch.evaluated), key=by) for run in runs]
    return Reported(
        Accuracies.of(epoch.test_accuracy for epoch in chosen),
        tuple(epoch.epoch for epoch in chosen),
    )
