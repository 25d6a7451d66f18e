"""The nearest name: another spelling, another word, a part of it, or the most similar one."""

import pytest

from seedbed.core.suggestions import did_you_mean, nearest, plain, unknown
from seedbed.core.synonyms import SYNONYMS, synonyms
from sentences import Sentence

DATASETS = ["digits", "mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100"]


def test_the_message_has_the_nearest_name_and_all_names(sentence: Sentence) -> None:
    message = unknown("dataset", "minst", iter(["digits", "mnist"]))
    assert "'mnist'" in message
    assert "digits, mnist" in message
    sentence(message)


def test_nothing_is_suggested_if_no_name_is_near() -> None:
    message = unknown("dataset", "xyz", ["digits"])
    assert "'digits'" not in message
    assert "digits" in message
    assert did_you_mean(12, iter(["digits"])) == ""
    assert nearest("", DATASETS) == nearest("--", DATASETS) == []


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("spelled", [str.upper, str.title, lambda name: name.replace("-", " ")])
def test_another_spelling_is_the_same_name(name: str, spelled: object) -> None:
    assert callable(spelled)
    assert nearest(spelled(name), DATASETS) == [name]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("minst", ["mnist"]), ("fashion", ["fashion-mnist"]), ("cifar", ["cifar10", "cifar100"])],
)
def test_a_similar_name_or_a_part_of_it(name: str, meant: list[str]) -> None:
    assert nearest(name, DATASETS) == meant


def test_the_last_part_of_a_path_is_enough() -> None:
    names = ["name", "recipe.epochs", "recipe.batch_size", "data download"]
    assert nearest("epochs", names) == nearest("epohcs", names) == ["recipe.epochs"]
    assert nearest("bs", names) == ["recipe.batch_size"]
    assert nearest("fetch", names) == ["data download"]


def test_names_elsewhere_are_suggested_but_not_expected(sentence: Sentence) -> None:
    sentence(unknown("setting", "lr", ["seeds", "recipe"], ["recipe.learning_rate"]))


def test_synonyms_are_written_plain() -> None:
    words = [word for typed in SYNONYMS.values() for word in typed.split()]
    assert [word for word in words if word != plain(word)] == []
    assert synonyms("train") == ["recipe", "run"]
    assert synonyms("epochs") == []
