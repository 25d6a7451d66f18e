"""A run while PyTorch trains it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.core.seeds import stream
from seedbed.engines.torch.module import new_module
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.batches import EpochMasks, epoch_order, epoch_warps
from seedbed.training.engine import Observer
from seedbed.training.run import Run
from seedbed.training.schedule import average_decays, learning_rates

_SECONDS_A_REPORT: Final = 0.1
_FEW: Final = 8
"""Images on which a module is compared with a new one."""


@dataclass
class TorchRun(Run[TorchTrainer]):
    """A run whose arrays a module takes for an epoch, and gives back."""

    trained: tuple[float, int] | None = None
    """Loss and hits of the next epoch, where it has been trained already, together with others."""

    def train_steps(
        self,
        network: str,
        trainer: TorchTrainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],  # noqa: ARG002
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the number of hits."""
        if self.trained is None:
            train_together([self], trainer, observer.images_trained, stop, network)
        trained, self.trained = self.trained, None
        if trained is not None and self.done == 0:
            self._check_that_all_is_stored(trainer)
        return trained or (0.0, 0)

    def _check_that_all_is_stored(self, trainer: TorchTrainer) -> None:
        """Refuse a module of the user's own that would answer otherwise with its stored weights."""
        network = self.task.network
        if not network.opaque:
            return
        few = self.task.dataset.train.images[:_FEW]
        now, later = (
            np.concatenate(list(each.logits(self.current, few)))
            for each in (trainer, trainer.like(new_module(network, self.task.dataset.image_shape)))
        )
        if np.isfinite(now).all() and not np.allclose(now, later, atol=1e-3 * np.abs(now).max()):
            raise NetworkError(
                "a new module with the weights and buffers of the trained one gives other logits: "
                "it keeps something else, or draws random numbers when it is evaluated",
                where=network.name,
                hint="register_buffer keeps what it needs later",
            )


def train_together(
    runs: Sequence[TorchRun],
    trainer: TorchTrainer,
    images_trained: Callable[[int, int], None],
    stop: Event,
    network: str = "network",
) -> None:
    """Train the next epoch of some runs, which have begun, and set what has been ``trained``.

    They have one network, recipe and dataset, and have done as many epochs. Nothing has changed of
    them when this is stopped, or raises.
    """
    first, batches = runs[0], [_Batches(run) for run in runs]
    recipe, data = first.task.recipe, first.task.dataset.train
    images = len(first.sample.train)
    rates = learning_rates(recipe, images, first.done)
    decays = average_decays(recipe, images, first.done)
    states = [run.networks[network] for run in runs]
    trainer.begin(recipe, states, first.done * len(rates), _seed_of_draws(first))
    losses, hits = [], []
    reported, trained = time.perf_counter(), 0
    for step, (rate, decay) in enumerate(zip(rates, decays, strict=True)):
        part = slice(step * recipe.batch_size, (step + 1) * recipe.batch_size)
        places = np.stack([each.order[part] for each in batches])
        labels = np.stack([each.labels[part] for each in batches])
        warps = [each.warps[part] for each in batches if each.warps is not None]
        drawn = [each.masks.draw(len(each.order[part])) for each in batches]
        kept = [each for each in drawn if each is not None]
        loss, correct = trainer.step(
            trainer.inputs(data.images, places, np.stack(warps) if warps else None),
            trainer.tensor(labels),
            trainer.tensor(np.stack(kept)) if kept else None,
            float(rate),
            float(decay),
        )
        losses.append(loss * places.shape[1])
        hits.append(correct)
        trained += places.shape[1]
        if stop.is_set():
            return
        # Not after every step: on a GPU, it would wait for the answer.
        if time.perf_counter() - reported > _SECONDS_A_REPORT or step + 1 == len(rates):
            if not bool(loss.isfinite().any()):
                break
            for run in runs:
                images_trained(run.position, trained)
            reported, trained = time.perf_counter(), 0
            if stop.is_set():
                return
    trainer.store(states)
    for run, loss_sum, hit_sum in zip(runs, _totals(losses), _totals(hits), strict=True):
        run.trained = loss_sum, int(hit_sum)


class _Batches:
    """What a run sees in its next epoch."""

    def __init__(self, run: TorchRun) -> None:
        task, sample, epoch = run.task, run.sample, run.done
        seeds = task.seeds
        images, shape = len(sample.train), task.dataset.image_shape
        self.order = sample.train[epoch_order(seeds.order, images, epoch)]
        self.labels = sample.labels.noisy[self.order]
        self.warps = epoch_warps(seeds.augmentation, images, epoch, task.recipe.augmentation, shape)
        self.masks = EpochMasks(seeds.dropout, epoch, task.network, shape)


def _seed_of_draws(run: TorchRun) -> int | None:
    """Return the seed of what a module of the user's own draws in this epoch, if it draws."""
    network = run.task.network
    if not network.draws(run.task.dataset.image_shape):
        return None
    return int(stream(run.task.seeds.dropout, "dropout", run.done).integers(2**63))


def _totals(numbers: list[torch.Tensor]) -> list[float]:
    """Return the sum over the steps, of each run."""
    return [math.fsum(row) for row in torch.stack(numbers, dim=1).cpu().tolist()]
