"""What an epoch of the torch engine asks of a device: launches, uploads, and waits for results.

No time is measured, and no GPU is needed. Runs of a configuration are trained in one pass on the
CPU, on random images. A launch is an operation of PyTorch that is neither a view nor an empty
tensor, after autograd and ``vmap``; a GPU runs one or a few kernels for each. An upload is an array
of NumPy that becomes a tensor. A wait is a tensor that is read by Python or NumPy, which on a GPU
waits for all earlier work. Evaluation is the difference of two epochs, one with it and one without.
A GPU differs in this: it takes the images of a batch from those that it keeps, one launch more.
The counts of other commits stay in the result, so that they can be compared.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.silent import Silent
from seedbed.core.seeds import Seeds
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.torch import trainer as trainer_module
from seedbed.engines.torch.engine import TorchEngine
from seedbed.engines.torch.run import TorchRun
from seedbed.engines.torch.stack import stacked
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Augmentation, Recipe

RUNS: Final = 4
STEPS: Final = 8
BATCH: Final = 32
COUNTED: Final = ("launches", "uploads", "waits")
NAME: Final = "launches"


def cases() -> dict[str, tuple[Network, Recipe]]:
    """Return what is trained, by name."""
    plain = Recipe(batch_size=BATCH, epochs=2, validation_size=64)
    augmented = plain.model_copy(
        update={"augmentation": Augmentation(crop=2, flip=True), "ema_decay": 0.9}
    )
    return {
        "LeNet-5": (lenet5(), plain),
        "LeNet-5, dropout, augmentation, average": (lenet5(dropout=0.2), augmented),
        "ResNet-8": (resnet8(width=4), plain),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, print and keep the result."""
    chosen = options(__doc__, rounds=1).parse_args(arguments)
    machine = describe_machine()
    dataset = _random_splits()
    counts = {}
    for name, (network, recipe) in cases().items():
        with_evaluation, training = (
            _epoch(network, recipe.model_copy(update={"evaluate_every": every}), dataset)
            for every in (1, 2)
        )
        counts[name] = {
            "step": {key: training[key] / STEPS for key in COUNTED},
            "evaluation": {key: with_evaluation[key] - training[key] for key in COUNTED},
        }
    kept = chosen.results / f"{NAME}.json"
    commits = json.loads(kept.read_text())["commits"] if kept.is_file() else {}
    commits[_commit()] = counts
    rows = [
        (
            f"{name} | `{commit}`",
            *(f"{value:.10g}" for part in each[name].values() for value in part.values()),
        )
        for name in counts
        for commit, each in commits.items()
    ]
    columns = [f"{key} a step" for key in COUNTED] + [f"{key} an evaluation" for key in COUNTED]
    blocks = [
        f"{RUNS} runs in one pass, {STEPS} steps of {BATCH} images, an evaluation of 256 training, "
        "64 validation and 300 test images. What happens once an epoch is shared among its steps. "
        "n = 1. Counts do not vary, but for waits that a version puts a tenth of a second apart.",
        table(("configuration | commit", *columns), rows).replace("| ---", "| --- | ---", 1),
        "How it is counted:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {"commits": commits}
    title = "Launches and transfers of the torch engine"
    finish(Outcome(NAME, title, machine, blocks, values), chosen.results)


class _Launches(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts operations that compute or copy."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._counts = counts

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        name = func.overloadpacket.__name__
        if not func.is_view and "empty" not in name and name not in ("detach", "lift_fresh"):
            self._counts["launches"] += 1
        return func(*args, **(kwargs or {}))


class _Transfers(TorchFunctionMode):
    """Counts arrays that become tensors, and tensors that are read."""

    _READS: Final = (Tensor.cpu, Tensor.item, Tensor.__bool__, Tensor.__float__, Tensor.__int__)

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()
        self._counts = counts

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is torch.tensor and isinstance(args[0], np.ndarray):
            self._counts["uploads"] += 1
        elif func in self._READS:
            self._counts["waits"] += 1
        return func(*args, **(kwargs or {}))


@contextmanager
def _counting() -> Iterator[Counter[str]]:
    counts: Counter[str] = Counter()
    with _Launches(counts), _Transfers(counts):
        yield counts


def _epoch(network: Network, recipe: Recipe, dataset: DatasetSplits) -> Counter[str]:
    """Train the first epoch of some runs together; return the counts."""
    engine, stop = TorchEngine(at_once=RUNS), Event()
    tasks = [RunTask(network, recipe, dataset, Seeds(run=seed)) for seed in range(RUNS)]
    runs = [TorchRun(position, task) for position, task in enumerate(tasks)]
    (stack,) = stacked(runs, RUNS, stop)
    trainer = engine.trainer(network, dataset.image_shape, dataset.train.normalization())
    with _as_on_a_gpu(), _counting() as counts:
        stack.epoch(trainer, Silent(), stop)
    return counts


@contextmanager
def _as_on_a_gpu() -> Iterator[None]:
    """Evaluate as many images at a time as on a GPU."""
    with patch.object(trainer_module, "_IMAGES_A_CALL", {}):
        yield


def _random_splits() -> DatasetSplits:
    generator = np.random.default_rng(0)
    names = tuple("0123456789")

    def split(images: int) -> ImageDataset:
        pixels = generator.integers(0, 256, (images, 16, 16, 3), dtype=np.uint8)
        return ImageDataset(pixels, generator.integers(0, 10, images), names)

    return DatasetSplits("noise", {"train": split(STEPS * BATCH + 64), "test": split(300)})


def _commit() -> str:
    folder = Path(__file__).parent
    words = ("git", "describe", "--always", "--dirty", "--abbrev=10")
    return subprocess.run(
        words, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    main()
