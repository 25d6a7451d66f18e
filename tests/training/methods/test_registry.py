"""What a study file may say of a method; a toy with parameters is in the registry."""

from typing import Any, Literal

import pytest
from pydantic import Field

import small
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from seedbed.training.methods.base import Arrays, Method, Steps
from seedbed.training.methods.registry import METHODS, read_method
from seedbed.training.methods.standard import Standard
from seedbed.training.recipe import Recipe


class Dropping(Method):
    """A parameter that must be given, and one with a default."""

    method: Literal["dropping"] = "dropping"
    drop: float = Field(ge=0, lt=1)
    steepness: int = 10

    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "dropping", Dropping)


HEAD = "name = 'x'\ndataset = 'mnist'\nnetwork = 'lenet5'\nseeds = 1\n"


def configurations(method: str, *settings: str) -> tuple[Configuration, ...]:
    text = f"{HEAD}recipe.robust = {method}\n"
    spec = parse_study(text, "x.toml", list(map(Override.parse, settings)))
    return small.bound(spec, "0" * 64).configurations


def labels(found: tuple[Configuration, ...]) -> list[str]:
    return [each.label for each in found]


def test_a_name_a_table_and_an_object_mean_the_same() -> None:
    assert read_method("standard") == read_method({"method": "standard"}) == Standard()
    assert read_method(Dropping(drop=0.2)) == read_method({"method": "dropping", "drop": 0.2})
    assert Recipe().robust == Recipe(robust="standard").robust == Standard()


@pytest.mark.parametrize("value", ["standard", {"method": "dropping", "drop": 0.2}])
def test_what_is_stored_says_everything_and_is_read_back(value: Any) -> None:
    recipe = Recipe(robust=value)
    stored = recipe.model_dump(mode="json")
    assert stored["robust"] == {"method": recipe.robust.method, **recipe.robust.parameters}
    assert Recipe(**stored) == recipe
    assert hash(Recipe(**stored)) == hash(recipe)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_every_parameter_is_stored() -> None:
    stored = Recipe(robust={"method": "dropping", "drop": 0.2}).model_dump(mode="json")
    assert stored["robust"] == {"method": "dropping", "drop": 0.2, "steepness": 10}
    assert Recipe().model_dump(mode="json")["robust"] == {"method": "standard"}


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust="standrad")
    assert error.value.where == "robust"
    assert error.value.what == unknown("method", "standrad", METHODS)
    assert "'standard'" in error.value.what


@pytest.mark.parametrize(
    "value", [3, True, None, [], {}, {"drop": 0.2}, {"method": 3}, {"method": "standard", "no": 1}]
)
def test_what_is_no_method_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust=value)
    assert error.value.where == "robust"
    assert "\n" not in str(error.value)


def test_a_loss_is_no_method() -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust=Recipe().loss)
    assert error.value.where == "robust"


def test_a_parameter_of_another_method_is_refused_with_its_owner() -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust={"method": "standard", "drop": 0.2})
    assert error.value.where == "robust"
    assert error.value.what == "standard does not use drop; it belongs to dropping"


@pytest.mark.parametrize("parameters", [{}, {"drop": 1}, {"drop": "0.2"}, {"drop": float("nan")}])
def test_a_parameter_that_is_missing_or_out_of_range_is_named(parameters: dict[str, Any]) -> None:
    with pytest.raises(StudyError) as error:
        Recipe(robust={"method": "dropping", **parameters})
    assert error.value.where == "robust"
    assert error.value.what.startswith("drop: ")
    assert "\n" not in str(error.value)


def test_a_mistake_in_a_study_file_has_its_line() -> None:
    with pytest.raises(StudyError) as error:
        configurations('{ method = "dropping", drop = 2 }')
    assert error.value.where == "x.toml, line 5, recipe.robust"


def test_methods_and_their_parameters_make_axes_and_labels() -> None:
    found = configurations('["standard", { method = "dropping", drop = [0.1, 0.2] }]')
    assert labels(found) == [
        "method=standard",
        "method=dropping, robust.drop=0.1",
        "method=dropping, robust.drop=0.2",
    ]
    assert len({each.id for each in found}) == 3


def test_a_parameter_with_its_default_is_not_in_labels() -> None:
    found = configurations('[{ method = "dropping", drop = 0.1 }, "standard"]')
    assert labels(found) == ["method=dropping, robust.drop=0.1", "method=standard"]


def test_a_parameter_can_be_changed_from_the_command_line() -> None:
    (found,) = configurations('{ method = "dropping", drop = 0.1 }', "recipe.robust.drop=0.3")
    assert found.recipe.robust == Dropping(drop=0.3)
