"""Whether runs of a module of the user's own can be trained together: it is tried.

A module that asks what its numbers are (``if x.mean() > 0``) cannot know of which run, and one that
puts a new tensor into a buffer does not know that the buffer is lent to it. What draws random
numbers draws them from the seed of its run, which only a run by itself has.
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
from seedbed.engines.torch.module import new_module
from seedbed.engines.torch.run import TorchRun, train_together
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.weights import named_weights

_IMAGES: Final = 4
_STEPS: Final = 2  # what the first leaves behind, the second may see
_ROUNDING: Final = 0.01
"""Of how far a tensor has moved; in another run it would move elsewhere."""


def why_alone(task: RunTask, stop: Event) -> str | None:
    """Return why runs like this one are not trained together, or ``None`` if they can be."""
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
                # That it is computed run by run after all, inside of PyTorch.
                warnings.filterwarnings("error", message="There is a performance drop")
                train_together(group, trainer, lambda *_: None, stop)
            # What is left in a module behind a pass of two runs may be of no use by itself.
            list(
                trainer.logits(group[0].networks["network"]["weights"], data.train.images[:_IMAGES])
            )
    except NetworkError as failure:
        return f"two runs in one pass fail ({failure})"
    for before, expected, found in zip(start, alone, together, strict=True):
        if not _alike(before, _tensors(expected), _tensors(found)):
            return "two runs in one pass do not learn what each learns alone"
    return None


def _begun(tasks: Sequence[RunTask]) -> list[TorchRun]:
    runs = [TorchRun(position, each) for position, each in enumerate(tasks)]
    for run in runs:
        run.begin()
    return runs


_Tensors = dict[str, NDArray[np.float32]]


def _tensors(run: TorchRun) -> _Tensors:
    return named_weights(run.task, run.networks["network"]["weights"])


def _alike(before: _Tensors, expected: _Tensors, found: _Tensors) -> bool:
    for name, values in expected.items():
        moved = np.linalg.norm(values - before[name])
        rounding = np.finfo(np.float32).eps * np.linalg.norm(values)
        # Also where something is not a number.
        if not np.linalg.norm(found[name] - values) <= _ROUNDING * moved + 10 * rounding:
            return False
    return True
