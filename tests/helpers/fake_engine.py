"""A small engine that keeps the engine contract: softmax regression, in NumPy.

It stands for the real one where a test is about what is done with an engine's results.
"""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.data.images import Normalization
from seedbed.networks.layers import LAYERS
from seedbed.networks.network import Network
from seedbed.training.batches import epoch_order
from seedbed.training.engine import (
    Arrays,
    EngineFacts,
    EpochRecord,
    Observer,
    RunResult,
    RunState,
    RunTask,
)
from seedbed.training.evaluation import epochs_between_evaluations

WEIGHTS = ("fc1.weight", "fc1.bias")


class FakeEngine:
    """Gradient descent with momentum on the pixels.

    Args:
        device: As factories of engines are given it.
        deterministic: The same.
        delay: Seconds that every batch takes at least.
        instructions: As if it had been compiled for these.
        diverging: Seeds whose loss is not a number in the second epoch.
    """

    def __init__(
        self,
        device: str = "cpu",
        *,
        deterministic: bool = True,
        delay: float = 0.0,
        instructions: str | None = "numpy",
        diverging: Collection[int] = (),
    ) -> None:
        self.delay = delay
        self.diverging = diverging
        self.facts = EngineFacts(
            name="fake",
            title="fake engine",
            device=device,
            instructions=instructions,
            deterministic=deterministic,
            precisions=frozenset({"float32"}),
            losses=frozenset({"cross-entropy"}),
            methods=frozenset({"standard"}),
            layers=frozenset(LAYERS),
            user_modules=False,
        )
        self.trained: list[tuple[int, int]] = []
        """(seed, epoch) of every epoch that this object has trained, to see what was resumed."""

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Take everything."""

    def check(self, task: RunTask) -> None:
        """Take everything."""

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: Event
    ) -> None:
        with ThreadPoolExecutor(threads) as pool:
            jobs = [
                pool.submit(self._train, run, task, observer, stop)
                for run, task in enumerate(tasks)
            ]
        for job in jobs:
            job.result()

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        inputs = normalization.apply(images).reshape(len(images), -1)
        return np.asarray(inputs @ weights["fc1.weight"].T + weights["fc1.bias"], np.float32)

    def _train(self, run: int, task: RunTask, observer: Observer, stop: Event) -> None:
        if task.claim is not None:
            claimed = None if stop.is_set() else task.claim()
            if claimed is None:
                return
            task = claimed
        train, recipe = task.dataset.train, task.recipe
        classes, features = len(train.class_names), int(np.prod(train.image_shape))
        if task.state is None:
            weight = stream(task.seeds.initialization, "initialization").normal(
                0, 0.01, (classes, features)
            )
            weights = {
                "fc1.weight": weight.astype(np.float32),
                "fc1.bias": np.zeros(classes, np.float32),
            }
            velocity = {name: np.zeros_like(value) for name, value in weights.items()}
        else:
            arrays = task.state.arrays
            weights = {name: arrays[f"weights/{name}"].copy() for name in WEIGHTS}
            velocity = {name: arrays[f"velocity/{name}"].copy() for name in WEIGHTS}
        for epoch in range(task.state.epoch if task.state else 0, recipe.epochs):
            begun = time.perf_counter()
            running = []
            order = epoch_order(task.seeds.order, len(train), epoch)
            for start in range(0, len(train), recipe.batch_size):
                if stop.is_set():
                    return
                time.sleep(self.delay)
                batch = order[start : start + recipe.batch_size]
                running.append(self._step(task, weights, velocity, batch))
                if task.seeds.run in self.diverging and epoch == 1:
                    running[-1] = (np.nan, 0.0)
                if not np.isfinite(running[-1][0]):
                    observer.run_finished(run, RunResult(None, diverged_epoch=epoch + 1))
                    return
                observer.images_trained(run, len(batch))
            self.trained.append((task.seeds.run, epoch + 1))
            if stop.is_set():
                return
            measured: dict[str, Any] = {}
            every = epochs_between_evaluations(recipe, task.dataset)
            if epoch + 1 == recipe.epochs or (epoch + 1) % every == 0:
                for name, split in task.dataset.splits.items():
                    loss, accuracy = self._evaluate(task, weights, split.images, split.labels)
                    measured |= {f"{name}_loss": loss, f"{name}_accuracy": accuracy}
            record = EpochRecord(
                epoch=epoch + 1,
                learning_rate=recipe.learning_rate,
                running_loss=float(np.mean([loss for loss, _ in running])),
                running_accuracy=float(np.mean([accuracy for _, accuracy in running])),
                seconds=time.perf_counter() - begun,
                **measured,
            )
            state = {f"weights/{name}": value.copy() for name, value in weights.items()}
            state |= {f"velocity/{name}": value.copy() for name, value in velocity.items()}
            observer.epoch_finished(run, record, RunState(epoch + 1, state))
        if not stop.is_set():
            normalization = task.dataset.train.normalization()
            logits = {
                name: self.logits(
                    task.network, weights, split.dataset.images[split.indices], normalization
                )
                for name, split in task.splits().items()
                if name in task.keep_logits
            }
            observer.run_finished(run, RunResult(weights, logits, recipe.epochs))

    def _step(
        self,
        task: RunTask,
        weights: dict[str, NDArray[np.float32]],
        velocity: dict[str, NDArray[np.float32]],
        batch: NDArray[np.int64],
    ) -> tuple[float, float]:
        """Change the weights, and return the batch's loss and accuracy."""
        images, labels = task.dataset.train.images[batch], task.dataset.train.labels[batch]
        normalization = task.dataset.train.normalization()
        logits = self.logits(task.network, weights, images, normalization)
        loss, accuracy, probability = _cross_entropy(logits, labels)
        probability[np.arange(len(labels)), labels] -= 1
        inputs = normalization.apply(images).reshape(len(images), -1)
        gradients = {
            "fc1.weight": probability.T @ inputs / len(labels),
            "fc1.bias": probability.mean(axis=0),
        }
        for name, gradient in gradients.items():
            velocity[name] = (task.recipe.momentum * velocity[name] + gradient).astype(np.float32)
            weights[name] -= np.float32(task.recipe.learning_rate) * velocity[name]
        return loss, accuracy

    def _evaluate(
        self,
        task: RunTask,
        weights: Arrays,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
    ) -> tuple[float, float]:
        normalization = task.dataset.train.normalization()
        logits = self.logits(task.network, weights, images, normalization)
        loss, accuracy, _ = _cross_entropy(logits, labels)
        return loss, accuracy


def _cross_entropy(
    logits: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[float, float, NDArray[np.float32]]:
    """Return mean loss, accuracy and the probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability = powers / powers.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        losses = -np.log(probability[np.arange(len(labels)), labels])
    return float(losses.mean()), float((logits.argmax(axis=1) == labels).mean()), probability
