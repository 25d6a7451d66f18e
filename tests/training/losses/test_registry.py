"""What a study file may say of a loss."""

from typing import Any

import pytest

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import did_you_mean, unknown
from seedbed.training.losses.brier import Brier
from seedbed.training.losses.generalized_cross_entropy import GeneralizedCrossEntropy
from seedbed.training.losses.registry import LOSSES, read_loss
from seedbed.training.recipe import Recipe
from sentences import Sentence


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
    ],
)
def test_another_name_of_a_loss_is_answered_with_ours(value: object, nearest: str) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss=value)
    assert did_you_mean(nearest, LOSSES) in error.value.what
    assert ", ".join(LOSSES) in error.value.what


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss="breir")
    assert error.value.what == unknown("loss", "breir", LOSSES)


@pytest.mark.parametrize(
    "value",
    [3, True, None, [], {}, {"q": 0.7}, {"name": 3}, {"name": ["mae"]}, {"name": "mae", "no": 1}],
)
def test_what_is_no_loss_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss=value)
    assert error.value.where == "loss"
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"q": 0.7}, id="no name"),
        pytest.param("gce", id="another name"),
        pytest.param({"name": "mae", "q": 0.7}, id="another loss's parameter"),
    ],
)
def test_the_sentences_about_losses(value: object, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss=value)
    sentence(error.value)


def test_a_loss_is_frozen() -> None:
    with pytest.raises(StudyError) as error:
        Brier().name = "mae"  # type: ignore[assignment,misc]
    assert error.value.where == "Brier"


def test_a_parameter_is_part_of_the_loss_of_what_is_stored_and_of_equality() -> None:
    recipe = Recipe(loss={"name": "generalized-cross-entropy", "q": 0.5})
    assert recipe.model_dump(mode="json")["loss"] == {"name": "generalized-cross-entropy", "q": 0.5}
    assert recipe.loss == GeneralizedCrossEntropy(q=0.5) != GeneralizedCrossEntropy()
    assert Recipe(**recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize("q", [0, 0.001, 1.01, -1, float("nan"), "0.7", True])
def test_a_parameter_outside_of_its_range_is_refused(q: object) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss={"name": "generalized-cross-entropy", "q": q})
    assert error.value.where == "loss"
    assert error.value.what.startswith("q: ")


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "generalized-cross-entropy"])
def test_a_parameter_of_another_loss_is_refused_with_its_owner(name: str) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(loss={"name": name, "q": 0.7})
    assert error.value.where == "loss"
    assert error.value.what.startswith(f"{name} ")
    assert error.value.what.endswith(" generalized-cross-entropy")
