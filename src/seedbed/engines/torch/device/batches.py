"""The batches of runs that are trained together, on their device.

What the CPU draws (order, labels, augmentation, dropout masks) goes to the device for many steps at
once, and every step takes its part there.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seedbed.engines.torch.device.images import to_device
from seedbed.engines.torch.recipe import displacements
from seedbed.training.batches import (
    EpochMasks,
    epoch_erasing,
    epoch_mixing,
    epoch_order,
    epoch_warps,
)
from seedbed.training.elastic import EpochFields
from seedbed.training.engine import RunTask
from seedbed.training.splits import Sample

_BYTES: Final = 2**24
"""Of an upload. Few enough for a GPU to have work left while the next is drawn."""


class DeviceBatch(NamedTuple):
    """A batch of N images for each of R runs."""

    indices: Tensor
    """Of the images in the training split, R×N."""
    labels: Tensor
    """R×N."""
    warps: Tensor | None
    """R×N×6; ``None`` without augmentation."""
    masks: Tensor | None
    """R×N×F; ``None`` without dropout."""
    erased: Tensor | None
    """Top, left, height and width of rectangles, R×N×4; ``None`` without random erasing."""
    partners: Tensor | None
    """Places in the batch, R×N; ``None`` without mixup."""
    shares: Tensor | None
    """R×N; ``None`` without mixup."""
    moved: Tensor | None
    """Displacements to the right and down, R×N×2×H×W; ``None`` without elastic distortion."""

    def altered(self, images: Tensor) -> Tensor:
        """Return R×N×C×H×W images, with erased rectangles, each mixed with its partner."""
        if self.erased is not None:
            y, x = (torch.arange(size, device=images.device) for size in images.shape[-2:])
            top, left, height, width = self.erased[..., None].unbind(-2)
            rows, columns = (y >= top) & (y < top + height), (x >= left) & (x < left + width)
            erased = rows[..., :, None] & columns[..., None, :]
            images = images.masked_fill(erased[:, :, None], 0.0)
        if self.partners is None or self.shares is None:
            return images
        others = torch.stack([of_run[at] for of_run, at in zip(images, self.partners, strict=True)])
        return others + self.shares[:, :, None, None, None] * (images - others)

    @property
    def partner_labels(self) -> Tensor | None:
        """The labels of the partners, R×N; ``None`` without mixup."""
        return None if self.partners is None else self.labels.gather(1, self.partners)


class EpochDraws:
    """What is drawn for a run's next epoch.

    Args:
        task: The run.
        sample: Its images and labels.
        epoch: Epochs before this one.
    """

    def __init__(self, task: RunTask, sample: Sample, epoch: int) -> None:
        seeds, images, shape = task.seeds, len(sample.train), task.dataset.image_shape
        self.order = sample.train[epoch_order(seeds.order, images, epoch)]
        self.labels = sample.labels.noisy[self.order]
        self.warps = epoch_warps(seeds.augmentation, images, epoch, task.recipe.augmentation, shape)
        self.masks = EpochMasks(seeds.dropout, epoch, task.network, shape)
        recipe = task.recipe
        self.fields = EpochFields(seeds.augmentation, epoch, recipe.augmentation, shape)
        self.erased = epoch_erasing(
            seeds.augmentation, images, epoch, recipe.augmentation.erasing, shape
        )
        self.mixing = epoch_mixing(
            seeds.augmentation, images, epoch, recipe.mixup, recipe.batch_size
        )


def device_batches(
    draws: Sequence[EpochDraws], batch_size: int, device: torch.device
) -> Iterator[DeviceBatch]:
    """Yield the batches of an epoch.

    Args:
        draws: Of every run, all with the same number of images.
        batch_size: Images of a run in a batch; the last may be smaller.
        device: The device.
    """
    first_run = draws[0]
    images = len(first_run.order)
    bytes_an_image = 16 + first_run.masks.count + first_run.fields.count
    bytes_an_image += 24 * (first_run.warps is not None)
    bytes_an_image += 16 * (first_run.erased is not None) + 12 * (first_run.mixing is not None)
    smoothing = [
        to_device(matrix, device)
        for matrix in (first_run.fields.smooth_columns, first_run.fields.smooth_rows)
        if first_run.fields.count
    ]
    steps = max(1, _BYTES // (bytes_an_image * batch_size * len(draws)))
    for start in range(0, images, steps * batch_size):
        stop = min(start + steps * batch_size, images)
        order = to_device(np.stack([each.order[start:stop] for each in draws]), device)
        labels = to_device(np.stack([each.labels[start:stop] for each in draws]), device)
        warps = _stacked(
            [each.warps[start:stop] for each in draws if each.warps is not None], device
        )
        drawn = [each.masks.draw(stop - start) for each in draws]
        masks = _stacked([rows for rows in drawn if rows is not None], device)
        erased = _stacked(
            [each.erased[start:stop] for each in draws if each.erased is not None], device
        )
        mixed = [each.mixing[start:stop] for each in draws if each.mixing is not None]
        partners = _stacked([each.partners for each in mixed], device)
        shares = _stacked([each.shares for each in mixed], device)
        random = [each.fields.draw(stop - start) for each in draws]
        fields = _stacked([numbers for numbers in random if numbers is not None], device)
        for first in range(0, stop - start, batch_size):
            part = slice(first, first + batch_size)
            yield DeviceBatch(
                order[:, part],
                labels[:, part],
                None if warps is None else warps[:, part],
                None if masks is None else masks[:, part],
                None if erased is None else erased[:, part],
                None if partners is None else partners[:, part] - first,
                None if shares is None else shares[:, part],
                None if fields is None else displacements(fields[:, part], *smoothing),
            )


def _stacked(arrays: Sequence[NDArray[Any]], device: torch.device) -> Tensor | None:
    return to_device(np.stack(arrays), device) if arrays else None
