"""Networks against the shapes and names that PyTorch itself arrives at."""

import json
import math
from collections.abc import Callable

import pytest
import torch

import reference
from kernels import ImageShape
from seedbed.core.errors import NetworkError
from seedbed.networks import layers
from seedbed.networks.layers import (
    LAYERS,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    ClassToken,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.layers.transformer.position_encoding import sinusoidal
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8, vit, vit_lite
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


def test_every_layer_is_in_the_registry() -> None:
    assert LAYERS["MaxPool2d"] is MaxPool2d
    assert {kind.__name__ for kind in LAYERS.values()} == set(layers.__all__) - {"LAYERS", "Layer"}


def test_a_sinusoidal_encoding_is_that_of_the_paper() -> None:
    encoding = sinusoidal(50, 6)
    assert encoding.shape == (50, 6)
    assert encoding[0].tolist() == [0, 1, 0, 1, 0, 1]
    for token, column in ((3, 2), (49, 4)):
        angle = token / 10000 ** (column / 6)
        assert encoding[token, column] == pytest.approx(math.sin(angle), abs=1e-6)
        assert encoding[token, column + 1] == pytest.approx(math.cos(angle), abs=1e-6)


def test_an_odd_difference_pads_more_at_the_bottom_and_at_the_right() -> None:
    padded = reference.ReferenceNetwork(Network("pad", (Pad(4),)), (3, 3, 1))(
        torch.ones(1, 1, 3, 3)
    )
    assert padded[0, 0].sum(0).tolist() == [3, 3, 3, 0]
    assert padded[0, 0].sum(1).tolist() == [3, 3, 3, 0]


@pytest.mark.parametrize(
    ("layers", "image_shape", "message"),
    [
        ((Pad(32),), (33, 28, 1), "net: pad1 does not fit: the image is larger than 32×32"),
        ((linear(3),), (4, 4, 1), "fc1 does not fit: it needs a flatten layer before it"),
        ((Flatten(), conv(1, 1)), (4, 4, 1), "conv1 does not fit: its input is flat already"),
        ((Flatten(), Flatten()), (4, 4, 1), "flatten2 does not fit: its input is flat already"),
        ((conv(2, 5),), (4, 9, 1), "conv1 does not fit: its 5×5 window is larger than its 4×9"),
        (
            (PatchEmbedding(64, 5), ClassToken()),
            (28, 28, 1),
            "patches1 does not fit: its 5×5 patches do not divide its 28×28 input (4 or 7 would): "
            "image 1×28×28 → patches1",
        ),
        ((PatchEmbedding(4, 2),), (6, 7, 1), "2×2 patches do not divide its 6×7 input (1 would)"),
        (
            (PatchEmbedding(64, 7), ClassToken(), TransformerBlock(3, 9)),
            (28, 28, 1),
            "block1 does not fit: its 3 heads do not divide the embed_dim of 64 (2 or 4 would): "
            "image 1×28×28 → patches1 16×64 → token1 17×64 → block1",
        ),
        ((TransformerBlock(1, 1),), (4, 4, 1), "it needs tokens, which PatchEmbedding makes"),
        ((Flatten(), TokenMean()), (4, 4, 1), "mean1 does not fit: it needs tokens"),
        (
            (PositionEncoding(), PatchEmbedding(4, 2)),
            (4, 4, 1),
            "positions1 does not fit: it needs",
        ),
        (
            (LayerNorm(),),
            (4, 4, 1),
            "norm1 does not fit: it needs tokens or features, not an image",
        ),
        (
            (PatchEmbedding(8, 2), TakeClassToken()),
            (4, 4, 1),
            "take1 does not fit: there is no ClassToken before it: image 1×4×4 → patches1 4×8 → ",
        ),
        (
            (PatchEmbedding(8, 2), linear(3)),
            (4, 4, 1),
            "fc1 does not fit: it needs TokenMean or TakeClassToken before it",
        ),
        (
            (PatchEmbedding(8, 2), Flatten()),
            (4, 4, 1),
            "flatten1 does not fit: its input is tokens",
        ),
        (
            (PatchEmbedding(8, 2), conv(3, 1)),
            (4, 4, 1),
            "conv1 does not fit: its input is tokens",
        ),
        ((Flatten(), BatchNorm2d()), (4, 4, 1), "bn1 does not fit: its input is flat already"),
        (
            (conv(6, 1), GroupNorm(4)),
            (4, 4, 1),
            "gn1 does not fit: its 4 groups do not divide its 6 channels (3 or 6 would): image",
        ),
        (
            (conv(6, 3), Residual((conv(6, 1), conv(6, 5)))),
            (6, 6, 1),
            "residual1 does not fit: in its branch, conv2 does not fit: its 5×5 window is larger "
            "than its 4×4 input: 6×4×4 → conv1 6×4×4 → conv2: image 1×6×6 → conv1 6×4×4 → "
            "residual1",
        ),
        (
            (Residual((conv(6, 3, padding=1),), (conv(6, 1, stride=2),)),),
            (6, 6, 1),
            "residual1 does not fit: its branch gives 6×6×6, its shortcut 6×3×3: image 1×6×6 → ",
        ),
        (
            (conv(3, 5), MaxPool2d(2), AvgPool2d(13)),
            (28, 28, 1),
            "image 1×28×28 → conv1 3×24×24 → pool1 3×12×12 → pool2",
        ),
    ],
)
def test_a_layer_that_does_not_fit_is_named_with_the_shapes_before_it(
    layers: tuple[Layer, ...], image_shape: tuple[int, int, int], message: str
) -> None:
    with pytest.raises(NetworkError) as caught:
        Network("net", layers).shapes(image_shape)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_logits_must_match_the_classes() -> None:
    lenet5(10).check((28, 28, 1), num_classes=10)
    with pytest.raises(NetworkError, match="fc3, gives 10 values an image, but the dataset has 26"):
        lenet5(10).check((28, 28, 1), num_classes=26)
    with pytest.raises(NetworkError, match="conv1, gives 6×24×24 values"):
        Network("flat", (conv(6, 5),)).check((28, 28, 1), num_classes=6)


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
    with pytest.raises(NetworkError) as caught:
        build()
    assert caught.value.where == where
    assert "\n" not in str(caught.value)


def _read(layer: str, **settings: object) -> Network:
    return Network.from_dict({"name": "net", "layers": [{"layer": layer, **settings}]})


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(NetworkError, match="did you mean 'Conv2d'"):
        _read("conv2d")
    with pytest.raises(NetworkError, match="did you mean 'relu'"):
        Activation("rellu")  # type: ignore[arg-type]


def test_a_missing_size_is_answered_with_its_name() -> None:
    with pytest.raises(NetworkError) as caught:
        Conv2d(6, 5)
    assert caught.value.what == "is missing"
    assert "kernel_size=" in caught.value.hint


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
    with pytest.raises(NetworkError) as caught:
        networks[0].shapes((*image_shape[:2], 1))
    assert caught.value.where == "net"
    assert "3, but its input has 1" in caught.value.what


def test_lenet5_as_it_is_typed_in_pytorch() -> None:
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
    with pytest.raises(NetworkError) as caught:
        network.check((28, 28, 3), 10)
    assert "conv1 does not fit: its in_channels is 1, but its input has 3" in caught.value.what


def test_layer_norm_and_linear_refuse_another_size() -> None:
    for layer, setting in ((LayerNorm(7), "normalized_shape"), (Linear(7, 2), "in_features")):
        with pytest.raises(NetworkError) as caught:
            Network("net", (Flatten(), layer)).shapes((2, 4, 1))
        assert f"its {setting} is 7, but its input has 8" in caught.value.what


@pytest.mark.parametrize("kind", LAYERS.values())
def test_every_layer_says_everything_about_itself(kind: type[Layer]) -> None:
    for method in ("output_shape", "forward", "kernels", "module"):
        assert getattr(kind, method) is not getattr(Layer, method)
    assert kind.prefix
