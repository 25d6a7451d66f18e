"""The steps of an epoch: what a run and its engine offer the method."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.training.engine import Observer, RunTask
from seedbed.training.evaluation import Trainer, logits_of
from seedbed.training.methods.base import EVERY_IMAGE
from seedbed.training.objective import PLAIN, Objective
from seedbed.training.splits import Sample, Split


class TrainedRun(Protocol):
    """What the steps need of a run, see :class:`seedbed.training.run.Run`."""

    position: int
    task: RunTask
    done: int
    sample: Sample
    splits: dict[str, Split]

    def evaluated(self, network: str) -> NDArray[np.float32]:
        """Return the weights of a network to evaluate."""

    def train_steps(
        self,
        networks: Sequence[str],
        trainer: Any,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch."""


def weighted(objective: Objective, task: RunTask, sample: Sample) -> Objective:
    """Return an objective with the class weights of the recipe."""
    if task.recipe.class_weights == "none":
        return objective
    labels = sample.labels.noisy[sample.train]
    return objective.balanced(labels, len(task.dataset.class_names))


class EpochSteps:
    """One epoch of a run; see :class:`seedbed.training.methods.base.Steps`."""

    def __init__(
        self,
        run: TrainedRun,
        trainer: Trainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
    ) -> None:
        self._run, self._trainer, self._observer = run, trainer, observer
        self._stop, self._rates = stop, rates
        self.done = run.done
        self.epochs = run.task.recipe.epochs
        self.labels = run.sample.labels.noisy[run.sample.train]

    @property
    def stopped(self) -> bool:
        """Whether to return early."""
        return self._stop.is_set()

    def epoch(self, networks: Sequence[str], objective: Objective = PLAIN) -> tuple[float, int]:
        """Train networks on every batch."""
        run = self._run
        objective = weighted(objective, run.task, run.sample)
        return run.train_steps(
            networks, self._trainer, self._observer, self._stop, self._rates, objective
        )

    def predict(self, network: str, part: slice = EVERY_IMAGE) -> NDArray[np.float32]:
        """Return the logits of the images that the run learns from, or of a part of them."""
        run, split = self._run, self._run.splits["train"]
        indices = np.ascontiguousarray(split.indices[part])
        split = replace(split, indices=indices, labels=split.labels[part])
        return logits_of(self._trainer, run.evaluated(network), split, self._stop)
