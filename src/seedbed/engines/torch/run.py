"""A run that PyTorch trains."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.core.seeds import stream
from seedbed.engines.torch.device.batches import EpochDraws, device_batches
from seedbed.engines.torch.losses import Changes
from seedbed.engines.torch.modules import new_module
from seedbed.engines.torch.selecting import train_selecting
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.engine import Observer
from seedbed.training.evaluation import Evaluated
from seedbed.training.objective import Objective, Selection
from seedbed.training.run import NetworkArrays, Run
from seedbed.training.schedule import average_decays, learning_rates
from seedbed.training.splits import Split

_SECONDS_A_REPORT: Final = 0.1
_FEW: Final = 8
"""Number of images on which a module is compared with a new one."""


@dataclass
class TorchRun(Run[TorchTrainer]):
    """A run; a module loads its arrays for an epoch, and stores them afterwards."""

    trained: tuple[float, int] | None = None
    """Summed loss and correct predictions of the next epoch, if it is already trained."""
    ahead: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """The logits after the next epoch by split, if they are already computed."""

    def train_steps(
        self,
        networks: Sequence[str],
        trainer: TorchTrainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the correct predictions."""
        if objective.selection is not None:
            states = [self.networks[name] for name in networks]
            return self._train_selecting(
                states, trainer, observer, stop, rates, objective.selection
            )
        if self.trained is None:
            (network,) = networks
            train_together([self], trainer, observer.images_trained, stop, network, [objective])
        trained, self.trained = self.trained, None
        if trained is not None and self.done == 0:
            self._check_state(trainer)
        return trained or (0.0, 0)

    def evaluate(
        self, trainer: TorchTrainer, splits: Mapping[str, Split], stop: Event
    ) -> dict[str, Evaluated]:
        """Return the logits of the current weights; they must not be used if ``stop`` is set."""
        ahead, self.ahead = self.ahead, {}
        if not ahead:
            return super().evaluate(trainer, splits, stop)
        return {
            name: Evaluated(ahead[name], split.labels, split.indices)
            for name, split in splits.items()
        }

    def _train_selecting(
        self,
        states: Sequence[NetworkArrays],
        trainer: TorchTrainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        selection: Selection,
    ) -> tuple[float, int]:
        task, recipe = self.task, self.task.recipe
        shape = task.dataset.image_shape
        peers = [trainer.like(new_module(task.network, shape)) for _ in states[1:]]
        for network, state in zip([trainer, *peers], states, strict=True):
            network.begin(recipe, [state], self.done * len(rates), _module_seed(self))
        score = train_selecting(
            [trainer, *peers],
            recipe,
            selection,
            task.dataset.train.images,
            device_batches(
                [EpochDraws(task, self.sample, self.done)], recipe.batch_size, trainer.device
            ),
            rates,
            average_decays(recipe, len(self.sample.train), self.done),
            partial(observer.images_trained, self.position),
            stop,
        )
        if not stop.is_set():
            for network, state in zip([trainer, *peers], states, strict=True):
                network.store([state])
            if self.done == 0:
                self._check_state(trainer)
        return score

    def _check_state(self, trainer: TorchTrainer) -> None:
        """Raise :class:`NetworkError` for a user module with state outside its stored weights."""
        network = self.task.network
        if not network.opaque:
            return
        few = self.task.dataset.train.images[:_FEW]
        new = trainer.like(new_module(network, self.task.dataset.image_shape))
        trained, reloaded = (
            np.concatenate(list(either.logits(self.current, few))) for either in (trainer, new)
        )
        tolerance = 1e-3 * np.abs(trained).max()
        if np.isfinite(trained).all() and not np.allclose(trained, reloaded, atol=tolerance):
            raise NetworkError(
                "a new module with the trained weights and buffers returns different logits: the "
                "module has other state, or draws random numbers in evaluation mode",
                where=network.name,
                hint="store all state with register_buffer",
            )


def train_together(
    runs: Sequence[TorchRun],
    trainer: TorchTrainer,
    images_trained: Callable[[int, int], None],
    stop: Event,
    network: str = "network",
    objectives: Sequence[Objective] = (),
) -> None:
    """Train the next epoch of runs that have begun, and set their ``trained``.

    They must have the same network, recipe, dataset and number of finished epochs. If this is
    stopped or raises an error, the runs are unchanged.
    """
    first = runs[0]
    recipe, data = first.task.recipe, first.task.dataset.train
    images = len(first.sample.train)
    rates = learning_rates(recipe, images, first.done)
    decays = average_decays(recipe, images, first.done)
    states = [run.networks[network] for run in runs]
    seed = _module_seed(first)
    trainer.begin(recipe, states, first.done * len(rates), seed, objectives)
    draws = [EpochDraws(run.task, run.sample, run.done) for run in runs]
    batches = device_batches(draws, recipe.batch_size, trainer.device)
    losses, hits, sizes = [], [], []
    reported, trained = time.perf_counter(), 0
    for batch, rate, decay in zip(batches, rates, decays, strict=True):
        loss, correct = trainer.step(
            batch.altered(trainer.inputs(data.images, batch.indices, batch.warps, batch.moved)),
            batch.labels,
            batch.masks,
            float(rate),
            float(decay),
            batch.indices,
            Changes(partners=batch.partner_labels, shares=batch.shares),
        )
        losses.append(loss)
        hits.append(correct)
        sizes.append(batch.labels.shape[1])
        trained += sizes[-1]
        if stop.is_set():
            return
        if time.perf_counter() - reported > _SECONDS_A_REPORT or len(losses) == len(rates):
            for run in runs:
                images_trained(run.position, trained)
            reported, trained = time.perf_counter(), 0
            if stop.is_set():
                return
    trainer.store(states)
    # Read once an epoch, because reading would make a GPU wait. So a run that diverges is trained
    # to the end of the epoch.
    found = torch.stack([torch.stack(losses), torch.stack(hits).to(torch.float32)]).cpu().numpy()
    sums = found[0] * np.array(sizes, np.float32)[:, None]
    for run, terms, right in zip(runs, sums.T, found[1].T, strict=True):
        loss_sum = math.fsum(terms) if np.isfinite(terms).all() else math.nan
        run.trained = loss_sum, int(right.sum(dtype=np.float64))


def evaluate_together(runs: Sequence[TorchRun], trainer: TorchTrainer, stop: Event) -> None:
    """Evaluate runs whose next epoch is trained, or that are trained to the end.

    Sets their ``ahead`` or ``measured``. They must have the same network, recipe, dataset, number
    of finished epochs and sizes of their splits. If this is stopped or raises an error, the runs
    are unchanged.
    """
    recipe = runs[0].task.recipe
    ended = runs[0].done >= recipe.epochs
    splits = [run.splits if ended else run.images_to_evaluate() for run in runs]
    weights = [run.current for run in runs]
    found: list[dict[str, NDArray[np.float32]]] = [{} for _ in runs]
    for name, split in splits[0].items():
        indices = np.stack([each[name].indices for each in splits])
        parts = []
        for part in trainer.logits_together(
            weights, split.dataset.images, indices, recipe.batch_size
        ):
            parts.append(part)
            if stop.is_set():
                return
        for logits, rows in zip(found, np.concatenate(parts, axis=1), strict=True):
            logits[name] = rows
    for run, logits in zip(runs, found, strict=True):
        if ended:
            run.measured = logits
        else:
            run.ahead = logits


def _module_seed(run: TorchRun) -> int | None:
    """Return the seed for the random numbers of a user module in this epoch, if it draws any."""
    network = run.task.network
    if not network.draws(run.task.dataset.image_shape):
        return None
    return int(stream(run.task.seeds.dropout, "dropout", run.done).integers(2**63))
