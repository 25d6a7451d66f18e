"""Transition matrices: the definitions, and what is rejected."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.noise.transition import (
    CONVENTION,
    check_transition,
    identifiability_warning,
    pair,
    read_matrix,
    symmetric,
)
from sentences import Sentence

GOOD = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.05, 0.15, 0.8]])

# The matrix printed in a report as "40 % symmetric" noise: 0.6 on the diagonal, 0.2 nearly
# everywhere else.
PRINTED = np.full((10, 10), 0.2)
np.fill_diagonal(PRINTED, 0.6)
PRINTED[np.arange(10), (np.arange(10) + 1) % 10] = 0.0


def test_symmetric_noise_goes_to_the_other_classes() -> None:
    matrix = symmetric(10, 0.5)
    np.testing.assert_allclose(np.diag(matrix), 0.5)
    np.testing.assert_allclose(matrix[~np.eye(10, dtype=bool)], 0.5 / 9)


def test_including_self_a_rate_of_one_half_makes_45_percent_wrong() -> None:
    matrix = symmetric(10, 0.5, including_self=True)
    np.testing.assert_allclose(np.diag(matrix), 0.55)
    np.testing.assert_allclose(matrix[~np.eye(10, dtype=bool)], 0.05)
    # The two definitions agree once the rate is converted.
    np.testing.assert_allclose(matrix, symmetric(10, 0.45), atol=1e-15)


def test_pair_noise_goes_to_the_next_class() -> None:
    expected = np.array([[0.6, 0.4, 0], [0, 0.6, 0.4], [0.4, 0, 0.6]])
    np.testing.assert_allclose(pair(3, 0.4), expected)


def test_pair_noise_follows_a_mapping_and_keeps_other_classes() -> None:
    expected = np.array([[1, 0, 0, 0], [0, 0.6, 0, 0.4], [0, 0.4, 0.6, 0], [0, 0, 0, 1]])
    np.testing.assert_allclose(pair(4, 0.4, {1: 3, 2: 1}), expected)


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
@pytest.mark.parametrize("rate", [0.0, 0.1, 1 / 3, 0.8, 1.0])
def test_all_are_transition_matrices(classes: int, rate: float) -> None:
    for matrix in (
        symmetric(classes, rate),
        symmetric(classes, rate, including_self=True),
        pair(classes, rate),
    ):
        np.testing.assert_array_equal(check_transition(matrix, classes), matrix)
        assert matrix.dtype == np.float64


@pytest.mark.parametrize("make", [symmetric, pair])
@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_an_invalid_rate_is_rejected(make: Any, rate: float) -> None:
    with pytest.raises(StudyError) as error:
        make(10, rate)
    assert error.value.what == f"the noise rate is {rate:g}"
    assert error.value.expected == "0 to 1"


@pytest.mark.parametrize("make", [symmetric, pair])
def test_a_single_class_is_rejected(make: Any) -> None:
    with pytest.raises(StudyError) as error:
        make(1, 0.2)
    assert str(error.value) == "the number of classes is 1; expected 2 or more for label noise"


@pytest.mark.parametrize(
    "mapping", [{0: 4}, {-1: 2}, {2: 2}], ids=["too large", "negative", "itself"]
)
def test_an_invalid_mapping_is_rejected(mapping: dict[int, int], sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        pair(4, 0.2, mapping)
    sentence(error.value)


def test_the_matrix_of_the_report_is_rejected_with_the_row_and_its_sum(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        check_transition(PRINTED, 10)
    assert "row 0 " in error.value.what
    assert "2.2" in error.value.what
    assert "10 of 10 rows" in error.value.what
    assert error.value.expected == CONVENTION
    assert error.value.hint == ""
    sentence(error.value)


def test_a_transposed_matrix_gets_a_hint(sentence: Sentence) -> None:
    assert not np.allclose(GOOD.sum(axis=0), 1)
    with pytest.raises(StudyError) as error:
        check_transition(GOOD.T, 3)
    assert "row 0 " in error.value.what
    assert "0.75" in error.value.what
    assert error.value.expected == CONVENTION
    assert error.value.hint
    sentence(error.value)
    np.testing.assert_array_equal(check_transition(GOOD, 3), GOOD)


INVALID: dict[str, Any] = {
    "negative": [[1.1, -0.1], [0, 1]],
    "NaN": [[1, 0], [np.nan, 1]],
    "infinite": [[1, 0], [np.inf, 1]],
    "sum too small": [[1, 0], [0.5, 0.4]],
    "sum too large": [[1, 0], [0.5, 0.50001]],
    "not square": [[1, 0, 0], [0, 1, 0]],
    "too large": np.eye(3),
    "ragged": [[1, 0], [1]],
}


@pytest.mark.parametrize("matrix", INVALID.values(), ids=INVALID)
def test_an_invalid_matrix_is_rejected(matrix: Any, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        check_transition(matrix, 2, where="noise.csv")
    assert error.value.where == "noise.csv"
    sentence(error.value)


@pytest.mark.parametrize(
    "matrix",
    [
        [0, 1],
        [],
        [["1", "0"], ["0", "1"]],
        [[1, None], [0, 1]],
        np.eye(2, dtype=bool),
        np.eye(2, dtype=complex),
    ],
)
def test_other_values_are_rejected_like_ragged_rows(matrix: Any) -> None:
    with pytest.raises(StudyError) as ragged:
        check_transition(INVALID["ragged"], 2, where="noise.csv")
    with pytest.raises(StudyError) as error:
        check_transition(matrix, 2, where="noise.csv")
    assert str(error.value) == str(ragged.value)


def test_the_tolerance_allows_for_single_precision() -> None:
    assert check_transition(symmetric(100, 0.3).astype(np.float32)).dtype == np.float64


def test_the_callers_matrix_is_not_shared() -> None:
    mine = GOOD.copy()
    checked = check_transition(mine)
    mine[0, 0] = 7
    assert checked[0, 0] == 0.7


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, ">f8"])
def test_an_npy_file(tmp_path: Path, order: Any, dtype: Any) -> None:
    np.save(tmp_path / "t.npy", np.array(GOOD, dtype, order=order))
    for source in (tmp_path / "t.npy", str(tmp_path / "t.npy")):
        np.testing.assert_allclose(read_matrix(source, 3), GOOD, rtol=1e-6)


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_csv_file(tmp_path: Path, start: str, end: str) -> None:
    path = tmp_path / "t.csv"
    text = start + end.join(", ".join(map(str, row)) for row in GOOD.tolist()) + end
    path.write_bytes(text.encode())
    np.testing.assert_array_equal(read_matrix(path), GOOD)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a table of numbers"),
        (b"cat,dog\n0.5,0.5\n", "not a CSV file"),
        (b"0.5;0.5\n0.5;0.5\n", "not a CSV file"),
        (b"1,0\n1\n", "not a table of numbers"),
        (b"1,0\n0,nan\n", "nan in row 1, column 1"),
        (b"1,0\n0.2,0.7\n", "row 1 "),
        (b"PK\x03\x04\xff\xfe", "not a CSV file"),
        (b'"' + b"9" * 200_000, "not a CSV file"),
        (b"\x93NUMPY", "not a valid NPY file"),
        (b"\x93NUMPY\x01\x00\x10\x00{'descr': 'nothing'}", "not a valid NPY file"),
        (b"1\n" * 200_000, "10001×1"),
    ],
)
def test_an_invalid_file_is_rejected(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(StudyError) as error:
        read_matrix(path, 2)
    assert error.value.where == str(path)
    assert what in error.value.what
    assert "\n" not in str(error.value)


def test_the_error_for_a_csv_file_with_a_header(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "t.csv").write_text("cat,dog\n0.5,0.5\n")
    with pytest.raises(StudyError) as error:
        read_matrix(tmp_path / "t.csv")
    assert "'cat'" in error.value.what
    sentence(error.value)


def test_an_npy_file_with_a_false_header_or_objects_is_rejected(
    tmp_path: Path, sentence: Sentence
) -> None:
    path = tmp_path / "t.npy"
    np.save(path, np.eye(3))
    whole = path.read_bytes()
    for damaged in (whole.replace(b"(3, 3)", b"(9**9,"), whole[:-8]):
        path.write_bytes(damaged)
        with pytest.raises(StudyError) as error:
            read_matrix(path)
        assert error.value.where == str(path)
        assert error.value.what.startswith("is not a valid NPY file")
    np.save(path, np.array([["a", 1]], object))
    with pytest.raises(StudyError) as error:
        read_matrix(path)
    assert error.value.where == str(path)
    sentence(error.value)


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").touch(mode=0)
    for path, number in (
        (tmp_path / "none.csv", errno.ENOENT),
        (tmp_path, errno.EISDIR),
        *([(tmp_path / "t.csv", errno.EACCES)] if os.geteuid() else []),
    ):
        with pytest.raises(StudyError) as error:
            read_matrix(path)
        assert error.value.where == str(path)
        assert error.value.what.endswith(os.strerror(number))


@pytest.mark.parametrize(
    "matrix",
    [
        symmetric(10, 0.0),
        symmetric(10, 0.8),
        symmetric(10, 0.899),
        symmetric(10, 0.99, including_self=True),
        pair(10, 0.45),
        GOOD,
    ],
)
def test_there_is_no_warning_if_correct_labels_are_the_most_probable(matrix: Any) -> None:
    assert identifiability_warning(matrix) is None


@pytest.mark.parametrize(
    ("matrix", "classes"),
    [
        (pair(10, 0.5), 9),
        (pair(10, 0.8), 9),
        (symmetric(10, 0.9), 9),
        (symmetric(10, 1.0, including_self=True), 9),
        (symmetric(2, 0.5), 1),
    ],
)
def test_there_is_a_warning_if_a_wrong_label_is_as_probable(matrix: Any, classes: int) -> None:
    warning = identifiability_warning(matrix)
    assert warning is not None
    assert warning.endswith(f" {classes} other class{'es' * (classes > 1)}")


@pytest.mark.parametrize("mapping", [{1: 2}, {1: 2, 0: 2}, None], ids=["one", "two", "three"])
def test_the_warning_names_the_classes(mapping: dict[int, int] | None, sentence: Sentence) -> None:
    warning = identifiability_warning(pair(3, 0.6, mapping), ("cat", "dog", "ape"))
    assert warning is not None
    sentence(warning)
