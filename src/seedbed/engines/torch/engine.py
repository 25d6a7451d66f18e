"""The PyTorch engine: every layer, and any device that PyTorch has.

On the CPU, threads share the runs an epoch at a time, each with one thread of PyTorch's own.
"""

import itertools
import math
import os
import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError, StudyError
from seedbed.engines.scheduler import Crew
from seedbed.engines.torch.failures import out_of_memory
from seedbed.engines.torch.images import DeviceImages
from seedbed.engines.torch.module import new_module
from seedbed.engines.torch.run import TorchRun
from seedbed.engines.torch.settings import our_settings
from seedbed.engines.torch.stack import TorchStack, stacked
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.engine import Arrays, Observer, RunTask
from seedbed.training.recipe import Precision
from seedbed.training.weights import flat_weights

_AT_ONCE: Final = 64
_ROUNDING: Final = 8
"""Compute capability of the first GPUs with TF32 and bfloat16 (NVIDIA's Ampere)."""


class TorchEngine:
    """Trains with PyTorch.

    Args:
        device: As PyTorch names it: ``cpu``, ``mps``, ``cuda:1``, or ``cuda`` for all of them.
        at_once: How many runs of a configuration are trained together, where a device trains
            several; by default 64, but 1 on the CPU, which is busy with one, and where the same
            bits are wanted, which hang on how many there are.
        deterministic: Whether a GPU, too, must give the same bits each time: slower, and an
            operation for which PyTorch cannot promise it is refused. The CPU always does.

    Raises:
        StudyError: If this machine has no such device, or PyTorch cannot use it.
    """

    name = "torch"

    def __init__(
        self, device: str = "cpu", at_once: int | None = None, *, deterministic: bool = False
    ) -> None:
        self.device = device
        self.deterministic = deterministic or device == "cpu"
        if deterministic:  # cuBLAS reads it when it begins
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        self._at_once = at_once or (1 if self.deterministic else _AT_ONCE)
        self._devices = _devices(device)
        self._local = threading.local()
        self.versions = {"torch": torch.__version__}

    def check(self, task: RunTask) -> None:
        """Raise an error for what cannot be trained: this engine has every layer.

        Raises:
            NetworkError: If the network does not fit.
            StudyError: If the device does not have the recipe's precision.
        """
        task.network.shapes(task.dataset.image_shape)
        for device in self._devices:
            _check_precision(task.recipe.precision, device)
        task.network.check_initialization(task.recipe.initialization)

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to their end, as :class:`seedbed.training.engine.Engine` promises."""
        runs = [TorchRun(position, task) for position, task in enumerate(tasks)]
        workers = threads if self.device == "cpu" else len(self._devices)
        devices = itertools.cycle(self._devices)

        def epoch(stack: TorchStack) -> None:
            if not hasattr(self._local, "device"):  # a new thread
                self._local.device = next(devices)
                torch.set_num_threads(1)
            stack.epoch(self.trainer(stack.runs[0].task), observer, stop)

        share = max(1, min(self._at_once, math.ceil(len(runs) / workers)))
        with our_settings(deterministic=self.deterministic and self.device != "cpu"):
            stacks = stacked(runs, share, stop)
            Crew(stacks, epoch, stop).work(max(1, min(workers, len(stacks))))

    def logits(
        self, task: RunTask, weights: Arrays, images: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, normalized as for training."""
        with our_settings(deterministic=self.deterministic and self.device != "cpu"):
            flat = flat_weights(task, weights)
            return np.concatenate(list(self.trainer(task).logits(flat, images)))

    def trainer(self, task: RunTask) -> TorchTrainer:
        """Return the network of a run, for this thread and on its device.

        The module of an opaque network is made anew, so that nothing that it keeps outside of its
        weights and buffers passes from one run, or one epoch, to another.
        """
        network, shape = task.network, task.dataset.image_shape
        normalization = task.dataset.train.normalization()
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
                f"{local.device} has no memory for its weights",
                where=network.name,
                hint="choose another device, or free this one",
            ) from error
        local.key, local.trainer = key, trainer
        return trainer


def _check_precision(precision: Precision, device: torch.device) -> None:
    if precision == "tf32" and device.type != "cuda":
        raise StudyError(
            f"TF32 is a format of NVIDIA's GPUs, not of {device.type!r}",
            where="recipe.precision",
            expected="float32 or bfloat16",
        )
    if precision != "float32" and device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        if major < _ROUNDING:
            raise StudyError(
                f"{device} has no {precision}: GPUs have it from compute capability "
                f"{_ROUNDING}.0, and this one is of {major}.{minor}",
                where="recipe.precision",
                expected="float32",
            )


def _devices(name: str) -> list[torch.device]:
    there = ["cpu"]
    if torch.cuda.is_available():
        there += ["cuda", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        there.append("mps")
    if name not in there:
        raise StudyError(
            f"{name!r} is no device that PyTorch {torch.__version__} can use on this machine",
            where="device",
            expected=" or ".join(there),
        )
    if name == "cuda":
        return [torch.device(each) for each in there if each.startswith("cuda:")]
    return [torch.device(name)]
