"""Transition matrices: the definitions, and what is rejected."""

from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import StudyError
from seedbed.noise.transition import (
    CONVENTION,
    check_transition,
    identifiability_warning,
    pair,
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


@pytest.mark.parametrize("classes", [2, 3, 10, 100])
@pytest.mark.parametrize("digits", [2, 3, 4])
@pytest.mark.parametrize("factor", [1, 100])
def test_rounded_rows_and_percent_are_read(classes: int, digits: int, factor: int) -> None:
    draws = np.random.default_rng(classes).dirichlet(np.full(classes, 0.5), classes)
    rounded = draws.round(digits)
    rounded = np.where(rounded.any(axis=1, keepdims=True), rounded, np.eye(classes))
    checked = check_transition(rounded * factor)
    np.testing.assert_allclose(checked, rounded / rounded.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(checked.sum(axis=1), 1)


@pytest.mark.parametrize("row", [[0.5, 0.48, 0.0], [0.5, 0.515, 0.0], [0.5, 0.4, 0.0], [50, 52, 0]])
def test_more_than_rounding_is_rejected(row: list[float]) -> None:
    with pytest.raises(StudyError) as error:
        check_transition([row] * 3)
    assert error.value.expected == CONVENTION


def test_exact_rows_keep_their_bits() -> None:
    for matrix in (symmetric(10, 0.3), pair(7, 0.45), GOOD):
        np.testing.assert_array_equal(check_transition(matrix), matrix)


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


@pytest.mark.parametrize("entry", [1.7e308, 1e9, np.longdouble("1e400")])
def test_huge_entries_are_rejected_without_a_warning(entry: Any) -> None:
    with pytest.raises(StudyError) as error:
        check_transition(np.array([[entry, entry], [0, 1]]))
    assert error.value.expected == "a probability"
