"""TF32 rounds in training steps alone, and a device that has no such numbers is refused."""

import threading
from threading import Event

import numpy as np
import pytest
import torch
from torch import nn

from kernels import Recorder, random_splits
from own_networks import make_resnet8
from seedbed.errors import StudyError
from seedbed.networks.own import own_network
from seedbed.networks.zoo import lenet5
from seedbed.training import torch_engine
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Precision, Recipe
from seedbed.training.torch_engine import TorchEngine
from seedbed.training.torch_settings import our_settings, tf32

DATASET = random_splits((8, 8, 3), train=90)


def task(precision: Precision) -> RunTask:
    recipe = Recipe(epochs=2, batch_size=20, learning_rate=0.01, precision=precision)
    return RunTask(lenet5(3), recipe, DATASET, seed=0)


def allowed() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


class Watching(nn.Module):
    """Keeps what is allowed while it trains, and while it is evaluated."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[bool, bool, bool]] = set()
        self.fc = nn.Linear(192, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen.add((self.training, *allowed()))
        answer: torch.Tensor = self.fc(images.flatten(1))
        return answer


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_tf32_is_allowed_in_training_steps_alone(precision: Precision) -> None:
    before = allowed()
    made = []

    def make() -> nn.Module:
        made.append(Watching())
        return made[-1]

    recipe = Recipe(epochs=2, batch_size=20, precision=precision)
    watched = RunTask(own_network(make, 3), recipe, DATASET, seed=0)
    TorchEngine().train([watched], Recorder(), threads=1, stop=Event())
    rounds = precision == "tf32"
    at_work = [each.seen for each in made if len(each.seen) > 1]
    assert {(True, rounds, rounds), (False, False, False)} in at_work
    assert allowed() == before


def test_who_wants_it_otherwise_waits() -> None:
    before, asked, found = allowed(), Event(), []

    def evaluate() -> None:
        asked.set()
        with tf32(allowed=False):
            found.append(allowed())

    with our_settings():
        other = threading.Thread(target=evaluate)
        with tf32(allowed=True):
            other.start()
            asked.wait()
            with tf32(allowed=True):  # who wants the same does not wait
                assert allowed() == (True, True)
            assert allowed() == (True, True)
            other.join(0.2)
            assert not found
        other.join()
        assert found == [(False, False)]
        with pytest.raises(ZeroDivisionError), tf32(allowed=True):
            raise ZeroDivisionError
        assert allowed() == (False, False)
    assert allowed() == before


def test_a_device_without_such_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    TorchEngine().check(task("bfloat16"))
    with pytest.raises(StudyError) as caught:
        TorchEngine().check(task("tf32"))
    assert str(caught.value) == (
        "recipe.precision: TF32 is a format of NVIDIA's GPUs, not of 'cpu'; "
        "expected float32 or bfloat16"
    )
    gpus = [torch.device("cuda:0"), torch.device("cuda:1")]
    monkeypatch.setattr(torch_engine, "_devices", lambda _: gpus)
    generations = {gpus[0]: (9, 0), gpus[1]: (7, 5)}
    monkeypatch.setattr(torch.cuda, "get_device_capability", generations.__getitem__)
    for precision in ("tf32", "bfloat16"):
        with pytest.raises(StudyError, match=rf"cuda:1 has no {precision}: .* this one is of 7\.5"):
            TorchEngine("cuda").check(task(precision))
    TorchEngine("cuda").check(task("float32"))
    generations[gpus[1]] = (8, 0)
    TorchEngine("cuda").check(task("tf32"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")
@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_a_gpu_learns_about_the_same_with_rounded_products(precision: Precision) -> None:
    network = own_network(lambda: make_resnet8(3, width=4), 3)
    weights = []
    for each in ("float32", precision):
        recorder = Recorder()
        recipe = Recipe(epochs=1, batch_size=90, learning_rate=0.01, precision=each)
        TorchEngine("cuda").train(
            [RunTask(network, recipe, DATASET, seed=0)], recorder, threads=1, stop=Event()
        )
        result = recorder.results[0].weights
        assert result is not None
        weights.append(np.concatenate([array.ravel() for array in result.values()]))
    exact, rounded = weights
    assert 0 < np.linalg.norm(rounded - exact) < 0.05 * np.linalg.norm(exact)
