"""Every schedule against torch.optim.lr_scheduler."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from seedbed.training.recipe import Recipe
from seedbed.training.schedule import average_decays, learning_rates, steps_per_epoch

IMAGES = 1000


def all_rates(recipe: Recipe, images: int = IMAGES) -> NDArray[np.float32]:
    return np.concatenate([learning_rates(recipe, images, epoch) for epoch in range(recipe.epochs)])


def pytorch_rates(
    recipe: Recipe, scheduler: Callable[[torch.optim.Optimizer], LRScheduler], *, per_epoch: bool
) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=recipe.learning_rate)
    schedule = scheduler(optimizer)
    rates = []
    steps = math.ceil(IMAGES / recipe.batch_size)
    for step in range(steps * recipe.epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        last = step == steps * recipe.epochs - 1
        if not last and (not per_epoch or (step + 1) % steps == 0):
            schedule.step()
    return rates


@pytest.mark.parametrize("batch_size", [1, 32, 128, 333, 1000, 5000])
def test_one_cycle(batch_size: int) -> None:
    recipe = Recipe(learning_rate=0.3, batch_size=batch_size, epochs=4)
    expected = pytorch_rates(
        recipe,
        lambda optimizer: lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=recipe.learning_rate,
            total_steps=recipe.epochs * math.ceil(IMAGES / batch_size),
            cycle_momentum=False,
        ),
        per_epoch=False,
    )
    np.testing.assert_allclose(all_rates(recipe), expected, rtol=1e-6)


def test_cosine() -> None:
    recipe = Recipe(schedule="cosine", epochs=3)
    expected = pytorch_rates(
        recipe,
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=8 * recipe.epochs),
        per_epoch=False,
    )
    np.testing.assert_allclose(all_rates(recipe), expected, rtol=1e-6)


def test_step() -> None:
    recipe = Recipe(schedule="step", step_size=2, gamma=0.3, epochs=5)
    expected = pytorch_rates(
        recipe,
        lambda optimizer: lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.3),
        per_epoch=True,
    )
    np.testing.assert_allclose(all_rates(recipe), expected, rtol=1e-6)


def test_milestones() -> None:
    recipe = Recipe(schedule="step", milestones=(1, 4, 9), gamma=0.3, epochs=6)
    expected = pytorch_rates(
        recipe,
        lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [1, 4, 9], gamma=0.3),
        per_epoch=True,
    )
    np.testing.assert_allclose(all_rates(recipe), expected, rtol=1e-6)


def test_exponential() -> None:
    recipe = Recipe(schedule="exponential", gamma=0.8, epochs=5)
    expected = pytorch_rates(
        recipe,
        lambda optimizer: lr_scheduler.ExponentialLR(optimizer, gamma=0.8),
        per_epoch=True,
    )
    np.testing.assert_allclose(all_rates(recipe), expected, rtol=1e-6)


def test_constant() -> None:
    assert set(all_rates(Recipe(schedule="constant", learning_rate=0.25))) == {0.25}


@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine"])
def test_warm_up_multiplies_the_schedule_with_a_straight_line(schedule: str) -> None:
    settings = {"schedule": schedule, "epochs": 4}
    plain = all_rates(Recipe.model_validate(settings))
    warmed = all_rates(Recipe.model_validate({**settings, "warmup_epochs": 1.5}))
    steps = 12  # 1.5 epochs of 8 steps
    np.testing.assert_allclose(
        warmed[:steps], plain[:steps] * np.arange(1, steps + 1) / steps, rtol=1e-6
    )
    np.testing.assert_array_equal(warmed[steps:], plain[steps:])
    assert warmed[0] > 0


def test_one_step_of_training_in_all_has_a_finite_rate() -> None:
    rates = all_rates(Recipe(epochs=1, batch_size=IMAGES))
    assert rates.shape == (1,)
    assert np.isfinite(rates).all()


def test_the_last_batch_of_an_epoch_may_be_smaller() -> None:
    assert [steps_per_epoch(Recipe(batch_size=8), images) for images in (1, 8, 9)] == [1, 1, 2]
    rates = learning_rates(Recipe(batch_size=8), 9, 0)
    assert rates.shape == (2,)
    assert rates.dtype == np.float32


def test_the_average_forgets_its_start_and_then_keeps_its_decay() -> None:
    recipe = Recipe(ema_decay=0.99, epochs=200)
    decays = np.concatenate([average_decays(recipe, IMAGES, epoch) for epoch in range(200)])
    assert decays[0] == np.float32(0.1)
    assert decays[90] == np.float32(91 / 100)
    assert set(decays[1000:]) == {np.float32(0.99)}
    assert np.all(np.diff(decays) >= 0)


def test_without_an_average_the_decays_are_zero() -> None:
    np.testing.assert_array_equal(average_decays(Recipe(), IMAGES, 0), np.zeros(8))
