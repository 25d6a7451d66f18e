"""The native trainers refuse layers that do not fit, and settings that are none."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from native_calls import conv, linear, new
from seedbed.engines.native.engine import supported_instructions


@pytest.fixture(params=supported_instructions(), scope="module")
def module(request: pytest.FixtureRequest) -> Any:
    return import_module(f"seedbed._native_{request.param}")


HUGE = 2**31 - 1
MISFITS: dict[str, Callable[[Any], Any]] = {
    "no layer": lambda t: t.finish(1),
    "no linear layer": lambda t: (conv(t, 1), t.finish(1)),
    "an activation last": lambda t: (linear(t), t.add("relu"), t.finish(1)),
    "no images": lambda t: (linear(t), t.finish(0)),
    "finish again": lambda t: (linear(t), t.finish(1), t.finish(1)),
    "a layer after finish": lambda t: (linear(t), t.finish(1), linear(t)),
    "no channels": lambda t: conv(t, 0),
    "no kernel": lambda t: conv(t, 1, kernel_size=0),
    "no stride": lambda t: conv(t, 1, stride=0),
    "a kernel beyond the image": lambda t: conv(t, 1, kernel_size=5, stride=2),
    "padding on three sides": lambda t: conv(t, 1, padding=[0] * 3),
    "padding below 0": lambda t: conv(t, 1, padding=[0, 0, 0, -1]),
    "huge padding": lambda t: conv(t, 1, padding=[HUGE] * 4),
    "huge channels": lambda t: conv(t, HUGE),
    "a huge kernel": lambda t: conv(t, 1, kernel_size=HUGE),
    "channels beyond 32 bits": lambda t: conv(t, 2**32 + 1),
    "no features": lambda t: linear(t, 0),
    "huge features": lambda t: linear(t, HUGE),
    "a window beyond the image": lambda t: t.add("max_pool", kernel_size=5, stride=5),
    "no window": lambda t: t.add("max_pool", kernel_size=0, stride=1),
    "a mean without stride": lambda t: t.add("avg_pool", kernel_size=2, stride=0),
    "a convolution of features": lambda t: (linear(t), conv(t, 1)),
    "no features of a token": lambda t: t.add("token_linear", out_features=0),
    "a token of a whole image": lambda t: t.add("token_linear", out_features=3),
    "attention in an image": lambda t: t.add("attention", num_heads=1, first_only=False),
    "heads that do not divide": lambda t: (
        t.add("tokens"),
        t.add("token_linear", out_features=6),
        t.add("attention", num_heads=4, first_only=False),
    ),
    "features that are not three": lambda t: (
        t.add("tokens"),
        t.add("token_linear", out_features=4),
        t.add("attention", num_heads=1, first_only=False),
    ),
    "no heads": lambda t: (
        t.add("tokens"),
        t.add("token_linear", out_features=3),
        t.add("attention", num_heads=0, first_only=False),
    ),
    "positions of other tokens": lambda t: (t.add("tokens"), t.add("positions", table=[0.0] * 19)),
    "tokens of features": lambda t: (linear(t), t.add("tokens")),
    "huge token features": lambda t: (t.add("tokens"), t.add("token_linear", out_features=HUGE)),
    "a branch that ends before it begins": lambda t: t.add("join", drop_path=0.0),
    "a branch that does not end": lambda t: (t.add("tokens"), t.add("fork"), t.finish(1)),
    "a branch into features": lambda t: (t.add("tokens"), t.add("fork"), linear(t)),
    "an empty branch": lambda t: (
        t.add("tokens"),
        t.add("class_token"),
        t.add("fork"),
        t.add("join", drop_path=0.0),
    ),
    "a branch without weights": lambda t: (
        t.add("tokens"),
        t.add("fork"),
        t.add("gelu"),
        t.add("join", drop_path=0.0),
    ),
    "a branch of another width": lambda t: (
        t.add("tokens"),
        t.add("fork"),
        t.add("token_linear", out_features=2),
        t.add("join", drop_path=0.0),
    ),
    "a branch that is never there": lambda t: (
        t.add("tokens"),
        t.add("fork"),
        t.add("layer_norm"),
        t.add("join", drop_path=1.0),
    ),
    "a branch whose sum has another shape": lambda t: (
        conv(t, 2),
        t.add("fork"),
        conv(t, 2, kernel_size=2),
        t.add("join", drop_path=0.0),
    ),
    "a shortcut without a branch": lambda t: t.add("shortcut"),
    "a shortcut around nothing": lambda t: (
        conv(t, 2),
        t.add("fork"),
        t.add("shortcut"),
    ),
    "a shortcut without layers": lambda t: (
        t.add("fork"),
        conv(t, 1),
        t.add("shortcut"),
        t.add("join", drop_path=0.0),
    ),
    "two shortcuts": lambda t: (
        t.add("fork"),
        conv(t, 1),
        t.add("shortcut"),
        conv(t, 1),
        t.add("shortcut"),
    ),
    "batch norm of features": lambda t: (linear(t), t.add("batch_norm")),
    "group norm of features": lambda t: (linear(t), t.add("group_norm", num_groups=1)),
    "groups that do not divide": lambda t: (conv(t, 6), t.add("group_norm", num_groups=4)),
    "no groups": lambda t: (conv(t, 6), t.add("group_norm", num_groups=0)),
    "global pooling of features": lambda t: (linear(t), t.add("global_avg_pool")),
    "pooling of features": lambda t: (linear(t), t.add("max_pool", kernel_size=1, stride=1)),
    "a layer that nobody knows": lambda t: t.add("capsule"),
    "a setting that nobody asks for": lambda t: t.add("linear", out_features=3, bias=True),
    "a setting that is missing": lambda t: t.add("linear"),
    "a setting that is text": lambda t: t.add("linear", out_features="3"),
    "half a feature": lambda t: linear(t, 2.5),  # type: ignore[arg-type]
    "features that are true": lambda t: linear(t, features=True),
    "a bias that is a number": lambda t: conv(t, 1, bias=1),
    "a slope that is no number": lambda t: t.add("leaky_relu", negative_slope=float("nan")),
    "a dropout that leaves nothing": lambda t: t.add("dropout", p=1.0),
    "a dropout that leaves everything": lambda t: t.add("dropout", p=0.0),
}


@pytest.mark.parametrize("name", MISFITS)
def test_layers_that_do_not_fit_are_refused(name: str, module: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        MISFITS[name](new(module))


def test_nothing_is_built_on_a_layer_that_was_refused(module: Any) -> None:
    trainer = new(module)
    with pytest.raises(ValueError, match="bias"):
        trainer.add("linear", out_features=3, bias=True)
    with pytest.raises(ValueError, match="layer"):
        linear(trainer)
    with pytest.raises(ValueError, match="layer"):
        trainer.finish(1)


@pytest.mark.parametrize(
    "shape", [(0, 5, 1), (4, -5, 1), (4, 5, 0), (HUGE, HUGE, 3), (2**32 + 4, 5, 1), (4, 5)]
)
def test_images_of_impossible_shapes_are_refused(shape: tuple[int, ...], module: Any) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        module.TRAINERS[min(module.TRAINERS)](list(shape), [1.0], [0.0])


def test_a_scale_and_an_offset_for_every_channel(module: Any) -> None:
    make = module.TRAINERS[min(module.TRAINERS)]
    with pytest.raises(ValueError, match="scale"):
        make([4, 5, 3], [1.0], [0.0] * 3)
    with pytest.raises(ValueError, match="offset"):
        make([4, 5, 3], [1.0] * 3, [0.0])
    with pytest.raises(ValueError, match="scale"):
        make([4, 5, 3], [], [])
