import math
from typing import Any

import pytest

from seedbed.core.errors import NetworkError
from seedbed.networks.cost import cost
from seedbed.networks.layers import (
    Activation,
    ClassToken,
    Dropout,
    Linear,
    PatchEmbedding,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.layers.activation import ActivationFunction
from seedbed.networks.zoo import ZOO, lenet5, resnet8, vit, vit_774k, vit_lite
from short_layers import linear


@pytest.mark.parametrize(("channels", "parameters"), [(1, 61_706), (3, 62_006)])
@pytest.mark.parametrize("size", [8, 28, 32])
def test_lenet5_has_its_well_known_number_of_parameters(
    channels: int, parameters: int, size: int
) -> None:
    shapes = lenet5().parameters((size, size, channels)).values()
    assert sum(math.prod(shape) for shape in shapes) == parameters


def test_lenet5_has_the_shapes_of_the_paper() -> None:
    shapes = lenet5().shapes((32, 32, 1))
    flat = [(400,), (120,), (120,), (84,), (84,), (10,)]
    assert shapes[1:7:3] == ((6, 28, 28), (16, 10, 10))
    assert shapes[3:7:3] == ((6, 14, 14), (16, 5, 5))
    assert list(shapes[7:]) == flat


@pytest.mark.parametrize("function", ["relu", "leaky-relu", "elu", "sigmoid", "tanh"])
def test_lenet5_takes_every_activation(function: ActivationFunction) -> None:
    used = [each for each in lenet5(activation=function).layers if isinstance(each, Activation)]
    assert used == [Activation(function)] * 4


def test_lenet5_drops_out_after_each_hidden_linear_layer() -> None:
    network = lenet5(dropout=0.3)
    kinds = [layer for layer in network.layers if isinstance(layer, Linear | Activation | Dropout)]
    relu, drop = Activation("relu"), Dropout(0.3)
    assert kinds[2:] == [linear(120), relu, drop, linear(84), relu, drop, linear(10)]
    others = tuple(layer for layer in network.layers if not isinstance(layer, Dropout))
    assert others == lenet5().layers == lenet5(dropout=0).layers
    assert network.parameters((28, 28, 1)) == lenet5().parameters((28, 28, 1))


def test_lenet5_refuses_images_that_are_too_large() -> None:
    with pytest.raises(NetworkError) as error:
        lenet5().shapes((33, 33, 3))
    assert error.value.where == "lenet5"
    assert "pad1" in error.value.what
    assert "3×33×33" in error.value.what


def test_the_zoo_builds_by_name_and_classes() -> None:
    assert ZOO["lenet5"](26) == lenet5(26)
    for name, build in ZOO.items():
        assert build(10).name == name


@pytest.mark.parametrize("pool", ["class", "mean"])
def test_vit_774k_is_as_small_as_it_says(pool: str) -> None:
    found = cost(vit_774k(pool=pool), (28, 28, 1))  # type: ignore[arg-type]
    assert 700_000 < found.weight_bytes <= 774_000
    # A file of weights has up to 100 bytes more for the name and the place of each.
    names = vit_774k(pool=pool).parameters((28, 28, 1))  # type: ignore[arg-type]
    assert found.weight_bytes + 100 * len(names) <= 774_000


@pytest.mark.parametrize("pool", ["class", "mean"])
def test_vit_lite_is_as_small_as_it_says(pool: str) -> None:
    assert cost(vit_lite(pool=pool), (32, 32, 3)).parameters <= 200_000  # type: ignore[arg-type]


def test_vit_is_made_of_what_it_says() -> None:
    network = vit(
        patch_size=4, embed_dim=20, depth=3, num_heads=5, mlp_dim=7, dropout=0.1, drop_path=0.2
    )
    assert network.layers[0] == PatchEmbedding(20, 4)
    assert network.layers[1] == ClassToken()
    assert network.layers[3] == Dropout(0.1)
    blocks = [layer for layer in network.layers if isinstance(layer, TransformerBlock)]
    assert blocks == [TransformerBlock(5, 7, 0.1, rate) for rate in (0.0, 0.1, 0.2)]
    assert network.layers[-2:] == (TakeClassToken(), linear(10))
    means = vit(pool="mean").layers
    assert ClassToken() not in means
    assert means[-2:] == (TokenMean(), linear(10))
    assert [each for each in vit(depth=1, drop_path=0.5).layers if each in blocks] == []


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"depth": 0}, "vit depth"),
        ({"depth": True}, "vit depth"),
        ({"pool": "max"}, "vit pool"),
        ({"pos_embed": "learnt"}, "PositionEncoding kind"),
        ({"drop_path": 1}, "TransformerBlock drop_path"),
        ({"dropout": -1}, "TransformerBlock dropout"),
        ({"embed_dim": 0}, "PatchEmbedding embed_dim"),
    ],
)
def test_vit_refuses_what_cannot_be_used(arguments: dict[str, Any], where: str) -> None:
    with pytest.raises(NetworkError) as caught:
        vit(**arguments)
    assert caught.value.where == where
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("channels", "parameters"), [(1, 77_754), (3, 78_042)])
def test_resnet8_has_about_78_thousand_parameters(channels: int, parameters: int) -> None:
    assert cost(resnet8(), (32, 32, channels)).parameters == parameters
    assert cost(resnet8(), (28, 28, channels)).parameters == parameters


def test_resnet8_halves_the_image_twice() -> None:
    shapes = [
        named.output_shape for named in resnet8().walk((32, 32, 3)) if "residual" not in named.name
    ]
    assert [shape for shape in shapes if len(shape) == 3][-1] == (64, 8, 8)
    assert shapes[-2:] == [(64,), (10,)]


@pytest.mark.parametrize("width", [0, -16, 1.5, True])
def test_resnet8_needs_a_width(width: Any) -> None:
    with pytest.raises(NetworkError) as caught:
        resnet8(width=width)
    assert caught.value.where == "resnet8 width"
