"""Training one or two networks in PyTorch on the images that they choose from every batch."""

import math
from collections.abc import Callable, Iterable, Sequence
from threading import Event

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seedbed.engines.torch.device.batches import DeviceBatch
from seedbed.engines.torch.losses import loss_per_image, targets_of
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.training.objective import Selection
from seedbed.training.recipe import Recipe


def train_selecting(
    networks: Sequence[TorchTrainer],
    recipe: Recipe,
    selection: Selection,
    images: NDArray[np.uint8],
    batches: Iterable[DeviceBatch],
    rates: NDArray[np.float32],
    decays: NDArray[np.float32],
    images_trained: Callable[[int], None],
    stop: Event,
) -> tuple[float, int]:
    """Train the steps of an epoch.

    Args:
        networks: That have begun it with a single run each; the first predicts.
        recipe: Of the run.
        selection: The images to learn from.
        images: The training split, N×H×W×C.
        batches: Of the run.
        rates: The learning rate of every step.
        decays: The decay of the moving average of the weights, for every step.
        images_trained: Is told the number of images of every step.
        stop: Stops early; the result must not be used then.

    Returns:
        The summed loss of all images and the number of correct predictions of the first network,
        both measured before the step.
    """
    losses, hits = [], 0
    for batch, rate, decay in zip(batches, rates, decays, strict=True):
        labels = batch.labels[0]
        masks = None if batch.masks is None else batch.masks[0]
        inputs = networks[0].inputs(images, batch.indices, batch.warps, batch.moved)
        inputs = batch.altered(inputs)[0]
        logits = [network.training_logits(inputs, masks) for network in networks]
        of_images = _per_image(recipe, logits, labels)
        losses.append(float(of_images[0].detach().sum()))
        hits += int((logits[0].argmax(dim=1) == labels).sum())
        if not all(bool(loss.isfinite().all()) for loss in of_images):
            return math.nan, hits
        minimized = selected_loss(selection, logits, of_images, labels)
        if minimized is None:
            for network in networks:
                network.skip()
        else:
            minimized.backward()  # type: ignore[no-untyped-call]
            for network in networks:
                network.descend(float(rate), float(decay))
        images_trained(len(labels))
        if stop.is_set():
            break
    return math.fsum(losses), hits


def _per_image(recipe: Recipe, logits: Sequence[Tensor], labels: Tensor) -> list[Tensor]:
    targets = targets_of(recipe, labels, logits[0])
    return [loss_per_image(recipe.loss, each, targets) for each in logits]


def selected_loss(
    selection: Selection, logits: Sequence[Tensor], losses: Sequence[Tensor], labels: Tensor
) -> Tensor | None:
    """Return the sum over the networks of the mean loss of the images that each learns from.

    Args:
        selection: The images to learn from.
        logits: Of every network, N×K.
        losses: The recipe's losses of the images for every network, N.
        labels: N.

    Returns:
        A number, or ``None`` if the networks learn from no image of the batch.
    """
    among = torch.arange(len(labels), device=labels.device)
    if selection.disputed:
        ours, theirs = (each.argmax(dim=1) for each in logits)
        among = among[ours != theirs]
    if not len(among):
        return None
    count = selection.count(len(among))
    if selection.judge == "joint":
        losses = [_joint_loss(logits[0], logits[1], labels, selection.agreement)]
    judges = losses[::-1] if selection.judge == "peer" else losses
    chosen = [among[judge.detach()[among].argsort(stable=True)[:count]] for judge in judges]
    means = [loss[places].mean() for loss, places in zip(losses, chosen, strict=True)]
    return torch.stack(means).sum()


def _joint_loss(ours: Tensor, theirs: Tensor, labels: Tensor, agreement: float) -> Tensor:
    """Return JoCoR's loss of N images; see :class:`seedbed.training.methods.jocor.JoCoR`."""
    supervised = functional.cross_entropy(ours, labels, reduction="none")
    supervised = supervised + functional.cross_entropy(theirs, labels, reduction="none")
    log_p, log_q = ours.log_softmax(dim=1), theirs.log_softmax(dim=1)
    divergence = ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(dim=1)
    return (1 - agreement) * supervised + agreement * divergence
