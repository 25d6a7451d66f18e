"""What readers share."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.contents import located, numbered_classes
from sentences import Sentence


def test_classes_are_numbered_from_the_labels_of_all_splits() -> None:
    assert numbered_classes(np.array([0, 2, 1]), np.array([1])) == ("0", "1", "2")


@pytest.mark.parametrize(
    ("train", "test", "highest", "missing"),
    [
        ([0, 2], [0], 2, 1),
        ([0, 1], [3], 3, 2),
        ([0, 1], [10**15], 10**15, 2),
        ([1, 2], [1], 2, 0),
    ],
)
def test_labels_with_gaps_are_rejected(
    train: list[int], test: list[int], highest: int, missing: int
) -> None:
    with pytest.raises(DataError) as error:
        numbered_classes(np.array(train, np.int64), np.array(test, np.int64))
    assert error.value.what == (
        f"the highest label is {highest}, but no training image has label {missing}"
    )
    assert f"from 0 to {highest}" in error.value.expected
    assert error.value.hint


@pytest.mark.parametrize("labels", [[0, 2], [0, -2], []], ids=["gap", "negative", "none"])
def test_labels_that_cannot_be_numbered(labels: list[int], sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        numbered_classes(np.array(labels, np.int64))
    sentence(error.value)


def test_the_inner_location_is_kept() -> None:
    with pytest.raises(DataError) as error, located("outer"), located("inner"):
        raise DataError("bad", expected="good", hint="fix it")
    fields = (error.value.where, error.value.what, error.value.expected, error.value.hint)
    assert fields == ("inner", "bad", "good", "fix it")
