"""The benchmarks compare like with like, and leave no process behind."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.analysis import TABLES
from benchmarks.large_study import STUDY
from benchmarks.measured import Measured, interleaved
from benchmarks.workers.native import operations_an_image
from benchmarks.workers.process import Worker
from benchmarks.workers.pytorch import lenet5 as pytorch_lenet5
from benchmarks.workers.pytorch import resnet8 as pytorch_resnet8
from torch import nn

from reference import ReferenceNetwork
from seedbed.cli.main import main
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8
from summaries import write_study

MNIST = (28, 28, 1)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    axes = STUDY.partition("batch_size = 128")[2]
    return write_study(tmp_path_factory.mktemp("bench"), seeds=1, epochs=1, axes=axes)


def test_contenders_take_turns_and_the_first_round_is_thrown_away() -> None:
    calls: list[str] = []

    def measure(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    measured = interleaved({"A": lambda: measure("A"), "B": lambda: measure("B")}, rounds=2)

    assert "".join(calls) == "ABABAB"
    assert measured == {"A": Measured((3.0, 5.0)), "B": Measured((4.0, 6.0))}


def test_a_ratio_compares_times_of_the_same_round() -> None:
    # Everything took ten times as long in the second round.
    ratio = Measured((4.0, 40.0, 4.2)).per(Measured((2.0, 20.0, 2.0)))

    assert ratio.text() == "2.00 (2.00–2.10)"


@pytest.mark.parametrize(
    ("model", "network", "image_shape"),
    [(pytorch_lenet5, lenet5, MNIST), (pytorch_resnet8, resnet8, (32, 32, 3))],
)
def test_pytorch_trains_the_same_network(
    model: Callable[[], nn.Module],
    network: Callable[[], Network],
    image_shape: tuple[int, int, int],
) -> None:
    theirs, reference = model(), ReferenceNetwork(network(), image_shape)
    shapes = [tuple(each.shape) for each in theirs.parameters()]
    assert shapes == list(network().parameters(image_shape).values())

    state = [v for name, v in theirs.state_dict().items() if not name.endswith("tracked")]
    reference.load_state_dict(dict(zip(reference.state_dict(), state, strict=True)))
    height, width, channels = image_shape
    images = torch.rand(4, channels, height, width, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        np.testing.assert_allclose(theirs(images), reference(images), atol=1e-6)


def test_operations_are_those_of_the_products_without_the_gradient_of_the_image() -> None:
    first = 6 * 28 * 28 * 25
    others = 16 * 10 * 10 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10

    assert operations_an_image(lenet5(), MNIST) == 2 * (2 * first + 3 * others)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_that_is_measured_can_be_made(
    study: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", str(study), *TABLES[name]]) == 0
    assert capsys.readouterr().out


def test_a_worker_ends_with_its_block() -> None:
    with Worker("numpy_gemm", 1) as worker:
        assert worker.call("gemm") > 0
    assert not worker.running


def test_a_worker_is_ended_in_the_middle_of_its_work() -> None:
    worker = Worker("numpy_gemm", 1)

    def interrupted() -> None:
        with worker:
            worker.ask("gemm")
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not worker.running
    assert time.monotonic() - start < 5


def test_a_worker_that_fails_is_named() -> None:
    with Worker("numpy_gemm", 1) as worker, pytest.raises(RuntimeError, match="numpy_gemm"):
        worker.call("no such task")
