"""A run while PyTorch trains it."""

import math
import time
from threading import Event
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seedbed.networks.own import OwnNetwork
from seedbed.streams import stream
from seedbed.training.batches import EpochMasks, epoch_order, epoch_warps
from seedbed.training.engine import Observer
from seedbed.training.run import Run
from seedbed.training.schedule import average_decays
from seedbed.training.torch_trainer import TorchTrainer

_SECONDS_A_REPORT: Final = 0.1


class TorchRun(Run[TorchTrainer]):
    """A run whose arrays a module takes for an epoch, and gives back."""

    def train_steps(
        self,
        trainer: TorchTrainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the number of hits."""
        task, recipe, sample = self.task, self.task.recipe, self.sample
        data, images, shape = task.dataset.train, len(sample.train), task.dataset.image_shape
        order = sample.train[epoch_order(task.seed, images, self.done)]
        warps = epoch_warps(task.seed, images, self.done, recipe.augmentation, shape)
        masks = EpochMasks(task.seed, self.done, task.network, shape)
        decays = average_decays(recipe, images, self.done)
        trainer.begin(recipe, self.arrays, self.done * len(rates), self._seed_of_draws())
        losses, hits = [], []
        reported, trained = time.perf_counter(), 0
        for step, (rate, decay) in enumerate(zip(rates, decays, strict=True)):
            part = slice(step * recipe.batch_size, (step + 1) * recipe.batch_size)
            places = order[part]
            kept = masks.draw(len(places))
            loss, correct = trainer.step(
                trainer.inputs(data.images[places], None if warps is None else warps[part]),
                trainer.tensor(sample.labels.noisy[places]),
                None if kept is None else trainer.tensor(kept),
                float(rate),
                float(decay),
            )
            losses.append(loss * len(places))
            hits.append(correct)
            trained += len(places)
            if stop.is_set():
                return 0.0, 0
            # Not after every step: on a GPU, it would wait for the answer.
            if time.perf_counter() - reported > _SECONDS_A_REPORT or step + 1 == len(rates):
                if not math.isfinite(float(loss)):
                    break
                observer.images_trained(self.position, trained)
                reported, trained = time.perf_counter(), 0
        trainer.store(self.arrays)
        return _total(losses), int(_total(hits))

    def _seed_of_draws(self) -> int | None:
        """Return the seed of what a module of the user's own draws in this epoch, if it draws."""
        network = self.task.network
        if not isinstance(network, OwnNetwork) or not network.draws(self.task.dataset.image_shape):
            return None
        return int(stream(self.task.seed, "dropout", self.done).integers(2**63))


def _total(numbers: list[torch.Tensor]) -> float:
    return math.fsum(torch.stack(numbers).cpu().tolist())
