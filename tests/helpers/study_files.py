"""A valid study file, and the error of an invalid one."""

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study

GOOD = """name = "mine"
dataset = "mnist"
network = "lenet5"
seeds = 5

[recipe]
optimizer = "sgd"
learning_rate = 0.05
epochs = 15
augmentation = { shift = 2, rotation = 10, scale = 0.1, flip = false }
"""


def refusal(text: str, *settings: str) -> StudyError:
    """Return the error of an invalid study."""
    with pytest.raises(StudyError) as error:
        parse_study(text, "mine.toml", [Override.parse(setting) for setting in settings])
    assert "\n" not in str(error.value)
    return error.value
