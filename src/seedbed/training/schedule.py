"""The learning rate and the decay of the weight average at every step, as arrays.

``t`` counts all training steps from 0, ``T`` is their number, ``e`` counts epochs from 0, and ``r``
is the recipe's learning rate:

===========  =====================================================================================
constant     r
step         r · gamma^⌊e / step_size⌋, or r · gamma^(number of ``milestones`` up to e)
exponential  r · gamma^e
cosine       r · (1 + cos(π t / T)) / 2
one-cycle    from r / 25 up to r over the first 30% of the steps, then down to r / 250,000, both
             along half a cosine (Smith and Topin 2019), as PyTorch's ``OneCycleLR``
===========  =====================================================================================

Warm-up multiplies any of the first four by (t + 1) / (steps in ``warmup_epochs``), up to 1.
"""

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from seedbed.training.recipe import Recipe

_RISE = 0.3
_FIRST = 1 / 25
_LAST = _FIRST / 1e4


def steps_per_epoch(recipe: Recipe, images: int) -> int:
    """Return the number of batches in an epoch; the last one may be smaller."""
    return math.ceil(images / recipe.batch_size)


def learning_rates(recipe: Recipe, images: int, epoch: int) -> NDArray[np.float32]:
    """Return the learning rate of each step of an epoch.

    Args:
        recipe: The recipe.
        images: Number of training images, 1 or more.
        epoch: Epochs before this one, 0 for the first.
    """
    steps = steps_per_epoch(recipe, images)
    total = steps * recipe.epochs
    t = np.arange(epoch * steps, (epoch + 1) * steps, dtype=np.float64)
    match recipe.schedule:
        case "constant":
            factors = np.ones(steps)
        case "step":
            decays = epoch // recipe.step_size
            if recipe.milestones:
                decays = bisect_right(recipe.milestones, epoch)
            factors = np.full(steps, recipe.gamma**decays)
        case "exponential":
            factors = np.full(steps, recipe.gamma**epoch)
        case "cosine":
            factors = _half_cosine(1.0, 0.0, t / total)
        case "one-cycle":
            # As in PyTorch, the top need not be at an integer step.
            top = _RISE * total - 1
            rise = _half_cosine(_FIRST, 1.0, t / top)
            fall = _half_cosine(1.0, _LAST, (t - top) / (total - 1 - top))
            factors = np.where(t <= top, rise, fall)
    warmup = recipe.warmup_epochs * steps
    if warmup > 0:
        factors = factors * np.minimum(1.0, (t + 1) / warmup)
    return (recipe.learning_rate * factors).astype(np.float32)


def average_decays(recipe: Recipe, images: int, epoch: int) -> NDArray[np.float32]:
    """Return the decay of the weight average for each step of an epoch.

    After step t, average = decay · average + (1 - decay) · weights, starting from the initial
    weights. The decay is ``ema_decay``, but at most (1 + t) / (10 + t), so that the average soon
    forgets the initial weights. All zeros if ``ema_decay`` is 0.

    Args:
        recipe: The recipe.
        images: Number of training images, 1 or more.
        epoch: Epochs before this one, 0 for the first.
    """
    steps = steps_per_epoch(recipe, images)
    t = np.arange(epoch * steps, (epoch + 1) * steps, dtype=np.float64)
    return np.minimum(recipe.ema_decay, (1 + t) / (10 + t)).astype(np.float32)


def _half_cosine(start: float, end: float, position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half a cosine from ``start`` at position 0 to ``end`` at position 1."""
    return end + (start - end) / 2 * (1 + np.cos(np.pi * position))
