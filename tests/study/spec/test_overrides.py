"""Overrides of settings; their effect on studies is tested in test_reader.py."""

from typing import Any

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.overrides import Override, apply, parse_value, read_assignment
from seedbed.study.spec.reader import parse_values
from sentences import Sentence

SMALL: dict[str, Any] = {"name": "small", "dataset": "mnist", "network": "lenet5"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("true", True),
        ('"3"', "3"),
        ("elu", "elu"),
        ("[1, 2]", [1, 2]),
        ("{ path = 'p' }", {"path": "p"}),
        ("", ""),
        ("3\nb = 4", "3\nb = 4"),
    ],
)
def test_what_is_no_toml_is_a_text(text: str, value: Any) -> None:
    assert parse_value(text) == value


def test_a_key_and_a_value_are_told_apart() -> None:
    assert read_assignment("--set", " a . b = c = d ") == (("a", "b"), "c = d")


@pytest.mark.parametrize("text", ["a", "=b", "a..b=c"])
def test_an_assignment_has_a_key_and_a_value(text: str, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        read_assignment("--only", text)
    assert error.value.where == "--only"
    assert repr(text) in error.value.what
    if text == "a":
        sentence(error.value)


def applied(values: dict[str, Any], text: str) -> dict[str, Any]:
    apply(values, Override.parse(text))
    return values


def test_short_forms_and_lists_of_tables_can_be_set_in() -> None:
    assert applied({"dataset": "mnist"}, "dataset.resize=8") == {
        "dataset": {"name": "mnist", "resize": 8}
    }
    noise = [{"kind": "pair"}, {"kind": "symmetric"}]
    assert applied({"noise": noise}, "noise.rate=0.1") == {
        "noise": [{"kind": "pair", "rate": 0.1}, {"kind": "symmetric", "rate": 0.1}]
    }
    assert applied({"recipe": {"loss": "generalized-cross-entropy"}}, "recipe.loss.q=0.5") == {
        "recipe": {"loss": {"name": "generalized-cross-entropy", "q": 0.5}}
    }
    assert applied({}, "recipe.augmentation.shift=2") == {"recipe": {"augmentation": {"shift": 2}}}


@pytest.mark.parametrize(
    ("variant", "text", "expected"),
    [
        ({"recipe": {"epochs": 2}}, "recipe.epochs=3", {"recipe": {"epochs": 3}}),
        ({"recipe": {"epochs": 2}}, "recipe.batch_size=3", {"recipe": {"epochs": 2}}),
        ({"recipe": {"epochs": 2}}, "recipe={}", {"recipe": {}}),
        ({"network": "lenet5"}, "network=other", {"network": "other"}),
        # A table of another kind takes the study's place, so it needs the setting too.
        ({"noise": {"kind": "pair"}}, "noise.rate=1", {"noise": {"kind": "pair", "rate": 1}}),
        ({"noise": {"exact": True}}, "noise.rate=1", {"noise": {"exact": True}}),
        ({}, "recipe.epochs=3", {}),
        ({"name": "a"}, "name=b", {"name": "a"}),
    ],
)
def test_what_a_variant_says_of_the_same_setting_is_replaced(
    variant: dict[str, Any], text: str, expected: dict[str, Any]
) -> None:
    assert applied({"variants": [variant]}, text)["variants"] == [expected]


def test_a_list_of_losses_is_refused_with_the_form_of_a_table(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        applied({"recipe": {"loss": ["mae", "brier"]}}, "recipe.loss.q=0.5")
    assert error.value.where == "--set recipe.loss.q"
    sentence(error.value)


CROSSED = {"initialization": 4, "order": [1, 2]}


@pytest.mark.parametrize("value", [5, [3, 7]])
def test_a_number_does_not_undo_crossed_seeds(value: Any) -> None:
    with pytest.raises(StudyError) as error:
        parse_values({**SMALL, "seeds": CROSSED}, "study", [Override(("seeds",), value, "--seeds")])
    assert error.value.where == "--seeds"
    assert "initialization=2,order=2" in error.value.expected
    assert f"run={value}" in error.value.hint


@pytest.mark.parametrize(
    ("seeds", "override", "expected"),
    [
        (CROSSED, {"run": 5}, 5),
        (CROSSED, {"initialization": 2, "order": 2}, 4),
        ({"initialization": 4}, 5, 5),
        (3, 5, 5),
        ("many", 5, 5),
    ],
)
def test_other_seeds_can_be_replaced(seeds: Any, override: Any, expected: int) -> None:
    spec = parse_values(
        {**SMALL, "seeds": seeds}, "study", [Override(("seeds",), override, "--seeds")]
    )
    assert len(spec.seeds) == expected
