"""Settings are validated, and all mistakes are reported at once, by field."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from seedbed.core.errors import StudyError
from seedbed.core.settings import Fraction, Problem, Settings, explain
from sentences import Sentence


class Inner(Settings):
    shift: int = Field(default=0, ge=0)


class Outer(Settings):
    name: Literal["sgd", "adam"] = "sgd"
    rate: Fraction = 0.5
    sizes: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    augmentation: Inner = Inner()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"raet": 1}, "raet"),
    "unknown inner field": ({"augmentation": {"shfit": 1}}, "augmentation.shfit"),
    "unknown choice": ({"name": "sdg"}, "name"),
    "no table": ({"augmentation": 3}, "augmentation"),
    "text for a number": ({"rate": "0.1"}, "rate"),
    "bool for a number": ({"rate": True}, "rate"),
    "too large": ({"rate": 1.0}, "rate"),
    "not finite": ({"rate": float("nan")}, "rate"),
    "too short": ({"sizes": ()}, "sizes"),
}


@pytest.mark.parametrize(("values", "where"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_reported_with_its_field(
    values: dict[str, Any], where: str, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        Outer(**values)
    assert error.value.where == where
    sentence(error.value)


def test_all_mistakes_are_reported_at_once(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        Outer(rate=2, augmentation={"shift": -1})  # type: ignore[arg-type]
    assert error.value.where == ""
    assert "rate" in error.value.what
    assert "augmentation.shift" in error.value.what
    sentence(error.value)


def test_mistakes_of_an_inner_model_have_their_whole_path() -> None:
    with pytest.raises(ValidationError) as error:
        Outer.model_validate({"rate": 2, "augmentation": {"shfit": 1}})
    problems = explain(error.value, Outer)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert [problem.where for problem in problems] == ["rate", "augmentation.shfit"]
    assert "'shift'" in problems[1].what


def test_settings_are_frozen() -> None:
    with pytest.raises(StudyError):
        Outer().rate = 0.1  # type: ignore[misc]
