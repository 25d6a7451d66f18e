"""Seedbed's own engine, through its contract."""

import time
from collections.abc import Sequence
from threading import Event
from typing import Any

from benchmarks.workers.images import (
    CLASSES,
    TEST,
    TRAIN,
    images_an_epoch,
    images_of,
    mnist,
    part_of,
)
from benchmarks.workers.process import serve
from seedbed.core.seeds import Seeds, stream
from seedbed.engines.native.engine import Instructions, NativeEngine, supported_instructions
from seedbed.engines.native.trainer import TrainerKey
from seedbed.execution.memory import train
from seedbed.networks.cost import cost
from seedbed.networks.network import Network
from seedbed.networks.zoo import ZOO, lenet5
from seedbed.training.engine import EpochRecord, RunResult, RunState, RunTask
from seedbed.training.recipe import Augmentation, Recipe
from seedbed.training.weights import flat_weights

# An epoch also evaluates as many training images as there are test images: next to none here.
_FEW = 16


def dataset() -> str:
    """Return what is trained on."""
    return mnist().title


def instructions() -> Sequence[str]:
    """Return the sets of instructions that can be measured here, the fastest first."""
    return supported_instructions()


def operations(network: str = "lenet5") -> int:
    """Return the floating-point operations of one epoch's training steps."""
    shape = images_of(network).image_shape
    return operations_an_image(ZOO[network](CLASSES), shape) * images_an_epoch(network)


def parameters(network: str) -> int:
    """Return how many weights a network has."""
    return cost(ZOO[network](CLASSES), images_of(network).image_shape).parameters


def operations_an_image(network: Network, image_shape: tuple[int, int, int]) -> int:
    """Return the floating-point operations of training on one image.

    Forward, gradient of the weights, and gradient of each layer's input, which the first layer with
    weights does not need; a multiply-add counts as two. Everything but the products of
    convolutions, linear layers and attention is left out.
    """
    beginnings = (
        Network("the first layers", network.layers[:end])
        for end in range(1, len(network.layers) + 1)
    )
    *_, whole = costs = [cost(each, image_shape).multiply_adds for each in beginnings]
    first = next(each for each in costs if each > 0)
    return 2 * (3 * whole - first)


def training_pass(
    instructions: Instructions | None = None,
    cores: int = 1,
    batch_size: int = 128,
    images: int = TRAIN,
    augmented: bool = False,
    network: str = "lenet5",
    runs: int | None = None,
) -> float:
    """Return the seconds of one epoch of one run, training steps only.

    So many runs, by default as many as cores, train at once, all from the same moment; the time
    until the last of them has finished its first epoch is divided by their number. It includes
    the initial weights, the order of the images, and the augmentation.
    """
    runs = cores if runs is None else runs
    recipe = Recipe(batch_size=batch_size, epochs=2, augmentation=_augmentation(augmented))
    data = part_of(network, images, _FEW)
    trained = ZOO[network](CLASSES)
    tasks = [RunTask(trained, recipe, data, Seeds(run=seed)) for seed in range(runs)]
    stop = Event()
    watch = _FirstEpochs(runs, stop)
    start = time.perf_counter()
    NativeEngine(instructions).train(tasks, watch, threads=cores, stop=stop)
    return (watch.end - start) / runs


def evaluation(instructions: Instructions | None = None, cores: int = 1) -> float:
    """Return the seconds that LeNet-5 needs for the logits of all test images."""
    data, network = mnist(), lenet5()
    task = RunTask(network, Recipe(), data)
    weights = flat_weights(
        task, network.initial_weights(data.image_shape, stream(0, "initialization"))
    )
    trainer = NativeEngine(instructions).trainer(TrainerKey.of(task), cores)
    start = time.perf_counter()
    for _ in trainer.logits(weights, data.test.images):
        pass
    return time.perf_counter() - start


def whole_study(
    runs: int, cores: int, epochs: int, part: int, instructions: Instructions | None = None
) -> float:
    """Return the seconds of one epoch of one run when so many runs are trained, all included.

    That is: evaluation after every epoch, that of all training images after the last, and cores
    that wait for the last run. Of the images only one in ``part`` is used.
    """
    data = part_of("lenet5", TRAIN // part, TEST // part)
    start = time.perf_counter()
    engine = NativeEngine(instructions)
    train(lenet5(), Recipe(epochs=epochs), data, seeds=runs, threads=cores, engine=engine)
    return (time.perf_counter() - start) / (runs * epochs)


def _augmentation(active: bool) -> Augmentation:
    return Augmentation(shift=2, rotation=10, scale=0.1) if active else Augmentation()


class _FirstEpochs:
    """An observer that notes when every run has finished its first epoch, and stops there.

    A run that is first goes on training, so that no core falls idle before the end.
    """

    def __init__(self, runs: int, stop: Event) -> None:
        self._waiting = set(range(runs))
        self._stop = stop
        self.end = 0.0

    def images_trained(self, run: int, count: int) -> None:
        pass

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        del record, state
        now = time.perf_counter()
        self._waiting.discard(run)
        if not self._waiting and not self._stop.is_set():
            self.end = now
            self._stop.set()

    def run_finished(self, run: int, result: RunResult) -> None:
        del run
        if result.diverged_epoch is not None:
            raise RuntimeError("a run has diverged, so there is no epoch to time")


TASKS: dict[str, Any] = {
    "dataset": dataset,
    "evaluation": evaluation,
    "instructions": instructions,
    "operations": operations,
    "parameters": parameters,
    "training_pass": training_pass,
    "whole_study": whole_study,
}

if __name__ == "__main__":
    serve(TASKS)
