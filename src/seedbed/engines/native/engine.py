"""The CPU engine: our own kernels, one image a SIMD lane, whole runs a core.

``native/`` holds the kernels; it is built once for each set of instructions, and the best module
that the processor can run is used. Threads share the runs an epoch at a time, so a result cannot
depend on how many there are.
"""

import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import UnsupportedLayer
from seedbed.engines.native.layers import check_layers
from seedbed.engines.native.run import NativeRun
from seedbed.engines.native.trainer import Trainer, TrainerKey
from seedbed.engines.scheduler import Crew
from seedbed.networks.layers import Linear
from seedbed.training.engine import Arrays, Observer, RunTask
from seedbed.training.weights import flat_weights

Instructions = Literal["avx512", "avx2", "portable"]


def supported_instructions() -> tuple[Instructions, ...]:
    """Return the sets of instructions that this processor has and a module was built for."""
    supported: tuple[Instructions, ...] = tuple(
        import_module("seedbed._native_portable").supported_instructions()
    )
    return supported


class NativeEngine:
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
        self._module = import_module(f"seedbed._native_{self.instructions}")

    def check(self, task: RunTask) -> None:
        """Raise :class:`UnsupportedLayer` for a network that the kernels cannot train.

        Raises:
            NetworkError: Also if the layers do not fit each other or the images.
        """
        if task.network.opaque:
            raise UnsupportedLayer(
                "the lanes engine trains layers of Seedbed, not modules of PyTorch",
                where=task.network.name,
            )
        if task.recipe.precision != "float32":
            raise UnsupportedLayer(
                f"the lanes engine has no {task.recipe.precision}, only float32",
                where="recipe.precision",
            )
        check_layers(task.network, task.dataset.image_shape)
        layers = task.network.layers
        if not isinstance(layers[-1], Linear):
            raise UnsupportedLayer(
                f"the lanes engine ends with a Linear layer, not {type(layers[-1]).__name__}",
                where=task.network.name,
            )

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to their end, as :class:`seedbed.training.engine.Engine` promises."""
        local = threading.local()
        runs = [NativeRun(position, task) for position, task in enumerate(tasks)]

        def epoch(run: NativeRun) -> None:
            # One trainer a thread: its memory is a few megabytes, and making it takes no time.
            key = TrainerKey.of(run.task)
            trainer: Trainer | None = getattr(local, "trainer", None)
            if trainer is None or trainer.key != key:
                trainer = local.trainer = self.trainer(key)
            run.epoch(trainer, observer, stop)

        Crew(runs, epoch, stop).work(max(1, min(threads, len(runs))))

    def logits(
        self, task: RunTask, weights: Arrays, images: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, normalized as for training."""
        trainer = self.trainer(TrainerKey.of(task))
        images = np.ascontiguousarray(images)
        return np.concatenate(list(trainer.logits(flat_weights(task, weights), images)))

    def trainer(self, key: TrainerKey) -> Trainer:
        """Return a network in the terms of this engine's kernels, for one thread."""
        return Trainer(self._module, key)
