"""Transition matrices: the probability of every noisy label given the clean label.

``T[i, j] = P(noisy label = j | clean label = i)``, so every row sums to 1, as in Patrini et al.
2017 ("Making deep neural networks robust to label noise: a loss correction approach"). Some
libraries, such as cleanlab, use the transpose, whose columns sum to 1.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.errors import StudyError

Matrix = NDArray[np.float64]
"""K×K, K classes."""

PERCENT: Final = 100
"""No entry is larger, not even in percent."""
TOLERANCE: Final = 1e-6
"""How far the sum of a row may be from 1; enough for rows that were stored as float32."""

DIGITS: Final = range(2, 7)
"""Decimals to which the entries of a matrix may have been rounded."""

CONVENTION: Final = "T[i, j] = P(noisy label j | clean label i), with rows that sum to 1"


def symmetric(classes: int, rate: float, including_self: bool = False) -> Matrix:
    """Return the transition matrix of symmetric noise, float64, K×K.

    Args:
        classes: The number of classes K, 2 or more.
        rate: The probability that a label is replaced, 0 to 1.
        including_self: Whether the replacement may be the clean class. If not, a label is flipped
            to each *other* class with probability rate / (K - 1), and ``rate`` of the labels are
            wrong (Patrini et al. 2017; Co-teaching, Han et al. 2018). If so, it is replaced by
            *each* class with probability rate / K, and only rate · (K - 1) / K of the labels are
            wrong (DivideMix, Li et al. 2020).

    Raises:
        StudyError: If there are too few classes, or the rate is outside 0 to 1.
    """
    _check_rate(classes, rate)
    share = rate / classes if including_self else rate / (classes - 1)
    matrix = np.full((classes, classes), share)
    np.fill_diagonal(matrix, 1 - rate + share if including_self else 1 - rate)
    return matrix


def pair(classes: int, rate: float, mapping: Mapping[int, int] | None = None) -> Matrix:
    """Return the transition matrix of pair noise, float64, K×K: it flips each class to one other.

    Args:
        classes: The number of classes K, 2 or more.
        rate: The probability that a label is replaced, 0 to 1.
        mapping: Clean class to noisy class; other classes keep their labels. By default, each class
            is flipped to the next, and the last to the first.

    Raises:
        StudyError: If there are too few classes, the rate is outside 0 to 1, or the mapping has an
            unknown class or maps a class to itself.
    """
    _check_rate(classes, rate)
    if mapping is None:
        mapping = {clean: (clean + 1) % classes for clean in range(classes)}
    matrix = np.eye(classes)
    for clean, noisy in mapping.items():
        for index in (clean, noisy):
            if not 0 <= index < classes:
                raise StudyError(f"the mapping has class {index}", expected=f"0 to {classes - 1}")
        if clean == noisy:
            raise StudyError(f"the mapping maps class {clean} to itself")
        matrix[clean, clean] = 1 - rate
        matrix[clean, noisy] = rate
    return matrix


def check_transition(matrix: ArrayLike, classes: int | None = None, *, where: str = "") -> Matrix:
    """Return a transition matrix as float64, or reject it.

    Rows in percent are divided by 100, and rows that do not sum to 1 because their entries were
    rounded by their sum.

    Args:
        matrix: Its rows.
        classes: The number of rows and columns K; by default, the number of rows.
        where: The file or setting, for messages.

    Returns:
        A copy of the matrix, float64, K×K.

    Raises:
        StudyError: If the matrix does not have this size; has an entry that is not a number, or is
            NaN, infinite or negative; or has a row that does not sum to 1.
    """
    array = _numbers(matrix, where)
    size = len(array) if classes is None else classes
    if array.shape != (size, size):
        raise StudyError(
            f"the transition matrix is {'×'.join(map(str, array.shape))}",
            where=where,
            expected=f"{size}×{size}, a row and a column for every class",
        )
    for invalid in (~np.isfinite(array), array < 0, array > PERCENT):
        if invalid.any():
            row, column = np.argwhere(invalid)[0]
            raise StudyError(
                f"the transition matrix has {array[row, column]:g} in row {row}, column {column} "
                "(counted from 0)",
                where=where,
                expected="a probability",
            )
    array = _without_rounding(array)
    wrong = np.flatnonzero(abs(array.sum(axis=1) - 1) > TOLERANCE)
    if len(wrong):
        transposed = bool((abs(array.sum(axis=0) - 1) <= TOLERANCE).all())
        raise StudyError(
            f"row {wrong[0]} (counted from 0) of the transition matrix sums to "
            f"{array[wrong[0]].sum():.10g}; {len(wrong)} of {size} rows do not sum to 1"
            + (", but all columns do" if transposed else ""),
            where=where,
            expected=CONVENTION,
            hint="transpose it: cleanlab has the other convention" if transposed else "",
        )
    return array


def identifiability_warning(matrix: Matrix, class_names: Sequence[str] | None = None) -> str | None:
    """Return a warning if the classes cannot be identified from noisy labels alone.

    That is the case if, for some class, a wrong label is at least as probable as the correct one. A
    network that fits the noisy labels then predicts a wrong class, unless it knows the matrix.

    Args:
        matrix: A transition matrix, K×K; rows of zeros (classes without images) are ignored.
        class_names: K names for the message; by default, the class numbers.

    Returns:
        One line, or ``None`` if every correct label is the most probable one.
    """
    names = class_names or [str(index) for index in range(len(matrix))]
    correct = np.diag(matrix)
    others = np.where(np.eye(len(matrix), dtype=bool), -np.inf, matrix)
    # The margin is for rounding errors: of two equal probabilities, either may be larger.
    (lost,) = np.nonzero((others.max(axis=1) >= correct - 1e-9) & matrix.any(axis=1))
    if not len(lost):
        return None
    clean = int(lost[0])
    noisy = int(others[clean].argmax())
    rest = len(lost) - 1
    more = f"; the same holds for {rest} other class{'es' * (rest > 1)}" if rest else ""
    return (
        "the classes cannot be identified from the noisy labels alone: images of "
        f"{names[clean]!r} are labeled {names[noisy]!r} with probability "
        f"{matrix[clean, noisy]:.3g}, and correctly with probability {correct[clean]:.3g}{more}"
    )


def _without_rounding(array: Matrix) -> Matrix:
    """Return a matrix whose rows sum to 1, if they do so but for rounding or a factor of 100."""
    for scaled in (array, array / 100):
        sums = scaled.sum(axis=1, keepdims=True)
        off = abs(sums - 1)
        if (off <= TOLERANCE).all():
            return scaled
        digits = [number for number in DIGITS if (abs(scaled - scaled.round(number)) < 1e-9).all()]
        if digits and (off < 0.99 * 0.5 * 10.0 ** -digits[0] * (scaled > 0).sum(1)[:, None]).all():
            rounded: Matrix = scaled / sums
            return rounded
    return array


def _check_rate(classes: int, rate: float) -> None:
    if classes < 2:
        raise StudyError(
            f"the number of classes is {classes}", expected="2 or more for label noise"
        )
    if not 0 <= rate <= 1:
        raise StudyError(f"the noise rate is {rate:g}", expected="0 to 1")


def _numbers(matrix: ArrayLike, where: str) -> Matrix:
    try:
        array = np.asarray(matrix)
    except ValueError:
        array = np.empty(0, object)  # rows of different lengths
    if array.dtype.kind not in "fiu" or array.ndim != 2:
        raise StudyError(
            "the transition matrix is not a table of numbers", where=where, expected=CONVENTION
        )
    with np.errstate(over="ignore"):  # infinity is rejected
        return np.array(array, np.float64)
