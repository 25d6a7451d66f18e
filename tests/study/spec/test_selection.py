"""--only and --exclude: what they take, and what they say when that is nothing."""

from collections.abc import Sequence

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.selection import ALL, Selection

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


def taken(*only: str, exclude: Sequence[str] = ()) -> list[str]:
    found = Selection.parse(only, exclude).of(CONFIGURATIONS)
    assert [each for each in CONFIGURATIONS if each in found] == found
    return [each.label for each in found]


def test_without_conditions_all_are_taken() -> None:
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
def test_only_what_is_named_is_taken(only: list[str], count: int) -> None:
    assert len(taken(*only)) == count


def test_what_is_excluded_is_not_taken() -> None:
    assert taken("variant=adam", exclude=["learning_rate=1"]) == ["adam, learning_rate=0.1"]
    assert len(taken(exclude=["variant=plain", "learning_rate=1"])) == 3


@pytest.mark.parametrize(
    ("only", "exclude", "expected"),
    [
        (["recipe.learning_rat=1"], [], "--only recipe.learning_rat=1: unknown setting "
         "'recipe.learning_rat' (did you mean 'recipe.learning_rate'?)"),
        (["recipe.learning_rate=0.3"], [], "--only recipe.learning_rate=0.3: no configuration has "
         "this value; recipe.learning_rate is 0.1, 1"),
        ([], ["variant=fast"], "--exclude variant=fast: no configuration has this value; variant "
         "is plain, 10, adam"),
        (["recipe.nesterov=1"], [], "no configuration has this value; recipe.nesterov is "),
        (["variant=adam", "noise=pair"], [], "--only variant=adam, --only noise=pair: no "
         "configuration is left of 10"),
        (["variant=adam"], ["optimizer=adam"], "no configuration is left of 10"),
        (["plain"], [], "--only 'plain' cannot be read; expected KEY=VALUE"),
        ([], ["=3"], "--exclude '=3' cannot be read; expected KEY=VALUE"),
    ],
)  # fmt: skip
def test_what_takes_nothing_is_one_line(only: list[str], exclude: list[str], expected: str) -> None:
    with pytest.raises(StudyError) as caught:
        taken(*only, exclude=exclude)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_variants_there_is_no_such_setting() -> None:
    plain = parse_study(TEXT[: TEXT.index("[[")], "x.toml").configurations
    with pytest.raises(StudyError, match=r"unknown setting 'variant'; expected one of dataset"):
        Selection.parse(["variant=plain"], []).of(plain)
