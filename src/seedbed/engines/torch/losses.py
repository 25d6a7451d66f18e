"""Losses in PyTorch: built-in functions where they exist, else the formula of the loss."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from torch import Tensor
from torch.nn import functional

from seedbed.training.losses.base import Loss, ProbabilityLoss
from seedbed.training.recipe import Recipe


def loss_and_hits(recipe: Recipe, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean loss of N×K logits, and the number of correct predictions."""
    return batch_loss(recipe, logits, labels), (logits.argmax(dim=1) == labels).sum()


def batch_loss(recipe: Recipe, logits: Tensor, labels: Tensor) -> Tensor:
    """Return the recipe's mean loss of N×K logits, including label smoothing."""
    smoothing, classes = recipe.label_smoothing, logits.shape[1]
    if recipe.loss.name == "cross-entropy":  # faster from labels in PyTorch
        return functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    targets = functional.one_hot(labels, classes).to(logits.dtype)
    targets = targets * (1 - smoothing) + smoothing / classes
    return loss_per_image(recipe.loss, logits, targets).mean()


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
    if not isinstance(loss, ProbabilityLoss):
        raise TypeError(f"{loss.name} is not a ProbabilityLoss, and not in _OF_LOGITS")
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
