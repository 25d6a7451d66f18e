"""Names of Seedbed 0.1 are answered with their new ones."""

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.renamed import KEYS, renamed_key, renamed_value

GOOD = """name = "mine"
dataset = "mnist"
network = "lenet5"
seeds = 5

[recipe]
epochs = 15
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [(key, new.rpartition(".")[2]) for key, new in KEYS.items() if key.startswith("recipe.")],
)
def test_an_old_key_is_answered_with_its_new_name(old: str, new: str) -> None:
    part, _, name = old.rpartition(".")
    text = GOOD.partition("[recipe]")[0] + f"[{part}]\n{name} = 3\n"
    with pytest.raises(StudyError) as error:
        parse_study(text, "mine.toml")
    assert (error.value.where, error.value.what) == (
        f"mine.toml, line 7, {old}",
        f"is now called {new!r}",
    )
    override = Override.parse(f"{old}=3")
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [override])
    assert (error.value.where, error.value.what) == (f"--set {old}", f"is now called {new!r}")


def test_old_values_are_answered_too() -> None:
    assert renamed_value("engine", "lanes") == "'lanes' is now called 'native'"
    assert renamed_value("recipe.loss", "l1") == "'l1' is now called 'mae'"
    assert renamed_value("recipe.loss", ["l1"]) is None
    assert renamed_key("recipe.epochs") is None
