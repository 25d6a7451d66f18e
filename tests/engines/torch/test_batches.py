"""What goes to the device in an epoch, and when it is read."""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

import reference_images
from kernels import random_splits
from seedbed.core.seeds import Seeds
from seedbed.engines.torch.device import batches
from seedbed.engines.torch.device.batches import EpochDraws, device_batches
from seedbed.engines.torch.device.images import DeviceImages, to_device
from seedbed.engines.torch.engine import TorchEngine
from seedbed.engines.torch.run import TorchRun, evaluate_together, train_together
from seedbed.networks.zoo import lenet5
from seedbed.training.batches import (
    EpochMasks,
    epoch_erasing,
    epoch_mixing,
    epoch_order,
    epoch_warps,
)
from seedbed.training.elastic import EpochFields
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Augmentation, Recipe

DATASET = random_splits((8, 8, 3), train=90)
AUGMENTATION = Augmentation(shift=1, elastic_alpha=5, erasing=0.5)
RECIPE = Recipe(batch_size=20, epochs=1, augmentation=AUGMENTATION, mixup=0.4)
TASKS = [RunTask(lenet5(3, dropout=0.3), RECIPE, DATASET, Seeds(run=seed)) for seed in range(2)]
CPU = torch.device("cpu")


@pytest.mark.parametrize("size", [1, 20_000, 2**24], ids=["step by step", "two steps", "whole"])
def test_batches_are_those_that_are_drawn(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BYTES", size)
    draws = [EpochDraws(task, task.sample(), 3) for task in TASKS]
    found = list(device_batches(draws, 20, CPU))
    assert [batch.labels.shape for batch in found] == [(2, 20)] * 4 + [(2, 10)]
    for row, task in enumerate(TASKS):
        seeds, sample = task.seeds, task.sample()
        order = sample.train[epoch_order(seeds.order, 90, 3)]
        masks = EpochMasks(seeds.dropout, 3, task.network, (8, 8, 3)).draw(90)
        mixing = epoch_mixing(seeds.augmentation, 90, 3, 0.4, 20)
        fields = EpochFields(seeds.augmentation, 3, AUGMENTATION, (8, 8, 3)).draw(90)
        assert mixing is not None
        assert fields is not None
        expected = (
            order,
            sample.labels.noisy[order],
            epoch_warps(seeds.augmentation, 90, 3, RECIPE.augmentation, (8, 8, 3)),
            masks,
            epoch_erasing(seeds.augmentation, 90, 3, 0.5, (8, 8, 3)),
            mixing.partners % 20,
            mixing.shares,
        )
        moved = torch.cat([batch.moved[row] for batch in found if batch.moved is not None])
        smooth = reference_images.displacements(fields, 5, 4)
        np.testing.assert_allclose(moved, smooth, rtol=1e-5, atol=1e-6)
        columns = list(zip(*found, strict=True))[:-1]  # `moved` is the last
        for column, values in zip(columns, expected, strict=True):
            whole = torch.cat([part[row] for part in column])
            np.testing.assert_array_equal(whole, values)


class Watch(TorchFunctionMode):
    """Counts arrays that become tensors, and tensors that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads = self.reads = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.uploads += func is torch.tensor
        self.reads += func in (Tensor.cpu, Tensor.item, Tensor.__bool__, Tensor.tolist)
        return func(*args, **(kwargs or {}))


def watched(batch_size: int) -> tuple[int, int]:
    recipe = RECIPE.model_copy(update={"batch_size": batch_size})
    runs = [TorchRun(place, replace(task, recipe=recipe)) for place, task in enumerate(TASKS)]
    for run in runs:
        run.begin()
    network, shape = TASKS[0].network, DATASET.image_shape
    trainer = TorchEngine().trainer(network, shape, DATASET.train.normalization())
    with Watch() as watch:
        train_together(runs, trainer, lambda *_: None, Event())
        evaluate_together(runs, trainer, Event())
    return watch.uploads, watch.reads


def test_more_steps_neither_upload_nor_read_more() -> None:
    assert watched(5) == watched(90)


def test_an_nvidia_gpu_copies_from_pinned_memory_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[object] = []

    def pin_memory(self: Tensor) -> Tensor:
        calls.append("pinned")
        return self

    def to(self: Tensor, *given: object, **options: object) -> Tensor:
        calls.append((given, options))
        return self

    monkeypatch.setattr(Tensor, "pin_memory", pin_memory)
    monkeypatch.setattr(Tensor, "to", to)
    gpu = torch.device("cuda:1")
    assert to_device(np.arange(3), gpu).tolist() == [0, 1, 2]
    assert calls == ["pinned", ((gpu,), {"non_blocking": True})]


def test_a_device_keeps_whole_splits() -> None:
    device = torch.device("meta")  # neither the CPU nor there
    images, indices = DeviceImages(device), torch.arange(5, device=device)
    with Watch() as watch:
        for _ in range(2):
            assert images.take(DATASET.train.images, indices).shape == (5, 8, 8, 3)
    assert watch.uploads == 1
