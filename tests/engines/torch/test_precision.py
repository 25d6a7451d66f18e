"""TF32 rounds in training steps alone, and a device that has no such numbers is refused."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from kernels import Recorder, random_splits
from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.engines.torch import engine as torch_engine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.engines.torch.settings import products
from seedbed.networks.user_module import as_network
from seedbed.networks.zoo import lenet5
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Precision, Recipe
from sentences import Sentence
from user_modules import make_resnet8

DATASET = random_splits((8, 8, 3), train=90)


def task(precision: Precision) -> RunTask:
    recipe = Recipe(epochs=2, batch_size=20, learning_rate=0.01, precision=precision)
    return RunTask(lenet5(3), recipe, DATASET, seeds=Seeds(run=0))


def now() -> list[str]:
    backends: Any = torch.backends
    switches = (
        backends.cuda.matmul,
        backends.cudnn.conv,
        backends.cudnn.rnn,
        backends.mkldnn.matmul,
        backends.mkldnn.conv,
        backends.mkldnn.rnn,
    )
    return [each.fp32_precision for each in switches]


WHOLE = ["ieee"] * 6
TF32 = ["tf32"] * 3 + ["ieee"] * 3


class Watching(nn.Module):
    """Keeps what is set while it trains, and while it is evaluated."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[bool, list[str]] = {}
        self.fc = nn.Linear(192, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen[self.training] = now()
        answer: torch.Tensor = self.fc(images.flatten(1))
        return answer


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_tf32_is_allowed_in_training_steps_alone(precision: Precision) -> None:
    before = now()
    made: list[Watching] = []

    def make() -> nn.Module:
        made.append(Watching())
        return made[-1]

    recipe = Recipe(epochs=2, batch_size=20, precision=precision)
    watched = RunTask(as_network(make, 3), recipe, DATASET, seeds=Seeds(run=0))
    TorchEngine().train([watched], Recorder(), threads=1, stop=Event())
    trained = TF32 if precision == "tf32" else WHOLE
    assert {True: trained, False: WHOLE} in [each.seen for each in made]
    assert now() == before


@pytest.mark.parametrize("before", ["legacy", "medium", "matmul", "global", "cpu"])
def test_whatever_was_set_before_is_set_afterwards(before: str) -> None:
    """In a process of its own: PyTorch does not give its defaults back."""
    told = {
        "legacy": "torch.backends.cudnn.allow_tf32 = False",
        "medium": "torch.set_float32_matmul_precision('medium')",
        "matmul": "torch.backends.cuda.matmul.fp32_precision = 'tf32'",
        "global": "torch.backends.fp32_precision = 'tf32'",
        "cpu": "torch.backends.mkldnn.matmul.fp32_precision = 'bf16'",
    }
    script = f"""
import torch
{told[before]}
from seedbed.engines.torch.settings import products
from test_precision import TF32, WHOLE, now
def legacy():
    try:
        return torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    except RuntimeError:
        return "mixed"
found = now(), legacy()
with products(tf32=True):
    assert now() == TF32, now()
with products(tf32=False):
    assert now() == WHOLE, now()
assert (now(), legacy()) == found, (now(), legacy(), found)
"""
    folders = [str(Path(__file__).parent), *sys.path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def test_who_wants_it_otherwise_waits() -> None:
    before, asked, found = now(), Event(), []

    def evaluate() -> None:
        asked.set()
        with products(tf32=False):
            found.append(now())

    other = threading.Thread(target=evaluate)
    with products(tf32=True):
        other.start()
        asked.wait()
        with products(tf32=True):  # who wants the same does not wait
            assert now() == TF32
        other.join(0.2)
        assert not found
        assert now() == TF32
    other.join()
    assert found == [WHOLE]
    with pytest.raises(ZeroDivisionError), products(tf32=True):
        raise ZeroDivisionError
    assert now() == before


def test_a_device_without_such_numbers_is_refused(
    monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    TorchEngine().check(task("bfloat16"))
    with pytest.raises(StudyError) as error:
        TorchEngine().check(task("tf32"))
    assert error.value.where == "recipe.precision"
    assert error.value.expected == "float32 or bfloat16"
    sentence(error.value)
    gpus = [torch.device("cuda:0"), torch.device("cuda:1")]
    monkeypatch.setattr(torch_engine, "_devices", lambda _: gpus)
    generations = {gpus[0]: (9, 0), gpus[1]: (7, 5)}
    monkeypatch.setattr(torch.cuda, "get_device_capability", generations.__getitem__)
    for precision in ("tf32", "bfloat16"):
        with pytest.raises(StudyError) as error:
            TorchEngine("cuda").check(task(precision))
        assert error.value.expected == "float32"
        for fact in ("cuda:1", precision, "7.5"):
            assert fact in error.value.what
    sentence(error.value)
    TorchEngine("cuda").check(task("float32"))
    generations[gpus[1]] = (8, 0)
    TorchEngine("cuda").check(task("tf32"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")
@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_a_gpu_learns_about_the_same_with_rounded_products(precision: Precision) -> None:
    network = as_network(lambda: make_resnet8(3, width=4), 3)
    weights = []
    for each in ("float32", precision):
        recorder = Recorder()
        recipe = Recipe(epochs=1, batch_size=90, learning_rate=0.01, precision=each)
        TorchEngine("cuda").train(
            [RunTask(network, recipe, DATASET, seeds=Seeds(run=0))],
            recorder,
            threads=1,
            stop=Event(),
        )
        result = recorder.results[0].weights
        assert result is not None
        weights.append(np.concatenate([array.ravel() for array in result.values()]))
    exact, rounded = weights
    assert 0 < np.linalg.norm(rounded - exact) < 0.05 * np.linalg.norm(exact)
