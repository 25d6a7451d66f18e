"""Study files with a grid: axes, variants, files of noise, and their errors."""

from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import SeedbedError
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from sentences import Sentence
from study_files import GOOD, refusal

GRID = """name = "mine"
dataset = "mnist"
network = { name = "lenet5", activation = ["relu", "elu"] }
seeds = 2

[recipe]
learning_rate = [0.05, 0.1]
betas = [0.9, 0.999]

[noise]
kind = "symmetric"
rate = 0.2

[[variants]]
name = "plain"

[[variants]]
name = "adam"
noise = { kind = "none" }

[variants.recipe]
optimizer = "adam"
learning_rate = 0.001
"""


def test_axes_multiply_in_every_variant() -> None:
    spec = parse_study(GRID, "mine.toml")
    assert [each.label for each in spec.configurations] == [
        "plain, activation=relu, learning_rate=0.05",
        "plain, activation=relu, learning_rate=0.1",
        "plain, activation=elu, learning_rate=0.05",
        "plain, activation=elu, learning_rate=0.1",
        "adam, activation=relu",
        "adam, activation=elu",
    ]
    assert {each.variant for each in spec.configurations} == {"plain", "adam"}
    assert {each.recipe.optimizer for each in spec.configurations[4:]} == {"adam"}
    assert [each.noise.active for each in spec.configurations] == [True] * 4 + [False] * 2


def test_a_resolved_grid_is_a_grid_in_which_what_is_common_is_written_out() -> None:
    spec = parse_study(GRID, "mine.toml")
    written = spec.to_dict()
    assert written["recipe"]["learning_rate"] == [0.05, 0.1]
    assert written["network"]["activation"] == ["relu", "elu"]
    assert written["network"]["dropout"] == 0.0
    assert written["recipe"]["epochs"] == 15
    assert written["noise"] == {"kind": "symmetric", "rate": 0.2}
    assert "momentum" not in written["recipe"]  # adam has none
    assert written["variants"][0] == {"name": "plain"}
    assert parse_study(spec.to_toml(), "study.toml") == spec


@pytest.mark.parametrize(
    ("before", "after", "where", "name"),
    [
        ("[0.05, 0.1]", "[]", "line 7, recipe.learning_rate", ""),
        ("[0.05, 0.1]", "[0.05, 0.05]", "line 7, recipe.learning_rate", "0.05"),
        ("[0.05, 0.1]", "[0.05, -1]", "line 7, recipe.learning_rate", "-1"),
        ("[0.05, 0.1]", "[[0.05], [0.1]]", "line 7, recipe.learning_rate", "[0.05]"),
        ('["relu", "elu"]', '["relu", "rely"]', "line 3, network.activation", "'rely'"),
        ('["relu", "elu"]', "[]", "line 3, network.activation", ""),
        ('dataset = "mnist"', "dataset = []", "line 2, dataset", ""),
        ('"mnist"', '["mnist", "mnits"]', "line 2, dataset.name", "'mnits'"),
        ("rate = 0.2", "rate = [0.2, 2.0]", "line 12, noise.rate", "2.0"),
        ("rate = 0.2", "", "line 10, noise.rate", "symmetric"),
        (
            'kind = "symmetric"\nrate = 0.2',
            'kind = "matrix"\nmatrix = [[0.6, 0.2], [0.2, 2.0]]',
            "line 12, noise.matrix",
            "0.8",
        ),
        ('name = "adam"', 'name = "plain"', "line 18, variants.1.name", "'plain'"),
        ('name = "adam"', "", "line 17, variants.1.name", ""),
        ('name = "adam"', "name = 3", "line 18, variants.1.name", "3"),
        ('name = "adam"', 'name = " "', "line 18, variants.1.name", "' '"),
        ("[variants.recipe]", "[variants.recpie]", "line 21, variants.1.recpie", "'recipe'"),
        (
            "learning_rate = 0.001",
            "learning_rat = 0.001",
            "line 23, variants.1.recipe.learning_rat",
            "'learning_rate'",
        ),
        (
            "learning_rate = 0.001",
            "learning_rate = [0.001, 0]",
            "line 23, variants.1.recipe.learning_rate",
            "0",
        ),
        ("learning_rate = 0.001", "epochs = []", "line 23, variants.1.recipe.epochs", ""),
        (
            "learning_rate = 0.001",
            "momentum = 0.5",
            "line 23, variants.1.recipe.momentum",
            "adam",
        ),
        ("betas = [0.9, 0.999]", "momentum = 0.5", "line 8, recipe.momentum", "adam"),
        ('{ kind = "none" }', '{ kid = "none" }', "line 19, variants.1.noise.kid", "'kind'"),
        (
            'optimizer = "adam"\nlearning_rate = 0.001',
            "learning_rate = [0.05, 0.1]\nbetas = [[0.9, 0.999], [0.9, 0.999]]",
            "line 23, variants.1.recipe.betas",
            "[0.9, 0.999]",
        ),
        (
            'noise = { kind = "none" }\n\n[variants.recipe]\n'
            'optimizer = "adam"\nlearning_rate = 0.001',
            "",
            "",
            "'adam, activation=relu, learning_rate=0.05'",
        ),
    ],
)
def test_a_mistake_in_a_grid_is_one_line_with_its_place(
    before: str, after: str, where: str, name: str
) -> None:
    assert before in GRID
    error = refusal(GRID.replace(before, after, 1))
    assert error.where == f"mine.toml, {where}" if where else "mine.toml"
    assert name in error.what


@pytest.mark.parametrize(
    "values", [pytest.param("[]", id="empty"), pytest.param("[1, 1]", id="repeated")]
)
def test_a_list_that_is_no_axis(values: str, sentence: Sentence) -> None:
    sentence(refusal(GOOD.replace("epochs = 15", f"epochs = {values}")))


@pytest.mark.parametrize("variants", ["3", "[3]", '["plain"]', "{ name = 'plain' }"])
def test_variants_are_tables(variants: str, sentence: Sentence) -> None:
    error = refusal(f"variants = {variants}\n{GOOD}")
    assert error.where == "mine.toml, line 1, variants"
    if variants == "3":
        sentence(error)


def test_a_grid_that_is_too_large_is_not_made(sentence: Sentence) -> None:
    values = list(range(1, 500))
    error = refusal(GOOD, f"recipe.epochs={values}", f"recipe.batch_size={values}")
    assert "249001" in error.what
    sentence(error)


def test_a_setting_on_the_command_line_counts_in_every_variant() -> None:
    settings = ["recipe.learning_rate=0.3", "noise.rate=0.4", "network=lenet5"]
    overrides = [Override.parse(each) for each in settings]
    spec = parse_study(GRID.replace('{ kind = "none" }', '{ kind = "pair", rate = 0.1 }'), "x",
                       overrides)  # fmt: skip
    assert [each.label for each in spec.configurations] == ["plain", "adam"]
    assert {each.recipe.learning_rate for each in spec.configurations} == {0.3}
    assert {each.noise.rate for each in spec.configurations} == {0.4}
    assert {each.network["activation"] for each in spec.configurations} == {"relu"}


def test_a_list_on_the_command_line_is_an_axis() -> None:
    spec = parse_study(GOOD, "x", [Override.parse("recipe.epochs=[1, 2]")])
    assert [each.label for each in spec.configurations] == ["epochs=1", "epochs=2"]
    assert refusal(GOOD, "recipe.epochs=[]").where == "--set recipe.epochs"


def test_files_of_noise_are_read_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "matrix.csv").write_text("0.9,0.1\n0.2,0.8\n", encoding="utf-8")
    labels = np.array([[0, 1, 0], [0, 1, 1], [1, 1, 0]])
    np.savez(tmp_path / "labels.npz", clean_label=labels[0], one=labels[1], two=labels[2])
    text = GOOD + (
        '[[noise]]\nkind = "matrix"\nmatrix = "matrix.csv"\n'
        '[[noise]]\nkind = "human"\nlabels = "labels.npz"\nkey = ["one", "two"]\n'
    )
    spec = parse_study(text, "mine.toml", folder=tmp_path)
    matrix, one, two = (each.noise for each in spec.configurations)
    assert matrix.matrix == ((0.9, 0.1), (0.2, 0.8))
    assert one.labels == two.labels == str(tmp_path / "labels.npz")
    assert one.fingerprint != two.fingerprint
    assert [each.label for each in spec.configurations] == [
        "noise=matrix, noise.matrix=[[0.9,0.1],[0.2,0.8]]",
        "noise=human, noise.labels=labels.npz, noise.key=one",
        "noise=human, noise.labels=labels.npz, noise.key=two",
    ]
    # What is written says it all, wherever it is read and whatever the files hold then.
    for file in tmp_path.iterdir():
        file.unlink()
    assert parse_study(spec.to_toml(), "study.toml", folder=Path("/elsewhere")) == spec


def test_a_file_of_noise_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    text = GOOD + '[noise]\nkind = "matrix"\nmatrix = "matrix.csv"\n'
    with pytest.raises(SeedbedError) as error:
        parse_study(text, "x", folder=tmp_path)
    assert str(tmp_path / "matrix.csv") in error.value.where
