"""The PyTorch engine: all layers and user modules, on any device of PyTorch.

On the CPU, threads share the runs, an epoch at a time, and PyTorch uses one thread in each.
"""

import itertools
import math
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError, StudyError
from seedbed.core.suggestions import did_you_mean
from seedbed.data.images import Normalization
from seedbed.engines.scheduler import Scheduler
from seedbed.engines.torch.device.images import DeviceImages
from seedbed.engines.torch.failures import out_of_memory
from seedbed.engines.torch.modules import new_module
from seedbed.engines.torch.run import TorchRun
from seedbed.engines.torch.settings import our_settings
from seedbed.engines.torch.stack import TorchStack, stacked
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.networks.network import Network
from seedbed.training.engine import Arrays, EngineFacts, Observer, RunTask
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.registry import METHODS
from seedbed.training.recipe import Precision
from seedbed.training.weights import flatten

_AT_ONCE: Final = 64
_ROUNDING: Final = 8
"""Compute capability of the first GPUs with TF32 and bfloat16 (NVIDIA's Ampere)."""


class TorchEngine:
    """Trains with PyTorch.

    Args:
        device: PyTorch's name: ``cpu``, ``mps``, ``cuda:1``, or ``cuda`` for all GPUs.
        at_once: Number of runs of a configuration that are trained together. The default is 64, but
            1 on the CPU, which one run keeps busy, and with ``deterministic``, because the bits
            depend on the number of runs.
        deterministic: Whether results must have the same bits every time on a GPU, as they always
            have on the CPU. Slower, and PyTorch rejects operations that cannot guarantee it.

    Raises:
        StudyError: If PyTorch cannot use the device on this machine.
    """

    def __init__(
        self, device: str = "cpu", at_once: int | None = None, *, deterministic: bool = False
    ) -> None:
        same_bits = deterministic or device == "cpu"
        if deterministic:  # read by cuBLAS when it starts
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        self._at_once = at_once or (1 if same_bits else _AT_ONCE)
        self._devices = _devices(device)
        self._local = threading.local()
        self.facts = EngineFacts(
            name="torch",
            title=f"PyTorch {'.'.join(torch.__version__.split('.')[:2])}",
            device=device,
            deterministic=same_bits,
            precisions=frozenset(get_args(Precision)),
            losses=frozenset(LOSSES),
            methods=frozenset(METHODS),
            user_modules=True,
            versions={"torch": torch.__version__},
        )

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        """Raise :class:`~seedbed.core.errors.NetworkError` if the layers do not fit."""
        self.facts.check_network(network, image_shape)

    def check(self, task: RunTask) -> None:
        """Raise an error for a run that cannot be trained.

        Raises:
            NetworkError: If the network does not fit.
            StudyError: If the device does not support the recipe's precision.
        """
        self.facts.check(task)
        for device in self._devices:
            _check_precision(task.recipe.precision, device)
        task.network.check_initialization(task.recipe.initialization)

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to the end, see :meth:`seedbed.training.engine.Engine.train`."""
        runs = [TorchRun(position, task) for position, task in enumerate(tasks)]
        workers = threads if self.facts.device == "cpu" else len(self._devices)
        devices = itertools.cycle(self._devices)

        def epoch(stack: TorchStack, _cores: int) -> None:
            if not hasattr(self._local, "device"):  # a new thread
                self._local.device = next(devices)
                torch.set_num_threads(1)
            task = stack.runs[0].task
            normalization = task.dataset.train.normalization()
            trainer = self.trainer(task.network, task.dataset.image_shape, normalization)
            stack.epoch(trainer, observer, stop)

        share = max(1, min(self._at_once, math.ceil(len(runs) / workers)))
        with self._settings():
            stacks = stacked(runs, share, stop)
            Scheduler(stacks, epoch, stop, cores=workers).run()

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, N at least 1."""
        height, width, channels = images.shape[1:]
        flat = flatten(network, (height, width, channels), weights)
        with self._settings():
            trainer = self.trainer(network, (height, width, channels), normalization)
            return np.concatenate(list(trainer.logits(flat, images)))

    def _settings(self) -> AbstractContextManager[None]:
        facts = self.facts
        return our_settings(deterministic=facts.deterministic and facts.device != "cpu")

    def trainer(
        self, network: Network, shape: tuple[int, int, int], normalization: Normalization
    ) -> TorchTrainer:
        """Return a trainer for this thread, on the thread's device.

        Opaque networks get a new module every time, so that state outside of parameters and buffers
        is not carried over from one run or epoch to the next.
        """
        key, local = (network, shape, normalization), self._local
        if getattr(local, "key", None) == key and not network.opaque:
            kept: TorchTrainer = local.trainer
            return kept
        module = new_module(network, shape)
        if not hasattr(local, "images"):
            local.device = getattr(local, "device", self._devices[0])
            local.images = DeviceImages(local.device)
        (classes,) = network.shapes(shape)[-1]
        try:
            trainer = TorchTrainer(
                module.to(local.device), normalization, classes, local.device, local.images
            )
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            raise NetworkError(
                f"not enough memory on {local.device} for its weights",
                where=network.name,
                hint="choose another device, or free memory on this one",
            ) from error
        local.key, local.trainer = key, trainer
        return trainer


def _check_precision(precision: Precision, device: torch.device) -> None:
    if precision == "tf32" and device.type != "cuda":
        raise StudyError(
            f"tf32 needs an NVIDIA GPU, not {device.type!r}",
            where="recipe.precision",
            expected="float32 or bfloat16",
        )
    if precision != "float32" and device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        if major < _ROUNDING:
            raise StudyError(
                f"{device} does not support {precision}: its compute capability is "
                f"{major}.{minor}, and {_ROUNDING}.0 or higher is needed",
                where="recipe.precision",
                expected="float32",
            )


def _devices(name: str) -> list[torch.device]:
    available = ["cpu"]
    if torch.cuda.is_available():
        available += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        available.append("mps")
    if name not in available:
        raise StudyError(
            f"PyTorch {torch.__version__} cannot use the device {name!r} on this machine"
            f"{did_you_mean(name, available)}",
            where="device",
            expected=" or ".join(available),
        )
    if name == "cuda":
        return [torch.device(gpu) for gpu in available if gpu.startswith("cuda:")]
    return [torch.device(name)]
