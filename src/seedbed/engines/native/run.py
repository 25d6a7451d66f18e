"""A run that the native kernels train."""

import math
import time
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.native.trainer import Trainer
from seedbed.training.batches import EpochMasks, epoch_mixing, epoch_order, epoch_warps
from seedbed.training.engine import Observer
from seedbed.training.methods.base import Batch
from seedbed.training.objective import Objective
from seedbed.training.run import NetworkArrays, Run
from seedbed.training.schedule import average_decays

# How long a call of the kernels may take, so that Ctrl-C and progress are handled in time.
_SECONDS_A_CALL: Final = 0.1


class NativeRun(Run[Trainer]):
    """A run; the kernels change its arrays in place."""

    def train_steps(
        self,
        network: str,
        trainer: Trainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the correct predictions."""
        task, recipe, sample = self.task, self.task.recipe, self.sample
        seeds, arrays = task.seeds, self.networks[network]
        images, shape = len(sample.train), task.dataset.image_shape
        order = sample.train[epoch_order(seeds.order, images, self.done)]
        warps = epoch_warps(seeds.augmentation, images, self.done, recipe.augmentation, shape)
        masks = EpochMasks(seeds.dropout, self.done, task.network, shape)
        mixing = epoch_mixing(
            seeds.augmentation, images, self.done, recipe.mixup, recipe.batch_size
        )
        averaged = recipe.ema_decay > 0
        decays = average_decays(recipe, images, self.done) if averaged else None
        optimizer = trainer.optimizer(recipe)
        minimized, early = trainer.objective(recipe, objective), objective.early_learning
        state = trainer.state(arrays)
        loss, hits = 0.0, 0
        step, at_once = 0, 1
        while step < len(rates) and math.isfinite(loss) and not stop.is_set():
            start = time.perf_counter()
            steps = slice(step, step + at_once)
            part = slice(step * recipe.batch_size, (step + at_once) * recipe.batch_size)
            mixed = mixing[part] if mixing else None
            batches = trainer.module.Batches(
                images=task.dataset.train.images,
                labels=sample.labels.noisy,
                order=order[part],
                warps=None if warps is None else warps[part],
                masks=masks.draw(len(order[part])),
                running=early.running if early else None,
                partners=mixed.partners if mixed else None,
                shares=mixed.shares if mixed else None,
            )
            score = trainer.native.train(
                batches,
                minimized,
                optimizer,
                state,
                trainer.module.Steps(
                    batch_size=min(recipe.batch_size, images),
                    learning_rates=rates[steps],
                    average_decays=None if decays is None else decays[steps],
                    first=self.done * len(rates) + step,
                    loss=loss,
                ),
            )
            loss = score.loss
            if stop.is_set():
                break
            hits, step = hits + score.correct, step + at_once
            observer.images_trained(self.position, len(order[part]))
            # The number of steps per call depends on the clock, but their results do not: each call
            # continues the sum of the loss, so even the order of its terms is always the same.
            rate = at_once / max(time.perf_counter() - start, 1e-6)
            at_once = max(1, min(int(rate * _SECONDS_A_CALL), 2 * at_once))
        return loss, hits

    def stepper(self, network: str, trainer: Trainer) -> "NativeStepper":
        """Return what trains a network on single batches of the next epoch."""
        return NativeStepper(self, self.networks[network], trainer)


class NativeStepper:
    """A network of a run; the kernels change its arrays in place."""

    def __init__(self, run: NativeRun, arrays: NetworkArrays, trainer: Trainer) -> None:
        recipe, images = run.task.recipe, len(run.sample.train)
        self._images, self._labels = run.task.dataset.train.images, run.sample.labels.noisy
        self._arrays, self._trainer = arrays, trainer
        self._state = trainer.state(arrays)
        self._optimizer, self._objective = trainer.optimizer(recipe), trainer.objective(recipe)
        self._first = run.done * math.ceil(images / recipe.batch_size)
        self._averaged = recipe.ema_decay > 0
        # A row for every image of the split, of which a step reads only those of its batch.
        self._targets = np.zeros((0, trainer.classes), np.float32)

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """Return the logits of the augmented images, n×K."""
        out = np.empty((len(batch), self._trainer.classes), np.float32)
        batches = self._trainer.module.Batches(
            images=self._images, order=batch.indices, warps=batch.warps
        )
        self._trainer.native.logits(batches, self._arrays["weights"], out)
        return out

    def step(
        self, batch: Batch, targets: NDArray[np.float32] | None, rate: float, decay: float
    ) -> None:
        """Do one step."""
        if targets is not None:
            if not len(self._targets):
                self._targets = np.zeros((len(self._labels), targets.shape[1]), np.float32)
            self._targets[batch.indices] = targets
        module = self._trainer.module
        self._trainer.native.train(
            module.Batches(
                images=self._images,
                labels=self._labels,
                order=batch.indices,
                targets=None if targets is None else self._targets,
                warps=batch.warps,
                masks=batch.masks,
            ),
            self._objective,
            self._optimizer,
            self._state,
            module.Steps(
                batch_size=len(batch),
                learning_rates=np.array([rate], np.float32),
                average_decays=np.array([decay], np.float32) if self._averaged else None,
                first=self._first + batch.number,
            ),
        )

    def close(self) -> None:
        """Do nothing: the arrays have the results already."""
