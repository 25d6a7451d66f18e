"""Losses in PyTorch: built-in functions where they exist, else the formula of the loss."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from seedbed.training.losses.base import LogProbabilityLoss, Loss, ProbabilityLoss
from seedbed.training.objective import EarlyLearning
from seedbed.training.recipe import Recipe


class Changes(NamedTuple):
    """An :class:`~seedbed.training.objective.Objective` on the device; ``None`` for no change."""

    transition: Tensor | None = None
    """K×K."""
    label_targets: Tensor | None = None
    """K×K."""
    class_weights: Tensor | None = None
    """K."""
    running: Tensor | None = None
    """The rows of the batch's images before the step, N×K."""
    partners: Tensor | None = None
    """The labels of the images that the batch is mixed with, N."""
    shares: Tensor | None = None
    """Of the images themselves in the mixed ones, N."""


NO_CHANGES: Final = Changes()


class Outcome(NamedTuple):
    """Of a batch."""

    loss: Tensor
    """Mean."""
    hits: Tensor
    """The number of correct predictions."""
    running: Tensor | None
    """The rows after the step."""


def outcome(
    recipe: Recipe,
    logits: Tensor,
    labels: Tensor,
    changes: Changes,
    early: EarlyLearning | None = None,
) -> Outcome:
    """Return the mean loss of N×K logits, and what else a step asks for."""
    larger = labels
    if changes.partners is not None and changes.shares is not None:
        larger = torch.where(changes.shares < 0.5, changes.partners, labels)
    hits = (logits.argmax(dim=1) == larger).sum()
    loss = batch_loss(recipe, logits, labels, changes)
    if early is None or changes.running is None:
        return Outcome(loss, hits, None)
    p = logits.softmax(dim=1)
    clipped = p.detach().clip(1e-4, 1 - 1e-4)
    clipped = clipped / clipped.sum(dim=1, keepdim=True)
    running = early.decay * changes.running + (1 - early.decay) * clipped
    agreement = (running * p).sum(dim=1)
    return Outcome(loss + early.weight * (1 - agreement).log().mean(), hits, running)


def batch_loss(
    recipe: Recipe, logits: Tensor, labels: Tensor, changes: Changes = NO_CHANGES
) -> Tensor:
    """Return the recipe's mean loss of N×K logits, including label smoothing."""
    changed = (changes.transition, changes.label_targets, changes.class_weights, changes.partners)
    if recipe.loss.name == "cross-entropy" and all(part is None for part in changed):
        # Faster from labels in PyTorch.
        return functional.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
    targets = _rows(recipe, labels, logits, changes)
    if changes.partners is not None and changes.shares is not None:
        others = _rows(recipe, changes.partners, logits, changes)
        targets = others + changes.shares[:, None] * (targets - others)
    losses = loss_per_image(recipe.loss, logits, targets, changes.transition)
    if changes.class_weights is not None:
        losses = losses * changes.class_weights[labels]
    return losses.mean()


def _rows(recipe: Recipe, labels: Tensor, logits: Tensor, changes: Changes) -> Tensor:
    """Return the target row of each label, N×K."""
    if changes.label_targets is not None:
        return changes.label_targets[labels]
    return targets_of(recipe, labels, logits)


def targets_of(recipe: Recipe, labels: Tensor, logits: Tensor) -> Tensor:
    """Return the target rows of N labels, smoothed by the recipe, N×K like the logits."""
    smoothing, classes = recipe.label_smoothing, logits.shape[1]
    rows = functional.one_hot(labels, classes).to(logits.dtype)
    return rows * (1 - smoothing) + smoothing / classes


def loss_per_image(
    loss: Loss, logits: Tensor, targets: Tensor, transition: Tensor | None = None
) -> Tensor:
    """Return the loss of each of N images.

    Args:
        loss: The loss.
        logits: N×K.
        targets: N×K, rows that sum to 1.
        transition: K×K, for a loss of probabilities.
    """
    if transition is None and loss.name in _OF_LOGITS:
        return _OF_LOGITS[loss.name](logits, targets)
    if isinstance(loss, LogProbabilityLoss):
        of_image: Tensor = loss.value(logits.log_softmax(dim=1), targets)
        return of_image
    if not isinstance(loss, ProbabilityLoss):
        raise TypeError(f"{loss.name} is not a loss of probabilities, and not in _OF_LOGITS")
    p = logits.softmax(dim=1)
    terms: Tensor = loss.value(p if transition is None else p @ transition, targets)
    return terms.sum(dim=1)


def _binary_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    terms = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return terms.sum(dim=1)


_OF_LOGITS: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "cross-entropy": partial(functional.cross_entropy, reduction="none"),
    "binary-cross-entropy": _binary_cross_entropy,
}
"""Losses that are computed from logits, because they are not sums over probabilities or because it
is more precise."""
