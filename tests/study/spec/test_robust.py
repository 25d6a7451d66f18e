"""What a study file may say of a method for noisy labels."""

from pathlib import Path

import numpy as np
import pytest

import small
from seedbed.core.errors import StudyError
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from sentences import Sentence

HEAD = "name = 'x'\ndataset = 'mnist'\nnetwork = 'lenet5'\nseeds = 1\n"
NOISE = "noise = { kind = 'pair', rate = 0.45 }\n"


def configurations(
    text: str, *settings: str, folder: Path | None = None
) -> tuple[Configuration, ...]:
    spec = parse_study(HEAD + text, "x.toml", list(map(Override.parse, settings)), folder=folder)
    return small.bound(spec, "0" * 64).configurations


def labels(text: str, *settings: str) -> list[str]:
    return [each.label for each in configurations(text, *settings)]


def test_a_table_of_its_own_and_a_short_form_mean_the_same() -> None:
    (one,) = configurations("[recipe.robust]\nmethod = 'early-learning'\n")
    (other,) = configurations("recipe = { robust = 'early-learning' }\n")
    assert one == other
    (set_,) = configurations("", "recipe.robust=early-learning")
    assert set_.recipe.robust == one.recipe.robust


def test_settings_are_axes_and_labels_say_what_methods_are_told() -> None:
    table = NOISE + "recipe.robust = ['standard', { method = ['forward', 'backward'], "
    assert labels(table + "transition = ['noise', 'estimated'] }]\n") == [
        "method=standard",
        "method=forward, robust.transition=noise [told T]",
        "method=forward, robust.transition=estimated",
        "method=backward, robust.transition=noise [told T]",
        "method=backward, robust.transition=estimated",
    ]
    rates = "recipe.robust = { method = 'co-teaching', forget_rate = ['noise', 0.2] }\n"
    assert labels(NOISE + rates) == [
        "robust.forget_rate=noise [told the rate]",
        "robust.forget_rate=0.2 [told the rate]",
    ]


def test_a_setting_from_the_command_line_keeps_the_method() -> None:
    table = "recipe.robust = { method = 'forward', transition = 'noise' }\n"
    (found,) = configurations(table, "recipe.robust.transition=estimated")
    assert found.settings["recipe.robust.method"] == "forward"
    assert found.settings["recipe.robust.transition"] == "estimated"
    (short,) = configurations("recipe.robust = 'early-learning'\n", "recipe.robust.weight=1.0")
    assert short.settings["recipe.robust.weight"] == 1.0


@pytest.mark.parametrize("name", ["T.csv", "T.npy"])
def test_a_matrix_in_a_file_is_read_once_and_its_path_forgotten(name: str, tmp_path: Path) -> None:
    matrix = (0.6 * np.eye(10) + 0.04).round(2)
    path = tmp_path / name
    if name == "T.npy":
        np.save(path, matrix)
    else:
        np.savetxt(path, matrix, delimiter=",")
    table = f"recipe.robust = {{ method = ['forward', 'backward'], transition = '{name}' }}\n"
    both = configurations(table, folder=tmp_path)
    assert [each.label for each in both] == [
        "method=forward [told T]",
        "method=backward [told T]",
    ]
    for found in both:
        assert found.settings["recipe.robust.transition"] == matrix.tolist()
    rows = f"recipe.robust = {{ method = 'forward', transition = {matrix.tolist()} }}\n"
    (given,) = configurations(rows)
    assert given.recipe.robust == both[0].recipe.robust
    assert given.id == both[0].id
    path.unlink()
    (again,) = configurations(rows, folder=tmp_path)
    assert again.id == given.id


@pytest.mark.parametrize("word", ["nois", "estimate", "missing.csv"])
def test_a_word_that_is_neither_a_choice_nor_a_file_is_refused(
    word: str, tmp_path: Path, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        configurations(
            f"recipe.robust = {{ method = 'forward', transition = '{word}' }}\n", folder=tmp_path
        )
    assert error.value.where == "recipe.robust.transition"
    sentence(error.value)


def test_a_mistake_has_its_line() -> None:
    with pytest.raises(StudyError) as error:
        configurations("[recipe.robust]\nmethod = 'co-teaching'\nforget_rate = 1\n")
    assert error.value.where.startswith("x.toml, line ")
    assert error.value.where.endswith(", recipe.robust")


def test_a_matrix_of_another_size_is_refused_before_training(tmp_path: Path) -> None:
    rows = "{ method = 'forward', transition = [[0.9, 0.1], [0.2, 0.8]] }"
    spec = small.small_study(tmp_path, settings=[f"recipe.robust={rows}"])
    study = LoadedStudy.load(spec)
    with pytest.raises(StudyError) as error:
        study.task(plan_runs(study.spec)[0])
    assert error.value.where == "recipe.robust.transition"
    assert "3×3" in error.value.expected
