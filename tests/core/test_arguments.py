"""Arguments of another type get one line that names the argument, whatever function they go to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seedbed
from seedbed.core.arguments import optional_path, path_of, texts_of, whole
from seedbed.core.errors import SeedbedError, StudyError
from sentences import Sentence


def test_what_is_right_is_passed_on() -> None:
    assert path_of("out", "a/b") == path_of("out", Path("a/b")) == Path("a/b")
    assert optional_path("out", None) is None
    assert texts_of("only", ["a", "b"]) == texts_of("only", ("a", "b")) == ("a", "b")
    assert whole("threads", np.int64(3), 1) == whole("threads", 3, 1) == 3


@pytest.mark.parametrize("value", [None, 5, b"a", ["a"], "a\0b", True])
def test_what_is_no_path(value: object) -> None:
    with pytest.raises(StudyError) as error:
        path_of("out", value)
    assert error.value.where == "out"


@pytest.mark.parametrize("value", ["epochs=3", 5, {"a": "b"}, [1], None])
def test_what_is_no_list_of_strings(value: object, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        texts_of("only", value)
    assert error.value.where == "only"
    if isinstance(value, str):
        sentence(error.value)


@pytest.mark.parametrize("value", ["3", 2.0, 0, None, True, [3]])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(StudyError) as error:
        whole("threads", value, 1)
    assert error.value.where == "threads"


run: Any = seedbed.run
plan: Any = seedbed.plan
train: Any = seedbed.train
load: Any = seedbed.load_dataset
open_: Any = seedbed.open
NETWORK, RECIPE = seedbed.lenet5(), seedbed.Recipe(epochs=1)

CALLS: dict[str, tuple[str, Callable[[], object]]] = {
    "a number for a study": ("study", lambda: run(5)),
    "None for a study": ("study", lambda: plan(None)),
    "a list of studies": ("study", lambda: run(["quickstart"])),
    "a number for out": ("out", lambda: run("quickstart", out=5)),
    "text for settings": ("settings", lambda: plan("quickstart", settings="recipe.epochs=3")),
    "texts for settings": ("settings", lambda: plan("quickstart", settings=["recipe.epochs=3"])),
    "numbers in settings": ("settings", lambda: plan("quickstart", settings={3: 3})),
    "text for seeds": ("seeds", lambda: plan("quickstart", seeds="3")),
    "text for only": ("only", lambda: plan("quickstart", only="learning_rate=0.1")),
    "text for threads": ("threads", lambda: plan("quickstart", threads="2")),
    "half a thread": ("threads", lambda: plan("quickstart", threads=2.5)),
    "a network in a dict": (
        "study, network",
        lambda: plan({"name": "a", "dataset": "digits", "network": NETWORK, "seeds": 1}),
    ),
    "None to open": ("folder", lambda: open_(None)),
    "bytes to open": ("folder", lambda: open_(b"a")),
    "a null to open": ("folder", lambda: open_("a\0b")),
    "a dict for a recipe": ("recipe", lambda: train(NETWORK, {"epochs": 3}, None)),
    "a name for a dataset": ("dataset", lambda: train(NETWORK, RECIPE, "digits")),
    "a number for a path": ("path", lambda: load(path=5)),
    "text for a size": ("", lambda: load("digits", resize="28")),
    "a name for a network": ("", lambda: train("lenet5", RECIPE, load("digits"))),
    "a rate for noise": ("noise", lambda: train(NETWORK, RECIPE, load("digits"), noise=0.4)),
    "a name for splits": (
        "keep_logits",
        lambda: train(NETWORK, RECIPE, load("digits"), keep_logits="test"),
    ),
    "a number for an engine": (
        "engine",
        lambda: train(NETWORK, RECIPE, load("digits"), engine=5),
    ),
    "a change of a recipe": ("Recipe", lambda: setattr(RECIPE, "epochs", 3)),
}


@pytest.mark.parametrize(("where", "call"), CALLS.values(), ids=CALLS)
def test_public_functions(where: str, call: Callable[[], object], sentence: Sentence) -> None:
    with pytest.raises(SeedbedError) as error:
        call()
    assert error.value.where == where
    sentence(error.value)
