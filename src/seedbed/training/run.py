"""A run while it is being trained: what every engine does alike, epoch by epoch.

How the steps of an epoch are computed is the engine's; what they start from, what is measured
behind them, which weights are kept, and what the observer is told is here.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StoreError
from seedbed.core.seeds import stream
from seedbed.networks.cost import cost
from seedbed.noise.labels import NoisyLabels
from seedbed.noise.memorization import count_memorized
from seedbed.training.batches import training_sample
from seedbed.training.engine import EpochRecord, Observer, RunResult, RunState, RunTask
from seedbed.training.losses.base import Loss
from seedbed.training.metrics import accuracy, mean_loss
from seedbed.training.schedule import learning_rates
from seedbed.training.splits import Sample, learned_images
from seedbed.training.weights import flat_weights, named_weights, trained_weights


class Trainer(Protocol):
    """A network that is ready to train and to be evaluated; the engine's own."""

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        places: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those in ``places``, some after the other."""


TrainerType = TypeVar("TrainerType", bound=Trainer)


@dataclass
class Run(ABC, Generic[TrainerType]):
    """A run: its arrays while it is being trained, and how far it is."""

    position: int
    task: RunTask
    done: int = 0
    """Finished epochs."""
    ended: bool = False
    arrays: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    """Only while it is being trained, as ``sample``: there may be hundreds of runs."""
    spent: float = 0.0
    """Seconds that its next epoch has taken already, where it was trained together with others."""
    sample: Sample = field(init=False)

    def __post_init__(self) -> None:
        task = self.task
        each = cost(task.network, task.dataset.image_shape).multiply_adds
        self.work_an_epoch = each * learned_images(task.recipe, len(task.dataset.train))
        self.done = task.state.epoch if task.state is not None else 0

    def begin(self) -> bool:
        """Claim the run and make its arrays; return whether it is to be trained here."""
        if self.task.claim is not None:
            claimed = self.task.claim()
            if claimed is None:
                self.ended = True
                return False
            self.task = claimed
            self.done = claimed.state.epoch if claimed.state is not None else 0
        self.sample = self.task.sample()
        self._draw()
        if self.task.state is not None:
            self._go_on_from(self.task.state)
        return True

    def _draw(self) -> None:
        task, recipe = self.task, self.task.recipe
        drawn = task.network.initial_weights(
            task.dataset.image_shape,
            stream(task.seed, "initialization"),
            recipe.initialization,
        )
        weights = flat_weights(task, drawn)
        self.arrays["weights"] = weights
        adaptive = recipe.optimizer != "sgd"
        if adaptive or recipe.momentum > 0:
            self.arrays["first_moment"] = np.zeros(trained_weights(task), np.float32)
        if adaptive:
            self.arrays["second_moment"] = np.zeros(trained_weights(task), np.float32)
        if recipe.ema_decay > 0:
            self.arrays["average"] = weights.copy()
        if recipe.checkpoint == "best-on-validation":
            self.arrays["best"] = weights.copy()
            self.arrays["best_accuracy_and_epoch"] = np.array([-1, 0], np.float32)

    def _go_on_from(self, state: RunState) -> None:
        sizes = {name: array.shape for name, array in self.arrays.items()}
        found = {name: array.shape for name, array in state.arrays.items()}
        if found != sizes:
            raise StoreError(
                f"the state after epoch {state.epoch} is of another network or recipe: "
                f"{_sizes(found)}",
                where=f"{self.task.network.name}, seed {self.task.seed}",
                expected=_sizes(sizes),
                hint="remove the folder of the run to train it from the start",
            )
        self.arrays = {name: np.array(a, np.float32) for name, a in state.arrays.items()}

    @property
    def remaining_work(self) -> float:
        """Multiply-adds until the run has ended, about; more than 0 while it has not."""
        if self.ended:
            return 0.0
        return self.work_an_epoch * max(self.task.recipe.epochs - self.done, 0) + 1.0

    @property
    def current(self) -> NDArray[np.float32]:
        """The weights that are measured now."""
        return self.arrays.get("average", self.arrays["weights"])

    def epoch(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        """Train one epoch and tell the observer, or return early because ``stop`` was set."""
        if not self.arrays and not self.begin():
            return
        if self.done < self.task.recipe.epochs:
            self._train_epoch(trainer, observer, stop)
        if not self.ended and self.done >= self.task.recipe.epochs and not stop.is_set():
            kept, epoch = self.current, self.done
            if "best" in self.arrays:
                kept, epoch = self.arrays["best"], int(self.arrays["best_accuracy_and_epoch"][1])
            test = _logits(trainer, kept, self.task.dataset.test.images, stop)
            if test is not None:
                self._end(observer, RunResult(named_weights(self.task, kept), test, epoch))

    def _train_epoch(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        start, self.spent = time.perf_counter() - self.spent, 0.0
        data, recipe, sample = self.task.dataset, self.task.recipe, self.sample
        images = len(sample.train)
        rates = learning_rates(recipe, images, self.done)
        loss, correct = self.train_steps(trainer, observer, stop, rates)
        if stop.is_set():
            return
        last = self.done + 1 == recipe.epochs
        places = sample.train[training_sample(images, images if last else len(data.test))]
        train = _logits(trainer, self.current, data.train.images, stop, places)
        validation = _logits(trainer, self.current, data.train.images, stop, sample.validation)
        test = _logits(trainer, self.current, data.test.images, stop)
        if train is None or validation is None or test is None:
            return
        # All of the state, because a ReLU can turn a weight that is not finite into a loss that is;
        # but a buffer of a user module may be infinite on purpose, such as a mask.
        count = trained_weights(self.task) if self.task.network.opaque else None
        values = [train, validation, test, *(array[:count] for array in self.arrays.values())]
        if not (math.isfinite(loss) and all(np.isfinite(array).all() for array in values)):
            self._end(observer, RunResult(None, None, diverged_epoch=self.done + 1))
            return
        record = EpochRecord(
            epoch=self.done + 1,
            learning_rate=float(rates[-1]),
            running_loss=loss / images,
            running_accuracy=correct / images,
            **_named_scores("train", recipe.loss, train, sample.labels.noisy[places]),
            **_named_scores(
                "validation", recipe.loss, validation, sample.labels.noisy[sample.validation]
            ),
            **_named_scores("test", recipe.loss, test, data.test.labels),
            **(_noise_scores(train, sample.labels, places) if self.task.noise.active else {}),
            seconds=time.perf_counter() - start,
        )
        self.done += 1
        self._keep_best(record)
        state = RunState(self.done, {name: array.copy() for name, array in self.arrays.items()})
        observer.epoch_finished(self.position, record, state)

    def _keep_best(self, record: EpochRecord) -> None:
        """Remember the weights of the best epoch on the validation images, the first of equals."""
        if "best" not in self.arrays or record.validation_accuracy is None:
            return
        found = np.array([record.validation_accuracy, record.epoch], np.float32)
        if found[0] > self.arrays["best_accuracy_and_epoch"][0]:
            self.arrays["best"] = self.current.copy()
            self.arrays["best_accuracy_and_epoch"] = found

    @abstractmethod
    def train_steps(
        self,
        trainer: TrainerType,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the number of hits.

        Changes ``arrays`` in place. Returns early when ``stop`` is set, or when the loss is not
        finite any more.
        """

    def _end(self, observer: Observer, result: RunResult) -> None:
        self.ended = True
        self.arrays = {}
        del self.sample
        observer.run_finished(self.position, result)


def _logits(
    trainer: Trainer,
    weights: NDArray[np.float32],
    images: NDArray[np.uint8],
    stop: Event,
    places: NDArray[np.int64] | None = None,
) -> NDArray[np.float32] | None:
    """Return what a trainer yields in one array; ``None`` if ``stop`` was set."""
    parts = []
    for part in trainer.logits(weights, images, places):
        if stop.is_set():
            return None
        parts.append(part)
    return np.concatenate(parts)


def _named_scores(
    split: str, loss: Loss, logits: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, float]:
    """Return the fields of an :class:`EpochRecord` that belong to a split, if it has images."""
    if not len(labels):
        return {}
    return {
        f"{split}_loss": mean_loss(loss, logits, labels),
        f"{split}_accuracy": accuracy(logits, labels),
    }


def _noise_scores(
    logits: NDArray[np.float32], labels: NoisyLabels, places: NDArray[np.int64]
) -> dict[str, float]:
    """Return the fields of an :class:`EpochRecord` that only noise has."""
    found = count_memorized(logits.argmax(axis=1), labels.noisy[places], labels.clean[places])
    scores = {"clean_train_accuracy": accuracy(logits, labels.clean[places])}
    if found.flipped:
        scores["memorized"] = found.memorized / found.flipped
        scores["recovered"] = found.recovered / found.flipped
    return scores


def _sizes(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in shapes.items())
