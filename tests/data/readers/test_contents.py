"""What readers share."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.contents import contents_of, indices, located, numbered_classes
from seedbed.data.reading import Reading
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


def test_three_splits_with_their_names_and_reading() -> None:
    images = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2, 1)
    labels = np.array([0, 1, 0, 1, 0, 1])
    splits = {
        "train": (images[:3], labels[:3], indices(3, "train")),
        "validation": (images[3:4], labels[3:4], indices(1, "validation")),
        "test": (images[4:], labels[4:], indices(2, "test")),
    }
    reading = Reading("NPZ")
    contents = contents_of(splits, None, reading)
    assert contents.reading is reading
    assert list(contents.splits) == ["train", "validation", "test"]
    named = {name: split.names.tolist() for name, split in contents.splits.items()}
    assert named == {
        "train": ["train/0", "train/1", "train/2"],
        "validation": ["validation/0"],
        "test": ["test/0", "test/1"],
    }
    without = contents.with_splits({"train": contents.train})
    assert list(without.splits) == ["train"]


def test_the_only_split_is_not_named() -> None:
    assert indices(3).tolist() == ["0", "1", "2"]
