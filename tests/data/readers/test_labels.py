"""Labels as files store them."""

import numpy as np
import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.labels import numbered, read_labels


def test_text_is_sorted_with_integers_first_and_by_value() -> None:
    long = "9" * 6000
    labels = {"train": np.array(["b", "10", "9", "a", long])}
    numbers, classes = numbered(labels, None)
    assert classes == ("9", "10", long, "a", "b")
    assert numbers["train"].tolist() == [4, 1, 0, 3, 2]


def test_a_message_names_ten_classes_at_most() -> None:
    names = tuple(f"class {number}" for number in range(1000))
    with pytest.raises(DataError) as error:
        numbered({"train": np.array(["owl"])}, names)
    assert "'owl'" in error.value.what
    assert error.value.expected.count(",") == 9
    assert "990" in error.value.expected


def test_every_one_hot_form_gives_the_same_labels() -> None:
    truth = np.array([2, 0, 1, 1])
    for dtype in (bool, np.uint8, np.int64, np.float32):
        rows = np.eye(3)[truth].astype(dtype)
        labels, decision = read_labels(rows, "y")
        assert labels.tolist() == truth.tolist()
        assert decision
    for wrong in (np.eye(3)[truth] * 2, np.eye(3)[truth] * 0.9 + 0.05, np.ones((4, 3))):
        with pytest.raises(DataError):
            read_labels(wrong, "y")


def test_one_integer_per_image_needs_no_decision() -> None:
    for dtype in (np.uint8, np.int32, np.int64):
        labels, decision = read_labels(np.array([1, 0, 2], dtype), "y")
        assert labels.tolist() == [1, 0, 2]
        assert labels.dtype == np.int64
        assert decision == ""


def test_columns_of_huge_numbers_are_rejected_without_a_warning() -> None:
    with pytest.raises(DataError) as error:
        read_labels(np.full((3, 4), 1.7e308), "labels")
    assert error.value.expected == "one integer per image, or one-hot rows"
