"""The training loop of a run, which all engines share.

The engine computes the steps, and the method chooses them. The loop initializes the run, evaluates
epochs, selects the weights to keep, and reports to the observer.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StoreError
from seedbed.core.seeds import stream
from seedbed.networks.cost import cost
from seedbed.training.engine import EpochRecord, Observer, RunResult, RunState, RunTask
from seedbed.training.evaluation import (
    Evaluated,
    TrainerType,
    epochs_between_evaluations,
    evaluate,
    evaluated_images,
    logits_of,
    scores,
)
from seedbed.training.methods.base import RunFailed, RunLabels
from seedbed.training.objective import Objective
from seedbed.training.schedule import learning_rates
from seedbed.training.splits import Sample, Split, learned_images
from seedbed.training.steps import EpochSteps, weighted
from seedbed.training.weights import flat_weights, named_weights, trained_weights

NetworkArrays = dict[str, NDArray[np.float32]]


@dataclass
class Run(ABC, Generic[TrainerType]):
    """A run in training: its arrays and its progress."""

    position: int
    task: RunTask
    done: int = 0
    """Finished epochs."""
    ended: bool = False
    networks: dict[str, NetworkArrays] = field(default_factory=dict)
    """The method's networks by name: flat ``weights``, the optimizer's ``first_moment`` and
    ``second_moment``, and the weight ``average``, as the recipe requires. Like all arrays, they
    exist only during training, because there may be hundreds of runs."""
    method_state: dict[str, NDArray[Any]] = field(default_factory=dict)
    best: NetworkArrays = field(default_factory=dict)
    """``weights`` and ``accuracy_and_epoch`` of the best epoch so far, if the recipe keeps it."""
    spent: float = 0.0
    """Seconds spent on the next epoch, if it has been trained together with other runs."""
    sample: Sample = field(init=False)
    splits: dict[str, Split] = field(init=False)
    measured: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """The logits of every split after the last epoch."""

    def __post_init__(self) -> None:
        task = self.task
        self.method = task.recipe.robust
        multiply_adds = cost(task.network, task.dataset.image_shape).multiply_adds
        images = learned_images(task.recipe, task.dataset.train, task.seeds)
        self.work_an_epoch = multiply_adds * images
        self.evaluate_every = epochs_between_evaluations(task.recipe, task.dataset)
        self.done = task.state.epoch if task.state is not None else 0

    def begin(self) -> bool:
        """Claim the run and create its arrays, unless that is done; return whether to train it.

        A run that another process has claimed ends at once.
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
        classes, seeds = self.task.dataset.class_names, self.task.seeds
        labels = RunLabels(self.sample.labels, self.sample.train, classes, seeds)
        self.method_state = self.method.state(labels)
        if self.task.recipe.checkpoint == "best-on-validation":
            self.best["weights"] = self.current.copy()
            self.best["accuracy_and_epoch"] = np.array([-1, 0], np.float32)
        if self.task.state is not None:
            self._resume(self.task.state)
        return True

    def _new_network(self, position: int) -> NetworkArrays:
        task, recipe = self.task, self.task.recipe
        initial = task.network.initial_weights(
            task.dataset.image_shape,
            stream(task.seeds.initialization, "initialization", position),
            recipe.initialization,
        )
        arrays = {"weights": flat_weights(task, initial)}
        adaptive = recipe.optimizer != "sgd"
        if adaptive or recipe.momentum > 0:
            arrays["first_moment"] = np.zeros(trained_weights(task), np.float32)
        if adaptive:
            arrays["second_moment"] = np.zeros(trained_weights(task), np.float32)
        if recipe.ema_decay > 0:
            arrays["average"] = arrays["weights"].copy()
        return arrays

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays by their names in a checkpoint."""
        owners = {**self.networks, "best": self.best, "method": self.method_state}
        return {
            f"{owner}/{name}": array
            for owner, arrays in owners.items()
            for name, array in arrays.items()
        }

    def _resume(self, state: RunState) -> None:
        arrays = self._arrays()
        wrong = [f"{name} is missing" for name in arrays.keys() - state.arrays.keys()]
        wrong += [f"{name} is unexpected" for name in state.arrays.keys() - arrays.keys()]
        for name in arrays.keys() & state.arrays.keys():
            given, expected = _kind(state.arrays[name]), _kind(arrays[name])
            if given != expected:
                wrong.append(f"{name} is {given} instead of {expected}")
        if wrong:
            raise StoreError(
                f"the checkpoint of epoch {state.epoch} does not match the network and recipe: "
                + ", ".join(sorted(wrong)),
                where=f"{self.task.network.name}, seed {self.task.seeds.key}",
                hint="delete the folder of the run to train it from the start",
            )
        for name, array in arrays.items():
            array[...] = state.arrays[name]

    @property
    def remaining_work(self) -> float:
        """Approximate multiply-adds until the end of the run; above 0 until it has ended."""
        if self.ended:
            return 0.0
        return self.work_an_epoch * max(self.task.recipe.epochs - self.done, 0) + 1.0

    @property
    def current(self) -> NDArray[np.float32]:
        """The weights to evaluate."""
        return self.evaluated(self.method.predicts)

    @property
    def objective(self) -> Objective:
        """What the next epoch minimizes."""
        objective = self.method.objective(self.method_state, self.done, self.task.recipe.epochs)
        return weighted(objective, self.task, self.sample)

    def evaluated(self, network: str) -> NDArray[np.float32]:
        """Return the weights of a network to evaluate: the average, if there is one."""
        arrays = self.networks[network]
        return arrays.get("average", arrays["weights"])

    def epoch(self, trainer: TrainerType, observer: Observer, stop: Event) -> None:
        """Train one epoch and report it, or return early if ``stop`` is set."""
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
        steps = EpochSteps(self, trainer, observer, stop, rates)
        epoch = self.done + 1
        try:
            loss, correct = self.method.train_epoch(steps, self.method_state)
        except RunFailed as error:
            self._end(observer, RunResult(None, diverged_epoch=epoch, diverged_reason=str(error)))
            return
        if stop.is_set():
            return
        results = self.evaluate(trainer, self.images_to_evaluate(), stop)
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
            **scores(results, self.sample.labels if task.noise.active else None),
            seconds=time.perf_counter() - start,
            estimated_transition=_rounded(self.method.estimated_transition(self.method_state)),
        )
        self.done = epoch
        self._keep_best(record)
        if epoch == recipe.epochs:
            self.measured = {name: result.logits for name, result in results.items()}
        state = RunState(self.done, {name: array.copy() for name, array in self._arrays().items()})
        observer.epoch_finished(self.position, record, state)

    def images_to_evaluate(self) -> dict[str, Split]:
        """Return the images to evaluate after the next epoch by split; none in most epochs."""
        epoch = self.done + 1
        last = epoch == self.task.recipe.epochs
        if not last and epoch % self.evaluate_every:
            return {}
        return evaluated_images(self.splits, every_image=last)

    def evaluate(
        self, trainer: TrainerType, splits: Mapping[str, Split], stop: Event
    ) -> dict[str, Evaluated]:
        """Return the logits of the current weights; they must not be used if ``stop`` is set."""
        return evaluate(trainer, self.current, splits, stop)

    def _is_finite(self) -> bool:
        """Whether the state is finite; the loss alone may hide it, behind a ReLU for example.

        Buffers of a user module are ignored, because a mask may be infinite on purpose.
        """
        count = trained_weights(self.task) if self.task.network.opaque else None
        arrays = [array[:count] for network in self.networks.values() for array in network.values()]
        return all(map(_finite, [*arrays, *self.method_state.values()]))

    def _keep_best(self, record: EpochRecord) -> None:
        """Keep the weights if the epoch has a higher validation accuracy than all before."""
        if not self.best or record.validation_accuracy is None:
            return
        accuracy_and_epoch = np.array([record.validation_accuracy, record.epoch], np.float32)
        if accuracy_and_epoch[0] > self.best["accuracy_and_epoch"][0]:
            self.best["weights"][...] = self.current
            self.best["accuracy_and_epoch"][...] = accuracy_and_epoch

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
        networks: Sequence[str],
        trainer: TrainerType,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch of a network, or of networks that select images together.

        Returns the summed loss and the correct predictions of the first of them.
        Changes the arrays of the networks in place. Returns early if ``stop`` is set, and may do so
        if the loss is no longer finite.
        """

    def _end(self, observer: Observer, result: RunResult) -> None:
        self.ended = True
        self.networks, self.method_state, self.best, self.measured = {}, {}, {}, {}
        del self.sample, self.splits
        observer.run_finished(self.position, result)


def _rounded(matrix: NDArray[np.float64] | None) -> tuple[tuple[float, ...], ...] | None:
    return None if matrix is None else tuple(map(tuple, matrix.round(6).tolist()))


def _finite(array: NDArray[Any]) -> bool:
    return bool(np.isfinite(array).all())


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype} {'×'.join(map(str, array.shape))}"
