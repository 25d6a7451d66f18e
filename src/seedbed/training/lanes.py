"""The CPU engine: our own kernels, one image a SIMD lane, whole runs a core.

``native/`` holds the kernels; it is built once for each set of instructions, and the best module
that the processor can run is used. A trainer of that module works on one core and keeps no state:
weights and optimizer state are flat float32 arrays that belong to a run, in the order of
:meth:`Network.parameters`. Threads share the runs an epoch at a time, so a result cannot depend on
how many there are.
"""

import math
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import Normalisation
from seedbed.errors import UnsupportedLayer
from seedbed.networks.cost import cost
from seedbed.networks.initial import initial_weights
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Pad,
)
from seedbed.noise.labels import NoisyLabels
from seedbed.noise.memorisation import memorisation
from seedbed.streams import stream
from seedbed.training.batches import epoch_masks, epoch_order, epoch_warps, training_sample
from seedbed.training.crew import Crew
from seedbed.training.engine import (
    Arrays,
    EpochRecord,
    Observer,
    RunResult,
    RunState,
    RunTask,
)
from seedbed.training.metrics import accuracy, mean_loss
from seedbed.training.recipe import Loss, Recipe
from seedbed.training.sample import Sample, learned_images
from seedbed.training.schedule import average_decays, learning_rates

Instructions = Literal["avx512", "avx2", "portable"]

# How long a call into the kernels may take, so that Ctrl-C is noticed and progress is shown.
_SECONDS_A_CALL: Final = 0.1
# Images of one evaluation call: several groups of lanes, for the sake of the linear layers.
_GROUPS_AT_ONCE: Final = 4
_IMAGES_A_CALL: Final = 2048
_MULTIPLY_ADDS_A_CALL: Final = 2e9

_CRITERIA: Final[Mapping[Loss, str]] = {
    "cross-entropy": "cross_entropy",
    "mse": "mean_squared_error",
    "l1": "mean_absolute_error",
    "binary-cross-entropy": "binary_cross_entropy",
}


def supported_instructions() -> tuple[Instructions, ...]:
    """Return the sets of instructions that this processor has and a module was built for."""
    supported: tuple[Instructions, ...] = tuple(
        import_module("seedbed._lanes_portable").supported_instructions()
    )
    return supported


class LanesEngine:
    """Trains networks of convolution, activation, pooling and linear layers on the CPU.

    Args:
        instructions: Which kernels to use; the fastest that the processor can run by default.

    Raises:
        UnsupportedLayer: If the processor cannot run ``instructions``.
    """

    name = "lanes"

    def __init__(self, instructions: Instructions | None = None) -> None:
        supported = supported_instructions()
        if instructions is not None and instructions not in supported:
            raise UnsupportedLayer(
                f"this processor has no kernels for {instructions!r}",
                where="lanes",
                expected=" or ".join(supported),
            )
        self.instructions: Instructions = instructions or supported[0]
        self._module = import_module(f"seedbed._lanes_{self.instructions}")

    def check(self, task: RunTask) -> None:
        """Raise :class:`UnsupportedLayer` for a network that the kernels cannot train.

        Raises:
            NetworkError: Also if the layers do not fit each other or the images.
        """
        layers = task.network.layers
        task.network.shapes(task.dataset.image_shape)
        supported = (Pad, Conv2d, Activation, Dropout, MaxPool2d, AvgPool2d, Flatten, Linear)
        for name, layer in zip(task.network.layer_names, layers, strict=True):
            if not isinstance(layer, supported):
                raise UnsupportedLayer(
                    f"the lanes engine has no {type(layer).__name__} layer ({name})",
                    where=task.network.name,
                )
        if isinstance(layers[0], Pad) and not (len(layers) > 1 and isinstance(layers[1], Conv2d)):
            raise UnsupportedLayer(
                "the lanes engine pads images only for a convolution",
                where=task.network.name,
                mend="put a Conv2d behind the Pad layer",
            )
        if not isinstance(layers[-1], Linear):
            raise UnsupportedLayer(
                f"the lanes engine ends with a Linear layer, not {type(layers[-1]).__name__}",
                where=task.network.name,
            )

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to their end, as :class:`seedbed.training.engine.Engine` promises."""
        trainers = threading.local()
        runs = [_Run(position, task) for position, task in enumerate(tasks)]

        def epoch(run: _Run) -> None:
            # One trainer a thread: its memory is a few megabytes, and making it takes no time.
            key = _TrainerKey.of(run.task)
            if getattr(trainers, "key", None) != key:
                trainers.key, trainers.trainer = key, self._trainer(key)
            run.epoch(trainers.trainer, self._optimizer(run.task.recipe), observer, stop)

        Crew(runs, epoch, stop).work(max(1, min(threads, len(runs))))

    def logits(
        self, task: RunTask, weights: Arrays, images: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, normalised as for training."""
        trainer = self._trainer(_TrainerKey.of(task))
        images = np.ascontiguousarray(images)
        return np.concatenate(list(_logits(trainer, _flat(task, weights), images)))

    def _trainer(self, key: "_TrainerKey") -> "_Trainer":
        """Build the network in the kernels' terms."""
        mean, std = np.array(key.normalisation.mean), np.array(key.normalisation.std)
        # Where half of the lanes or more would stay empty, use fewer.
        fitting = [lanes for lanes in self._module.TRAINERS if key.batch_size > lanes // 2]
        lanes = max(fitting, default=min(self._module.TRAINERS))
        native = self._module.TRAINERS[lanes](
            list(key.image_shape), (1 / (255 * std)).tolist(), (-mean / std).tolist()
        )
        _build(native, key.network, key.image_shape)
        native.finish(max(key.batch_size, _GROUPS_AT_ONCE * lanes))
        each = cost(key.network, key.image_shape).multiply_adds
        images_a_call = min(_IMAGES_A_CALL, math.ceil(_MULTIPLY_ADDS_A_CALL / each))
        classes = key.network.shapes(key.image_shape)[-1][0]
        return _Trainer(native, classes, images_a_call, self._module.Loss)

    def _optimizer(self, recipe: Recipe) -> Any:
        optimizer = self._module.Optimizer()
        optimizer.rule = getattr(self._module.Rule, recipe.optimizer)
        optimizer.momentum = recipe.momentum
        optimizer.nesterov = recipe.nesterov
        optimizer.weight_decay = recipe.weight_decay
        optimizer.beta1, optimizer.beta2 = recipe.betas
        optimizer.epsilon = recipe.epsilon
        optimizer.l1, optimizer.l2 = recipe.l1_penalty, recipe.l2_penalty
        return optimizer


@dataclass(frozen=True)
class _TrainerKey:
    """Everything that a trainer's memory depends on."""

    network: Network
    image_shape: tuple[int, int, int]
    normalisation: Normalisation
    batch_size: int

    @classmethod
    def of(cls, task: RunTask) -> "_TrainerKey":
        data = task.dataset
        normalisation = data.train.normalisation()
        batch_size = min(task.recipe.batch_size, len(data.train))
        return cls(task.network, data.image_shape, normalisation, batch_size)


@dataclass(frozen=True)
class _Trainer:
    native: Any
    classes: int
    images_a_call: int
    """When it evaluates."""
    losses: Any
    """The kernels' enumeration of losses."""

    def criterion(self, loss: Loss) -> Any:
        """Return the kernels' word for a recipe's loss."""
        return getattr(self.losses, _CRITERIA[loss])


def _build(native: Any, network: Network, image_shape: tuple[int, int, int]) -> None:
    """Add the layers to a native trainer."""
    height, width, _ = image_shape
    border = (0, 0, 0, 0)  # top, left, bottom, right
    for layer in _pool_first(network.layers):
        match layer:
            case Pad(size=size):
                top, left = (size - height) // 2, (size - width) // 2
                border = (top, left, size - height - top, size - width - left)
            case Conv2d():
                padding = [side + layer.padding for side in border]
                native.convolution(layer.channels, layer.kernel_size, layer.stride, padding)
                border = (0, 0, 0, 0)
            case Linear(features=features):
                native.linear(features)
            case MaxPool2d():
                native.max_pool(layer.size, layer.stride)
            case AvgPool2d():
                native.average_pool(layer.size, layer.stride)
            case Dropout(rate=rate):
                native.dropout(rate)
            case Activation(function="leaky-relu"):
                native.leaky_relu(layer.slope)
            case Activation(function="elu"):
                native.elu(layer.alpha)
            case Activation(function=function):
                getattr(native, function)()
            case Flatten():
                pass  # the kernels' order of features is PyTorch's already


def _pool_first(layers: Sequence[Layer]) -> list[Layer]:
    """Move max-pooling before the activation in front of it.

    Every activation of the vocabulary is monotone, so the result is the same, and a quarter of the
    values (for 2×2 windows) are left to apply it to.
    """
    result = list(layers)
    for i in range(len(result) - 1):
        if isinstance(result[i], Activation) and isinstance(result[i + 1], MaxPool2d):
            result[i], result[i + 1] = result[i + 1], result[i]
    return result


@dataclass
class _Run:
    """A run: its arrays while it is being trained, and how far it is."""

    position: int
    task: RunTask
    done: int = 0
    """Finished epochs."""
    ended: bool = False
    arrays: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    """Only while it is being trained, as ``sample``: there may be hundreds of runs."""
    sample: Sample = field(init=False)

    def __post_init__(self) -> None:
        task = self.task
        each = cost(task.network, task.dataset.image_shape).multiply_adds
        self.work_an_epoch = each * learned_images(task.recipe, len(task.dataset.train))
        self.done = task.state.epoch if task.state is not None else 0

    def begin(self) -> None:
        """Make the arrays."""
        task, recipe = self.task, self.task.recipe
        self.sample = task.sample()
        if task.state is not None:
            self.arrays = {n: np.array(a, np.float32) for n, a in task.state.arrays.items()}
            return
        drawn = initial_weights(
            task.network, task.dataset.image_shape, stream(task.seed, "init"), recipe.initialisation
        )
        weights = _flat(task, drawn)
        self.arrays["weights"] = weights
        adaptive = recipe.optimizer != "sgd"
        if adaptive or recipe.momentum > 0:
            self.arrays["first_moment"] = np.zeros_like(weights)
        if adaptive:
            self.arrays["second_moment"] = np.zeros_like(weights)
        if recipe.weight_average > 0:
            self.arrays["average"] = weights.copy()
        if recipe.epoch_rule == "best-on-validation":
            self.arrays["best"] = weights.copy()
            self.arrays["best_accuracy_and_epoch"] = np.array([-1, 0], np.float32)

    @property
    def work_left(self) -> float:
        """Multiply-adds until the run has ended, about; more than 0 while it has not."""
        if self.ended:
            return 0.0
        return self.work_an_epoch * max(self.task.recipe.epochs - self.done, 0) + 1.0

    @property
    def current(self) -> NDArray[np.float32]:
        """The weights that are measured now."""
        return self.arrays.get("average", self.arrays["weights"])

    def epoch(
        self, trainer: _Trainer, optimizer: Any, observer: Observer, stop: threading.Event
    ) -> None:
        """Train one epoch and tell the observer, or return early because ``stop`` was set."""
        if not self.arrays:
            self.begin()
        if self.done < self.task.recipe.epochs:
            self._train_epoch(trainer, optimizer, observer, stop)
        if not self.ended and self.done >= self.task.recipe.epochs and not stop.is_set():
            kept, epoch = self.current, self.done
            if "best" in self.arrays:
                kept, epoch = self.arrays["best"], int(self.arrays["best_accuracy_and_epoch"][1])
            test = _evaluate(trainer, kept, self.task.dataset.test.images, stop)
            if test is not None:
                self._end(observer, RunResult(_named(self.task, kept), test, epoch))

    def _train_epoch(
        self, trainer: _Trainer, optimizer: Any, observer: Observer, stop: threading.Event
    ) -> None:
        start = time.perf_counter()
        data, recipe, sample = self.task.dataset, self.task.recipe, self.sample
        images = len(sample.train)
        rates = learning_rates(recipe, images, self.done)
        loss, correct = self._train_steps(trainer, optimizer, observer, stop, rates)
        if stop.is_set():
            return
        last = self.done + 1 == recipe.epochs
        places = sample.train[training_sample(images, images if last else len(data.test))]
        train = _evaluate(trainer, self.current, data.train.images, stop, places)
        validation = _evaluate(trainer, self.current, data.train.images, stop, sample.validation)
        test = _evaluate(trainer, self.current, data.test.images, stop)
        if train is None or validation is None or test is None:
            return
        # All of the state, because a ReLU can turn a weight that is not finite into a loss that is.
        values = [train, validation, test, *self.arrays.values()]
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

    def _train_steps(
        self,
        trainer: _Trainer,
        optimizer: Any,
        observer: Observer,
        stop: threading.Event,
        rates: NDArray[np.float32],
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the number of hits."""
        task, recipe, sample = self.task, self.task.recipe, self.sample
        images, shape = len(sample.train), task.dataset.image_shape
        order = sample.train[epoch_order(task.seed, images, self.done)]
        warps = epoch_warps(task.seed, images, self.done, recipe.augmentation, shape)
        masks = epoch_masks(task.seed, images, self.done, task.network, shape)
        averaged = recipe.weight_average > 0
        decays = average_decays(recipe, images, self.done) if averaged else None
        loss, hits = 0.0, 0
        step, at_once = 0, 1
        while step < len(rates) and math.isfinite(loss) and not stop.is_set():
            start = time.perf_counter()
            steps = slice(step, step + at_once)
            places = slice(step * recipe.batch_size, (step + at_once) * recipe.batch_size)
            loss, correct = trainer.native.train(
                task.dataset.train.images,
                sample.labels.noisy,
                order[places],
                None if warps is None else warps[places],
                min(recipe.batch_size, images),
                optimizer,
                self.arrays["weights"],
                self.arrays.get("first_moment"),
                self.arrays.get("second_moment"),
                self.arrays.get("average"),
                self.done * len(rates) + step,
                rates[steps],
                None if decays is None else decays[steps],
                recipe.label_smoothing,
                loss,
                trainer.criterion(recipe.loss),
                None if masks is None else masks[places],
            )
            if stop.is_set():
                break
            hits, step = hits + correct, step + at_once
            observer.images_trained(self.position, len(order[places]))
            # How many steps go into a call depends on the clock; what they do does not, and the
            # loss so far goes in and comes out so that even the order of its sum does not.
            rate = at_once / max(time.perf_counter() - start, 1e-6)
            at_once = max(1, min(int(rate * _SECONDS_A_CALL), 2 * at_once))
        return loss, hits

    def _end(self, observer: Observer, result: RunResult) -> None:
        self.ended = True
        self.arrays = {}
        del self.sample
        observer.run_finished(self.position, result)


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
    found = memorisation(logits.argmax(axis=1), labels.noisy[places], labels.clean[places])
    scores = {"clean_train_accuracy": accuracy(logits, labels.clean[places])}
    if found.flipped:
        scores["memorised"] = found.memorised / found.flipped
        scores["seen_through"] = found.seen_through / found.flipped
    return scores


def _evaluate(
    trainer: _Trainer,
    weights: NDArray[np.float32],
    images: NDArray[np.uint8],
    stop: threading.Event,
    places: NDArray[np.int64] | None = None,
) -> NDArray[np.float32] | None:
    """Return the logits of all images, or of those in ``places``; ``None`` if ``stop`` was set."""
    parts = []
    for part in _logits(trainer, weights, images, places):
        if stop.is_set():
            return None
        parts.append(part)
    return np.concatenate(parts)


def _logits(
    trainer: _Trainer,
    weights: NDArray[np.float32],
    images: NDArray[np.uint8],
    places: NDArray[np.int64] | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Yield the logits of some images after the other."""
    places = np.arange(len(images)) if places is None else places
    for start in range(0, max(len(places), 1), trainer.images_a_call):
        part = places[start : start + trainer.images_a_call]
        out = np.empty((len(part), trainer.classes), np.float32)
        trainer.native.logits(images, part, None, weights, out)
        yield out


def _flat(task: RunTask, weights: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    names = task.network.parameters(task.dataset.image_shape)
    return np.concatenate([weights[name].ravel() for name in names])


def _named(task: RunTask, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    weights, at = {}, 0
    for name, shape in task.network.parameters(task.dataset.image_shape).items():
        count = int(np.prod(shape))
        weights[name] = flat[at : at + count].reshape(shape).copy()
        at += count
    return weights
