"""A run that the native kernels train."""

import math
import time
from collections.abc import Sequence
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.native.trainer import Trainer
from seedbed.training.batches import (
    EpochMasks,
    epoch_erasing,
    epoch_mixing,
    epoch_order,
    epoch_warps,
)
from seedbed.training.elastic import EpochFields
from seedbed.training.engine import Observer
from seedbed.training.objective import Objective
from seedbed.training.run import Run
from seedbed.training.schedule import average_decays

# How long a call of the kernels may take, so that Ctrl-C and progress are handled in time.
_SECONDS_A_CALL: Final = 0.1


class NativeRun(Run[Trainer]):
    """A run; the kernels change its arrays in place."""

    def train_steps(
        self,
        networks: Sequence[str],
        trainer: Trainer,
        observer: Observer,
        stop: Event,
        rates: NDArray[np.float32],
        objective: Objective,
    ) -> tuple[float, int]:
        """Train the steps of an epoch; return the summed loss and the correct predictions."""
        task, recipe, sample = self.task, self.task.recipe, self.sample
        seeds = task.seeds
        images, shape = len(sample.train), task.dataset.image_shape
        order = sample.train[epoch_order(seeds.order, images, self.done)]
        warps = epoch_warps(seeds.augmentation, images, self.done, recipe.augmentation, shape)
        masks = EpochMasks(seeds.dropout, self.done, task.network, shape)
        erased = epoch_erasing(
            seeds.augmentation, images, self.done, recipe.augmentation.erasing, shape
        )
        fields = EpochFields(seeds.augmentation, self.done, recipe.augmentation, shape)
        mixing = epoch_mixing(
            seeds.augmentation, images, self.done, recipe.mixup, recipe.batch_size
        )
        averaged = recipe.ema_decay > 0
        decays = average_decays(recipe, images, self.done) if averaged else None
        early, by_class = objective.early_learning, objective.class_weights
        image_weights = None if by_class is None else by_class[sample.labels.noisy]
        learned = trainer.objective(recipe, objective), trainer.optimizer(recipe)
        states = [trainer.state(self.networks[name]) for name in networks]
        select = objective.selection and trainer.selection(objective.selection)
        loss, hits = 0.0, 0
        step, at_once = 0, 1
        while step < len(rates) and math.isfinite(loss) and not stop.is_set():
            start = time.perf_counter()
            steps = slice(step, step + at_once)
            part = slice(step * recipe.batch_size, (step + at_once) * recipe.batch_size)
            mixed = mixing[part] if mixing else None
            drawn = fields.draw(len(order[part]))
            batches = trainer.module.Batches(
                images=task.dataset.train.images,
                labels=sample.labels.noisy,
                order=order[part],
                warps=None if warps is None else warps[part],
                masks=masks.draw(len(order[part])),
                image_weights=image_weights,
                running=early.running if early else None,
                erased=None if erased is None else erased[part],
                partners=mixed.partners if mixed else None,
                shares=mixed.shares if mixed else None,
                fields=drawn,
                smooth_columns=None if drawn is None else fields.smooth_columns,
                smooth_rows=None if drawn is None else fields.smooth_rows,
            )
            numbered = trainer.module.Steps(
                batch_size=min(recipe.batch_size, images),
                learning_rates=rates[steps],
                average_decays=None if decays is None else decays[steps],
                first=self.done * len(rates) + step,
                loss=loss,
            )
            if select is None:
                score = trainer.native.train(batches, *learned, states[0], numbered)
            else:
                score = trainer.native.select(
                    batches, *learned, states, numbered, select, trainer.peer
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
