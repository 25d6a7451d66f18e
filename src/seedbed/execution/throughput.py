"""How fast training will be, from a short measurement on this machine.

For each kind of training step in the study, one epoch of a few hundred of its images is trained, on
as many cores as the study will use. Nothing is stored.
"""

import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from statistics import fmean
from threading import Event
from typing import Final

from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask
from seedbed.training.splits import learned_images

SECONDS: Final = 3.0
"""For all measurements together, about."""
LONGEST: Final = 0.5
"""For one of them."""
FIRST_IMAGES: Final = 512
"""In the first measurement of a kind of step; fast ones are repeated with more."""


@dataclass(frozen=True)
class Throughput:
    """Seconds of one core for an image."""

    train: float
    """To train on it once."""
    predict: float
    """To predict it, when an epoch is evaluated."""

    def seconds(self, task: RunTask, epochs_done: int = 0) -> float:
        """Return how long one core needs for the epochs that are left of a run."""
        recipe, test = task.recipe, len(task.dataset.test)
        images = learned_images(recipe, len(task.dataset.train))
        sample = min(images, test)
        epoch = images * self.train + (sample + recipe.validation_size + test) * self.predict
        # At the end, all training images are evaluated, and the test split is predicted once more.
        last = (images - sample + test) * self.predict
        left = recipe.epochs - epochs_done
        return left * epoch + last if left > 0 else 0.0


def measure_throughput(
    tasks: Iterable[RunTask], engine: Engine, threads: int
) -> dict[Hashable, Throughput]:
    """Measure how fast each kind of run is trained.

    Args:
        tasks: Runs; of those that take the same steps only the first is measured.
        engine: What trains.
        threads: As many copies are trained at once, since cores share memory and heat.

    Returns:
        The throughput of each task, under :func:`step_kind`.
    """
    kinds: dict[Hashable, RunTask] = {}
    for task in tasks:
        kinds.setdefault(step_kind(task), task)
    budget = min(LONGEST, SECONDS / max(len(kinds), 1))
    return {kind: _measure(task, engine, threads, budget) for kind, task in kinds.items()}


def step_kind(task: RunTask) -> Hashable:
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


def _measure(task: RunTask, engine: Engine, threads: int, budget: float) -> Throughput:
    begun = time.perf_counter()
    images, available = FIRST_IMAGES, len(task.dataset.train)
    while True:
        watch = _Stopwatch(threads)
        tiny = _tiny(task, images)
        copies = [replace(tiny, seed=seed) for seed in range(threads)]
        engine.train(copies, watch, threads=threads, stop=Event())
        spent = time.perf_counter() - begun
        if images >= available or 4 * spent > budget:  # the next would take the rest of it
            trained = len(tiny.dataset.train)
            measured = trained + len(tiny.dataset.test)
            return Throughput(watch.training / trained, watch.evaluating / measured)
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
            "checkpoint": "last",
        }
    )
    data = task.dataset
    dataset = DatasetSplits(data.name, _first(data.train, images), _first(data.test, images))
    return RunTask(task.network, recipe, dataset, task.seed)


def _first(data: ImageDataset, images: int) -> ImageDataset:
    return ImageDataset(data.images[:images], data.labels[:images], data.class_names)


class _Stopwatch:
    """An observer of runs of one epoch that times training and evaluation."""

    def __init__(self, runs: int) -> None:
        self._trained = [0.0] * runs
        self._training = [0.0] * runs
        self._evaluating = [0.0] * runs

    @property
    def training(self) -> float:
        """Seconds, a mean over the runs."""
        return fmean(self._training)

    @property
    def evaluating(self) -> float:
        """The same for the evaluation after the last step."""
        return fmean(self._evaluating)

    def images_trained(self, run: int, count: int) -> None:  # noqa: ARG002
        self._trained[run] = time.perf_counter()

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:  # noqa: ARG002
        self._evaluating[run] = time.perf_counter() - self._trained[run]
        self._training[run] = max(record.seconds - self._evaluating[run], 0.0)

    def run_finished(self, run: int, result: RunResult) -> None:
        pass
