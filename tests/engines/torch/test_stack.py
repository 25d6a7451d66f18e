"""Runs that are trained together: each ends as it would alone, within rounding."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from kernels import Recorder, assert_same_result, engine_logits, random_splits
from seedbed.core.errors import NetworkError
from seedbed.core.seeds import Seeds
from seedbed.engines.torch import engine as torch_engine
from seedbed.engines.torch import stack as torch_stack
from seedbed.engines.torch.engine import TorchEngine
from seedbed.engines.torch.modules import NetworkModule
from seedbed.engines.torch.run import TorchRun
from seedbed.engines.torch.stack import stacked
from seedbed.engines.torch.trainer import TorchTrainer
from seedbed.networks.user_module import as_network
from seedbed.networks.zoo import lenet5, resnet8, vit
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Augmentation, Recipe
from sentences import Sentence
from user_modules import Asks, Moving, Tied, make_resnet8

DATASET = random_splits((8, 8, 3), train=90)
RECIPE = Recipe(batch_size=20, epochs=2, learning_rate=0.01)
SPLITS = ("train", "validation", "test")
NETWORKS = {
    "lenet5": lenet5(3, activation="tanh", dropout=0.3),
    "resnet8": resnet8(3, width=4),
    "vit": vit(
        3, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_dim=8, dropout=0.2, drop_path=0.3
    ),
}
RECIPES: dict[str, dict[str, Any]] = {
    "augmented": {"augmentation": Augmentation(shift=1, rotation=9, flip=True)},
    "adamw, average": {"optimizer": "adamw", "ema_decay": 0.9, "label_smoothing": 0.1},
    "nesterov, penalties": {"nesterov": True, "l1_penalty": 1e-3, "l2_penalty": 1e-2},
    "best epoch": {"validation_size": 20, "checkpoint": "best-on-validation", "loss": "brier"},
}


def tasks_of(name: str, recipe: Recipe = RECIPE) -> list[RunTask]:
    noise = NoiseSpec(kind="symmetric", rate=0.2)
    return [
        RunTask(NETWORKS[name], recipe, DATASET, Seeds(run=seed), noise=noise) for seed in range(3)
    ]


def runs_of(tasks: Sequence[RunTask]) -> list[TorchRun]:
    return [TorchRun(position, task) for position, task in enumerate(tasks)]


def trained(tasks: Sequence[RunTask], at_once: int, threads: int = 1) -> Recorder:
    recorder = Recorder()
    engine = TorchEngine(at_once=at_once)
    engine.train(tasks, recorder, threads=threads, stop=Event())
    return recorder


def assert_within_rounding(one: Recorder, other: Recorder, runs: int = 3) -> None:
    for run in range(runs):
        found, expected = one.results[run], other.results[run]
        assert found.epoch == expected.epoch
        assert found.weights is not None
        assert expected.weights is not None
        for name, values in expected.weights.items():
            difference = np.linalg.norm(found.weights[name] - values)
            assert difference <= 1e-4 * np.linalg.norm(values) + 1e-6, name
        for record, again in zip(one.records[run], other.records[run], strict=True):
            assert record.running_loss == pytest.approx(again.running_loss, rel=1e-4)
            assert record.test_loss == pytest.approx(again.test_loss, rel=1e-3)
    assert one.images == other.images


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_learn_together_what_they_learn_alone(name: str) -> None:
    tasks = tasks_of(name, RECIPE.model_copy(update={"ema_decay": 0.9}))
    assert_within_rounding(trained(tasks, at_once=3), trained(tasks, at_once=1))


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_mean_the_same(name: str) -> None:
    tasks = tasks_of("lenet5", Recipe(**(RECIPE.model_dump(exclude_unset=True) | RECIPES[name])))
    assert_within_rounding(trained(tasks, at_once=2), trained(tasks, at_once=1))


def test_runs_that_have_come_to_different_epochs_are_resumed() -> None:
    tasks = tasks_of("lenet5")
    whole = trained(tasks, at_once=3)
    begun = [tasks[0], replace(tasks[1], state=whole.states[1][0]), tasks[2]]
    rest = trained(begun, at_once=3)
    for run, epochs in ((0, 2), (1, 1), (2, 2)):
        assert len(rest.records[run]) == epochs
    ended = [replace(task, state=whole.states[run][1]) for run, task in enumerate(tasks)]
    again = trained(ended, at_once=3)
    for run in range(3):
        assert_same_result(whole.results[run], again.results[run])


def test_a_run_that_diverges_leaves_the_others_alone() -> None:
    tasks = tasks_of("lenet5")
    state = trained(tasks, at_once=1).states[1][0]
    arrays = {name: array.copy() for name, array in state.arrays.items()}
    arrays["network/weights"][5] = np.nan
    wild = replace(tasks[1], state=replace(state, arrays=arrays))
    others = [replace(t, state=trained([t], at_once=1).states[0][0]) for t in (tasks[0], tasks[2])]
    together = trained([others[0], wild, others[1]], at_once=3)
    assert together.results[1].diverged_epoch == 2
    for run in (0, 2):
        assert together.results[run].weights is not None


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError(),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB, max allowed: 9.07 GB)."),
    ],
)
def test_without_memory_there_are_fewer_at_a_time(
    error: RuntimeError,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sentence: Sentence,
) -> None:
    sizes = []
    step = TorchTrainer.step

    def full(self: TorchTrainer, images: torch.Tensor, *more: Any) -> Any:
        sizes.append(len(images))
        if len(images) > 1:
            raise error
        return step(self, images, *more)

    monkeypatch.setattr(TorchTrainer, "step", full)
    tasks = tasks_of("lenet5")
    with caplog.at_level(logging.WARNING):
        found = trained(tasks, at_once=3)
    assert set(sizes) == {3, 1}
    (warning,) = caplog.messages
    sentence(warning)
    monkeypatch.undo()
    alone = trained(tasks, at_once=1)
    for run in range(3):
        assert_same_result(alone.results[run], found.results[run])


def test_no_memory_for_a_single_run_is_one_line(
    monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(TorchTrainer, "step", full)
    with pytest.raises(NetworkError) as error:
        trained(tasks_of("lenet5"), at_once=2)
    assert error.value.where == "lenet5"
    sentence(error.value)


def own_tasks(make: Callable[..., nn.Module], recipe: Recipe = RECIPE) -> list[RunTask]:
    return [RunTask(as_network(make, 3), recipe, DATASET, Seeds(run=seed)) for seed in range(3)]


def test_modules_of_the_users_own_learn_together_what_they_learn_alone() -> None:
    averaged = RECIPE.model_copy(update={"ema_decay": 0.9})
    tasks = own_tasks(partial(make_resnet8, width=2), averaged)
    assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [3]
    together = trained(tasks, at_once=3)
    assert_within_rounding(together, trained(tasks, at_once=1))
    weights = together.results[0].weights
    assert weights is not None
    assert weights["bn1.num_batches_tracked"] == 10  # 2 epochs of 5 batches


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_tied_and_frozen_weights_may_be_stacked(precision: str) -> None:
    settings = {"ema_decay": 0.5, "precision": precision}
    tasks = own_tasks(Tied, RECIPE.model_copy(update=settings))
    assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [3]
    together, alone = trained(tasks, at_once=3), trained(tasks, at_once=1)
    for run in range(3):
        found, expected = together.results[run].weights, alone.results[run].weights
        assert found is not None
        assert expected is not None
        assert "second.weight" not in found
        for name, values in expected.items():
            error = np.linalg.norm(found[name] - values)
            # bfloat16 has eight bits of precision, and sums are of another order.
            most = 1e-4 if precision == "float32" else 2**-8
            assert error <= most * np.linalg.norm(values), name


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(partial(make_resnet8, width=2, dropout=0.5), id="random numbers"),
        pytest.param(Moving, id="another result"),
    ],
)
def test_modules_that_cannot_learn_together_are_trained_run_by_run(
    make: Callable[..., nn.Module], caplog: pytest.LogCaptureFixture, sentence: Sentence
) -> None:
    tasks = own_tasks(make)
    with caplog.at_level(logging.WARNING):
        assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [1, 1, 1]
    (warning,) = caplog.messages
    sentence(warning)


def test_a_module_that_fails_in_the_trial_is_trained_run_by_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = own_tasks(Asks)
    with caplog.at_level(logging.WARNING):
        assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [1, 1, 1]
    (warning,) = caplog.messages
    assert warning.startswith("Asks: ")
    assert "4 images" in warning


def test_what_fails_together_later_than_the_trial_goes_on_run_by_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Late(Asks):
        """Asks only where there are more images than in the trial."""

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            if len(images) > 8:
                return super().forward(images)
            answer: torch.Tensor = self.fc(images.flatten(1))
            return answer

    tasks = own_tasks(Late)
    with caplog.at_level(logging.WARNING):
        together = trained(tasks, at_once=3)
    (warning,) = caplog.messages
    assert warning.startswith("Late: ")
    assert "3 runs" in warning
    alone = trained(tasks, at_once=1)
    for run in range(3):
        assert_same_result(alone.results[run], together.results[run])


def test_one_trial_serves_all_recipes_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(torch_stack, "why_alone", lambda task, _: tried.append(task))
    network = as_network(partial(make_resnet8, width=2), 3)
    recipes = [RECIPE.model_copy(update={"learning_rate": rate}) for rate in (0.1, 0.2)]
    tasks = [
        RunTask(network, each, DATASET, Seeds(run=seed)) for each in recipes for seed in range(2)
    ]
    assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [2, 2]
    assert len(tried) == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_runs_trained_together_are_evaluated_together(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(TorchTrainer, "logits", alone)
    recorder = trained(tasks_of(name), at_once=3)
    monkeypatch.undo()
    for result in recorder.results.values():
        assert result.weights is not None
        again = engine_logits(TorchEngine(), tasks_of(name)[0], result.weights, DATASET.test.images)
        atol = 1e-5 * np.abs(again).max()
        np.testing.assert_allclose(result.logits["test"], again, rtol=0, atol=atol)


def test_validation_images_that_differ_are_evaluated_together() -> None:
    recipe = RECIPE.model_copy(update={"validation_size": 20, "evaluate_every": 2})
    tasks = [replace(task, recipe=recipe, keep_logits=SPLITS) for task in tasks_of("lenet5")]
    together, alone = trained(tasks, at_once=3), trained(tasks, at_once=1)
    assert [record.evaluated for record in together.records[0]] == [False, True]
    for run, result in alone.results.items():
        for split, expected in result.logits.items():
            found = together.results[run].logits[split]
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3 * np.abs(expected).max())


def test_without_memory_fewer_are_evaluated_at_a_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sentence: Sentence
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    expected = trained(tasks_of("lenet5"), at_once=3)
    monkeypatch.setattr(TorchTrainer, "logits_together", full)
    with caplog.at_level(logging.WARNING):
        found = trained(tasks_of("lenet5"), at_once=3)
    (warning,) = caplog.messages
    sentence(warning)
    assert_within_rounding(found, expected)


def test_many_logits_are_evaluated_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, together = [], TorchTrainer.logits_together

    def counted(self: TorchTrainer, weights: Any, *more: Any) -> Any:
        sizes.append(len(weights))
        return together(self, weights, *more)

    monkeypatch.setattr(TorchTrainer, "logits_together", counted)
    monkeypatch.setattr(torch_stack, "_LOGITS", 2 * 3 * (90 + 40))
    recorder = trained(tasks_of("lenet5"), at_once=3)
    assert set(sizes) == {2}  # and one run alone
    assert_within_rounding(recorder, trained(tasks_of("lenet5"), at_once=1))


def test_modules_that_cannot_be_evaluated_together_are_trained_run_by_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Undecided(Asks):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            answer: torch.Tensor = self.fc(images.flatten(1))
            return answer if self.training else super().forward(images)

    with caplog.at_level(logging.WARNING):
        stacks = stacked(runs_of(own_tasks(Undecided)), 3, Event())
    assert [len(stack.runs) for stack in stacks] == [1, 1, 1]
    (warning,) = caplog.messages
    assert warning.startswith("Undecided: ")


def test_folds_of_different_sizes_are_trained_apart() -> None:
    recipe = RECIPE.model_copy(update={"folds": 4})
    tasks = [replace(task, recipe=recipe) for task in tasks_of("lenet5")]
    assert [len(task.sample().train) for task in tasks] == [67, 67, 68]
    assert [len(stack.runs) for stack in stacked(runs_of(tasks), 3, Event())] == [2, 1]


def test_what_draws_is_by_itself_what_it_is_among_others() -> None:
    tasks = own_tasks(partial(make_resnet8, width=2, dropout=0.5))
    together, alone = trained(tasks, at_once=3), trained(tasks, at_once=1)
    for run in range(3):
        assert_same_result(alone.results[run], together.results[run])


def test_several_devices_share_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_engine, "_devices", lambda _: [torch.device("cpu")] * 2)
    recorder = Recorder()
    engine = TorchEngine("cuda")  # two of them, as far as it knows
    engine.train(tasks_of("lenet5"), recorder, threads=1, stop=Event())
    assert_within_rounding(recorder, trained(tasks_of("lenet5"), at_once=1))


def test_no_memory_for_the_weights_is_one_line(
    monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(NetworkModule, "to", full)
    with pytest.raises(NetworkError) as error:
        trained(tasks_of("lenet5"), at_once=1)
    assert error.value.where == "lenet5"
    sentence(error.value)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")
@pytest.mark.parametrize("name", NETWORKS)
def test_a_gpu_learns_what_the_cpu_learns(name: str) -> None:
    tasks = tasks_of(name)
    recorder = Recorder()
    TorchEngine("cuda").train(tasks, recorder, threads=1, stop=Event())
    for run, result in trained(tasks, at_once=1).results.items():
        found = recorder.results[run]
        np.testing.assert_allclose(found.logits["test"], result.logits["test"], rtol=0, atol=0.02)
