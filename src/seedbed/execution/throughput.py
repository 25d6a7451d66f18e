"""How long training will take, from a short measurement on this machine.

A few hundred images of the study's own datasets are trained on for one epoch, for every kind of
step that its configurations differ in, on as many cores as the study will use. Nothing is kept.
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
from seedbed.training.splits import held_out_images, learned_images

SECONDS: Final = 3.0
"""For all measurements together, about."""
LONGEST: Final = 0.5
"""For one of them."""
FIRST_IMAGES: Final = 512


@dataclass(frozen=True)
class Pace:
    """Seconds of one core for an image."""

    train: float
    measure: float
    """To predict it, after an epoch."""

    def seconds(self, task: RunTask, epochs_done: int = 0) -> float:
        """Return how long one core needs for the epochs that are left of a run."""
        recipe, splits = task.recipe, task.dataset.splits
        total = len(task.dataset.train)
        images = learned_images(recipe, total, task.seeds)
        validation = held_out_images(recipe, total, task.seeds)
        if not validation and "validation" in splits:
            validation = len(splits["validation"])
        test = len(splits["test"]) if "test" in splits else 0
        sample = min(images, test or validation or images)
        left = recipe.epochs - epochs_done
        if left <= 0:
            return 0.0
        evaluated = (recipe.epochs - 1) // recipe.evaluate_every
        evaluated += 1 - epochs_done // recipe.evaluate_every
        # After the last epoch, all training images are measured.
        measured = evaluated * (sample + validation + test) + images - sample
        return left * images * self.train + measured * self.measure


def measure_paces(tasks: Iterable[RunTask], engine: Engine, threads: int) -> dict[Hashable, Pace]:
    """Measure how fast each kind of run is trained.

    Args:
        tasks: Runs; of those that take the same steps only the first is measured.
        engine: What trains.
        threads: As many copies are trained at once, since cores share memory and heat.

    Returns:
        The pace of every task, under :func:`kind`.
    """
    kinds: dict[Hashable, RunTask] = {}
    for task in tasks:
        kinds.setdefault(kind(task), task)
    budget = min(LONGEST, SECONDS / max(len(kinds), 1))
    return {each: _measure(task, engine, threads, budget) for each, task in kinds.items()}


def kind(task: RunTask) -> Hashable:
    """Return what the time of a step depends on."""
    recipe = task.recipe
    return (
        task.network,
        task.dataset.image_shape,
        recipe.batch_size,
        recipe.optimizer,
        recipe.loss,
        recipe.precision,
        recipe.augmentation.active,
        recipe.ema_decay > 0,
        recipe.l1_penalty > 0,
    )


def _measure(task: RunTask, engine: Engine, threads: int, budget: float) -> Pace:
    begun = time.perf_counter()
    images, available = FIRST_IMAGES, len(task.dataset.train)
    while True:
        watch = _Stopwatch(threads)
        tiny = _tiny(task, images)
        copies = [replace(tiny, seeds=Seeds(run=seed)) for seed in range(threads)]
        engine.train(copies, watch, threads=threads, stop=Event())
        spent = time.perf_counter() - begun
        if images >= available or 4 * spent > budget:  # the next would take the rest of it
            trained = len(tiny.dataset.train)
            measured = sum(map(len, tiny.dataset.splits.values()))
            return Pace(watch.training / trained, watch.measuring / measured)
        images *= 4


def _tiny(task: RunTask, images: int) -> RunTask:
    """Return one epoch of a run on its first images, with steps too small to diverge."""
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
    few = {name: _first(split, images) for name, split in data.splits.items()}
    return RunTask(task.network, recipe, DatasetSplits(data.name, few), task.seeds)


def _first(data: ImageDataset, images: int) -> ImageDataset:
    return ImageDataset(data.images[:images], data.labels[:images], data.class_names)


class _Stopwatch:
    """An observer of runs of one epoch, which tells the times of its two parts."""

    def __init__(self, runs: int) -> None:
        self._trained = [0.0] * runs
        self._training = [0.0] * runs
        self._measuring = [0.0] * runs

    @property
    def training(self) -> float:
        """Seconds, a mean over the runs."""
        return fmean(self._training)

    @property
    def measuring(self) -> float:
        """The same for what comes after the last step."""
        return fmean(self._measuring)

    def images_trained(self, run: int, count: int) -> None:  # noqa: ARG002
        self._trained[run] = time.perf_counter()

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:  # noqa: ARG002
        self._measuring[run] = time.perf_counter() - self._trained[run]
        self._training[run] = max(record.seconds - self._measuring[run], 0.0)

    def run_finished(self, run: int, result: RunResult) -> None:
        pass
