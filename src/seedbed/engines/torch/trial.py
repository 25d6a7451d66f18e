"""A trial whether runs of a user module can be trained together.

Control flow that depends on values (``if x.mean() > 0``) fails with several runs in one pass, and a
module that replaces the tensor of a buffer would lose it. A module that draws random numbers needs
the generator of its run, so it is trained alone.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.core.seeds import Seeds
from seedbed.engines.torch.modules import new_module
from seedbed.engines.torch.run import TorchRun, train_together
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.weights import named_weights

_IMAGES: Final = 4
_STEPS: Final = 2  # the second shows what the first has left behind
_ROUNDING: Final = 0.01
"""The allowed difference, relative to how far a tensor has moved."""


def why_alone(task: RunTask, stop: Event) -> str | None:
    """Return why runs like this one cannot be trained together, or ``None`` if they can."""
    network, data = task.network, task.dataset
    if not network.opaque:
        return None
    if network.draws(data.image_shape):
        return "it draws random numbers"
    trial = Recipe(
        momentum=0,
        learning_rate=0.1,
        schedule="constant",
        batch_size=_IMAGES,
        epochs=1,
        train_size=min(_STEPS * _IMAGES, len(data.train)),
    )
    tasks = [replace(task, recipe=trial, seeds=Seeds(run=seed), state=None) for seed in range(2)]
    together, alone = _begun(tasks), _begun(tasks)
    start = [_tensors(run) for run in alone]
    (classes,) = network.shapes(data.image_shape)[-1]
    normalization = data.train.normalization()
    try:
        for group in (together, *([run] for run in alone)):
            module, cpu = new_module(network, data.image_shape), torch.device("cpu")
            trainer = TorchTrainer(module, normalization, classes, cpu)
            with warnings.catch_warnings():
                # PyTorch warns if it falls back to computing run by run.
                warnings.filterwarnings("error", message="There is a performance drop")
                train_together(group, trainer, lambda *_: None, stop)
            weights = [run.current for run in group]
            if not _evaluated_alike(trainer, weights, data.train.images[:_IMAGES]):
                return "two runs evaluated together get other logits than when evaluated alone"
    except NetworkError as failure:
        return f"training two runs together failed ({failure})"
    for before, expected, actual in zip(start, alone, together, strict=True):
        if not _alike(before, _tensors(expected), _tensors(actual)):
            return "two runs trained together get other weights than when trained alone"
    return None


def _begun(tasks: Sequence[RunTask]) -> list[TorchRun]:
    runs = [TorchRun(position, task) for position, task in enumerate(tasks)]
    for run in runs:
        run.begin()
    return runs


def _evaluated_alike(
    trainer: TorchTrainer, weights: Sequence[NDArray[np.float32]], few: NDArray[np.uint8]
) -> bool:
    """Whether runs get the same logits alone and together, after a pass of them."""
    alone = [np.concatenate(list(trainer.logits(each, few))) for each in weights]
    indices = np.tile(np.arange(len(few)), (len(weights), 1))
    found = np.concatenate(list(trainer.logits_together(weights, few, indices, len(few))), axis=1)
    tolerance = 1e-3 * np.abs(alone).max()
    return np.allclose(found, alone, atol=tolerance)


_Tensors = dict[str, NDArray[np.float32]]


def _tensors(run: TorchRun) -> _Tensors:
    return named_weights(run.task, run.networks["network"]["weights"])


def _alike(before: _Tensors, expected: _Tensors, actual: _Tensors) -> bool:
    for name, values in expected.items():
        moved = np.linalg.norm(values - before[name])
        rounding = np.finfo(np.float32).eps * np.linalg.norm(values)
        # "not <=" also catches NaN.
        if not np.linalg.norm(actual[name] - values) <= _ROUNDING * moved + 10 * rounding:
            return False
    return True
