"""Layers: their settings, sizes that are written out or inferred, and what is refused."""

import math
from collections.abc import Callable
from typing import get_args

import pytest

from kernels import ImageShape
from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks import layers
from seedbed.networks.layers import (
    LAYERS,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GroupNorm,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TransformerBlock,
)
from seedbed.networks.layers.activation import ActivationFunction
from seedbed.networks.layers.transformer.position_encoding import sinusoidal
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5
from sentences import Sentence
from short_layers import conv, linear


def test_every_layer_is_in_the_registry() -> None:
    assert LAYERS["MaxPool2d"] is MaxPool2d
    assert {kind.__name__ for kind in LAYERS.values()} == set(layers.__all__)


def test_a_sinusoidal_encoding_is_that_of_the_paper() -> None:
    encoding = sinusoidal(50, 6)
    assert encoding.shape == (50, 6)
    assert encoding[0].tolist() == [0, 1, 0, 1, 0, 1]
    for token, column in ((3, 2), (49, 4)):
        angle = token / 10000 ** (column / 6)
        assert encoding[token, column] == pytest.approx(math.sin(angle), abs=1e-6)
        assert encoding[token, column + 1] == pytest.approx(math.cos(angle), abs=1e-6)


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: conv(0, 3), "Conv2d out_channels"),
        (lambda: conv(4, 2.5), "Conv2d kernel_size"),  # type: ignore[arg-type]
        (lambda: conv(4, 3, stride=0), "Conv2d stride"),
        (lambda: conv(4, 3, padding=-1), "Conv2d padding"),
        (lambda: conv(4, 3, bias=1), "Conv2d bias"),  # type: ignore[arg-type]
        (lambda: Conv2d(0, 4, 3), "Conv2d in_channels"),
        (lambda: Conv2d(6, 5), "Conv2d kernel_size"),
        (lambda: Linear(120), "Linear out_features"),
        (lambda: Linear(True, 3), "Linear in_features"),
        (lambda: Linear(3, 3, bias=0), "Linear bias"),  # type: ignore[arg-type]
        (lambda: BatchNorm2d(0), "BatchNorm2d num_features"),
        (lambda: GroupNorm(0), "GroupNorm num_groups"),
        (lambda: GroupNorm(2, 0), "GroupNorm num_channels"),
        (lambda: LayerNorm(1.5), "LayerNorm normalized_shape"),  # type: ignore[arg-type]
        (lambda: Residual(()), "Residual branch"),
        (lambda: Residual((Activation("relu"),)), "Residual branch"),
        (lambda: Residual((conv(1, 1),), (linear(3),)), "Residual shortcut"),
        (lambda: Dropout(0), "Dropout p"),
        (lambda: Dropout(1), "Dropout p"),
        (lambda: Dropout(True), "Dropout p"),
        (lambda: Dropout(-0.5), "Dropout p"),
        (lambda: Dropout(0.99999), "Dropout p"),
        (lambda: Dropout(1e-5), "Dropout p"),
        (lambda: Dropout(float("nan")), "Dropout p"),
        (lambda: Dropout("0.5"), "Dropout p"),  # type: ignore[arg-type]
        (lambda: lenet5(dropout=1.5), "Dropout p"),
        (lambda: PatchEmbedding(0, 2), "PatchEmbedding embed_dim"),
        (lambda: PatchEmbedding(8, 1.5), "PatchEmbedding patch_size"),  # type: ignore[arg-type]
        (lambda: TransformerBlock(0, 8), "TransformerBlock num_heads"),
        (lambda: TransformerBlock(2, -8), "TransformerBlock mlp_dim"),
        (lambda: TransformerBlock(2, 8, dropout=1), "TransformerBlock dropout"),
        (lambda: TransformerBlock(2, 8, drop_path=-0.1), "TransformerBlock drop_path"),
        (lambda: TransformerBlock(2, 8, drop_path=True), "TransformerBlock drop_path"),
        (lambda: PositionEncoding("learnt"), "PositionEncoding kind"),  # type: ignore[arg-type]
        (lambda: linear(True), "Linear out_features"),
        (lambda: MaxPool2d(0), "MaxPool2d kernel_size"),
        (lambda: AvgPool2d(2, stride=-1), "AvgPool2d stride"),
        (lambda: Pad(-3), "Pad size"),
        (lambda: Activation("rellu"), "Activation function"),  # type: ignore[arg-type]
        (lambda: Activation("elu", alpha=float("nan")), "Activation alpha"),
        (lambda: Activation("elu", alpha="1"), "Activation alpha"),  # type: ignore[arg-type]
        (lambda: Activation("leaky-relu", negative_slope=-0.1), "Activation negative_slope"),
        (lambda: Activation("relu", negative_slope=0.2), "Activation negative_slope"),
        (lambda: Network("empty", ()), "empty"),
        (lambda: Network("net", (Flatten(), "relu")), "net"),  # type: ignore[arg-type]
        (lambda: Network("net", (Flatten(), Pad(3))), "net"),
        (lambda: _read("conv2d"), "net"),
        (lambda: _read("Residual", branch=[{"layer": "Conv"}]), "net"),
        (lambda: _read("Linear", size=3), "net"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    build: Callable[[], object], where: str
) -> None:
    with pytest.raises(NetworkError) as error:
        build()
    assert error.value.where == where
    assert "\n" not in str(error.value)


def _read(layer: str, **settings: object) -> Network:
    return Network.from_dict({"name": "net", "layers": [{"layer": layer, **settings}]})


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(NetworkError) as error:
        _read("conv2d")
    assert error.value.what == unknown("layer", "conv2d", LAYERS)
    with pytest.raises(NetworkError) as error:
        Activation("rellu")  # type: ignore[arg-type]
    assert error.value.what == unknown("activation", "rellu", get_args(ActivationFunction))


def test_a_missing_size_is_answered_with_its_name(sentence: Sentence) -> None:
    with pytest.raises(NetworkError) as error:
        Conv2d(6, 5)
    assert error.value.where == "Conv2d kernel_size"
    assert "kernel_size=" in error.value.hint
    sentence(error.value)


WRITTEN_OUT: list[tuple[Layer, Layer, ImageShape]] = [
    (Conv2d(3, 6, kernel_size=5), Conv2d(out_channels=6, kernel_size=5), (9, 9, 3)),
    (BatchNorm2d(3), BatchNorm2d(), (9, 9, 3)),
    (GroupNorm(1, 3), GroupNorm(1), (9, 9, 3)),
]


@pytest.mark.parametrize(("written", "inferred", "image_shape"), WRITTEN_OUT)
def test_sizes_may_be_written_out_or_inferred(
    written: Layer, inferred: Layer, image_shape: ImageShape
) -> None:
    end = (Flatten(), Linear(out_features=2))
    networks = [Network("net", (layer, *end)) for layer in (written, inferred)]
    assert networks[0] == networks[1]
    assert hash(networks[0]) == hash(networks[1])
    assert networks[0].to_dict() == networks[1].to_dict()
    assert networks[0].parameters(image_shape) == networks[1].parameters(image_shape)
    with pytest.raises(NetworkError) as error:
        networks[0].shapes((*image_shape[:2], 1))
    assert error.value.where == "net"


def test_lenet5_as_it_is_typed_in_pytorch(sentence: Sentence) -> None:
    layers = (
        Pad(32),
        Conv2d(1, 6, kernel_size=5),
        Activation("relu"),
        MaxPool2d(2),
        Conv2d(6, 16, kernel_size=5),
        Activation("relu"),
        MaxPool2d(2),
        Flatten(),
        Linear(400, 120),
        Activation("relu"),
        Linear(120, 84),
        Activation("relu"),
        Linear(84, 10),
    )
    network = Network("lenet5", layers)
    assert network == lenet5()
    network.check((28, 28, 1), 10)
    with pytest.raises(NetworkError) as error:
        network.check((28, 28, 3), 10)
    assert error.value.where == "lenet5"
    sentence(error.value)


def test_layer_norm_and_linear_refuse_another_size() -> None:
    for layer, setting in ((LayerNorm(7), "normalized_shape"), (Linear(7, 2), "in_features")):
        with pytest.raises(NetworkError) as error:
            Network("net", (Flatten(), layer)).shapes((2, 4, 1))
        assert error.value.where == "net"
        assert setting in error.value.what


@pytest.mark.parametrize("kind", LAYERS.values())
def test_every_layer_says_everything_about_itself(kind: type[Layer]) -> None:
    for method in ("output_shape", "forward", "kernels", "module"):
        assert getattr(kind, method) is not getattr(Layer, method)
    assert kind.prefix
