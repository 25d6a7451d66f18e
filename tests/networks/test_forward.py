"""The forward pass in NumPy, against PyTorch and against the engine."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import reference
from kernels import engine_logits, task_of, weights_of
from odd_blocks import DROPOUTS
from odd_networks import ODD_NETWORKS
from seedbed.core.seeds import stream
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.modules import NetworkModule
from seedbed.networks.forward import forward
from seedbed.networks.layers import (
    Activation,
    BatchNorm2d,
    ClassToken,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TransformerBlock,
)
from seedbed.networks.network import Network
from short_layers import conv, linear


def inputs(height: int, width: int, channels: int) -> NDArray[np.float32]:
    return stream(1, "order").normal(size=(3, channels, height, width)).astype(np.float32)


@pytest.mark.parametrize("name", ODD_NETWORKS)
def test_logits_are_those_of_pytorch(name: str) -> None:
    image_shape, layers = ODD_NETWORKS[name]
    network = Network(name, layers)
    weights = network.initial_weights(image_shape, stream(0, "initialization"))
    images = inputs(*image_shape)
    expected = reference.logits(network, image_shape, weights, images)
    found = forward(network, weights, images).logits
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_linear_layer_may_have_no_bias() -> None:
    network = Network("test", (Flatten(), Linear(None, 3, bias=False)))
    weights = network.initial_weights((2, 3, 1), stream(0, "initialization"))
    images = inputs(2, 3, 1)
    assert weights.keys() == {"fc1.weight"}
    expected = NetworkModule(network, (2, 3, 1))
    expected.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    found = forward(network, weights, images).logits
    product = images.reshape(3, -1) @ weights["fc1.weight"].T
    np.testing.assert_allclose(found, product, rtol=1e-5)
    np.testing.assert_allclose(expected(torch.tensor(images)).detach(), product, rtol=1e-5)


@pytest.mark.parametrize("name", DROPOUTS)
def test_nothing_is_dropped(name: str) -> None:
    layers = DROPOUTS[name]
    without = tuple(each for each in layers if type(each).__name__ != "Dropout")
    weights = Network("test", layers).initial_weights((10, 10, 3), stream(0, "initialization"))
    images = inputs(10, 10, 3)
    found = forward(Network("test", layers), weights, images).logits
    expected = forward(Network("test", without), weights, images).logits
    np.testing.assert_array_equal(found, expected)


_STEM: tuple[Layer, ...] = (
    conv(6, 3, padding=1),
    Activation("relu"),
    MaxPool2d(2),
    PatchEmbedding(12, 2),
    ClassToken(),
    PositionEncoding(),
    TransformerBlock(3, 20),
    TransformerBlock(2, 9),
    LayerNorm(),
    TakeClassToken(),
    linear(3),
)


def test_logits_are_those_of_the_engine() -> None:
    task = task_of(*_STEM, image_shape=(12, 8, 3))
    weights, images = weights_of(task), task.dataset.test.images[:5]
    normalization = task.dataset.train.normalization()
    normal = reference.normalize(images, normalization.mean, normalization.std)
    found = forward(task.network, weights, normal)
    expected = engine_logits(NativeEngine(), task, weights, images)
    np.testing.assert_allclose(found.logits, expected, rtol=1e-4, atol=1e-5)
    assert [each.shape for each in found.attention] == [(5, 3, 7, 7), (5, 2, 7, 7)]


def test_attention_is_that_of_pytorch() -> None:
    width, heads, tokens = 12, 3, 4
    layer = nn.TransformerEncoderLayer(
        width, heads, 20, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    ).double()
    embedding = nn.Conv2d(1, width, 2, stride=2).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(3))
        images = torch.tensor(inputs(4, 4, 1), dtype=torch.float64)
        normalized = layer.norm1(embedding(images).flatten(2).transpose(1, 2))
        _, expected = layer.self_attn(
            normalized, normalized, normalized, average_attn_weights=False
        )
    network = Network(
        "test", (PatchEmbedding(width, 2), TransformerBlock(heads, 20), TakeClassToken(), linear(2))
    )
    weights = {
        **{
            f"patches1.{name}": each.detach().numpy()
            for name, each in embedding.state_dict().items()
        },
        **{f"block1.{name}": each.detach().numpy() for name, each in layer.state_dict().items()},
        "fc1.weight": np.zeros((2, width)),
        "fc1.bias": np.zeros(2),
    }
    (found,) = forward(network, weights, images.numpy()).attention
    assert found.shape == (3, heads, tokens, tokens)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-10, atol=1e-12)


class _Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6)
        )
        self.shortcut = nn.Sequential(nn.Conv2d(4, 6, 1, stride=2, bias=False), nn.BatchNorm2d(6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.branch(x) + self.shortcut(x)
        return answer


def test_batch_norm_and_residuals_are_those_of_pytorch() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), _Residual()).double().eval()
    head = nn.Linear(6, 2).double()
    state = {}
    generator = torch.Generator().manual_seed(5)
    for name, values in module.state_dict().items():
        if values.is_floating_point():
            values.copy_(torch.rand(values.shape, generator=generator, dtype=torch.float64) + 0.1)
            state[name] = values.numpy()
    images = torch.tensor(inputs(9, 7, 3), dtype=torch.float64)
    with torch.no_grad():
        expected = head(module(images).mean(dim=(2, 3))).numpy()
    names = {
        "0.": "conv1.",
        **{
            f"2.{way}.{place}.": f"residual1.{way}.{name}."
            for way in ("branch", "shortcut")
            for place, name in enumerate(("conv1", "bn1"))
        },
    }
    weights = {
        new + name.removeprefix(old): values
        for old, new in names.items()
        for name, values in state.items()
        if name.startswith(old)
    }
    weights |= {f"fc1.{name}": each.numpy() for name, each in head.state_dict().items()}
    branch = (conv(6, 3, stride=2, padding=1, bias=False), BatchNorm2d())
    shortcut = (conv(6, 1, stride=2, bias=False), BatchNorm2d())
    layers = (
        conv(4, 3),
        Activation("relu"),
        Residual(branch, shortcut),
        GlobalAvgPool2d(),
        linear(2),
    )
    found = forward(Network("test", layers), weights, images.numpy()).logits
    np.testing.assert_allclose(found, expected, rtol=1e-10)
