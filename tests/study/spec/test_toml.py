"""TOML: the line of a syntax error, and the line of a key."""

import tomllib

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.toml import line_of, parse_toml

TEXT = '''# a comment with name = 1
name = "mnist"
network = { name = "lenet5", activation = "elu" }
note = """
epochs = 1
"""
seeds = [
    1,
    2,
]

[recipe]
learning_rate = 0.05   # epochs = 3
  epochs = 15
augmentation.shift = 2
"batch_size" = 8

[ recipe . other ]
momentum = 0.9
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("name", 2),
        ("network", 3),
        ("network.activation", 3),
        ("note", 4),
        ("seeds.1", 7),
        ("recipe", 12),
        ("recipe.learning_rate", 13),
        ("recipe.epochs", 14),
        ("recipe.augmentation", 15),
        ("recipe.augmentation.shift", 15),
        ("recipe.augmentation.flip", 15),
        ("recipe.batch_size", 16),
        ("recipe.momentum", 12),
        ("recipe.other.momentum", 19),
        ("dataset", None),
        ("epochs", None),
    ],
)
def test_the_line_of_a_key(key: str, line: int | None) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, tuple(key.split("."))) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name = "x"\nseeds = = 5\n', 2),
        ("a = 1\na = 2\n", 2),
        ('\n\nname = "unfinished', 3),
        ("", None),
    ],
)
def test_a_syntax_error_names_its_line(text: str, line: int | None) -> None:
    if line is None:
        assert parse_toml(text, "study.toml") == {}
        return
    with pytest.raises(StudyError) as error:
        parse_toml(text, "study.toml")
    assert error.value.where == f"study.toml, line {line}"
    assert isinstance(error.value.__context__, tomllib.TOMLDecodeError)
    assert "\n" not in str(error.value)


ARRAYS = """name = "x"
[[variants]]
name = "plain"
recipe.epochs = 1

[[variants]]
name = "other"
  [variants.recipe]
  epochs = 2
  [[variants.noise]]
  kind = "none"
  [[ variants.noise ]]
  kind = "pair"

[[variants]]
[recipe]
epochs = 3
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("variants.0", 2),
        ("variants.0.name", 3),
        ("variants.0.recipe.epochs", 4),
        ("variants.1.name", 7),
        ("variants.1.recipe", 8),
        ("variants.1.recipe.epochs", 9),
        ("variants.1.noise.0.kind", 11),
        ("variants.1.noise.1.kind", 13),
        ("variants.2.name", 15),
        ("recipe.epochs", 17),
    ],
)
def test_the_line_of_a_key_in_an_array_of_tables(key: str, line: int) -> None:
    tomllib.loads(ARRAYS)
    assert line_of(ARRAYS, tuple(key.split("."))) == line
