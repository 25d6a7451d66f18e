"""The PyTorch engine: every layer, and any device that PyTorch has.

On the CPU, threads share the runs an epoch at a time, each with one thread of PyTorch's own.
"""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.errors import StudyError
from seedbed.training.crew import Crew
from seedbed.training.engine import Arrays, Observer, RunTask
from seedbed.training.torch_module import NetworkModule
from seedbed.training.torch_run import TorchRun
from seedbed.training.torch_trainer import TorchTrainer
from seedbed.training.weights import flat_weights


class TorchEngine:
    """Trains with PyTorch.

    Args:
        device: As PyTorch names it: ``cpu``, ``mps``, ``cuda:1``, or ``cuda`` for all of them.

    Raises:
        StudyError: If this machine has no such device, or PyTorch cannot use it.
    """

    name = "torch"

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        self._devices = _devices(device)
        self.versions = {"torch": torch.__version__}

    def check(self, task: RunTask) -> None:
        """Raise :class:`NetworkError` if the layers do not fit each other or the images."""
        task.network.shapes(task.dataset.image_shape)

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: threading.Event
    ) -> None:
        """Train all tasks to their end, as :class:`seedbed.training.engine.Engine` promises."""
        local = threading.local()
        runs = [TorchRun(position, task) for position, task in enumerate(tasks)]
        workers = threads if self.device == "cpu" else len(self._devices)
        devices = itertools.cycle(self._devices)

        def epoch(run: TorchRun) -> None:
            key = self._key(run.task)
            if not hasattr(local, "device"):
                local.device, local.key = next(devices), None
            if local.key != key:
                local.key, local.trainer = key, self.trainer(run.task, local.device)
            run.epoch(local.trainer, observer, stop)

        with _one_thread_each():
            Crew(runs, epoch, stop).work(max(1, min(workers, len(runs))))

    def logits(
        self, task: RunTask, weights: Arrays, images: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, normalised as for training."""
        with _one_thread_each():
            return np.concatenate(
                list(self.trainer(task).logits(flat_weights(task, weights), images))
            )

    def trainer(self, task: RunTask, device: torch.device | None = None) -> TorchTrainer:
        """Return the network of a run, for one thread and device."""
        data, device = task.dataset, device or self._devices[0]
        module = NetworkModule(task.network, data.image_shape).to(device)
        return TorchTrainer(module, data.train.normalisation(), device)

    def _key(self, task: RunTask) -> object:
        """Runs with the same one can share a trainer."""
        return task.network, task.dataset.image_shape, task.dataset.train.normalisation()


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


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let PyTorch use one thread for each of ours: small networks leave it nothing to share."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
