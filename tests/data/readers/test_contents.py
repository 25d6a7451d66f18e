"""What all readers share."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.contents import located, numbered_classes


def test_classes_are_numbered_from_the_labels_of_all_splits() -> None:
    assert numbered_classes(np.array([0, 2, 1]), np.array([1])) == ("0", "1", "2")


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([0, 2], [0], "highest label is 2, but no training image has the label 1"),
        ([0, 1], [3], "highest label is 3, but no training image has the label 2"),
        ([0, 1], [10**15], "no training image has the label 2"),
        ([1, 2], [1], "no training image has the label 0"),
        ([0, -2], [0], "a label is -2"),
        ([], [], "there are no labels"),
    ],
)
def test_labels_with_gaps_are_refused(train: list[int], test: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        numbered_classes(np.array(train, np.int64), np.array(test, np.int64))


def test_a_place_is_added_once() -> None:
    with (
        pytest.raises(DataError, match=r"^inner: bad; expected good .fix it.$"),
        located("outer"),
        located("inner"),
    ):
        raise DataError("bad", expected="good", hint="fix it")
