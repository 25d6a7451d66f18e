"""What the tests of the native engine share: random data, and the kernels' gradients by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import Seeds, stream
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.native.trainer import TrainerKey
from seedbed.networks.layers import Layer
from seedbed.networks.network import Network
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.weights import flat_weights, named_weights, trained_weights

ImageShape = tuple[int, int, int]
Weights = Mapping[str, NDArray[np.float32]]


@cache
def random_splits(
    image_shape: ImageShape, classes: int = 3, *, train: int = 128, test: int = 40
) -> DatasetSplits:
    """Return images of noise with labels of chance."""
    generator = stream(0, "split")

    def split(count: int) -> ImageDataset:
        return ImageDataset(
            generator.integers(0, 256, (count, *image_shape)).astype(np.uint8),
            generator.integers(0, classes, count),
            tuple(f"class {k}" for k in range(classes)),
        )

    return DatasetSplits("noise", {"train": split(train), "test": split(test)})


def task_of(*layers: Layer, image_shape: ImageShape, classes: int = 3, **settings: Any) -> RunTask:
    """Return a run on noise of these layers, with these settings of its recipe.

    The last layer must be linear, with ``classes`` features.
    """
    return RunTask(
        Network("test", layers),
        Recipe(**settings),
        random_splits(image_shape, classes),
        seeds=Seeds(run=0),
    )


def weights_of(task: RunTask, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Return weights to start from."""
    return task.network.initial_weights(task.dataset.image_shape, stream(seed, "initialization"))


def engine_logits(
    engine: Engine, task: RunTask, weights: Weights, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return the logits of images, normalized as in a run."""
    return engine.logits(task.network, weights, images, task.dataset.train.normalization())


@dataclass(frozen=True)
class Gradient:
    """Of the mean loss of a batch."""

    loss: float
    correct: int
    weights: Weights
    losses: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


class Kernels:
    """A native trainer, called with arrays under their names."""

    def __init__(self, engine: NativeEngine, task: RunTask, threads: int = 1) -> None:
        self.task = task
        self._trainer = engine.trainer(TrainerKey.of(task), threads)

    def gradient(
        self,
        weights: Weights,
        order: NDArray[np.int64],
        *,
        warps: NDArray[np.float32] | None = None,
        masks: NDArray[np.uint8] | None = None,
        **given: Any,
    ) -> Gradient:
        """Return the gradient of the training images in ``order``, as one batch.

        ``given`` may hold ``targets``, ``image_weights`` and ``running`` means of all training
        images, a ``transition`` matrix and ``label_targets``, each float32; and ``fields`` with
        what smooths them.
        """
        flat = flat_weights(self.task, weights)
        out = np.full(trained_weights(self.task), np.nan, np.float32)
        losses = np.full(len(order), np.nan, np.float32)
        score = self._trainer.native.gradient(
            self._batches(order, given, warps=warps, masks=masks),
            self._objective(given),
            flat,
            out,
            losses,
        )
        whole = np.concatenate([out, np.zeros(len(flat) - len(out), np.float32)])
        named = named_weights(self.task, whole)
        trained = self.task.network.parameters(self.task.dataset.image_shape)
        named = {name: named[name] for name in trained}
        return Gradient(score.loss / len(order), score.correct, named, losses)

    def score(
        self,
        weights: Weights,
        order: NDArray[np.int64],
        **given: Any,
    ) -> tuple[float, int, NDArray[np.float32]]:
        """Return the mean loss of these training images, the number of hits, and all losses."""
        losses = np.full(len(order), np.nan, np.float32)
        score = self._trainer.native.score(
            self._batches(order, given),
            self._objective(given),
            flat_weights(self.task, weights),
            losses,
        )
        return score.loss / len(order), score.correct, losses

    def _batches(self, order: NDArray[np.int64], given: Mapping[str, Any], **arrays: Any) -> Any:
        data = self.task.dataset.train
        return self._trainer.module.Batches(
            images=data.images,
            labels=data.labels,
            order=order,
            targets=given.get("targets"),
            image_weights=given.get("image_weights"),
            running=given.get("running"),
            fields=given.get("fields"),
            smooth_columns=given.get("smooth_columns"),
            smooth_rows=given.get("smooth_rows"),
            **arrays,
        )

    def _objective(self, given: Mapping[str, Any]) -> Any:
        recipe = self.task.recipe
        return self._trainer.module.Objective(
            recipe.loss.name,
            parameters=recipe.loss.parameters,
            label_smoothing=recipe.label_smoothing,
            transition=given.get("transition"),
            label_targets=given.get("label_targets"),
            early_weight=given.get("early_weight", 0.0),
            early_decay=given.get("early_decay", 0.0),
        )


@dataclass
class Recorder:
    """An observer that remembers every call."""

    calls: list[tuple[str, int]] = field(default_factory=list)
    images: dict[int, int] = field(default_factory=dict)
    records: dict[int, list[EpochRecord]] = field(default_factory=dict)
    states: dict[int, list[RunState]] = field(default_factory=dict)
    results: dict[int, RunResult] = field(default_factory=dict)

    def images_trained(self, run: int, count: int) -> None:
        self.calls.append(("images", run))
        self.images[run] = self.images.get(run, 0) + count

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        self.calls.append(("epoch", run))
        self.records.setdefault(run, []).append(record)
        self.states.setdefault(run, []).append(state)

    def run_finished(self, run: int, result: RunResult) -> None:
        self.calls.append(("run", run))
        self.results[run] = result


def assert_same_result(one: RunResult, other: RunResult) -> None:
    assert one.epoch == other.epoch
    assert one.weights is not None
    assert other.weights is not None
    for name, array in one.weights.items():
        np.testing.assert_array_equal(other.weights[name], array)
    assert one.logits.keys() == other.logits.keys()
    for name, logits in one.logits.items():
        np.testing.assert_array_equal(other.logits[name], logits)
