"""A run while it is being trained: what every engine does alike, epoch by epoch.

How the steps of an epoch are computed is the engine's, and which steps those are is the method's;
what they start from, what is measured behind them, which weights are kept, and what the observer is
told is here.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StoreError
from seedbed.core.seeds import stream
from seedbed.networks.cost import cost
from seedbed.training.engine import EpochRecord, Observer, RunResult, RunState, RunTask
from seedbed.training.evaluation import TrainerType, evaluate, logits_of, scores
from seedbed.training.schedule import learning_rates
from seedbed.training.splits import Sample, Split, learned_images
from seedbed.training.weights import flat_weights, named_weights, trained_weights

NetworkArrays = dict[str, NDArray[np.float32]]


@dataclass
class Run(ABC, Generic[TrainerType]):
    """A run: its arrays while it is being trained, and how far it is."""

    position: int
    task: RunTask
    done: int = 0
    """Finished epochs."""
    ended: bool = False
    networks: dict[str, NetworkArrays] = field(default_factory=dict)
    """By the method's names: flat ``weights``, and the optimizer's ``first_moment`` and
    ``second_moment`` and the weight ``average`` where the recipe has them. Only while it is being
    trained, as all the other arrays: there may be hundreds of runs."""
    method_state: dict[str, NDArray[Any]] = field(default_factory=dict)
    best: NetworkArrays = field(default_factory=dict)
    """``weights`` of the best epoch so far, and the ``accuracy_and_epoch`` of it, where the recipe
    keeps those."""
    spent: float = 0.0
    """Seconds that its next epoch has taken already, where it was trained together with others."""
    sample: Sample = field(init=False)
    splits: dict[str, Split] = field(init=False)
    measured: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """The logits of every split after the last epoch."""

    def __post_init__(self) -> None:
        task = self.task
        self.method = task.recipe.method
        multiply_adds = cost(task.network, task.dataset.image_shape).multiply_adds
        images = learned_images(task.recipe, len(task.dataset.train), task.seeds)
        self.work_an_epoch = multiply_adds * images
        self.done = task.state.epoch if task.state is not None else 0

    def begin(self) -> bool:
        """Claim the run and make its arrays, unless that has been done; return whether it is ours.

        A run that another process has ends here at once.
        """
        if self.networks:
            return True
        if self.task.claim is not None:
            claimed = self.task.claim()
            if claimed is None:
                self.ended = True
                return False
            self.task = claimed
            self.done = claimed.state.epoch if claimed.state is not None else 0
        self.sample = self.task.sample()
        self.splits = self.task.splits(self.sample)
        self.networks = {
            name: self._new_network(position) for position, name in enumerate(self.method.networks)
        }
        labels = self.sample.labels
        self.method_state = self.method.state(labels.noisy, labels.classes, self.task.seeds)
        if self.task.recipe.checkpoint == "best-on-validation":
            self.best["weights"] = self.current.copy()
            self.best["accuracy_and_epoch"] = np.array([-1, 0], np.float32)
        if self.task.state is not None:
            self._go_on_from(self.task.state)
        return True

    def _new_network(self, position: int) -> NetworkArrays:
        task, recipe = self.task, self.task.recipe
        drawn = task.network.initial_weights(
            task.dataset.image_shape,
            stream(task.seeds.initialization, "initialization", position),
            recipe.initialization,
        )
        arrays = {"weights": flat_weights(task, drawn)}
        adaptive = recipe.optimizer != "sgd"
        if adaptive or recipe.momentum > 0:
            arrays["first_moment"] = np.zeros(trained_weights(task), np.float32)
        if adaptive:
            arrays["second_moment"] = np.zeros(trained_weights(task), np.float32)
        if recipe.ema_decay > 0:
            arrays["average"] = arrays["weights"].copy()
        return arrays

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Return every array under the name that a checkpoint has for it."""
        owners = {**self.networks, "best": self.best, "method": self.method_state}
        return {
            f"{owner}/{name}": array
            for owner, arrays in owners.items()
            for name, array in arrays.items()
        }

    def _go_on_from(self, state: RunState) -> None:
        arrays = self._arrays()
        wrong = [f"{name} is missing" for name in arrays.keys() - state.arrays.keys()]
        wrong += [f"{name} is unexpected" for name in state.arrays.keys() - arrays.keys()]
        for name in arrays.keys() & state.arrays.keys():
            given, expected = _kind(state.arrays[name]), _kind(arrays[name])
            if given != expected:
                wrong.append(f"{name} is {given} and should be {expected}")
        if wrong:
            raise StoreError(
                f"the checkpoint after epoch {state.epoch} is of another network or recipe: "
                + ", ".join(sorted(wrong)),
                where=f"{self.task.network.name}, seed {self.task.seeds.key}",
                hint="remove the folder of the run to train it from the start",
            )
        for name, array in arrays.items():
            array[...] = state.arrays[name]

    @property
    def remaining_work(self) -> float:
        """Multiply-adds until the run has ended, about; more than 0 while it has not."""
        if self.ended:
            return 0.0
        return self.work_an_epoch * max(self.task.recipe.epochs - self.done, 0) + 1.0

    @property
    def current(self) -> NDArray[np.float32]:
        """The weights that are measured now."""
        arrays = self.networks[self.method.predicts]
        return arrays.get("average", arrays["weights"])

    def epoch(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        """Train one epoch and tell the observer, or return early because ``stop`` was set."""
        if not self.begin():
            return
        if self.done < self.task.recipe.epochs:
            self._train_epoch(trainer, observer, stop)
        if not self.ended and self.done >= self.task.recipe.epochs and not stop.is_set():
            self._finish(trainer, observer, stop)

    def _train_epoch(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        start, self.spent = time.perf_counter() - self.spent, 0.0
        task, recipe, images = self.task, self.task.recipe, len(self.sample.train)
        rates = learning_rates(recipe, images, self.done)
        steps = _Steps(self, trainer, observer, stop, rates)
        loss, correct = self.method.train_epoch(steps, self.method_state)
        if stop.is_set():
            return
        epoch, results = self.done + 1, {}
        last = epoch == recipe.epochs
        if last or epoch % recipe.evaluate_every == 0:
            results = evaluate(trainer, self.current, self.splits, stop, every_image=last)
            if stop.is_set():
                return
        logits = [result.logits for result in results.values()]
        if not (math.isfinite(loss) and self._is_finite() and all(map(_finite, logits))):
            self._end(observer, RunResult(None, diverged_epoch=epoch))
            return
        record = EpochRecord(
            epoch=epoch,
            learning_rate=float(rates[-1]),
            running_loss=loss / images,
            running_accuracy=correct / images,
            **scores(results, recipe.loss, self.sample.labels if task.noise.active else None),
            seconds=time.perf_counter() - start,
        )
        self.done = epoch
        self._keep_best(record)
        if last:
            self.measured = {name: result.logits for name, result in results.items()}
        state = RunState(self.done, {name: array.copy() for name, array in self._arrays().items()})
        observer.epoch_finished(self.position, record, state)

    def _is_finite(self) -> bool:
        """Whether all of the state is: a ReLU can turn a weight that is not into a loss that is.

        But a buffer of a user module may be infinite on purpose, such as a mask.
        """
        count = trained_weights(self.task) if self.task.network.opaque else None
        arrays = [array[:count] for network in self.networks.values() for array in network.values()]
        return all(map(_finite, [*arrays, *self.method_state.values()]))

    def _keep_best(self, record: EpochRecord) -> None:
        """Remember the weights of the best epoch on the validation images, the first of equals."""
        if not self.best or record.validation_accuracy is None:
            return
        reached = np.array([record.validation_accuracy, record.epoch], np.float32)
        if reached[0] > self.best["accuracy_and_epoch"][0]:
            self.best["weights"][...] = self.current
            self.best["accuracy_and_epoch"][...] = reached

    def _finish(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        kept, epoch = self.current, self.done
        if self.best:
            kept, epoch = self.best["weights"], int(self.best["accuracy_and_epoch"][1])
        known = self.measured if epoch == self.done else {}
        logits = {
            name: known[name]
            if name in known
            else logits_of(trainer, kept, self.splits[name], stop)
            for name in self.task.keep_logits
            if name in self.splits
        }
        if not stop.is_set():
            self._end(observer, RunResult(named_weights(self.task, kept), logits, epoch))

    @abstractmethod
    def train_steps(
        self,
        network: str,
        trainer: TrainerType,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the number of hits.

        Changes the arrays of the network in place. Returns early when ``stop`` is set, or when the
        loss is not finite any more.
        """

    def _end(self, observer: Observer, result: RunResult) -> None:
        self.ended = True
        self.networks, self.method_state, self.best, self.measured = {}, {}, {}, {}
        del self.sample, self.splits
        observer.run_finished(self.position, result)


@dataclass(frozen=True)
class _Steps(Generic[TrainerType]):
    """What the engine does for the method in one epoch."""

    run: Run[TrainerType]
    trainer: TrainerType
    observer: Observer
    stop: Event
    rates: NDArray[np.float32]

    @property
    def stopped(self) -> bool:
        return self.stop.is_set()

    def epoch(self, network: str) -> tuple[float, int]:
        return self.run.train_steps(network, self.trainer, self.observer, self.stop, self.rates)


def _finite(array: NDArray[Any]) -> bool:
    return bool(np.isfinite(array).all())


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype} {'×'.join(map(str, array.shape))}"
