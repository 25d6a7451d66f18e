"""What a study asks is refused before training where its configurations cannot answer it."""

from pathlib import Path

import pytest

from commands import Refused
from seedbed.core.errors import StudyError
from seedbed.study.asked import asked_problems
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from small import write_images

GRID = """name = "asked"
dataset = "digits"
seeds = 2
network = ["lenet5", "resnet8"]
{asked}
[recipe]
learning_rate = [0.1, 0.01]
[[variants]]
name = "short"
recipe = {{ epochs = 1 }}
[[variants]]
name = "long"
recipe = {{ epochs = 2, batch_size = 32 }}
"""


def parsed(compare: str = "", claim: str = "") -> None:
    asked = f'compare = "{compare}"' if compare else ""
    text = GRID.format(asked=asked)
    parse_study(text + (f'[[claims]]\nclaim = "c"\n{claim}\n' if claim else ""), "mine.toml")


@pytest.mark.parametrize("name", ["network", "network.name", "recipe", "recipe.epochs"])
def test_what_varies_can_be_compared(name: str) -> None:
    parsed(compare=name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("variant", ""), ("recipe.momentum", ""), ("recipe.epoch", "recipe.epochs"), ("nets", "")],
)
def test_what_does_not_vary_cannot_be_compared(name: str, nearest: str) -> None:
    with pytest.raises(StudyError) as error:
        parsed(compare=name)
    assert error.value.where == "mine.toml, line 5, compare"
    assert repr(name) in error.value.what
    assert "recipe.learning_rate" in error.value.what
    assert nearest in error.value.what


def test_an_override_that_leaves_nothing_to_compare_is_named() -> None:
    text = 'name = "s"\nseeds = 1\ndataset = "digits"\nnetwork = ["lenet5", "resnet8"]\n'
    text += 'compare = "network"\n'
    parse_study(text, "s.toml")
    with pytest.raises(StudyError) as error:
        parse_study(text, "s.toml", [Override.parse("network=lenet5")])
    assert error.value.where == "s.toml, line 5, compare"


@pytest.mark.parametrize(
    "claim",
    [
        'better = ["network=lenet5"]\nthan = ["network=resnet8"]',
        'better = ["variant=long"]\nthan = ["variant=short"]',
        'equal = ["learning_rate=0.1"]\nto = ["recipe.learning_rate=0.01"]\nwithin = 1.0',
        'falls_with = "learning_rate"',
    ],
)
def test_claims_that_can_be_answered_are_taken(claim: str) -> None:
    parsed(claim=claim)


@pytest.mark.parametrize(
    ("claim", "line", "field", "names"),
    [
        ('better = ["network=lenet5"]\nthan = ["network=vit"]', 17, "than", ["lenet5", "resnet8"]),
        ('better = ["learningrate=0.1"]\nthan = ["network=vit"]', 16, "better", ["learning_rate"]),
        ('better = ["variant=tall"]\nthan = ["variant=short"]', 16, "better", ["short", "long"]),
        ('rises_with = "recipe.learning_rates"', 16, "rises_with", ["recipe.learning_rate"]),
        ('falls_with = "recipe.momentum"', 16, "falls_with", ["recipe.momentum"]),
        ('falls_with = "recipe.epochs"', 16, "falls_with", ["recipe.epochs"]),
        ('equal = ["epochs=1"]\nto = ["epochs=2"]\nwithin = 1.0', 14, "", []),
    ],
)
def test_claims_that_cannot_be_answered_are_refused(
    claim: str, line: int, field: str, names: list[str]
) -> None:
    with pytest.raises(StudyError) as error:
        parsed(claim=claim)
    assert error.value.where == f"mine.toml, line {line}, claims.0{f'.{field}' * bool(field)}"
    assert [name for name in names if name not in error.value.what] == []


@pytest.mark.parametrize(
    ("seeds", "crossed"), [("4", False), ("{ order = 4 }", False), ("{ order = 2, run = 2 }", True)]
)
def test_looks_need_independent_seeds(seeds: str, crossed: bool) -> None:
    text = GRID.format(asked="").replace("seeds = 2", f"seeds = {seeds}")
    claim = 'claim = "c"\nfalls_with = "learning_rate"\n'
    parse_study(text + f"[[claims]]\n{claim}", "mine.toml")
    with_looks = f"{text}[[claims]]\n{claim}looks = [2, 4]\n"
    if not crossed:
        parse_study(with_looks, "mine.toml")
        return
    with pytest.raises(StudyError) as error:
        parse_study(with_looks, "mine.toml")
    assert error.value.where == "mine.toml, line 17, claims.0.looks"
    assert "order" in error.value.what


def test_results_can_be_read_whatever_they_ask() -> None:
    text = GRID.format(asked='compare = "variant"')
    spec = parse_study(text, "study.toml", stored=True)
    assert [key for key, _ in asked_problems(spec)] == [("compare",)]


@pytest.mark.parametrize("command", ["plan", "run"])
def test_datasets_with_other_test_images_are_not_compared(
    command: str, tmp_path: Path, refused: Refused
) -> None:
    one, other = write_images(tmp_path / "one"), write_images(tmp_path / "other", count=90)
    file = tmp_path / "study.toml"
    file.write_text(
        f'name = "s"\nseeds = 1\nnetwork = "lenet5"\ncompare = "dataset"\nrecipe.epochs = [1, 2]\n'
        f'dataset = [{{ path = "{one}" }}, {{ path = "{other}" }}]\n'
    )
    error = refused(command, file, "--out", tmp_path / "results")
    assert error.where == "compare"
    assert "recipe.epochs" in error.what
    assert not list((tmp_path / "results").glob("runs/*"))
