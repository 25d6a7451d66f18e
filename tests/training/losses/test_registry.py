"""What a study file may say of a loss."""

from typing import Any

import pytest

from seedbed.core.errors import StudyError
from seedbed.training.losses.brier import Brier
from seedbed.training.losses.generalized_cross_entropy import GeneralizedCrossEntropy
from seedbed.training.losses.registry import LOSSES, read_loss
from seedbed.training.recipe import Recipe


@pytest.mark.parametrize("name", LOSSES)
def test_a_name_a_table_and_an_object_mean_the_same(name: str) -> None:
    expected = LOSSES[name]()
    assert read_loss(name) == read_loss({"name": name}) == read_loss(expected) == expected
    assert Recipe(loss=name).loss == expected


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_stored_says_everything_and_is_read_back(name: str) -> None:
    recipe = Recipe(loss=name)
    stored = recipe.model_dump(mode="json")
    assert stored["loss"] == {"name": name, **recipe.loss.parameters}
    assert Recipe(**stored) == recipe
    assert hash(Recipe(**stored)) == hash(recipe)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_every_other_name_belongs_to_one_loss() -> None:
    others = [other for kind in LOSSES.values() for other in kind.known_as]
    assert len({*others, *LOSSES}) == len(others) + len(LOSSES)


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("mse", "brier"),
        ("l1", "mae"),
        ("BCE", "binary-cross-entropy"),
        ({"name": "nll"}, "cross-entropy"),
        ("crossentropy", "cross-entropy"),
        ("breir", "brier"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(value: object, nearest: str) -> None:
    with pytest.raises(StudyError) as caught:
        Recipe(loss=value)
    assert f"did you mean {nearest!r}" in caught.value.what
    assert ", ".join(LOSSES) in caught.value.what


@pytest.mark.parametrize(
    "value",
    [3, True, None, [], {}, {"q": 0.7}, {"name": 3}, {"name": ["mae"]}, {"name": "mae", "no": 1}],
)
def test_what_is_no_loss_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(StudyError) as caught:
        Recipe(loss=value)
    assert caught.value.where == "loss"
    assert "\n" not in str(caught.value)


def test_a_loss_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Brier().name = "mae"  # type: ignore[assignment,misc]


def test_a_parameter_is_part_of_the_loss_of_what_is_stored_and_of_equality() -> None:
    recipe = Recipe(loss={"name": "generalized-cross-entropy", "q": 0.5})
    assert recipe.model_dump(mode="json")["loss"] == {"name": "generalized-cross-entropy", "q": 0.5}
    assert recipe.loss == GeneralizedCrossEntropy(q=0.5) != GeneralizedCrossEntropy()
    assert Recipe(**recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize("q", [0, 0.001, 1.01, -1, float("nan"), "0.7", True])
def test_a_parameter_outside_of_its_range_is_refused(q: object) -> None:
    with pytest.raises(StudyError) as caught:
        Recipe(loss={"name": "generalized-cross-entropy", "q": q})
    assert caught.value.where == "loss"
    assert caught.value.what.startswith("q: ")


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "generalized-cross-entropy"])
def test_a_parameter_of_another_loss_is_refused_with_its_owner(name: str) -> None:
    with pytest.raises(StudyError) as caught:
        Recipe(loss={"name": name, "q": 0.7})
    assert f"{name} does not use q" in caught.value.what
    assert "generalized-cross-entropy" in caught.value.what
