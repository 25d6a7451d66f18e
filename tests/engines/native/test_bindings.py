"""The extension modules refuse what would make the kernels read or write where they must not."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from seedbed.engines.native.engine import supported_instructions

IMAGES, CLASSES, BATCH = 20, 3, 8


@pytest.fixture(params=supported_instructions(), scope="module")
def module(request: pytest.FixtureRequest) -> Any:
    return import_module(f"seedbed._lanes_{request.param}")


def new(module: Any, shape: tuple[int, ...] = (4, 5, 1)) -> Any:
    trainer = module.TRAINERS[min(module.TRAINERS)]
    return trainer(list(shape), [1.0] * shape[-1], [0.0] * shape[-1])


@pytest.fixture(scope="module")
def trainer(module: Any) -> Any:
    built = new(module)
    built.convolution(2, 3, 1, [0, 0, 0, 0])
    built.relu()
    built.linear(CLASSES)
    built.finish(BATCH)
    return built


def training(module: Any, trainer: Any) -> dict[str, Any]:
    """Arguments of a call that succeeds: three steps over all images."""
    optimizer = module.Optimizer()
    optimizer.momentum = 0.9
    return {
        "images": np.arange(IMAGES * 20, dtype=np.uint8).reshape(IMAGES, 4, 5, 1),
        "labels": np.arange(IMAGES) % CLASSES,
        "order": np.arange(IMAGES)[::-1].copy(),
        "warps": np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), (IMAGES, 1)),
        "batch_size": BATCH,
        "optimizer": optimizer,
        "weights": np.full(trainer.weights, 0.01, np.float32),
        "first": np.zeros(trainer.weights, np.float32),
        "second": None,
        "average": np.zeros(trainer.weights, np.float32),
        "first_step": 0,
        "learning_rates": np.full(3, 1e-4, np.float32),
        "average_decays": np.full(3, 0.5, np.float32),
        "label_smoothing": 0.0,
    }


def test_a_good_call_changes_the_weights(module: Any, trainer: Any) -> None:
    arguments = training(module, trainer)
    loss, correct = trainer.train(**arguments)
    assert np.isfinite(loss)
    assert 0 <= correct <= IMAGES
    assert not np.any(arguments["weights"] == np.float32(0.01))
    assert trainer.train(**training(module, trainer), loss=100.0)[0] == pytest.approx(loss + 100)


def put(place: Any, value: float) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array = array.copy()
        array[place] = value
        return array

    return change


def read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def every_other(array: Any) -> Any:
    return np.repeat(array, 2, axis=-1)[..., ::2]


WRONG: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "float images": ("images", lambda a: a.astype(np.float32)),
    "signed images": ("images", lambda a: a.astype(np.int8)),
    "images without channels": ("images", lambda a: a[..., 0]),
    "larger images": ("images", lambda a: np.zeros((IMAGES, 5, 5, 1), np.uint8)),
    "colored images": ("images", lambda a: np.zeros((IMAGES, 4, 5, 3), np.uint8)),
    "mirrored images": ("images", lambda a: a[:, :, ::-1]),
    "no images": ("images", lambda a: a[:0]),
    "images that are None": ("images", lambda a: None),
    "images in a list": ("images", lambda a: a.tolist()),
    "fewer labels": ("labels", lambda a: a[:-1]),
    "32-bit labels": ("labels", lambda a: a.astype(np.int32)),
    "float labels": ("labels", lambda a: a.astype(np.float64)),
    "a label beyond the classes": ("labels", put(3, CLASSES)),
    "a label below 0": ("labels", put(3, -1)),
    "a label beyond 32 bits": ("labels", put(3, 2**32)),
    "32-bit order": ("order", lambda a: a.astype(np.int32)),
    "an order with steps": ("order", every_other),
    "an index beyond the images": ("order", put(5, IMAGES)),
    "an index below 0": ("order", put(5, -1)),
    "a huge index": ("order", put(5, 2**62)),
    "a table of indices": ("order", lambda a: a[None]),
    "fewer warps": ("warps", lambda a: a[:-1].copy()),
    "warps of five numbers": ("warps", lambda a: a[:, :5].copy()),
    "warps with steps": ("warps", every_other),
    "float64 warps": ("warps", lambda a: a.astype(np.float64)),
    "a batch over the capacity": ("batch_size", lambda _: 17),
    "an empty batch": ("batch_size", lambda _: 0),
    "a batch below 0": ("batch_size", lambda _: -1),
    "a batch beyond 32 bits": ("batch_size", lambda _: 2**32 + 8),
    "half a batch": ("batch_size", lambda _: 7.5),
    "no optimizer": ("optimizer", lambda _: None),
    "fewer weights": ("weights", lambda a: a[:-1]),
    "float64 weights": ("weights", lambda a: a.astype(np.float64)),
    "weights with steps": ("weights", every_other),
    "weights for reading": ("weights", read_only),
    "no weights": ("weights", lambda _: None),
    "a smaller moment": ("first", lambda a: a[:-1]),
    "no moment": ("first", lambda _: None),
    "float64 moments": ("first", lambda a: a.astype(np.float64)),
    "a smaller second moment": ("second", lambda _: np.zeros(1, np.float32)),
    "a smaller average": ("average", lambda a: a[:-1]),
    "no average for its decays": ("average", lambda _: None),
    "no decays for the average": ("average_decays", lambda _: None),
    "fewer decays": ("average_decays", lambda a: a[:-1]),
    "a step before the first": ("first_step", lambda _: -1),
    "fewer learning rates": ("learning_rates", lambda a: a[:-1]),
    "more learning rates": ("learning_rates", lambda a: np.ones(4, np.float32)),
    "float64 learning rates": ("learning_rates", lambda a: a.astype(np.float64)),
}


@pytest.mark.parametrize("name", WRONG)
def test_training_on_wrong_arguments_is_refused(name: str, module: Any, trainer: Any) -> None:
    arguments = training(module, trainer)
    before = arguments["weights"].copy()
    argument, change = WRONG[name]
    weights = arguments["weights"]
    arguments[argument] = change(arguments[argument])
    with pytest.raises((ValueError, TypeError)):
        trainer.train(**arguments)
    np.testing.assert_array_equal(weights, before)


def test_running_statistics_stand_behind_the_weights(module: Any) -> None:
    built = new(module)
    built.convolution(2, 3, 1, [0, 0, 0, 0])
    built.batch_norm()
    built.linear(CLASSES)
    built.finish(BATCH)
    assert built.state == 4
    arguments = training(module, built)
    with pytest.raises(ValueError, match="weights of another network"):
        built.train(**arguments)

    arguments["weights"] = np.full(built.weights + 4, 0.25, np.float32)
    with pytest.raises(ValueError, match="weights of another network"):
        built.train(**arguments)
    arguments["average"] = arguments["weights"].copy()

    built.train(**arguments)

    assert not np.any(arguments["weights"][-4:] == np.float32(0.25))
    out = np.zeros(built.weights + 4, np.float32)
    few = {name: arguments[name] for name in ("images", "labels", "weights")}
    with pytest.raises(ValueError, match="every weight"):
        built.gradient(**few, order=np.arange(3), warps=None, label_smoothing=0.0, out=out)


@pytest.mark.parametrize("rule", ["adam", "adamw"])
def test_adam_needs_both_moments(module: Any, trainer: Any, rule: str) -> None:
    arguments = training(module, trainer)
    arguments["optimizer"].rule = getattr(module.Rule, rule)
    with pytest.raises(ValueError, match="two moments"):
        trainer.train(**arguments)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("order", np.zeros(0, np.int64)),
        ("order", np.zeros(17, np.int64)),
        ("weights", np.zeros(3, np.float32)),
        ("out", np.zeros(3, np.float32)),
        ("out", np.zeros(1000, np.float32)),
    ],
)
def test_gradients_of_wrong_arguments_are_refused(
    argument: str, value: Any, module: Any, trainer: Any
) -> None:
    names = ("images", "labels", "order", "warps", "weights", "label_smoothing")
    arguments = {name: training(module, trainer)[name] for name in names}
    arguments |= {"order": np.arange(BATCH), "warps": None, "out": arguments["weights"].copy()}
    assert np.isfinite(trainer.gradient(**arguments)[0])
    with pytest.raises(ValueError, match=r"capacity|another network|every weight"):
        trainer.gradient(**arguments | {argument: value})


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("out", np.zeros((IMAGES, 4), np.float32)),
        ("out", np.zeros((IMAGES - 1, 3), np.float32)),
        ("out", np.zeros((IMAGES, 3), np.float64)),
        ("out", np.zeros((3, IMAGES), np.float32).T),
        ("out", np.zeros((IMAGES, 6), np.float32)[:, ::2]),
        ("out", np.zeros(IMAGES * 3, np.float32)),
        ("order", np.full(IMAGES, IMAGES)),
        ("weights", np.zeros(3, np.float32)),
    ],
)
def test_logits_of_wrong_arguments_are_refused(
    argument: str, value: Any, module: Any, trainer: Any
) -> None:
    names = ("images", "order", "warps", "weights")
    arguments = {name: training(module, trainer)[name] for name in names}
    arguments["out"] = np.zeros((IMAGES, CLASSES), np.float32)
    trainer.logits(**arguments)
    assert arguments["out"].any()
    with pytest.raises((ValueError, TypeError)):
        trainer.logits(**arguments | {argument: value})


def test_nothing_is_trained_before_finish(module: Any, trainer: Any) -> None:
    unfinished = new(module)
    unfinished.linear(CLASSES)
    with pytest.raises(ValueError, match="finish"):
        unfinished.train(**training(module, trainer))


HUGE = 2**31 - 1
MISFITS: dict[str, Callable[[Any], Any]] = {
    "no layer": lambda t: t.finish(1),
    "no linear layer": lambda t: (t.convolution(1, 1, 1, [0] * 4), t.finish(1)),
    "an activation last": lambda t: (t.linear(3), t.relu(), t.finish(1)),
    "no images": lambda t: (t.linear(3), t.finish(0)),
    "finish again": lambda t: (t.linear(3), t.finish(1), t.finish(1)),
    "a layer after finish": lambda t: (t.linear(3), t.finish(1), t.linear(3)),
    "no channels": lambda t: t.convolution(0, 1, 1, [0] * 4),
    "no kernel": lambda t: t.convolution(1, 0, 1, [0] * 4),
    "no stride": lambda t: t.convolution(1, 1, 0, [0] * 4),
    "a kernel beyond the image": lambda t: t.convolution(1, 5, 2, [0] * 4),
    "padding on three sides": lambda t: t.convolution(1, 1, 1, [0] * 3),
    "padding below 0": lambda t: t.convolution(1, 1, 1, [0, 0, 0, -1]),
    "huge padding": lambda t: t.convolution(1, 1, 1, [HUGE] * 4),
    "huge channels": lambda t: t.convolution(HUGE, 1, 1, [0] * 4),
    "a huge kernel": lambda t: t.convolution(1, HUGE, 1, [0] * 4),
    "channels beyond 32 bits": lambda t: t.convolution(2**32 + 1, 1, 1, [0] * 4),
    "no features": lambda t: t.linear(0),
    "huge features": lambda t: t.linear(HUGE),
    "a window beyond the image": lambda t: t.max_pool(5, 5),
    "no window": lambda t: t.max_pool(0, 1),
    "a mean without stride": lambda t: t.average_pool(2, 0),
    "a convolution of features": lambda t: (t.linear(3), t.convolution(1, 1, 1, [0] * 4)),
    "no features of a token": lambda t: t.token_linear(0),
    "a token of a whole image": lambda t: t.token_linear(3),
    "attention in an image": lambda t: t.attention(1),
    "heads that do not divide": lambda t: (t.tokens(), t.token_linear(6), t.attention(4)),
    "features that are not three": lambda t: (t.tokens(), t.token_linear(4), t.attention(1)),
    "no heads": lambda t: (t.tokens(), t.token_linear(3), t.attention(0)),
    "positions of other tokens": lambda t: (t.tokens(), t.positions([0.0] * 19)),
    "tokens of features": lambda t: (t.linear(3), t.tokens()),
    "huge token features": lambda t: (t.tokens(), t.token_linear(HUGE)),
    "a branch that ends before it begins": lambda t: t.join(0.0),
    "a branch that does not end": lambda t: (t.tokens(), t.fork(), t.finish(1)),
    "a branch into features": lambda t: (t.tokens(), t.fork(), t.linear(3)),
    "an empty branch": lambda t: (t.tokens(), t.class_token(), t.fork(), t.join(0.0)),
    "a branch without weights": lambda t: (t.tokens(), t.fork(), t.gelu(), t.join(0.0)),
    "a branch of another width": lambda t: (
        t.tokens(),
        t.fork(),
        t.token_linear(2),
        t.join(0.0),
    ),
    "a branch that is never there": lambda t: (t.tokens(), t.fork(), t.layer_norm(), t.join(1.0)),
    "a branch whose sum has another shape": lambda t: (
        t.convolution(2, 1, 1, [0] * 4),
        t.fork(),
        t.convolution(2, 2, 1, [0] * 4),
        t.join(),
    ),
    "a shortcut without a branch": lambda t: t.shortcut(),
    "a shortcut around nothing": lambda t: (
        t.convolution(2, 1, 1, [0] * 4),
        t.fork(),
        t.shortcut(),
    ),
    "a shortcut without layers": lambda t: (
        t.fork(),
        t.convolution(1, 1, 1, [0] * 4),
        t.shortcut(),
        t.join(),
    ),
    "two shortcuts": lambda t: (
        t.fork(),
        t.convolution(1, 1, 1, [0] * 4),
        t.shortcut(),
        t.convolution(1, 1, 1, [0] * 4),
        t.shortcut(),
    ),
    "batch norm of features": lambda t: (t.linear(3), t.batch_norm()),
    "global pooling of features": lambda t: (t.linear(3), t.global_average_pool()),
    "pooling of features": lambda t: (t.linear(3), t.max_pool(1, 1)),
}


@pytest.mark.parametrize("name", MISFITS)
def test_layers_that_do_not_fit_are_refused(name: str, module: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        MISFITS[name](new(module))


@pytest.mark.parametrize(
    "shape", [(0, 5, 1), (4, -5, 1), (4, 5, 0), (HUGE, HUGE, 3), (2**32 + 4, 5, 1), (4, 5)]
)
def test_images_of_impossible_shapes_are_refused(shape: tuple[int, ...], module: Any) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        module.TRAINERS[min(module.TRAINERS)](list(shape), [1.0], [0.0])


def test_a_scale_and_an_offset_for_every_channel(module: Any) -> None:
    make = module.TRAINERS[min(module.TRAINERS)]
    for scale, offset in (([1.0], [0.0] * 3), ([1.0] * 3, [0.0]), ([], [])):
        with pytest.raises(ValueError, match="a channel"):
            make([4, 5, 3], scale, offset)
