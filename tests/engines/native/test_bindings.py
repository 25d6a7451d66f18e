"""The extension modules refuse what would make the kernels read or write where they must not."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from native_calls import (
    BATCH,
    CLASSES,
    IMAGES,
    built,
    group,
    linear,
    new,
    select,
    train,
    training,
)
from seedbed.engines.native.engine import supported_instructions


@pytest.fixture(params=supported_instructions(), scope="module")
def module(request: pytest.FixtureRequest) -> Any:
    return import_module(f"seedbed._native_{request.param}")


@pytest.fixture(scope="module")
def trainer(module: Any) -> Any:
    return built(module, "relu")


def test_a_good_call_changes_the_weights(module: Any, trainer: Any) -> None:
    arguments = training(trainer)
    score = train(module, trainer, arguments)
    assert np.isfinite(score.loss)
    assert 0 <= score.correct <= IMAGES
    assert not np.any(arguments["weights"] == np.float32(0.01))
    assert score.loss == pytest.approx(0.5 * arguments["losses"].sum(), rel=1e-5)
    again = train(module, trainer, training(trainer) | {"loss_so_far": 100.0})
    assert again.loss == pytest.approx(score.loss + 100)


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
    "fewer targets": ("targets", lambda a: a[:-1]),
    "targets of fewer classes": ("targets", lambda a: a[:, :-1].copy()),
    "float64 targets": ("targets", lambda a: a.astype(np.float64)),
    "targets with steps": ("targets", every_other),
    "targets in one row": ("targets", lambda a: a.ravel()),
    "a target that is no number": ("targets", put((3, 1), np.nan)),
    "targets that sum to more": ("targets", put((3, 1), 1.0)),
    "fewer image weights": ("image_weights", lambda a: a[:-1]),
    "float64 image weights": ("image_weights", lambda a: a.astype(np.float64)),
    "image weights with steps": ("image_weights", every_other),
    "an image weight that is no number": ("image_weights", put(3, np.nan)),
    "an infinite image weight": ("image_weights", put(3, np.inf)),
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
    "masks without dropout": ("masks", lambda _: np.ones((IMAGES, 0), np.uint8)),
    "a loss that nobody knows": ("loss", lambda _: "l3"),
    "a parameter that nobody asks for": ("parameters", lambda _: {"q": 0.7}),
    "a parameter that is text": ("parameters", lambda _: {"q": "0.7"}),
    "label smoothing below 0": ("label_smoothing", lambda _: -0.1),
    "label smoothing above 1": ("label_smoothing", lambda _: 1.1),
    "label smoothing of targets": ("label_smoothing", lambda _: 0.1),
    "a transition of fewer classes": ("transition", lambda a: a[:-1, :-1].copy()),
    "a transition that is not square": ("transition", lambda a: a[:-1]),
    "a float64 transition": ("transition", lambda a: a.astype(np.float64)),
    "a transition with steps": ("transition", every_other),
    "a transition whose rows sum to more": ("transition", put((0, 1), 0.1)),
    "a transition below 0": ("transition", lambda a: put((0, 1), -1)(put((0, 0), 2)(a))),
    "a transition of a loss of sigmoids": ("loss", lambda _: "binary-cross-entropy"),
    "a batch over the capacity": ("batch_size", lambda _: 17),
    "an empty batch": ("batch_size", lambda _: 0),
    "a batch below 0": ("batch_size", lambda _: -1),
    "a batch beyond 32 bits": ("batch_size", lambda _: 2**32 + 8),
    "half a batch": ("batch_size", lambda _: 7.5),
    "an optimizer that nobody knows": ("rule", lambda _: "lion"),
    "Adam without moments": ("rule", lambda _: "adam"),
    "AdamW without moments": ("rule", lambda _: "adamw"),
    "fewer weights": ("weights", lambda a: a[:-1]),
    "float64 weights": ("weights", lambda a: a.astype(np.float64)),
    "weights with steps": ("weights", every_other),
    "weights for reading": ("weights", read_only),
    "no weights": ("weights", lambda _: None),
    "a smaller moment": ("first_moment", lambda a: a[:-1]),
    "no moment": ("first_moment", lambda _: None),
    "float64 moments": ("first_moment", lambda a: a.astype(np.float64)),
    "a smaller second moment": ("second_moment", lambda _: np.zeros(1, np.float32)),
    "a smaller average": ("average", lambda a: a[:-1]),
    "no average for its decays": ("average", lambda _: None),
    "no decays for the average": ("average_decays", lambda _: None),
    "fewer decays": ("average_decays", lambda a: a[:-1]),
    "a step before the first": ("first", lambda _: -1),
    "fewer learning rates": ("learning_rates", lambda a: a[:-1]),
    "more learning rates": ("learning_rates", lambda a: np.ones(4, np.float32)),
    "float64 learning rates": ("learning_rates", lambda a: a.astype(np.float64)),
    "fewer losses": ("losses", lambda a: a[:-1]),
    "float64 losses": ("losses", lambda a: a.astype(np.float64)),
    "losses for reading": ("losses", read_only),
    "losses with steps": ("losses", every_other),
}


@pytest.mark.parametrize("name", WRONG)
def test_training_on_wrong_arguments_is_refused(name: str, module: Any, trainer: Any) -> None:
    arguments = training(trainer)
    before = arguments["weights"].copy()
    argument, change = WRONG[name]
    weights = arguments["weights"]
    arguments[argument] = change(arguments[argument])
    with pytest.raises((ValueError, TypeError)):
        train(module, trainer, arguments)
    np.testing.assert_array_equal(weights, before)


MIXED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "partners alone": ("shares", lambda _: None),
    "shares alone": ("partners", lambda _: None),
    "fewer partners": ("partners", lambda a: a[:-1]),
    "a partner beyond the order": ("partners", put(3, IMAGES)),
    "a partner below 0": ("partners", put(3, -1)),
    "fewer shares": ("shares", lambda a: a[:-1]),
    "a share above 1": ("shares", put(3, 1.1)),
    "a share that is no number": ("shares", put(3, np.nan)),
    "targets of mixed images": ("targets", lambda _: np.eye(CLASSES)[np.arange(20) % CLASSES]),
    "no labels of mixed images": ("labels", lambda _: None),
    "fewer rectangles": ("erased", lambda a: a[:-1].copy()),
    "rectangles of three numbers": ("erased", lambda a: a[:, :3].copy()),
    "64-bit rectangles": ("erased", lambda a: a.astype(np.int64)),
    "a rectangle below the image": ("erased", put((3, 0), 3)),
    "a rectangle above the image": ("erased", put((3, 0), -1)),
    "a rectangle beyond the right edge": ("erased", put((3, 3), 6)),
    "a rectangle of no height": ("erased", put((3, 2), -1)),
    "a rectangle beyond 32 bits": ("erased", put((3, 1), 2**31 - 1)),
    "fewer fields": ("fields", lambda a: a[:-1].copy()),
    "one field": ("fields", lambda a: a[:, :1].copy()),
    "fields of other images": ("fields", lambda a: a.transpose(0, 1, 3, 2).copy()),
    "fields of signed bytes": ("fields", lambda a: a.astype(np.int8)),
    "fields that nothing smooths": ("smooth_rows", lambda _: None),
    "nothing to smooth": ("fields", lambda _: None),
    "fields without warps": ("warps", lambda _: None),
    "a smaller matrix": ("smooth_columns", lambda a: a[:-1].copy()),
    "a matrix of other images": ("smooth_rows", lambda a: a[:-1, :-1].copy()),
    "a float64 matrix": ("smooth_rows", lambda a: a.astype(np.float64)),
}


@pytest.mark.parametrize("name", MIXED)
def test_changing_images_with_wrong_arguments_is_refused(
    name: str, module: Any, trainer: Any
) -> None:
    arguments = training(trainer) | {
        "targets": None,
        "partners": np.arange(IMAGES)[::-1].copy(),
        "shares": np.full(IMAGES, 0.3, np.float32),
        "erased": np.tile(np.array([1, 0, 2, 3], np.int32), (IMAGES, 1)),
        "fields": np.zeros((IMAGES, 2, 4, 5), np.uint8),
        "smooth_columns": np.eye(4, dtype=np.float32),
        "smooth_rows": np.eye(5, dtype=np.float32),
    }
    assert np.isfinite(train(module, trainer, {**arguments}).loss)
    argument, change = MIXED[name]
    changed = change(arguments[argument])
    if argument == "targets":
        changed = changed.astype(np.float32)
    with pytest.raises((ValueError, TypeError)):
        train(module, trainer, arguments | {argument: changed})


@pytest.mark.parametrize(
    ("leave_out", "fits"),
    [
        (("labels",), True),
        (("targets",), True),
        (("targets", "image_weights", "warps", "transition", "losses"), True),
        (("labels", "targets"), False),
    ],
)
def test_what_may_be_left_out(
    leave_out: tuple[str, ...], fits: bool, module: Any, trainer: Any
) -> None:
    arguments = training(trainer) | dict.fromkeys(leave_out)
    if fits:
        assert np.isfinite(train(module, trainer, arguments).loss)
    else:
        with pytest.raises(ValueError, match=r"labels.*targets"):
            train(module, trainer, arguments)


def test_running_statistics_stand_behind_the_weights(module: Any) -> None:
    trainer = built(module, "batch_norm")
    assert trainer.buffer_count == 4
    count = trainer.weight_count
    arguments = training(trainer)
    for name in ("weights", "average"):
        with pytest.raises(ValueError, match="weight_count"):
            train(module, trainer, arguments | {name: arguments[name][:count].copy()})

    arguments["weights"][-4:] = 0.25
    train(module, trainer, arguments)

    assert not np.any(arguments["weights"][-4:] == np.float32(0.25))
    few = arguments | {"order": np.arange(3), "warps": None}
    given = (group(module, name, few) for name in ("Batches", "Objective"))
    with pytest.raises(ValueError, match="weight_count"):
        trainer.gradient(*given, few["weights"], np.zeros(count + 4, np.float32))


def test_dropout_needs_its_masks_for_training_alone(module: Any) -> None:
    trainer = new(module)
    trainer.add("dropout", p=0.5)
    linear(trainer)
    trainer.finish(BATCH)
    assert trainer.mask_size == 20
    arguments = training(trainer)
    with pytest.raises(ValueError, match="masks"):
        train(module, trainer, arguments)
    arguments["masks"] = np.ones((IMAGES, 20), np.uint8)
    for wrong in (arguments["masks"][:-1], arguments["masks"][:, :-1].copy()):
        with pytest.raises(ValueError, match="masks"):
            train(module, trainer, arguments | {"masks": wrong})
    assert np.isfinite(train(module, trainer, arguments).loss)
    arguments["masks"] = None
    given = (group(module, name, arguments) for name in ("Batches", "Objective"))
    assert np.isfinite(trainer.score(*given, arguments["weights"]).loss)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("order", np.zeros(0, np.int64)),
        ("order", np.zeros(17, np.int64)),
        ("weights", np.zeros(3, np.float32)),
        ("out", np.zeros(3, np.float32)),
        ("out", np.zeros(1000, np.float32)),
        ("losses", np.zeros(3, np.float32)),
    ],
)
def test_gradients_of_wrong_arguments_are_refused(
    argument: str, value: Any, module: Any, trainer: Any
) -> None:
    good = training(trainer) | {"order": np.arange(BATCH), "warps": None}
    good |= {"out": good["weights"].copy(), "losses": None}

    def call(arguments: dict[str, Any]) -> Any:
        given = (group(module, name, arguments) for name in ("Batches", "Objective"))
        return trainer.gradient(*given, *(arguments[n] for n in ("weights", "out", "losses")))

    assert np.isfinite(call(good).loss)
    with pytest.raises(ValueError, match=argument):
        call(good | {argument: value})


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("labels", np.full(IMAGES, CLASSES)),
        ("image_weights", np.zeros(3, np.float32)),
        ("weights", np.zeros(3, np.float32)),
        ("losses", np.zeros(3, np.float32)),
        ("losses", np.zeros(IMAGES, np.float64)),
    ],
)
def test_scores_of_wrong_arguments_are_refused(
    argument: str, value: Any, module: Any, trainer: Any
) -> None:
    def call(arguments: dict[str, Any]) -> Any:
        given = (group(module, name, arguments) for name in ("Batches", "Objective"))
        return trainer.score(*given, arguments["weights"], arguments["losses"])

    good = training(trainer)
    assert np.isfinite(call(good).loss)
    assert (good["losses"] > 0).all()
    with pytest.raises((ValueError, TypeError)):
        call(good | {argument: value})


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
    good = training(trainer) | {"out": np.zeros((IMAGES, CLASSES), np.float32)}

    def call(arguments: dict[str, Any]) -> None:
        batches = module.Batches(images=arguments["images"], order=arguments["order"])
        trainer.logits(batches, arguments["weights"], arguments["out"])

    call(good)
    assert good["out"].any()
    with pytest.raises((ValueError, TypeError)):
        call(good | {argument: value})


def test_nothing_is_trained_before_finish(module: Any, trainer: Any) -> None:
    unfinished = new(module)
    linear(unfinished)
    with pytest.raises(ValueError, match="finish"):
        train(module, unfinished, training(trainer))


def test_wrong_selections_are_refused(module: Any, trainer: Any) -> None:
    first = built(module, "relu", selects=True)
    peer = built(module, "relu", beside=first)
    assert np.isfinite(select(module, first, peer).loss)
    assert np.isfinite(select(module, first, None, "own", states=1).loss)
    alone = built(module, "relu", selects=True)
    average = training(first) | {"average": None, "average_decays": None}
    wrong: list[tuple[Any, Any, dict[str, Any]]] = [
        (trainer, None, {"judge": "own", "states": 1}),  # was not finished for it
        (first, alone, {}),
        (first, first, {}),
        (first, None, {"states": 1}),
        (first, None, {"judge": "joint", "states": 1}),
        (first, None, {"judge": "own", "states": 1, "disputed": True}),
        (first, None, {"judge": "own"}),
        (first, peer, {"states": 1}),
        (first, peer, {"states": 3}),
        (first, peer, {"arguments": average}),
        (first, peer, {"judge": "nobody"}),
        *((first, peer, {"keep": keep}) for keep in (0.0, 1.1, -1.0, np.nan)),
        *((first, peer, {"agreement": number}) for number in (-0.1, 1.1, np.nan)),
    ]
    for one, other, settings in wrong:
        with pytest.raises((ValueError, TypeError)):
            select(module, one, other, **settings)


def test_peers_have_the_same_layers(module: Any, trainer: Any) -> None:
    first = built(module, "relu", selects=True)
    for other in (trainer, new(module)):
        with pytest.raises(ValueError, match="finish"):
            built(module, "relu", beside=other)
    colored = new(module, (4, 5, 3))
    linear(colored)
    with pytest.raises(ValueError, match="layers"):
        colored.finish_beside(first)
    with pytest.raises(ValueError, match="beside"):
        select(module, first, colored)


def test_a_peer_that_diverges_ends_the_training_of_both(module: Any) -> None:
    first = built(module, "relu", selects=True)
    peer = built(module, "relu", beside=first)
    of_peer = training(first)
    of_peer["weights"][:] = 1e30  # finite, and its logits are not
    assert not np.isfinite(select(module, first, peer, of_peer=of_peer).loss)
