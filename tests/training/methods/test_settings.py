"""What the methods for noisy labels accept, and what each is told."""

from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.noise.labels import noisy_labels
from seedbed.noise.spec import NoiseSpec
from seedbed.training.losses.registry import LOSSES
from seedbed.training.methods.base import RunLabels
from seedbed.training.methods.registry import METHODS, read_method
from seedbed.training.objective import Selection
from seedbed.training.recipe import Recipe
from sentences import Sentence

NAMES = ("a", "b", "c")
ROWS = ((0.9, 0.1, 0.0), (0.0, 1.0, 0.0), (0.2, 0.0, 0.8))

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a correction without a matrix": ({"method": "forward"}, "transition: is missing"),
    "a setting of estimation without it": (
        {"method": "forward", "transition": "noise", "warmup": 0.2},
        'warmup: is only for transition = "estimated"',
    ),
    "class names of nothing": (
        {"method": "backward", "transition": "estimated", "classes": ["a"]},
        "classes: is only for a transition matrix from a file or in rows",
    ),
    "rows that are no matrix": (
        {"method": "forward", "transition": [[0.5, 0.4], [0.5, 0.5]]},
        "transition: row 0 (counted from 0) of the transition matrix sums to 0.9",
    ),
    "a forget rate of 1": (
        {"method": "co-teaching", "forget_rate": 1},
        'forget_rate: 1 cannot be used; expected a number from 0 to less than 1, or "noise"',
    ),
    "a forget rate below 0": ({"method": "jocor", "forget_rate": -0.1}, "forget_rate: -0.1 "),
    "a word as forget rate": (
        {"method": "small-loss", "forget_rate": "nose"},
        "forget_rate: 'nose' ",
    ),
    "a setting of another method": (
        {"method": "co-teaching", "forget_rate": 0.2, "transition": "noise"},
        "co-teaching does not use transition; it belongs to forward, backward",
    ),
    "a setting of no method": ({"method": "standard", "beta": 1}, "beta: "),
    "a decay of 1": ({"method": "early-learning", "decay": 1.0}, "decay: "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_are_refused_in_one_line(case: str) -> None:
    settings, problem = BAD[case]
    with pytest.raises(StudyError) as error:
        Recipe(robust=settings)
    assert error.value.where == "robust"
    assert error.value.what.startswith(problem)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_that_a_method_cannot_use_is_refused(loss: str) -> None:
    sums = {"cross-entropy", "brier", "mae", "generalized-cross-entropy"}
    usable = {
        "forward": loss in sums,
        "backward": loss == "cross-entropy",
        "jocor": loss == "cross-entropy",
        "early-learning": True,
        "co-teaching": True,
    }
    for method, fits in usable.items():
        given: dict[str, Any] = {"forget_rate": 0.2} if method in ("jocor", "co-teaching") else {}
        given |= {"transition": "noise"} if method in ("forward", "backward") else {}
        recipe: dict[str, Any] = {"loss": loss, "robust": {"method": method, **given}}
        if fits:
            assert Recipe(**recipe).robust.method == method
        else:
            with pytest.raises(StudyError) as error:
                Recipe(**recipe)
            assert error.value.where == "robust"
            assert loss in error.value.what


@pytest.mark.parametrize(
    "robust",
    [
        {"method": "backward", "transition": "noise"},
        {"method": "jocor", "forget_rate": 0.2},
    ],
)
def test_methods_with_rows_of_their_own_do_not_smooth_labels(robust: dict[str, Any]) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust=robust, label_smoothing=0.1)
    assert error.value.where == "robust"
    assert "smooth" in error.value.what


def test_what_a_method_is_told() -> None:
    told: dict[str, dict[str, dict[str, Any]]] = {
        "standard": {"nothing": {}},
        "forward": {
            "transition": {"transition": "noise"},
            "nothing": {"transition": "estimated"},
        },
        "backward": {"transition": {"transition": ROWS}},
        "early-learning": {"nothing": {}},
        "small-loss": {"rate": {"forget_rate": "noise"}},
        "co-teaching": {"rate": {"forget_rate": 0.3}},
        "co-teaching-plus": {"rate": {"forget_rate": 0.3}},
        "jocor": {"rate": {"forget_rate": 0.3}},
    }
    assert set(told) == set(METHODS)
    for method, cases in told.items():
        for expected, settings in cases.items():
            assert read_method({"method": method, **settings}).told == expected


def run_labels(noise: NoiseSpec) -> RunLabels:
    labels = noisy_labels(np.arange(300) % 3, noise, NAMES, seed=0)
    return RunLabels(labels, np.arange(0, 300, 2), NAMES, Seeds())


def test_the_noise_rate_is_that_of_the_transition_matrix() -> None:
    rate = run_labels(NoiseSpec(kind="symmetric", rate=0.4)).noise_rate
    assert rate == pytest.approx(0.4)
    method = read_method({"method": "co-teaching", "forget_rate": "noise"})
    state = method.state(run_labels(NoiseSpec(kind="matrix", matrix=ROWS)))
    assert state["forget_rate"] == pytest.approx([0.1])  # (0.1 + 0 + 0.2) / 3


def test_a_noise_rate_of_1_leaves_nothing(sentence: Sentence) -> None:
    method = read_method({"method": "co-teaching", "forget_rate": "noise"})
    noise = NoiseSpec(kind="pair", rate=1)
    with pytest.raises(StudyError) as error:
        method.check(noise, NAMES)
    assert error.value.where == "recipe.robust.forget_rate"
    sentence(error.value)
    with pytest.raises(StudyError):
        method.state(run_labels(noise))


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c", "d")])
def test_a_matrix_of_another_size_is_refused(names: tuple[str, ...]) -> None:
    method = read_method({"method": "forward", "transition": ROWS})
    with pytest.raises(StudyError) as error:
        method.check(NoiseSpec(), names)
    assert error.value.where == "recipe.robust.transition"
    assert f"{len(names)}×{len(names)}" in error.value.expected


def test_rows_are_in_the_order_of_the_classes() -> None:
    method = read_method({"method": "forward", "transition": ROWS, "classes": ["c", "a", "b"]})
    matrix = method.state(run_labels(NoiseSpec()))["transition"]
    assert matrix[2].tolist() == [0.1, 0.0, 0.9]  # c is the first of the rows, then a, b
    other = read_method({"method": "forward", "transition": ROWS, "classes": ["c", "a", "x"]})
    with pytest.raises(StudyError) as error:
        other.check(NoiseSpec(), NAMES)
    assert error.value.where == "recipe.robust.classes"


def test_a_singular_matrix_has_no_backward_correction() -> None:
    noise = NoiseSpec(kind="symmetric", rate=2 / 3)
    forward, backward = (
        read_method({"method": method, "transition": "noise"}) for method in ("forward", "backward")
    )
    forward.check(noise, NAMES)
    with pytest.raises(StudyError) as error:
        backward.check(noise, NAMES)
    assert error.value.where == "recipe.robust.transition"
    assert "singular" in error.value.what
    assert "forward" in error.value.hint


def test_the_number_of_images_is_rounded_down() -> None:
    assert [Selection("own", 0.6).count(images) for images in (1, 4, 5)] == [1, 2, 3]
    assert Selection("own", 0.01).count(5) == 1  # at least one
    assert Selection("own", 1 - 0.9).count(10) == 1  # 0.09999999999999998 of ten
    assert Selection("own", 1.0).count(7) == 7
