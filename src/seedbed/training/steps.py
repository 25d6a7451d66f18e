"""The steps of an epoch: what a run and its engine offer the method."""

from collections.abc import Iterator
from threading import Event
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.training.batches import EpochMasks, epoch_order, epoch_warps
from seedbed.training.engine import Observer, RunTask
from seedbed.training.evaluation import Trainer, logits_of
from seedbed.training.losses.base import one_hot
from seedbed.training.methods.base import Batch
from seedbed.training.objective import PLAIN, Objective
from seedbed.training.schedule import average_decays
from seedbed.training.splits import Sample, Split


class Stepper(Protocol):
    """An engine's network in training, which takes one batch at a time."""

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Return the logits of the augmented images, n×K, in evaluation mode."""

    def step(
        self, batch: Batch, targets: NDArray[np.float32] | None, rate: float, decay: float
    ) -> None:
        """Do one step; see :meth:`seedbed.training.methods.base.Steps.step`.

        Args:
            batch: The images.
            targets: Rows in place of their labels.
            rate: The learning rate.
            decay: Of the moving average of the weights.
        """

    def close(self) -> None:
        """Write the results into the arrays of the run."""


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
        network: str,
        trainer: Any,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch."""

    def stepper(self, network: str, trainer: Any) -> Stepper:
        """Return what trains a network on single batches."""


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
        self._steppers: dict[str, Stepper] = {}
        self.done = run.done
        self.epochs = run.task.recipe.epochs
        self.labels = run.sample.labels.noisy[run.sample.train]

    @property
    def stopped(self) -> bool:
        """Whether to return early."""
        return self._stop.is_set()

    def epoch(self, network: str, objective: Objective = PLAIN) -> tuple[float, int]:
        """Train a network on every batch."""
        run = self._run
        return run.train_steps(
            network, self._trainer, self._observer, self._stop, self._rates, objective
        )

    def predict(self, network: str) -> NDArray[np.float32]:
        """Return the logits of all images that the run learns from."""
        run = self._run
        return logits_of(self._trainer, run.evaluated(network), run.splits["train"], self._stop)

    def batches(self) -> Iterator[Batch]:
        """Yield the batches in their order."""
        task, sample = self._run.task, self._run.sample
        recipe, seeds, images = task.recipe, task.seeds, len(sample.train)
        shape = task.dataset.image_shape
        order = sample.train[epoch_order(seeds.order, images, self.done)]
        warps = epoch_warps(seeds.augmentation, images, self.done, recipe.augmentation, shape)
        masks = EpochMasks(seeds.dropout, self.done, task.network, shape)
        self._decays = average_decays(recipe, images, self.done)
        for number in range(len(self._rates)):
            if self.stopped:
                return
            part = slice(number * recipe.batch_size, (number + 1) * recipe.batch_size)
            indices = order[part]
            yield Batch(
                number,
                indices,
                sample.labels.noisy[indices],
                None if warps is None else warps[part],
                masks.draw(len(indices)),
            )
            self._observer.images_trained(self._run.position, len(indices))

    def logits(self, network: str, batch: Batch) -> NDArray[np.float32]:
        """Return the logits of the augmented images."""
        return self._stepper(network).logits(batch)

    def losses(self, logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the recipe's loss of each image."""
        targets = one_hot(labels, logits.shape[1])
        return self._run.task.recipe.loss.per_image(logits.astype(np.float64), targets)

    def step(self, network: str, batch: Batch, targets: NDArray[np.float32] | None = None) -> None:
        """Do one step."""
        rate, decay = float(self._rates[batch.number]), float(self._decays[batch.number])
        self._stepper(network).step(batch, targets, rate, decay)

    def close(self) -> None:
        """Write the results of single steps into the arrays of the run."""
        for stepper in self._steppers.values():
            stepper.close()

    def _stepper(self, network: str) -> Stepper:
        if network not in self._steppers:
            self._steppers[network] = self._run.stepper(network, self._trainer)
        return self._steppers[network]
