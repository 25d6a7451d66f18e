"""The error for a name of Seedbed 0.1 gives the new name."""

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.renamed import KEYS, renamed_key, renamed_value
from sentences import Sentence

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
    assert error.value.where == f"mine.toml, line 7, {old}"
    assert error.value.what == renamed_key(old)
    assert repr(new) in error.value.what
    override = Override.parse(f"{old}=3")
    with pytest.raises(StudyError) as error:
        parse_study(GOOD, "mine.toml", [override])
    assert (error.value.where, error.value.what) == (f"--set {old}", renamed_key(old))


def test_old_values_are_answered_too(sentence: Sentence) -> None:
    sentence(renamed_value("engine", "lanes"))
    sentence(renamed_key("recipe.weight_average"))
    assert "'mae'" in str(renamed_value("recipe.loss", "l1"))
    assert renamed_value("recipe.loss", ["l1"]) is None
    assert renamed_key("recipe.epochs") is None
