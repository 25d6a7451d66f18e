"""Features are what the last layer of PyTorch's module is given."""

import numpy as np
import pytest
import torch

import reference
from kernels import engine_logits, task_of, weights_of
from seedbed.core.errors import NetworkError
from seedbed.engines.native.engine import NativeEngine
from seedbed.networks.features import features_as_logits
from seedbed.networks.layers import (
    Activation,
    Dropout,
    Flatten,
    Layer,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.network import Network
from short_layers import conv, linear

STACKS: dict[str, tuple[Layer, ...]] = {
    "convolution": (
        conv(4, 3),
        Flatten(),
        linear(17),
        Activation("tanh"),
        Dropout(0.5),
        linear(3),
    ),
    "transformer": (
        PatchEmbedding(12, 4),
        PositionEncoding(),
        TransformerBlock(3, 7),
        LayerNorm(),
        TokenMean(),
        linear(3),
    ),
    "pixels": (Flatten(), linear(3)),
}


@pytest.mark.parametrize("name", STACKS)
def test_features_are_what_the_last_layer_sees(name: str) -> None:
    task = task_of(*STACKS[name], image_shape=(8, 8, 1))
    weights, data = weights_of(task), task.dataset
    network, with_identity = features_as_logits(task.network, data.image_shape, weights)
    normalization = data.train.normalization()
    features = NativeEngine().logits(network, with_identity, data.test.images, normalization)
    images = reference.normalize(data.test.images, normalization.mean, normalization.std)
    module = reference.module(task.network, data.image_shape, weights).eval()
    *before, _ = module.children()
    with torch.no_grad():
        expected = torch.tensor(images)
        for layer in before:
            expected = layer(expected)
    np.testing.assert_allclose(features, expected.numpy(), rtol=1e-4, atol=1e-5)


def test_the_last_layer_hands_on_every_bit() -> None:
    task = task_of(*STACKS["convolution"], image_shape=(8, 8, 1))
    weights, data = weights_of(task), task.dataset
    engine = NativeEngine()
    network, with_identity = features_as_logits(task.network, data.image_shape, weights)
    normalization = data.train.normalization()
    features = engine.logits(network, with_identity, data.test.images, normalization)
    logits = engine_logits(engine, task, weights, data.test.images)
    expected = features @ weights["fc2.weight"].T + weights["fc2.bias"]
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-6)
    assert features.shape == (len(data.test), 17)


def test_a_network_that_does_not_end_with_a_linear_layer_is_refused() -> None:
    network = Network("odd", (Flatten(), linear(3), Activation("relu")))
    with pytest.raises(NetworkError) as caught:
        features_as_logits(network, (4, 4, 1), {})
    assert caught.value.where == "odd"
