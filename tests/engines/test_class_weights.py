"""Class weights: those of scikit-learn, and training with them beside PyTorch's weighted loss."""

from dataclasses import replace
from threading import Event
from typing import Any, Final

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

import reference
from kernels import Recorder
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.splits import select
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.layers import Activation, Flatten
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.batches import epoch_order
from seedbed.training.engine import RunTask
from seedbed.training.objective import PLAIN
from seedbed.training.recipe import Recipe
from short_layers import conv, linear

NETWORK: Final = Network("small", (conv(4, 3), Activation("relu"), Flatten(), linear(10)))
BATCH, RATE, SMOOTHING = 16, 0.05, 0.1


def task_of(**settings: Any) -> RunTask:
    """Return a run on digits, of which every class has half as many as the one before."""
    splits = load_dataset("digits")
    labels = splits.train.labels
    few = [np.flatnonzero(labels == k)[: max(1, 80 >> k)] for k in range(10)]
    dataset = replace(splits, splits={"train": select(splits.train, np.sort(np.concatenate(few)))})
    recipe = Recipe(
        learning_rate=RATE,
        schedule="constant",
        momentum=0.0,
        batch_size=BATCH,
        epochs=2,
        **settings,
    )
    noise = NoiseSpec(kind="pair", rate=0.2)
    return RunTask(NETWORK, recipe, dataset, Seeds(run=1), noise=noise)


@pytest.mark.parametrize("labels", [[0, 0, 0, 1, 2, 2], [1, 1, 3], [2]])
def test_weights_are_those_of_scikit_learn(labels: list[int]) -> None:
    found = PLAIN.balanced(np.array(labels), 4).class_weights
    assert found is not None
    present = np.unique(labels)
    expected = compute_class_weight("balanced", classes=present, y=labels)
    np.testing.assert_allclose(found[present], expected, rtol=1e-6)
    assert found.sum() == found[present].sum()
    assert found[labels].mean() == pytest.approx(1)


@pytest.mark.parametrize("engine", [NativeEngine(), TorchEngine()], ids=["native", "torch"])
@pytest.mark.parametrize("settings", [{}, {"train_size": 100, "label_smoothing": SMOOTHING}])
def test_a_run_minimizes_the_weighted_loss_of_pytorch(
    engine: NativeEngine | TorchEngine, settings: dict[str, Any]
) -> None:
    task, recorder = task_of(class_weights="balanced", **settings), Recorder()
    engine.train([task], recorder, threads=1, stop=Event())
    shape, sample, train = task.dataset.image_shape, task.sample(), task.dataset.train
    weights = NETWORK.initial_weights(shape, stream(1, "initialization"))
    model = reference.module(NETWORK, shape, weights, torch.float64)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    normal = train.normalization()
    images = torch.tensor(((train.images / 255 - normal.mean) / normal.std).transpose(0, 3, 1, 2))
    noisy = sample.labels.noisy[sample.train]
    by_class = np.zeros(10)
    by_class[np.unique(noisy)] = compute_class_weight("balanced", classes=np.unique(noisy), y=noisy)
    losses = []
    for epoch in range(2):
        order = sample.train[epoch_order(1, len(sample.train), epoch)]
        total = 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            labels = torch.tensor(sample.labels.noisy[batch])
            of_image = torch.nn.functional.cross_entropy(
                model(images[batch]),
                labels,
                label_smoothing=task.recipe.label_smoothing,
                reduction="none",
            )
            loss = (of_image * torch.tensor(by_class)[labels]).mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(order))
    records = recorder.records[0]
    assert [record.running_loss for record in records] == pytest.approx(losses, rel=1e-5)
    found = recorder.results[0].weights
    assert found is not None
    for (name, array), parameter in zip(found.items(), model.parameters(), strict=True):
        expected = parameter.detach().numpy()
        np.testing.assert_allclose(
            array.ravel(), expected.ravel(), atol=2e-5 * np.abs(expected).max(), err_msg=name
        )


def test_runs_with_other_labels_have_other_weights_in_one_pass() -> None:
    """PyTorch trains several runs together, each with the weights of its own noisy labels."""
    task = task_of(class_weights="balanced")
    tasks = [replace(task, seeds=Seeds(run=seed)) for seed in range(3)]
    together, alone = Recorder(), Recorder()
    TorchEngine().train(tasks, together, threads=1, stop=Event())
    TorchEngine().train(tasks[2:], alone, threads=1, stop=Event())
    ours, theirs = together.results[2].weights, alone.results[0].weights
    assert ours is not None
    assert theirs is not None
    for name, array in ours.items():
        np.testing.assert_allclose(array, theirs[name], atol=1e-5, err_msg=name)
