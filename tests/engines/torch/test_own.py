"""Training modules of the user's own: batch norm, dropout, buffers, frozen weights."""

import random
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import seedbed
from kernels import Recorder, assert_same_result, engine_logits, random_splits
from seedbed.core.errors import NetworkError, UnsupportedLayer
from seedbed.core.seeds import Seeds
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.user_module import as_network
from seedbed.networks.zoo import resnet8
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from sentences import Sentence
from user_modules import ResNet8, make_resnet8

DATASET = random_splits((12, 10, 3), 3, train=90, test=20)
RECIPE = Recipe(epochs=3, batch_size=20, learning_rate=0.01, ema_decay=0.5)


def task(seed: int = 0, dropout: float = 0.3, recipe: Recipe = RECIPE) -> RunTask:
    network = as_network(DROPPING if dropout else PLAIN, 3)
    return RunTask(network, recipe, DATASET, Seeds(run=seed))


def DROPPING(num_classes: int) -> nn.Module:  # noqa: N802
    return make_resnet8(num_classes, width=4, dropout=0.3)


def PLAIN(num_classes: int) -> nn.Module:  # noqa: N802
    return make_resnet8(num_classes, width=4)


def trained(*tasks: RunTask, threads: int = 1) -> Recorder:
    recorder = Recorder()
    TorchEngine().train(tasks, recorder, threads=threads, stop=Event())
    return recorder


@pytest.mark.parametrize("threads", [2, 3])
def test_neither_threads_nor_other_runs_nor_the_global_generator_change_a_bit(threads: int) -> None:
    tasks = [task(seed) for seed in range(3)]
    alone = [trained(each) for each in tasks]
    torch.manual_seed(threads)
    before = torch.get_rng_state()
    together = trained(*tasks, threads=threads)
    assert torch.equal(torch.get_rng_state(), before)
    for run, each in enumerate(alone):
        assert_same_result(each.results[0], together.results[run])


def test_any_epoch_can_be_resumed() -> None:
    whole = trained(task())
    for state in whole.states[0]:
        rest = trained(replace(task(), state=state))
        assert_same_result(whole.results[0], rest.results[0])


def test_what_is_kept_are_running_statistics_and_counts() -> None:
    weights = trained(task()).results[0].weights
    assert weights is not None
    assert weights["bn1.num_batches_tracked"] == 15  # 3 epochs of 5 batches
    assert not np.allclose(weights["bn1.running_mean"], 0)
    module = make_resnet8(3, width=4)
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})


def test_it_learns_what_the_same_layers_learn() -> None:
    """The initial weights differ, and are put in their place by a state."""
    recipe = RECIPE.model_copy(update={"ema_decay": 0.0})
    own, layers = (
        task(recipe=recipe, dropout=0),
        RunTask(resnet8(3, width=4), recipe, DATASET, Seeds(run=0)),
    )
    first = trained(layers).states[0][0]
    trained_count = sum(np.prod(s) for s in layers.network.parameters((12, 10, 3)).values())
    state = trained(own).states[0][0]
    arrays = {name: array.copy() for name, array in state.arrays.items()}
    # The order is the same; only the counts of batches are between the running statistics.
    kept = own.network.buffers((12, 10, 3))
    counts = np.repeat(
        [name.endswith("num_batches_tracked") for name in kept],
        [int(np.prod(shape)) for shape in kept.values()],
    )
    arrays["network/weights"][trained_count:][~counts] = first.arrays["network/weights"][
        trained_count:
    ]
    arrays["network/weights"][:trained_count] = first.arrays["network/weights"][:trained_count]
    arrays["network/first_moment"] = first.arrays["network/first_moment"].copy()
    found = trained(replace(own, state=replace(state, arrays=arrays))).results[0].logits["test"]
    expected = trained(replace(layers, state=first)).results[0].logits["test"]
    assert found is not None
    assert expected is not None
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)


def test_frozen_weights_stay() -> None:
    module = ResNet8(3, 3, width=4)
    module.conv1.weight.requires_grad_(False)
    before = module.conv1.weight.detach().numpy().copy()
    (run,) = seedbed.train(module, RECIPE, DATASET, seeds=1)
    assert run.weights is not None
    np.testing.assert_array_equal(run.weights["conv1.weight"], before)
    assert not np.allclose(run.weights["fc.weight"], module.fc.weight.detach().numpy())


class Linear(nn.Module):
    """Takes any number of images, but an ``answer`` to them that only two images may pass."""

    def __init__(self, answer: Callable[[Tensor, bool], Tensor] = lambda logits, _: logits) -> None:
        super().__init__()
        self.fc = nn.Linear(360, 3)
        self.answer = answer

    def forward(self, images: Tensor) -> Tensor:
        return self.answer(self.fc(images.view(images.shape[0], -1)), self.training)


class Moving(nn.Module):
    """Batch norm as it is often written by hand: ``keep`` says where its moving mean is."""

    def __init__(self, keep: str) -> None:
        super().__init__()
        self.moving: Tensor
        if keep == "attribute":
            self.moving = torch.zeros(360)
        else:
            self.register_buffer("moving", torch.zeros(360), persistent=keep == "buffer")
        self.fc = nn.Linear(360, 3)

    def forward(self, images: Tensor) -> Tensor:
        pixels = images.flatten(1)
        if self.training:
            mean = pixels.mean(dim=0)
            self.moving = 0.5 * self.moving + 0.5 * mean
            pixels = pixels - mean
        else:
            pixels = pixels - self.moving
        answer: Tensor = self.fc(pixels)
        return answer


def test_a_buffer_that_is_assigned_is_kept_and_belongs_to_its_run() -> None:
    network = as_network(lambda: Moving("buffer"), 3)
    tasks = [RunTask(network, RECIPE, DATASET, Seeds(run=seed)) for seed in range(3)]
    alone = [trained(each) for each in tasks]
    for threads in (1, 2):
        together = trained(*tasks, threads=threads)
        for run, each in enumerate(alone):
            assert_same_result(each.results[0], together.results[run])
    result = alone[0].results[0]
    assert result.weights is not None
    assert np.abs(result.weights["moving"]).max() > 0.01
    again = engine_logits(TorchEngine(), tasks[0], result.weights, DATASET.test.images)
    np.testing.assert_array_equal(again, result.logits["test"])
    for state in alone[0].states[0]:
        assert_same_result(trained(replace(tasks[0], state=state)).results[0], result)


class Forgetting(Linear):
    """Answers with random numbers added, also when it is evaluated."""

    def forward(self, images: Tensor) -> Tensor:
        answer: Tensor = self.fc(images.flatten(1))
        return answer + torch.rand(())


@pytest.mark.parametrize(
    "make", [lambda: Moving("attribute"), lambda: Moving("passing buffer"), lambda: Forgetting()]
)
@pytest.mark.parametrize("at_once", [1, 2])
def test_a_module_that_keeps_what_is_not_stored_is_refused(
    make: Callable[[], nn.Module], at_once: int
) -> None:
    network = as_network(make, 3)
    tasks = [RunTask(network, RECIPE, DATASET, Seeds(run=seed)) for seed in range(2)]
    engine = TorchEngine(at_once=at_once)
    with pytest.raises(NetworkError) as error:
        engine.train(tasks, Recorder(), threads=1, stop=Event())
    assert error.value.where == network.name
    assert "register_buffer" in error.value.hint


def test_images_too_large_to_be_evaluated_together_are_compared_as_well() -> None:
    large = random_splits((200, 200, 3), 3, train=10, test=2)  # five at a time on the CPU
    (run,) = seedbed.train(PLAIN, Recipe(epochs=1, batch_size=5), large, seeds=1)
    assert len(run.history) == 1


def test_a_mask_of_infinities_may_be_a_buffer() -> None:
    class Masked(Linear):
        def __init__(self) -> None:
            super().__init__()
            self.mask: Tensor
            self.register_buffer("mask", torch.full((3,), -torch.inf))

    (run,) = seedbed.train(Masked, RECIPE, DATASET, seeds=1)
    assert len(run.history) == RECIPE.epochs
    assert run.weights is not None
    assert np.isneginf(run.weights["mask"]).all()


class Buffered(nn.Module):
    def __init__(self, buffer: Tensor | None) -> None:
        super().__init__()
        self.fc = nn.Linear(360, 3)
        if buffer is not None:
            self.register_buffer("known", buffer)

    def forward(self, images: Tensor) -> Tensor:
        if not hasattr(self, "known"):
            self.register_buffer("late", torch.zeros(2))
        answer: Tensor = self.fc(images.flatten(1))
        return answer


def test_buffers_of_any_real_type_are_kept() -> None:
    for kind in (torch.bfloat16, torch.float64, torch.int64, torch.bool):
        known = torch.tensor([0, 1], dtype=kind)
        (run,) = seedbed.train(lambda known=known: Buffered(known), RECIPE, DATASET, seeds=1)
        assert run.weights is not None
        np.testing.assert_array_equal(run.weights["known"], [0, 1])


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(lambda: Buffered(torch.zeros(2, dtype=torch.complex64)), id="complex"),
        pytest.param(lambda: Buffered(nn.UninitializedBuffer()), id="no size"),
        pytest.param(lambda: Buffered(None), id="another buffer"),
        pytest.param(lambda: ALWAYS, id="same module"),
    ],
)
def test_buffers_and_functions_that_cannot_be_used_are_refused(
    given: Callable[[], nn.Module], sentence: Sentence
) -> None:
    with pytest.raises(NetworkError) as error:
        seedbed.train(given, RECIPE, DATASET, seeds=1)
    assert error.value.where == "<lambda>"
    sentence(error.value)


ALWAYS: nn.Module = make_resnet8(3, width=2)


def by_python() -> float:
    return random.random()


def by_numpy() -> float:
    return float(np.random.rand())  # noqa: NPY002 # as a user's module might


@pytest.mark.parametrize("draw", [by_python, by_numpy])
def test_what_python_and_numpy_draw_is_noticed(draw: Callable[[], float]) -> None:
    class Drawing(Linear):
        def forward(self, images: Tensor) -> Tensor:
            answer: Tensor = self.fc(images.flatten(1))
            return answer * draw() if self.training else answer

    assert as_network(Drawing, 3).draws((12, 10, 3))
    assert not as_network(Linear, 3).draws((12, 10, 3))


def broken_when_evaluated(logits: Tensor, training: bool) -> Tensor:
    if not training and len(logits) > 2:
        raise ValueError("no idea\nwhat to do")
    return logits


@pytest.mark.parametrize(
    ("module", "where", "facts"),
    [
        pytest.param(
            nn.Sequential(nn.Flatten(), nn.Linear(360, 3), nn.BatchNorm1d(3)),
            "Sequential",
            ("1 image:", "ValueError:"),
            id="single image",
        ),
        pytest.param(
            Linear(lambda logits, _: logits.detach()),
            "Linear",
            ("89 images:", "RuntimeError:"),
            id="no gradient",
        ),
        pytest.param(
            Linear(lambda logits, _: logits.exp().mul_(2)),
            "Linear",
            ("89 images:", "RuntimeError:"),
            id="changed in place",
        ),
        pytest.param(
            Linear(broken_when_evaluated),
            "Linear",
            ("8 images:", "ValueError: no idea what to do"),
            id="evaluation",
        ),
    ],
)
def test_an_error_of_a_module_is_reported_with_the_batch(
    module: nn.Module, where: str, facts: tuple[str, ...]
) -> None:
    error = _failure(module)
    assert error.where == where
    for fact in facts:
        assert fact in error.what
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (Linear(lambda logits, _: logits.squeeze()), "1×3 logits"),
        (Linear(lambda logits, _: logits[:, : 3 if len(logits) == 2 else 2]), "89×3 logits"),
    ],
)
def test_logits_of_another_shape_are_refused(module: nn.Module, expected: str) -> None:
    error = _failure(module)
    assert error.where == "Linear"
    assert error.expected == expected


def test_the_sentences_about_modules_that_fail(sentence: Sentence) -> None:
    sentence(_failure(Linear(broken_when_evaluated)))
    sentence(_failure(Linear(lambda logits, _: logits.squeeze())))


def _failure(module: nn.Module) -> NetworkError:
    odd = Recipe(epochs=1, batch_size=89)  # the second batch is a single image
    with pytest.raises(NetworkError) as error:
        seedbed.train(module, odd, DATASET, seeds=1, threads=1)
    return error.value


def test_no_module_is_asked_about_no_images() -> None:
    (run,) = seedbed.train(Linear(), RECIPE, DATASET, seeds=1)  # its view() would refuse them
    assert len(run.history) == RECIPE.epochs


def test_what_cannot_be_is_refused_before_training(sentence: Sentence) -> None:
    with pytest.raises(UnsupportedLayer) as unsupported:
        seedbed.train(PLAIN, RECIPE, DATASET, seeds=1, engine="native")
    sentence(unsupported.value)
    normal = Recipe(initialization="he-normal")
    with pytest.raises(NetworkError) as error:
        seedbed.train(PLAIN, normal, DATASET, seeds=1)
    assert "'he-normal'" in error.value.what
    sentence(error.value)
