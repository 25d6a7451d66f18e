"""The steps of a diagram: what joins, what is collapsed, and the shapes."""

from seedbed.analysis.subjects.diagram.steps import Step, steps_of
from seedbed.networks.layers import Activation, Conv2d, Flatten, Linear, MaxPool2d
from seedbed.networks.zoo import ZOO


def test_layers_that_only_change_values_join_the_one_before() -> None:
    layers = [
        Conv2d(out_channels=6, kernel_size=5),
        Activation("relu"),
        MaxPool2d(2),
        Flatten(),
        Linear(out_features=10),
    ]
    assert steps_of(layers, (28, 28, 1)) == [
        Step(("Image",), (1, 28, 28)),
        Step(("Conv 5×5", "ReLU"), (6, 24, 24)),
        Step(("MaxPool 2×2", "Flatten"), (6, 12, 12)),
        Step(("Linear",), (10,)),
    ]


def test_blocks_that_repeat_are_one_step() -> None:
    vit = ZOO["vit"](10, patch_size=4, embed_dim=16, depth=3, num_heads=2, mlp_dim=32)
    blocks = [step for step in steps_of(vit.layers, (28, 28, 1)) if step.times > 1]
    assert blocks == [Step(("Transformer, 2 heads",), (50, 16), times=3)]


def test_shortcuts_are_told_and_every_shape_is_that_of_the_network() -> None:
    resnet = ZOO["resnet8"](10)
    steps = steps_of(resnet.layers, (32, 32, 3))
    assert sum(step.skips for step in steps) == 3
    shapes = [(3, 32, 32), (16, 32, 32), (16, 32, 32), (32, 16, 16), (64, 8, 8), (64,), (10,)]
    assert [step.shape for step in steps] == shapes
