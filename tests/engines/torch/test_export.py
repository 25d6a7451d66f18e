"""Exported networks, read back by what would run them."""

import io
from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from kernels import engine_logits, random_splits
from seedbed.core.errors import MissingExtra, NetworkError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.images import Normalization
from seedbed.engines.torch.engine import TorchEngine
from seedbed.engines.torch.export import Program, export, trained_module
from seedbed.networks.network import Network
from seedbed.networks.user_module import as_network
from seedbed.networks.zoo import lenet5, resnet8, vit
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from sentences import Sentence
from user_modules import make_resnet8

SHAPE = (8, 8, 3)
DATASET = random_splits(SHAPE)
NETWORKS: dict[str, Callable[[], Network]] = {
    "lenet5": lambda: lenet5(3, dropout=0.2),
    "resnet8": lambda: resnet8(3, width=2),
    "vit": lambda: vit(3, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_dim=8),
    "own": lambda: as_network(lambda: make_resnet8(3, width=2, dropout=0.5), 3),
}


def program(network: Network) -> tuple[Program, NDArray[np.float32]]:
    """Return it, and the logits of the test images by the engine."""
    weights = network.initial_weights(SHAPE, stream(0, "initialization"))
    task = RunTask(network, Recipe(), DATASET, seeds=Seeds(run=0))
    logits = engine_logits(TorchEngine(), task, weights, DATASET.test.images)
    module = trained_module(network, SHAPE, weights)
    return Program(module, DATASET.train.normalization()), logits


def pixels(count: int) -> NDArray[np.float32]:
    images = DATASET.test.images[:count].transpose(0, 3, 1, 2) / 255
    return images.astype(np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_torch_program_gives_the_logits_of_any_number_of_images(name: str) -> None:
    made, logits = program(NETWORKS[name]())
    contents = export("torch", made, DATASET.test.images, logits)
    again = torch.export.load(io.BytesIO(contents)).module()
    for count in (1, 2, 7):
        with torch.no_grad():
            found = again(torch.tensor(pixels(count))).numpy()
        np.testing.assert_allclose(found, logits[:count], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["vit", "own"])
def test_onnx_gives_the_logits_of_any_number_of_images(name: str) -> None:
    made, logits = program(NETWORKS[name]())
    contents = export("onnx", made, DATASET.test.images, logits)
    session = onnxruntime.InferenceSession(contents, providers=["CPUExecutionProvider"])
    for count in (1, 2, 7):
        (found,) = session.run(["logits"], {"images": pixels(count)})
        np.testing.assert_allclose(found, logits[:count], rtol=0, atol=1e-5)


def test_logits_that_differ_from_the_stored_ones_are_an_error(sentence: Sentence) -> None:
    made, logits = program(NETWORKS["lenet5"]())
    with pytest.raises(NetworkError) as error:
        export("torch", made, DATASET.test.images, logits + np.float32(0.1))
    assert "0.1" in error.value.what
    made.std *= np.nan
    with pytest.raises(NetworkError) as error:
        export("torch", made, DATASET.test.images, logits)
    assert "nan" in error.value.what
    sentence(error.value)


def test_what_pytorch_cannot_export_is_refused_in_one_line() -> None:
    class Odd(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.flatten(1)[:, : int(images.sum().item())]

    made = Program(Odd(), Normalization((0.0,) * 3, (1.0,) * 3))
    with pytest.raises(NetworkError) as error:
        export("torch", made, DATASET.test.images, np.zeros((40, 3), np.float32))
    assert error.value.where == "Odd"
    assert "\n" not in str(error.value)


def test_without_onnx_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made, logits = program(NETWORKS["lenet5"]())
    monkeypatch.setattr("seedbed.engines.torch.export.find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as error:
        export("onnx", made, DATASET.test.images, logits)
    assert error.value.extra == "onnx"


def test_weights_of_another_network_are_refused() -> None:
    network = resnet8(3, width=2)
    weights = network.initial_weights(SHAPE, stream(0, "initialization"))
    with pytest.raises(NetworkError) as error:
        trained_module(resnet8(3, width=3), SHAPE, weights)
    assert "'conv1.weight'" in error.value.what
    assert error.value.expected == "3×3×3×3"
