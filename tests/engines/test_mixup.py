"""Mixup, random erasing and elastic distortion against a plain PyTorch loop, in both engines."""

from dataclasses import replace
from threading import Event
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch.nn import functional

import reference
import reference_images
from kernels import Recorder
from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.images import ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.layers import Activation, Flatten, MaxPool2d
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import pair
from seedbed.training.batches import epoch_erasing, epoch_mixing, epoch_order, epoch_warps
from seedbed.training.elastic import EpochFields
from seedbed.training.engine import Engine, RunTask
from seedbed.training.recipe import Augmentation, Recipe
from sentences import Sentence
from short_layers import conv, linear

NETWORK: Final = Network(
    "small", (conv(6, 3), Activation("relu"), MaxPool2d(2), Flatten(), linear(10))
)
BATCH, EPOCHS, RATE, ALPHA, SMOOTHING = 32, 2, 0.05, 0.5, 0.1
ALPHA_ELASTIC, SIGMA = 8.0, 1.5
AUGMENTATION: Final = Augmentation(shift=1, rotation=10, flip=True, erasing=0.5)


@pytest.fixture(scope="module", params=[NativeEngine, TorchEngine], ids=["native", "torch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def task_of(**settings: Any) -> RunTask:
    splits = load_dataset("digits")
    train = splits.train
    few = ImageDataset(train.images[:150], train.labels[:150], train.class_names)
    recipe = Recipe(
        learning_rate=RATE,
        momentum=0.9,
        schedule="constant",
        batch_size=BATCH,
        epochs=EPOCHS,
        mixup=ALPHA,
        **settings,
    )
    noise = NoiseSpec(kind="pair", rate=0.3)
    dataset = replace(splits, splits={**splits.splits, "train": few})
    return RunTask(NETWORK, recipe, dataset, Seeds(run=1, augmentation=5), noise=noise)


def plain_run(task: RunTask) -> tuple[torch.nn.Module, list[float], list[float]]:
    """Train in float64; return the network, and the mean loss and accuracy of each epoch."""
    shape, sample, recipe = task.dataset.image_shape, task.sample(), task.recipe
    weights = NETWORK.initial_weights(shape, stream(1, "initialization"))
    model = reference.module(NETWORK, shape, weights, torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9)
    train = task.dataset.train
    normal = train.normalization()
    stored = ((train.images / 255 - normal.mean) / normal.std).transpose(0, 3, 1, 2)
    backward = recipe.robust.method == "backward"
    rows = np.asarray(np.linalg.inv(pair(10, 0.3)) if backward else np.eye(10))
    rows = rows * (1 - recipe.label_smoothing) + recipe.label_smoothing / 10
    matrix = pair(10, 0.3) if recipe.robust.method == "forward" else np.eye(10)
    losses, accuracies = [], []
    for epoch in range(EPOCHS):
        order = sample.train[epoch_order(1, 150, epoch)]
        images, labels = stored[order], sample.labels.noisy[order]
        warps = epoch_warps(5, 150, epoch, recipe.augmentation, shape)
        fields = EpochFields(5, epoch, recipe.augmentation, shape).draw(150)
        if fields is not None:
            assert warps is not None
            moved = reference_images.displacements(fields, ALPHA_ELASTIC, SIGMA)
            images = np.asarray(reference_images.distorted(images, warps, moved))
        elif warps is not None:
            images = np.asarray(reference_images.warp(images, warps))
        erased = epoch_erasing(5, 150, epoch, recipe.augmentation.erasing, shape)
        if erased is not None:
            images = images.copy()
            for image, (top, left, height, width) in zip(images, erased, strict=True):
                image[:, top : top + height, left : left + width] = 0
        mixing = epoch_mixing(5, 150, epoch, ALPHA, BATCH)
        assert mixing is not None
        share, other = mixing.shares.astype(np.float64), mixing.partners
        of_image = share[:, None, None, None]
        mixed = torch.tensor(of_image * images + (1 - of_image) * images[other])
        targets = torch.tensor(
            share[:, None] * rows[labels] + (1 - share[:, None]) * rows[labels[other]]
        )
        larger = torch.tensor(np.where(share < 0.5, labels[other], labels))
        total, right = 0.0, 0
        for start in range(0, 150, BATCH):
            part = slice(start, start + BATCH)
            logits = model(mixed[part])
            q = logits.softmax(1) @ torch.tensor(matrix)
            loss = -(targets[part] * q.log()).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(logits)
            right += int((logits.argmax(1) == larger[part]).sum())
        losses.append(total / 150)
        accuracies.append(right / 150)
    return model, losses, accuracies


@pytest.mark.parametrize(
    "settings",
    [
        {"label_smoothing": SMOOTHING, "augmentation": AUGMENTATION},
        {"augmentation": Augmentation(erasing=1.0)},
        {"augmentation": Augmentation(elastic_alpha=ALPHA_ELASTIC, elastic_sigma=SIGMA)},
        {
            "augmentation": AUGMENTATION.model_copy(
                update={"elastic_alpha": ALPHA_ELASTIC, "elastic_sigma": SIGMA}
            )
        },
        {"robust": {"method": "forward", "transition": "noise"}},
        {"robust": {"method": "backward", "transition": "noise"}},
    ],
    ids=["augmented and smoothed", "erased", "elastic", "all of them", "forward", "backward"],
)
def test_a_run_is_that_of_a_plain_loop(engine: Engine, settings: dict[str, Any]) -> None:
    task, recorder = task_of(**settings), Recorder()
    engine.train([task], recorder, threads=2, stop=Event())
    model, losses, accuracies = plain_run(task)
    records = recorder.records[0]
    assert [record.running_loss for record in records] == pytest.approx(losses, rel=1e-5)
    assert [record.running_accuracy for record in records] == pytest.approx(accuracies)
    weights = recorder.results[0].weights
    assert weights is not None
    for (name, array), parameter in zip(weights.items(), model.parameters(), strict=True):
        expected = parameter.detach().numpy()
        assert array.size == expected.size, name
        difference = np.abs(array.ravel() - expected.ravel()).max()
        assert difference < 2e-5 * np.abs(expected).max() + 2e-6, name


def test_the_measured_loss_is_that_of_the_images_themselves(engine: Engine) -> None:
    task, recorder = task_of(), Recorder()
    engine.train([task], recorder, threads=1, stop=Event())
    model, _, _ = plain_run(task)
    train = task.dataset.train
    normal = train.normalization()
    images = ((train.images / 255 - normal.mean) / normal.std).transpose(0, 3, 1, 2)
    labels = torch.tensor(task.sample().labels.noisy)
    with torch.no_grad():
        logits = model(torch.tensor(images))
    last = recorder.records[0][-1]
    assert last.train_loss == pytest.approx(float(functional.cross_entropy(logits, labels)), 1e-4)
    assert last.train_accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))


@pytest.mark.parametrize("method", ["early-learning", "small-loss", "jocor"])
def test_a_method_of_single_images_is_refused(method: str, sentence: Sentence) -> None:
    table = {"method": method}
    if method != "early-learning":
        table["forget_rate"] = "noise"
    with pytest.raises(StudyError) as error:
        Recipe(mixup=0.2, robust=table)
    assert error.value.where == "robust"
    if method == "early-learning":
        sentence(error.value)
