"""Memory: a network that cannot fit is rejected before any of it is taken."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from seedbed import Conv2d, Flatten, Linear, Network, Recipe, train
from seedbed.core.errors import NetworkError, UnsupportedLayer
from seedbed.data.catalog import load_dataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.zoo import vit_lite
from seedbed.training.memory import least_memory

IMAGE = (8, 8, 1)
HUGE = {
    "wide": (Flatten(), Linear(out_features=2**31), Linear(out_features=10)),
    "padded": (
        Conv2d(out_channels=4, kernel_size=3, padding=10**6),
        Flatten(),
        Linear(out_features=10),
    ),
    "strided": (
        Conv2d(out_channels=1, kernel_size=1, stride=10**6, padding=10**6),
        Flatten(),
        Linear(out_features=10),
    ),
    "many channels": (
        Conv2d(out_channels=10**9, kernel_size=8),
        Flatten(),
        Linear(out_features=10),
    ),
}


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("engine", ["native", "torch", "auto"])
def test_a_network_larger_than_the_machine_is_rejected_at_once(name: str, engine: str) -> None:
    started = time.perf_counter()
    with pytest.raises(NetworkError) as error:
        train(Network(name, HUGE[name]), Recipe(epochs=1), load_dataset("digits"), 1, engine=engine)
    assert error.value.where == name
    assert time.perf_counter() - started < 20


def test_what_the_kernels_cannot_address_is_not_supported() -> None:
    network = vit_lite()
    with pytest.raises(UnsupportedLayer) as error:
        NativeEngine().check_network(network, (300, 300, 1))
    assert error.value.where == "vit-lite"


def test_it_counts_weights_their_copies_and_the_largest_layer() -> None:
    network = Network("one", (Flatten(), Linear(out_features=100), Linear(out_features=10)))
    weights = 64 * 100 + 100 + 100 * 10 + 10
    adam = Recipe(optimizer="adam", batch_size=32)
    assert least_memory(network, IMAGE, adam, 16) == 4 * (4 * weights + 2 * 16 * 100)
    assert least_memory(network, IMAGE, adam, None) == 4 * (4 * weights + 2 * 32 * 100)
    kept = Recipe(optimizer="sgd", momentum=0, ema_decay=0.9, batch_size=8)
    assert least_memory(network, IMAGE, kept, 16) == 4 * (3 * weights + 2 * 8 * 100)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
def test_a_run_takes_at_least_that_much() -> None:
    code = """
from seedbed import Flatten, Linear, Network, Recipe, load_dataset, train
from seedbed.training.memory import least_memory
data = load_dataset("digits")
def peak():
    # Not getrusage, whose peak begins with that of the process that started this one.
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
small = Network("small", (Flatten(), Linear(out_features=2), Linear(out_features=10)))
large = Network("large", (Flatten(), Linear(out_features=300_000), Linear(out_features=10)))
recipe = Recipe(epochs=1, batch_size=64, train_size=64)
train(small, recipe, data, 1, engine="native")
before = peak()
train(large, recipe, data, 1, engine="native")
print(peak() - before, least_memory(large, data.image_shape, recipe, 16))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    taken, least = map(int, done.stdout.split())
    assert least <= taken <= 4 * least
