"""Transition matrices: the definitions, and what is refused."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.noise.transition import (
    check_transition,
    identifiability_warning,
    pair,
    read_matrix,
    symmetric,
)

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


def test_including_self_half_of_the_labels_replaced_are_45_percent_wrong() -> None:
    matrix = symmetric(10, 0.5, including_self=True)
    np.testing.assert_allclose(np.diag(matrix), 0.55)
    np.testing.assert_allclose(matrix[~np.eye(10, dtype=bool)], 0.05)
    # The two definitions agree once the rate is converted.
    np.testing.assert_allclose(matrix, symmetric(10, 0.45), atol=1e-15)


def test_pair_noise_goes_to_the_next_class() -> None:
    expected = np.array([[0.6, 0.4, 0], [0, 0.6, 0.4], [0.4, 0, 0.6]])
    np.testing.assert_allclose(pair(3, 0.4), expected)


def test_pair_noise_follows_a_mapping_and_spares_the_classes_without() -> None:
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
def test_rates_and_classes_that_cannot_be(make: Any) -> None:
    for rate in (-0.1, 1.1, float("nan")):
        with pytest.raises(StudyError, match=r"noise rate is .*; expected a fraction from 0 to 1"):
            make(10, rate)
    with pytest.raises(StudyError, match="at least two classes; there are 1"):
        make(1, 0.2)


def test_mappings_that_cannot_be() -> None:
    with pytest.raises(StudyError, match="names the class 4; expected 0 to 3"):
        pair(4, 0.2, {0: 4})
    with pytest.raises(StudyError, match="names the class -1"):
        pair(4, 0.2, {-1: 2})
    with pytest.raises(StudyError, match="takes the class 2 for itself"):
        pair(4, 0.2, {2: 2})


def test_the_matrix_of_the_report_is_refused_with_the_row_and_its_sum() -> None:
    with pytest.raises(StudyError) as caught:
        check_transition(PRINTED, 10)
    assert "row 0 (counted from 0) of the transition matrix sums to 2.2;" in str(caught.value)
    assert "10 of 10 rows do not sum to 1" in str(caught.value)
    assert "transpose" not in str(caught.value)


def test_a_column_stochastic_matrix_is_told_from_a_wrong_one() -> None:
    assert not np.allclose(GOOD.sum(axis=0), 1)
    with pytest.raises(
        StudyError, match=r"row 0 .* sums to 0.75; .*, but all columns do; .*\(tran"
    ):
        check_transition(GOOD.T, 3)
    np.testing.assert_array_equal(check_transition(GOOD, 3), GOOD)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.1, -0.1], [0, 1]], r"has -0.1 in row 0, column 1 .*expected probabilities"),
        ([[1, 0], [np.nan, 1]], "has nan in row 1, column 0"),
        ([[1, 0], [np.inf, 1]], "has inf in row 1, column 0"),
        ([[1, 0], [0.5, 0.4]], "row 1 .* sums to 0.9; 1 of 2 rows do not sum"),
        ([[1, 0], [0.5, 0.50001]], "row 1 .* sums to 1.00001"),
        ([[1, 0, 0], [0, 1, 0]], "is 2×3; expected 2×2"),
        (np.eye(3), "is 3×3; expected 2×2, a row and a column for each class"),
        ([[1, 0], [1]], "is no table of numbers"),
        ([0, 1], "is no table of numbers"),
        ([], "is no table of numbers"),
        ([["1", "0"], ["0", "1"]], "is no table of numbers"),
        ([[1, None], [0, 1]], "is no table of numbers"),
        (np.eye(2, dtype=bool), "is no table of numbers"),
        (np.eye(2, dtype=complex), "is no table of numbers"),
    ],
)
def test_what_is_no_transition_matrix_is_refused(matrix: Any, message: str) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        check_transition(matrix, 2, where="noise.csv")
    assert str(caught.value).startswith("noise.csv: ")
    assert "\n" not in str(caught.value)


def test_rows_stored_in_single_precision_are_good_enough() -> None:
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
    ("content", "message"),
    [
        (b"", "is no table of numbers"),
        (b"cat,dog\n0.5,0.5\n", "is no CSV file of numbers .*'cat'"),
        (b"0.5;0.5\n0.5;0.5\n", "is no CSV file of numbers"),
        (b"1,0\n1\n", "is no table of numbers"),
        (b"1,0\n0,nan\n", "has nan in row 1, column 1"),
        (b"1,0\n0.2,0.7\n", "row 1 .* sums to 0.9"),
        (b"PK\x03\x04\xff\xfe", "is no CSV file"),
        (b'"' + b"9" * 200_000, "is no CSV file"),
        (b"\x93NUMPY", "is no NPY file"),
        (b"\x93NUMPY\x01\x00\x10\x00{'descr': 'nothing'}", "is no NPY file"),
        (b"1\n" * 200_000, "is 10001×1; expected 2×2"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=message) as caught:
        read_matrix(path, 2)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_an_npy_file_whose_header_lies_or_that_holds_objects(tmp_path: Path) -> None:
    path = tmp_path / "t.npy"
    np.save(path, np.eye(3))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"(3, 3)", b"(9**9,"))
    with pytest.raises(StudyError, match="is no NPY file"):
        read_matrix(path)
    path.write_bytes(whole[:-8])
    with pytest.raises(StudyError, match="is no NPY file"):
        read_matrix(path)
    np.save(path, np.array([["a", 1]], object))
    with pytest.raises(StudyError, match=r"is no NPY file .*[Oo]bject"):
        read_matrix(path)


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"none.csv: cannot be read: No such file"):
        read_matrix(tmp_path / "none.csv")
    with pytest.raises(StudyError, match=r"cannot be read: .*directory"):
        read_matrix(tmp_path)
    if os.geteuid():
        (tmp_path / "t.csv").touch(mode=0)
        with pytest.raises(StudyError, match="cannot be read: Permission denied"):
            read_matrix(tmp_path / "t.csv")


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
def test_where_the_true_label_is_the_most_probable_nothing_is_said(matrix: Any) -> None:
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
def test_where_a_wrong_label_is_as_probable_it_is_said(matrix: Any, classes: int) -> None:
    warning = identifiability_warning(matrix)
    assert warning is not None
    assert "cannot be identified" in warning
    assert f"the same is true of {classes} other" in warning


def test_the_warning_names_the_classes() -> None:
    warning = identifiability_warning(pair(3, 0.6, {1: 2}), ("cat", "dog", "ape"))
    assert warning == (
        "the classes cannot be identified from the noisy labels alone: images of 'dog' are "
        "labeled 'ape' with probability 0.6, and rightly with 0.4"
    )
