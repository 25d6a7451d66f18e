"""Networks against the shapes and names that PyTorch itself arrives at."""

import json

import pytest
import torch

import reference
from seedbed.core.errors import NetworkError
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    ClassToken,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Layer,
    LayerNorm,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8, vit, vit_lite
from sentences import Sentence
from short_layers import conv, linear

NETWORKS: list[tuple[Network, tuple[int, int, int]]] = [
    (lenet5(), (28, 28, 1)),
    (lenet5(7, activation="elu"), (31, 8, 3)),
    (Network("linear", (Flatten(), linear(3))), (5, 4, 3)),
    (
        Network(
            "strides",
            (
                conv(5, 3, stride=2, padding=1),
                Activation("tanh"),
                MaxPool2d(3, stride=2),
                conv(4, 2),
                AvgPool2d(2, stride=1),
                Flatten(),
                linear(9),
                Activation("leaky-relu", negative_slope=0.2),
                linear(2),
            ),
        ),
        (19, 22, 2),
    ),
    (lenet5(dropout=0.25), (28, 28, 1)),
    (Network("dropouts", (Dropout(0.5), conv(2, 2), Dropout(0.1), Flatten())), (5, 4, 3)),
    (vit(), (28, 28, 1)),
    (vit(3, patch_size=2, pool="mean", pos_embed="sinusoidal", dropout=0.1), (4, 6, 3)),
    (Network("features", (Flatten(), LayerNorm(), linear(2))), (5, 4, 3)),
    (resnet8(3, width=4), (13, 12, 3)),
    (vit_lite(), (32, 32, 3)),
    (
        Network(
            "residual",
            (
                Residual((conv(3, 2, bias=False),), (AvgPool2d(2, 1), conv(3, 1))),
                Residual((BatchNorm2d(), Activation("relu"), Dropout(0.5))),
                GlobalAvgPool2d(),
            ),
        ),
        (5, 4, 1),
    ),
    (Network("remainders", (Pad(13), MaxPool2d(4), conv(2, 1), AvgPool2d(2))), (12, 9, 1)),
]


@pytest.mark.parametrize(("network", "image_shape"), NETWORKS, ids=lambda value: str(value)[:30])
def test_shapes_and_parameters_are_those_of_the_obvious_module(
    network: Network, image_shape: tuple[int, int, int]
) -> None:
    module = reference.ReferenceNetwork(network, image_shape)
    height, width, channels = image_shape
    value = torch.zeros(2, channels, height, width)
    shapes = []
    for child in module.children():
        value = child(value)
        shapes.append(tuple(value.shape[1:]))
    assert network.shapes(image_shape) == tuple(shapes)
    for found, expected in (
        (network.parameters(image_shape), module.named_parameters()),
        (network.buffers(image_shape), module.named_buffers()),
    ):
        # The sine table of fixed positions is made again, not kept.
        assert found == {
            name: tuple(value.shape) for name, value in expected if not name.endswith("table")
        }
    assert network.layer_names == tuple(name for name, _ in module.named_children())


@pytest.mark.parametrize(("network", "_"), NETWORKS, ids=lambda value: str(value)[:30])
def test_a_network_survives_json(network: Network, _: object) -> None:
    assert Network.from_dict(json.loads(json.dumps(network.to_dict()))) == network


def test_networks_are_values() -> None:
    assert lenet5() == lenet5()
    assert hash(lenet5()) == hash(lenet5())
    assert lenet5(activation="elu", alpha=1) == lenet5(activation="elu", alpha=1.0)
    assert lenet5() != lenet5(activation="tanh")
    assert lenet5(dropout=0.5) != lenet5()
    assert vit(drop_path=0) == vit(drop_path=0.0)
    assert MaxPool2d(2) == MaxPool2d(2, stride=2)


def test_an_odd_difference_pads_more_at_the_bottom_and_at_the_right() -> None:
    padded = reference.ReferenceNetwork(Network("pad", (Pad(4),)), (3, 3, 1))(
        torch.ones(1, 1, 3, 3)
    )
    assert padded[0, 0].sum(0).tolist() == [3, 3, 3, 0]
    assert padded[0, 0].sum(1).tolist() == [3, 3, 3, 0]


@pytest.mark.parametrize(
    ("layers", "image_shape", "layer"),
    [
        pytest.param((Pad(32),), (33, 28, 1), "pad1", id="pad"),
        pytest.param((linear(3),), (4, 4, 1), "fc1", id="linear after an image"),
        pytest.param((Flatten(), conv(1, 1)), (4, 4, 1), "conv1", id="convolution of features"),
        pytest.param((Flatten(), Flatten()), (4, 4, 1), "flatten2", id="flatten twice"),
        pytest.param((conv(2, 5),), (4, 9, 1), "conv1", id="window"),
        pytest.param(
            (PatchEmbedding(64, 5), ClassToken()), (28, 28, 1), "patches1", id="two divisors"
        ),
        pytest.param((PatchEmbedding(4, 2),), (6, 7, 1), "patches1", id="one divisor"),
        pytest.param(
            (PatchEmbedding(64, 7), ClassToken(), TransformerBlock(3, 9)),
            (28, 28, 1),
            "block1",
            id="heads",
        ),
        pytest.param((TransformerBlock(1, 1),), (4, 4, 1), "block1", id="block of an image"),
        pytest.param((Flatten(), TokenMean()), (4, 4, 1), "mean1", id="token mean of features"),
        pytest.param(
            (PositionEncoding(), PatchEmbedding(4, 2)), (4, 4, 1), "positions1", id="positions"
        ),
        pytest.param((LayerNorm(),), (4, 4, 1), "norm1", id="layer norm of an image"),
        pytest.param(
            (PatchEmbedding(8, 2), TakeClassToken()), (4, 4, 1), "take1", id="no class token"
        ),
        pytest.param((PatchEmbedding(8, 2), linear(3)), (4, 4, 1), "fc1", id="linear of tokens"),
        pytest.param((PatchEmbedding(8, 2), Flatten()), (4, 4, 1), "flatten1", id="flat tokens"),
        pytest.param(
            (PatchEmbedding(8, 2), conv(3, 1)), (4, 4, 1), "conv1", id="convolution of tokens"
        ),
        pytest.param((Flatten(), BatchNorm2d()), (4, 4, 1), "bn1", id="batch norm of features"),
        pytest.param((conv(6, 1), GroupNorm(4)), (4, 4, 1), "gn1", id="groups"),
        pytest.param(
            (conv(6, 3), Residual((conv(6, 1), conv(6, 5)))),
            (6, 6, 1),
            "residual1",
            id="inside a branch",
        ),
        pytest.param(
            (Residual((conv(6, 3, padding=1),), (conv(6, 1, stride=2),)),),
            (6, 6, 1),
            "residual1",
            id="branch and shortcut",
        ),
        pytest.param(
            (conv(3, 5), MaxPool2d(2), AvgPool2d(13)), (28, 28, 1), "pool2", id="third layer"
        ),
    ],
)
def test_a_layer_that_does_not_fit_is_named_with_the_shapes_before_it(
    layers: tuple[Layer, ...], image_shape: tuple[int, int, int], layer: str, sentence: Sentence
) -> None:
    with pytest.raises(NetworkError) as error:
        Network("net", layers).shapes(image_shape)
    assert error.value.where == "net"
    assert error.value.what.startswith(f"{layer} ")
    assert error.value.what.endswith(f" → {layer}")
    sentence(error.value)


def test_the_logits_must_match_the_classes(sentence: Sentence) -> None:
    lenet5(10).check((28, 28, 1), num_classes=10)
    with pytest.raises(NetworkError) as error:
        lenet5(10).check((28, 28, 1), num_classes=26)
    assert error.value.where == "lenet5"
    assert {"fc3,", "10", "26"} <= set(error.value.what.split())
    sentence(error.value)
    with pytest.raises(NetworkError) as error:
        Network("flat", (conv(6, 5),)).check((28, 28, 1), num_classes=6)
    assert {"conv1,", "6×24×24", "6"} <= set(error.value.what.split())
