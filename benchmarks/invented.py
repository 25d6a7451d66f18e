"""An engine that trains nothing: it makes up what training would have left, at once.

It keeps the engine contract, so that a study of any size can be stored as a real one is. What it
makes up looks like real results: some images are hard for every run, similar classes are confused,
configurations differ, a learning rate of 1 or more diverges, and wrong labels are first seen
through and then learned by heart.
"""

import hashlib
from collections.abc import Sequence
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import Normalization
from seedbed.networks.layers import LAYERS
from seedbed.networks.network import Network
from seedbed.training.engine import (
    Arrays,
    EngineFacts,
    EpochRecord,
    Observer,
    RunResult,
    RunState,
    RunTask,
)
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.registry import METHODS

DIVERGES: Final = 1.0
"""The learning rate from which training diverges."""
MARGIN: Final = 9.0
"""By how much the logit of an easy image's label stands out, so that 1 % of images are wrong."""
TYPICAL_CHANGE: Final = 64.0
"""Gray levels by which an corruption must change pixels to halve that margin."""
BETWEEN_RUNS: Final = 1.2
"""Standard deviation of a logit over the runs."""
MEMORIZED: Final = 0.35
"""How many of the wrong labels are learned by heart, at a noise rate of 0.5."""


class InventedEngine:
    """Makes up logits and histories.

    Args:
        margin: Less than the default makes all images harder.
        stop_after: So many epochs of all runs together, and then as if Ctrl-C had been pressed;
            ``None`` for all.
        trained: Runs that another object has trained, whose weights it knows all the same.
    """

    facts = EngineFacts(
        name="invented",
        title="invented results",
        device="cpu",
        instructions="numpy",
        deterministic=True,
        precisions=frozenset({"float32"}),
        losses=frozenset(LOSSES),
        methods=frozenset(METHODS),
        layers=frozenset(LAYERS),
        user_modules=False,
    )

    def __init__(
        self,
        margin: float = MARGIN,
        stop_after: int | None = None,
        trained: Sequence[RunTask] = (),
    ) -> None:
        self.margin = margin
        self.stop_after = stop_after
        self._tasks = {_digest(_weights(task)): task for task in trained}

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Take everything."""

    def check(self, task: RunTask) -> None:
        """Take everything."""

    def train(
        self,
        tasks: Sequence[RunTask],
        observer: Observer,
        *,
        threads: int,  # noqa: ARG002
        stop: Event,
    ) -> None:
        """Make up all runs, one after the other, in one thread."""
        done = 0
        for run, given in enumerate(tasks):
            task = given.claim() if given.claim else given
            if task is None:
                continue
            logits = _logits(task, self.margin)
            records = _history(task, logits)
            begun = task.state.epoch if task.state else 0
            for record in records[begun:]:
                if stop.is_set():
                    return
                if done == self.stop_after:
                    raise KeyboardInterrupt
                done += 1
                observer.images_trained(run, len(task.dataset.train))
                if task.recipe.learning_rate >= DIVERGES and record.epoch > 1:
                    result = RunResult(None, diverged_epoch=record.epoch)
                    observer.run_finished(run, result)
                    break
                state = {"weights/none": np.zeros(1, np.float32)}
                observer.epoch_finished(run, record, RunState(record.epoch, state))
            else:
                weights = _weights(task)
                self._tasks[_digest(weights)] = task
                observer.run_finished(run, RunResult(weights, {"test": logits}, records[-1].epoch))

    def logits(
        self,
        network: Network,  # noqa: ARG002
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """Return those of the first test images, which are harder where they have been corrupted.

        Raises:
            KeyError: If the weights are not those of a known run.
        """
        task = self._tasks[_digest(weights)]
        before = task.dataset.test.images[: len(images)].astype(np.float64)
        changed = np.abs(images - before).mean() / TYPICAL_CHANGE
        return _logits(task, self.margin / (1 + changed))[: len(images)]


def _weights(task: RunTask) -> dict[str, NDArray[np.float32]]:
    """Return weights that no other run has."""
    network, shape = task.network, task.dataset.image_shape
    buffers = {name: np.ones(size, np.float32) for name, size in network.buffers(shape).items()}
    own = _generator(f"weights {task.seeds} {network} {task.recipe} {task.noise}")
    return network.initial_weights(shape, own) | buffers


def _digest(weights: Arrays) -> str:
    whole = hashlib.sha256()
    for name in sorted(weights):
        whole.update(np.ascontiguousarray(weights[name]).tobytes())
    return whole.hexdigest()


def _logits(task: RunTask, margin: float) -> NDArray[np.float32]:
    labels = task.dataset.test.labels
    images, classes = len(labels), len(task.dataset.test.class_names)
    shared = _generator("images")
    # Half a per cent of the images look like another class to everybody, and some are borderline.
    difficulty = shared.gamma(0.6, 2.2, images)
    looks_like = (labels + 1 + shared.geometric(0.6, images) * (1 + labels % 2)) % classes
    ability = _ability(task)
    own = _generator(f"run {task.seeds.key} {task.network} {task.recipe} {task.noise}")
    logits = own.normal(0, BETWEEN_RUNS, (images, classes))
    logits[np.arange(images), labels] += margin * ability
    logits[np.arange(images), looks_like] += np.minimum(difficulty, 1.6 * MARGIN) / ability
    return logits.astype(np.float32)


def _ability(task: RunTask) -> float:
    """Return how good a configuration is: about 1, and less the more labels are wrong."""
    better = _generator(f"{task.network} {task.recipe}").random()
    rate = _wrong_labels(task)
    return (0.92 + 0.12 * better) * (1 - 0.6 * rate**2)


def _wrong_labels(task: RunTask) -> float:
    return task.noise.rate or 0.0


def _generator(name: str) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.Philox(key=key))


def _history(task: RunTask, logits: NDArray[np.float32]) -> list[EpochRecord]:
    epochs = task.recipe.epochs
    own = _generator(f"history {task.seeds.key} {task.network} {task.recipe} {task.noise}")
    correct = logits.argmax(axis=1) == task.dataset.test.labels
    last = float(correct.mean())
    rate = _wrong_labels(task)
    speed = 3.0 + 2.0 * _ability(task)
    records = []
    for epoch in range(1, epochs + 1):
        done = epoch / epochs
        left = (np.exp(-speed * done) - np.exp(-speed)) * (1 + 0.15 * own.normal())
        test = last if epoch == epochs else float(np.clip(last - 0.5 * left, 0, 1))
        clean_train = float(np.clip(last + 0.4 * (1 - last) * done - 0.5 * left, 0, 1))
        memorized = float(np.clip(MEMORIZED * 2 * rate * done**2, 0, 1))
        recovered = float(np.clip(test * (1 - 0.5 * done * rate) - memorized, 0, 1))
        train = clean_train * (1 - rate) + memorized * rate
        validated = task.recipe.validation_size > 0
        records.append(
            EpochRecord(
                epoch=epoch,
                learning_rate=task.recipe.learning_rate * (1.02 - done),
                train_loss=2.5 * (1 - train) + 0.01,
                train_accuracy=train,
                test_loss=3.0 * (1 - test) + 0.02 + 0.05 * done,
                test_accuracy=test,
                running_loss=2.7 * (1 - train) + 0.02,
                running_accuracy=0.98 * train,
                seconds=0.5 + 0.1 * abs(own.normal()),
                validation_loss=3.0 * (1 - test) + 0.03 if validated else None,
                validation_accuracy=0.995 * test if validated else None,
                clean_train_accuracy=clean_train if task.noise.active else None,
                memorized=memorized if task.noise.active else None,
                recovered=recovered if task.noise.active else None,
            )
        )
    return records
