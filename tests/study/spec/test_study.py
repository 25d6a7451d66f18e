"""The resolved study, as Python sees it; what files may say is in test_reader.py."""

import pytest
from pydantic import ValidationError

from seedbed.core.errors import StudyError
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.study import StudyHeader, StudySpec, VariantHeader

TEXT = """
name = "mine"
dataset = ["mnist", "fashion-mnist"]
network = "lenet5"
seeds = 2
[[variants]]
name = "plain"
[[variants]]
name = "small"
dataset.resize = 14
"""


def spec() -> StudySpec:
    return parse_study(TEXT, "mine.toml")


def test_every_dataset_once() -> None:
    assert [(each.name, each.resize) for each in spec().datasets] == [
        ("mnist", None),
        ("fashion-mnist", None),
        ("mnist", 14),
        ("fashion-mnist", 14),
    ]


def test_a_study_is_bound_to_the_contents_of_its_datasets() -> None:
    study = spec()
    fingerprints = {each: f"{each.name}-{each.resize}" for each in study.datasets}
    bound = study.with_fingerprints(fingerprints)
    expected = ["mnist-None", "fashion-mnist-None", "mnist-14", "fashion-mnist-14"]
    assert [each.fingerprint for each in bound.configurations] == expected
    again = parse_study(bound.to_toml(), "study.toml")
    assert again == bound
    assert [each.fingerprint for each in again.configurations] == expected
    assert [each.label for each in again.configurations] == [
        each.label for each in study.configurations
    ]


def test_what_a_study_asks_survives_its_resolved_file() -> None:
    asked = 'compare = "dataset"\nmargin = 0.2\n'
    study = parse_study(asked + TEXT, "mine.toml")
    assert (study.compare, study.margin) == ("dataset", 0.2)
    again = parse_study(study.to_toml(), "study.toml")
    assert (again.compare, again.margin) == ("dataset", 0.2)
    with pytest.raises(StudyError) as error:
        parse_study("margin = 0\n" + TEXT, "mine.toml")
    assert error.value.where == "mine.toml, line 1, margin"


@pytest.mark.parametrize("name", ["a", "mnist-2", "CIFAR_10.v1", "0", "console", "a.con", "COM10"])
def test_names_that_make_good_folders(name: str) -> None:
    assert StudyHeader.model_validate({"name": name, "seeds": 2}).name == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-option", "a b", "a/b", "a\\b", "a\n", "é", "a" * 101, "a."]
)
def test_names_that_do_not(name: str) -> None:
    with pytest.raises(ValidationError) as error:
        StudyHeader.model_validate({"name": name, "seeds": 2})
    assert [problem["loc"] for problem in error.value.errors()] == [("name",)]


@pytest.mark.parametrize(
    "name", ["CON", "con", "NUL", "nul.txt", "aux.v1.toml", "PRN", "COM1", "com9.x", "LPT1", "lpt0"]
)
def test_names_of_devices_on_windows_are_rejected(name: str) -> None:
    with pytest.raises(ValidationError) as error:
        StudyHeader.model_validate({"name": name, "seeds": 2})
    assert [problem["loc"] for problem in error.value.errors()] == [("name",)]


@pytest.mark.parametrize("name", ["", " a", "a\n", "\x1b[2J", "a" * 61])
def test_names_of_variants_can_be_shown(name: str) -> None:
    assert VariantHeader(name="lr 0.1, batch 32 é").name == "lr 0.1, batch 32 é"
    with pytest.raises(ValidationError) as error:
        VariantHeader.model_validate({"name": name})
    assert [problem["loc"] for problem in error.value.errors()] == [("name",)]
