"""The native engine: Seedbed's own CPU kernels, one image per SIMD lane.

The kernels in ``native/`` are compiled once for each instruction set, and the engine uses the
fastest module that the processor supports. Cores share the runs, an epoch at a time; where there
are fewer runs than cores, several share the groups of lanes of one. Their number never changes a
result; nor do the instructions, except on a processor without fused multiply-adds (``portable``).
"""

import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import UnsupportedLayer
from seedbed.data.images import Normalization
from seedbed.engines.native.layers import LANES, check_layers
from seedbed.engines.native.run import NativeRun
from seedbed.engines.native.trainer import Trainer, TrainerKey
from seedbed.engines.scheduler import Scheduler
from seedbed.networks.layers import Linear
from seedbed.networks.network import Network
from seedbed.training.engine import Arrays, EngineFacts, Observer, RunTask
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.registry import METHODS
from seedbed.training.weights import flatten

Instructions = Literal["avx512", "avx2", "neon", "portable"]


def supported_instructions() -> tuple[Instructions, ...]:
    """Return the instruction sets that the processor and this build support, fastest first."""
    # There is one that every processor supports for which the package was built.
    built = "neon" if find_spec("seedbed._native_neon") else "portable"
    supported: tuple[Instructions, ...] = tuple(
        import_module(f"seedbed._native_{built}").supported_instructions()
    )
    return supported


class NativeEngine:
    """Trains networks of Seedbed's layers on the CPU.

    Args:
        instructions: The kernels to use; the fastest that the processor supports by default.

    Raises:
        UnsupportedLayer: If the processor does not support ``instructions``.
    """

    def __init__(self, instructions: Instructions | None = None) -> None:
        supported = supported_instructions()
        if instructions is not None and instructions not in supported:
            raise UnsupportedLayer(
                f"this processor does not support the kernels {instructions!r}",
                where="native engine",
                expected=" or ".join(supported),
            )
        chosen: Instructions = instructions or supported[0]
        self._module = import_module(f"seedbed._native_{chosen}")
        self.facts = EngineFacts(
            name="native",
            title="built-in engine",
            device="cpu",
            instructions=chosen,
            deterministic=True,
            canonical=self._module.CANONICAL,
            precisions=frozenset({"float32"}),
            losses=frozenset(LOSSES),
            methods=frozenset(METHODS),
            user_modules=False,
            images_at_once=LANES,
            images_a_core=LANES,
        )

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise an error for a network that the kernels do not support.

        Raises:
            UnsupportedLayer: If a layer is not supported.
            NetworkError: If the layers do not fit each other or the images.
        """
        self.facts.check_network(network, image_shape)
        check_layers(network, image_shape)
        layers = network.layers
        if not isinstance(layers[-1], Linear):
            raise UnsupportedLayer(
                "the native engine needs Linear as the last layer, not "
                f"{type(layers[-1]).__name__}",
                where=network.name,
            )

    def check(self, task: RunTask) -> None:
        """Raise an error for a run that the kernels cannot train.

        Raises:
            UnsupportedLayer: If a layer or a setting of the recipe is not supported.
            NetworkError: If the layers do not fit each other or the images.
        """
        self.facts.check(task)
        self.check_network(task.network, task.dataset.image_shape)

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to the end, see :meth:`seedbed.training.engine.Engine.train`."""
        local = threading.local()
        runs = [NativeRun(position, task) for position, task in enumerate(tasks)]

        def epoch(run: NativeRun, cores: int) -> None:
            # One trainer per worker: it takes a few megabytes, and next to no time to create.
            key = TrainerKey.of(run.task)
            trainer: Trainer | None = getattr(local, "trainer", None)
            if trainer is None or (trainer.key, trainer.cores) != (key, cores):
                local.trainer = None  # frees the memory of the one before first
                trainer = local.trainer = self.trainer(key, cores)
            run.epoch(trainer, observer, stop)

        Scheduler(runs, epoch, stop, cores=threads).run()

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, N at least 1."""
        key = TrainerKey.of_images(network, images, normalization)
        flat = flatten(network, key.image_shape, weights)
        return np.concatenate(list(self.trainer(key).logits(flat, np.ascontiguousarray(images))))

    def trainer(self, key: TrainerKey, cores: int = 1) -> Trainer:
        """Return a new trainer that works on so many cores."""
        return Trainer(self._module, key, cores)
