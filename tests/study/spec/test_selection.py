"""--only and --exclude: the configurations that they select, and their errors."""

from collections.abc import Sequence

import pytest

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.selection import ALL, Selection
from sentences import Sentence

TEXT = """
name = "x"
seeds = 1
dataset = "mnist"
network = "lenet5"
recipe.learning_rate = [0.1, 1.0]
recipe.nesterov = [false, true]
[[variants]]
name = "plain"
[[variants]]
name = "10"
noise = { kind = "pair", rate = 0.2 }
[[variants]]
name = "adam"
recipe = { optimizer = "adam", nesterov = false, betas = [0.8, 0.99] }
"""
CONFIGURATIONS = parse_study(TEXT, "x.toml").configurations


def selected(*only: str, exclude: Sequence[str] = ()) -> list[str]:
    configurations = Selection.parse(only, exclude).of(CONFIGURATIONS)
    assert [item for item in CONFIGURATIONS if item in configurations] == configurations
    return [item.label for item in configurations]


def test_without_conditions_all_are_selected() -> None:
    assert ALL.of(CONFIGURATIONS) == list(CONFIGURATIONS)
    assert not ALL
    assert Selection.parse(["variant=adam"], [])


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (["recipe.learning_rate=0.1"], 5),
        (["learning_rate = 0.10"], 5),
        (["recipe.learning_rate=1"], 5),  # an integer is the number that it is
        (["recipe.learning_rate=0.1", "recipe.learning_rate=1"], 10),
        (["variant=plain"], 4),
        (["variant=10"], 4),  # a text, though it could be a number
        (["variant=plain", "variant=adam"], 6),
        (["variant=plain", "recipe.learning_rate=0.1"], 2),
        (["recipe.nesterov=true"], 4),
        (["recipe.nesterov=false"], 4),  # adam has none
        (["noise=pair"], 4),
        (["noise.rate=0.2", "nesterov=true"], 2),
        (["dataset=mnist"], 10),
        (["dataset.name='mnist'"], 10),
        (["recipe.betas=[0.8, 0.99]"], 2),
        (["recipe.augmentation.flip=false"], 10),
    ],
)
def test_only_what_is_named_is_selected(only: list[str], count: int) -> None:
    assert len(selected(*only)) == count


def test_what_is_excluded_is_not_selected() -> None:
    assert selected("variant=adam", exclude=["learning_rate=1"]) == ["adam, learning_rate=0.1"]
    assert len(selected(exclude=["variant=plain", "learning_rate=1"])) == 3


@pytest.mark.parametrize(
    ("only", "exclude", "where", "expected"),
    [
        (["learning_rate=0.3"], [], "--only learning_rate=0.3", "one of 0.1, 1"),
        ([], ["variant=fast"], "--exclude variant=fast", "one of plain, 10, adam"),
        (["recipe.nesterov=1"], [], "--only recipe.nesterov=1", "one of false, true"),
        (["noise.rate=1"], [], "--only noise.rate=1", "0.2"),
        (["variant=adam", "noise=pair"], [], "--only variant=adam, --only noise=pair", ""),
        (["variant=10"], ["noise=pair"], "--only variant=10, --exclude noise=pair", ""),
    ],
    ids=["value", "variant", "type", "one-value", "product", "excluded"],
)  # fmt: skip
def test_what_selects_nothing_is_one_line(
    only: list[str], exclude: list[str], where: str, expected: str, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        selected(*only, exclude=exclude)
    assert (error.value.where, error.value.expected) == (where, expected)
    if where in ("--only learning_rate=0.3", "--only variant=adam, --only noise=pair"):
        sentence(error.value)


def test_an_unknown_setting_has_a_nearest() -> None:
    with pytest.raises(StudyError) as error:
        selected("recipe.learning_rat=1")
    assert error.value.where == "--only recipe.learning_rat=1"
    assert "'recipe.learning_rate'" in error.value.what


@pytest.mark.parametrize(("only", "exclude"), [(["plain"], []), ([], ["=3"])])
def test_a_condition_is_an_assignment(only: list[str], exclude: list[str]) -> None:
    with pytest.raises(StudyError) as error:
        selected(*only, exclude=exclude)
    assert error.value.where == ("--only" if only else "--exclude")


def test_without_variants_there_is_no_such_setting() -> None:
    plain = parse_study(TEXT[: TEXT.index("[[")], "x.toml").configurations
    with pytest.raises(StudyError) as error:
        Selection.parse(["variant=plain"], []).of(plain)
    assert error.value.what == unknown("setting", "variant", plain[0].settings)
