"""The oracle of training: PyTorch's own losses and optimizers do what an engine must do.

It shares no code with Seedbed's own.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from reference import Floats, ImageShape, module
from seedbed.networks.network import Network
from seedbed.training.recipe import Recipe


def robust_loss(name: str, logits: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return the documented formula of each image's loss, with the default parameters."""
    log_p, a = logits.log_softmax(dim=1), -math.log(1e-4)
    p = log_p.exp()
    reverse = a * (1 - (t * p).sum(dim=1))
    match name:
        case "symmetric-cross-entropy":
            return reverse - 0.1 * (t * log_p).sum(dim=1)
        case "soft-bootstrapping":
            return -((0.95 * t + 0.05 * p) * log_p).sum(dim=1)
        case "hard-bootstrapping":
            best = nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).to(p.dtype)
            return -((0.8 * t + 0.2 * best) * log_p).sum(dim=1)
    active = torch.zeros(())  # 0 / 0 with a single class
    if log_p.shape[1] > 1:
        active = (t * log_p).sum(dim=1) / log_p.sum(dim=1)
    match name:
        case "active-passive":
            return active + reverse
        case "active-negative":
            n = (log_p - math.log(1e-7)).clamp(min=0)
            return active + 1 - (t * n).sum(dim=1) / n.sum(dim=1)
        case "joint-asymmetric":
            return active + ((p - 30 * t) ** 2).mean(dim=1)
    raise NotImplementedError(name)


def loss(recipe: Recipe, outputs: torch.Tensor, labels: NDArray[np.int64]) -> torch.Tensor:
    """Return the mean loss of N×K logits."""
    targets, smoothing = torch.tensor(labels), recipe.label_smoothing
    if recipe.loss.name == "cross-entropy":
        return nn.functional.cross_entropy(outputs, targets, label_smoothing=smoothing)
    classes = outputs.shape[1]
    one_hot = nn.functional.one_hot(targets, classes).to(outputs.dtype)
    wanted = one_hot * (1 - smoothing) + smoothing / classes
    match recipe.loss.name:
        case "brier":
            each = (outputs.softmax(dim=1) - wanted) ** 2
        case "mae":
            each = (outputs.softmax(dim=1) - wanted).abs()
        case "generalized-cross-entropy":
            q = recipe.loss.parameters["q"]
            each = wanted * (1 - (q * outputs.log_softmax(dim=1)).exp()) / q
        case "binary-cross-entropy":
            each = nn.functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none")
        case name:
            return robust_loss(name, outputs, wanted).mean()
    return each.sum(dim=1).mean()


@dataclass(frozen=True)
class Training:
    """What training left behind."""

    weights: dict[str, Floats]
    average: dict[str, Floats]
    """The exponential moving average of the weights after the last step."""
    losses: list[float]
    """The mean loss of each batch, before its step, label smoothing included."""
    correct: list[int]
    """Of each batch, before its step."""


def train_steps(
    network: Network,
    image_shape: ImageShape,
    recipe: Recipe,
    weights: Mapping[str, Floats],
    batches: Iterable[tuple[Floats, NDArray[np.int64]]],
    learning_rates: Iterable[float],
    average_decays: Iterable[float] | None = None,
    masks: Iterable[NDArray[np.uint8]] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Training:
    """Train from ``weights``, one step a batch.

    Args:
        network: The layers.
        image_shape: (height, width, channels).
        recipe: Whose optimizer, penalties, loss and label smoothing are used; nothing else of it.
        weights: To start from.
        batches: Normalized (and augmented) N×C×H×W images with their labels.
        learning_rates: One for each step, at least as many as there are batches.
        average_decays: The same for the moving average; ``None`` keeps the last weights.
        masks: Of each batch, for :meth:`ReferenceNetwork.drop`.
        dtype: What is computed in; ``torch.float64`` gives the truth to measure rounding against.
    """
    model = module(network, image_shape, weights, dtype)
    model.train()
    optimizer = _optimizer(recipe, model)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    decays = iter(average_decays) if average_decays is not None else None
    kept = iter(masks) if masks is not None else None
    losses, correct = [], []
    for (images, labels), learning_rate in zip(batches, learning_rates, strict=False):
        for group in optimizer.param_groups:
            group["lr"] = float(learning_rate)
        optimizer.zero_grad()
        model.drop(next(kept) if kept is not None else None)
        outputs = model(torch.tensor(images, dtype=dtype))
        batch_loss = loss(recipe, outputs, labels)
        weights_of = list(model.parameters())
        penalty = recipe.l1_penalty * sum(weight.abs().sum() for weight in weights_of)
        penalty += recipe.l2_penalty / 2 * sum((weight**2).sum() for weight in weights_of)
        (batch_loss + penalty).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(batch_loss.item())
        correct.append(int((outputs.argmax(dim=1).numpy() == labels).sum()))
        decay = next(decays) if decays is not None else 0.0
        for name, value in model.state_dict().items():
            average[name].mul_(float(decay)).add_(value, alpha=1 - float(decay))
    return Training(_arrays(model.state_dict()), _arrays(average), losses, correct)


def _optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
        )
    kinds: dict[str, type[torch.optim.Adam]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    return kinds[recipe.optimizer](
        model.parameters(),
        lr=recipe.learning_rate,
        betas=recipe.betas,
        eps=recipe.eps,
        weight_decay=recipe.weight_decay,
    )


def _arrays(state: Mapping[str, torch.Tensor]) -> dict[str, Floats]:
    return {name: value.detach().numpy().copy() for name, value in state.items()}
