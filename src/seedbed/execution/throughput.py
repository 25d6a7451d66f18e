"""The speed of training, from a short measurement on this machine.

For each kind of training step in the study, the engine trains one epoch on a few hundred of its
images, using as many cores as the study will use. Nothing is stored.
"""

import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from statistics import fmean
from threading import Event
from typing import Final

from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask
from seedbed.training.evaluation import epochs_between_evaluations
from seedbed.training.splits import learned_images, validation_images

TOTAL_SECONDS: Final = 3.0
"""Approximate time limit of all measurements together."""
MAX_SECONDS: Final = 0.5
"""Approximate time limit of one measurement."""
FIRST_IMAGES: Final = 512
"""Images in the first measurement of a kind of step; fast steps are measured with more."""


@dataclass(frozen=True)
class Throughput:
    """Seconds that one core needs per image."""

    train: float
    """For one training step."""
    predict: float
    """For one prediction during evaluation."""

    def seconds(self, task: RunTask, epochs_done: int = 0) -> float:
        """Return the seconds that one core needs for the remaining epochs of a run."""
        recipe, splits = task.recipe, task.dataset.splits
        images = learned_images(recipe, task.dataset.train, task.seeds)
        validation = validation_images(recipe, task.dataset, task.seeds)
        test = len(splits["test"]) if "test" in splits else 0
        sample = min(images, test or validation or images)
        left = recipe.epochs - epochs_done
        if left <= 0:
            return 0.0
        every = epochs_between_evaluations(recipe, task.dataset)
        evaluated = (recipe.epochs - 1) // every + 1 - epochs_done // every
        # After the last epoch, all training images are evaluated instead of a sample.
        predictions = evaluated * (sample + validation + test) + images - sample
        return left * images * self.train + predictions * self.predict


def measure_throughput(
    tasks: Iterable[RunTask], engine: Engine, threads: int
) -> dict[Hashable, Throughput]:
    """Measure the speed of training for each kind of run.

    Args:
        tasks: Runs; of those with the same kind of step, only the first is measured.
        engine: The engine.
        threads: Cores to use. As many copies are trained at once, since cores share memory
            bandwidth and thermal limits.

    Returns:
        The throughput for each :func:`step_kind`.
    """
    kinds: dict[Hashable, RunTask] = {}
    for task in tasks:
        kinds.setdefault(step_kind(task), task)
    budget = min(MAX_SECONDS, TOTAL_SECONDS / max(len(kinds), 1))
    return {kind: _measure(task, engine, threads, budget) for kind, task in kinds.items()}


def step_kind(task: RunTask) -> Hashable:
    """Return the settings that the time of a training step depends on."""
    recipe = task.recipe
    return (
        task.network,
        task.dataset.image_shape,
        recipe.batch_size,
        recipe.optimizer,
        recipe.loss,
        recipe.robust,
        recipe.precision,
        recipe.augmentation.moves,
        recipe.augmentation.distorts,
        recipe.ema_decay > 0,
        recipe.l1_penalty > 0,
    )


def _measure(task: RunTask, engine: Engine, threads: int, budget: float) -> Throughput:
    started = time.perf_counter()
    images, available = FIRST_IMAGES, len(task.dataset.train)
    while True:
        watch = _Stopwatch(threads)
        tiny = _tiny(task, images)
        copies = [replace(tiny, seeds=Seeds(run=seed)) for seed in range(threads)]
        engine.train(copies, watch, threads=threads, stop=Event())
        elapsed = time.perf_counter() - started
        if images >= available or 4 * elapsed > budget:  # the next measurement would exceed it
            trained = len(tiny.dataset.train)
            predicted = sum(map(len, tiny.dataset.splits.values()))
            return Throughput(watch.training / trained, watch.evaluating / predicted)
        images *= 4


def _tiny(task: RunTask, images: int) -> RunTask:
    """Return one epoch of a run on its first images, with a learning rate too small to diverge."""
    recipe = task.recipe.model_copy(
        update={
            "epochs": 1,
            "learning_rate": 1e-9,
            "warmup_epochs": 0.0,
            "train_size": None,
            "validation_size": 0,
            "folds": None,
            "evaluate_every": 1,
            "checkpoint": "last",
        }
    )
    data = task.dataset
    splits = {name: _first(split, images) for name, split in data.splits.items()}
    return RunTask(task.network, recipe, DatasetSplits(data.name, splits), task.seeds)


def _first(data: ImageDataset, images: int) -> ImageDataset:
    return ImageDataset(data.images[:images], data.labels[:images], data.class_names)


class _Stopwatch:
    """An observer that measures the time of training and evaluation in runs of one epoch."""

    def __init__(self, runs: int) -> None:
        self._trained = [0.0] * runs
        self._training = [0.0] * runs
        self._evaluating = [0.0] * runs

    @property
    def training(self) -> float:
        """Seconds of training, averaged over the runs."""
        return fmean(self._training)

    @property
    def evaluating(self) -> float:
        """Seconds of evaluation, averaged over the runs."""
        return fmean(self._evaluating)

    def images_trained(self, run: int, count: int) -> None:  # noqa: ARG002
        self._trained[run] = time.perf_counter()

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:  # noqa: ARG002
        self._evaluating[run] = time.perf_counter() - self._trained[run]
        self._training[run] = max(record.seconds - self._evaluating[run], 0.0)

    def run_finished(self, run: int, result: RunResult) -> None:
        pass
