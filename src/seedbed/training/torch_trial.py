"""Whether runs of a user's own module can be trained together: it is tried.

A module that asks what its numbers are (``if x.mean() > 0``) cannot know of which run, and one that
keeps something outside of its weights and buffers would mix the runs up. What draws random numbers
draws them from the seed of its run, which only a run by itself has.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Final

import numpy as np
import torch

from seedbed.errors import NetworkError
from seedbed.networks.own import OwnNetwork
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from seedbed.training.torch_run import TorchRun, train_together
from seedbed.training.torch_trainer import TorchTrainer

_IMAGES: Final = 4
_ROUNDING: Final = 0.01
"""Of the norm of the gradient; another run's would be as far away as the gradient is long."""


def why_alone(task: RunTask) -> str | None:
    """Return why runs like this one are not trained together, or ``None`` if they can be."""
    network = task.network
    if not isinstance(network, OwnNetwork):
        return None
    if network.draws(task.dataset.image_shape):
        return "it draws random numbers"
    trial = Recipe(
        momentum=0,
        learning_rate=1,  # so that a step moves the weights by the gradient
        schedule="constant",
        batch_size=_IMAGES,
        epochs=1,
        train_images=min(_IMAGES, len(task.dataset.train)),
    )
    tasks = [replace(task, recipe=trial, seed=seed, state=None) for seed in range(2)]
    together, alone = _begun(tasks), _begun(tasks)
    start = [run.arrays["weights"].copy() for run in alone]
    data = task.dataset
    (classes,) = network.shapes(data.image_shape)[-1]
    trainer = TorchTrainer(
        network.module(), data.train.normalisation(), classes, torch.device("cpu")
    )
    try:
        for group in (together, *([run] for run in alone)):
            train_together(group, trainer, lambda *_: None, Event())
    except NetworkError as failure:
        return f"a step of two runs in one pass fails ({failure})"
    for before, expected, found in zip(start, alone, together, strict=True):
        gradient = expected.arrays["weights"] - before
        error = found.arrays["weights"] - expected.arrays["weights"]
        # Also where something is not a number.
        if not np.linalg.norm(error) <= _ROUNDING * np.linalg.norm(gradient):
            return "two runs in one pass do not learn what each learns alone"
    return None


def _begun(tasks: Sequence[RunTask]) -> list[TorchRun]:
    runs = [TorchRun(position, each) for position, each in enumerate(tasks)]
    for run in runs:
        run.begin()
    return runs
