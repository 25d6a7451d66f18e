"""Transition matrices: how probable each noisy label is, given the clean one.

``T[i, j] = P(noisy label = j | clean label = i)``, so that every row sums to 1, as in Patrini et
al. 2017 ("Making deep neural networks robust to label noise: a loss correction approach"). Some
libraries, cleanlab among them, use the transpose, whose columns sum to 1.
"""

import csv
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.core.errors import DataError, StudyError
from seedbed.data.readers.arrays import read_npy

Matrix = NDArray[np.float64]
"""K×K, K classes."""

TOLERANCE: Final = 1e-6
"""How far the sum of a row may be from 1; enough for rows that were stored as float32."""

CONVENTION: Final = "T[i, j] = P(noisy label j | clean label i): rows that sum to 1"
NPY_MAGIC: Final = b"\x93NUMPY"
MOST_CLASSES: Final = 10_000
"""A CSV file with more rows is not read any further."""


def symmetric(classes: int, rate: float, including_self: bool = False) -> Matrix:
    """Return the matrix of noise that prefers no class.

    Args:
        classes: How many there are, 2 or more.
        rate: From 0 to 1: how probable it is that a label is replaced.
        including_self: Whether the replacement may be the true class again. If not, a label goes to
            each *other* class with probability rate / (K - 1), and ``rate`` of all labels are wrong
            (Patrini et al. 2017, Co-teaching). If so, it goes to *each* class with probability
            rate / K, and only rate · (K - 1) / K are wrong (DivideMix).

    Raises:
        StudyError: If there are too few classes, or the rate is no fraction.
    """
    _check_rate(classes, rate)
    share = rate / classes if including_self else rate / (classes - 1)
    matrix = np.full((classes, classes), share)
    np.fill_diagonal(matrix, 1 - rate + share if including_self else 1 - rate)
    return matrix


def pair(classes: int, rate: float, mapping: Mapping[int, int] | None = None) -> Matrix:
    """Return the matrix of noise that takes every class for one certain other.

    Args:
        classes: How many there are, 2 or more.
        rate: From 0 to 1: how probable it is that a label is replaced.
        mapping: Clean class to noisy class; classes that are not in it keep their labels. By
            default every class goes to the next, and the last to the first.

    Raises:
        StudyError: If there are too few classes, the rate is no fraction, or the mapping names a
            class that is not there, or one as its own partner.
    """
    _check_rate(classes, rate)
    if mapping is None:
        mapping = {clean: (clean + 1) % classes for clean in range(classes)}
    matrix = np.eye(classes)
    for clean, noisy in mapping.items():
        for index in (clean, noisy):
            if not 0 <= index < classes:
                raise StudyError(
                    f"the mapping names the class {index}", expected=f"0 to {classes - 1}"
                )
        if clean == noisy:
            raise StudyError(f"the mapping takes the class {clean} for itself")
        matrix[clean, clean] = 1 - rate
        matrix[clean, noisy] = rate
    return matrix


def read_matrix(
    source: str | Path | Sequence[Sequence[float]] | NDArray[Any],
    classes: int | None = None,
    *,
    where: str = "",
) -> Matrix:
    """Return a matrix that the user gives, checked by :func:`check_transition`.

    Args:
        source: The rows, or the path of a file with them: NPY (nothing is ever unpickled), or CSV
            of numbers separated by commas, without a header.
        classes: How many there are; as many as the matrix has rows if it is not known yet.
        where: What the user calls rows that are in no file, for the message.

    Raises:
        StudyError: If there is no such file, or it cannot be read, or is no transition matrix.
    """
    if not isinstance(source, str | Path):
        return check_transition(source, classes, where=where)
    path = Path(source)
    try:
        with path.open("rb") as file:
            is_npy = file.read(len(NPY_MAGIC)) == NPY_MAGIC
        rows = read_npy(path) if is_npy else _read_csv(path)
    except OSError as error:
        raise StudyError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except DataError as error:
        raise StudyError(
            f"is no NPY file that can be read: {error.what}", where=str(path)
        ) from None
    except (ValueError, csv.Error) as error:
        raise StudyError(
            f"is no CSV file of numbers that can be read: {error}", where=str(path)
        ) from None
    return check_transition(rows, classes, where=str(path))


def check_transition(matrix: ArrayLike, classes: int | None = None, *, where: str = "") -> Matrix:
    """Return the matrix as float64 if it is a transition matrix.

    Args:
        matrix: Its rows.
        classes: How many rows and columns it must have; ``None`` for as many as it has rows.
        where: The file, for the message.

    Raises:
        StudyError: If it is not square or has another size; has an entry that is no number, NaN,
            infinite or negative; or has a row that does not sum to 1, with the row and its sum.
    """
    array = _numbers(matrix, where)
    size = len(array) if classes is None else classes
    if array.shape != (size, size):
        raise StudyError(
            f"the transition matrix is {'×'.join(map(str, array.shape))}",
            where=where,
            expected=f"{size}×{size}, a row and a column for each class",
        )
    for fault in (~np.isfinite(array), array < 0):
        if fault.any():
            row, column = np.argwhere(fault)[0]
            raise StudyError(
                f"the transition matrix has {array[row, column]:g} in row {row}, column {column} "
                "(counted from 0)",
                where=where,
                expected="probabilities",
            )
    wrong = np.flatnonzero(abs(array.sum(axis=1) - 1) > TOLERANCE)
    if len(wrong):
        columns_do = bool((abs(array.sum(axis=0) - 1) <= TOLERANCE).all())
        raise StudyError(
            f"row {wrong[0]} (counted from 0) of the transition matrix sums to "
            f"{array[wrong[0]].sum():.10g}; {len(wrong)} of {size} rows do not sum to 1"
            + (", but all columns do" if columns_do else ""),
            where=where,
            expected=CONVENTION,
            hint="transpose it: this is the convention of cleanlab" if columns_do else "",
        )
    return array


def identifiability_warning(matrix: Matrix, class_names: Sequence[str] | None = None) -> str | None:
    """Say that the classes cannot be told apart by noisy labels alone, where that is so.

    It is so where some wrong label is at least as probable as the true one: the most frequent label
    of an image is then no longer its class, and only who knows the matrix can find that class.

    Args:
        matrix: A transition matrix; rows of zeros, of classes without an image, are left out.
        class_names: For the message; their numbers by default.

    Returns:
        One line, or ``None`` where every true label is the most probable.
    """
    names = class_names or [str(index) for index in range(len(matrix))]
    truth = np.diag(matrix)
    others = np.where(np.eye(len(matrix), dtype=bool), -np.inf, matrix)
    # At equal probabilities either may come out larger by a rounding error.
    (lost,) = np.nonzero((others.max(axis=1) >= truth - 1e-9) & matrix.any(axis=1))
    if not len(lost):
        return None
    clean = int(lost[0])
    noisy = int(others[clean].argmax())
    more = f"; the same is true of {len(lost) - 1} other classes" if len(lost) > 1 else ""
    return (
        "the classes cannot be identified from the noisy labels alone: images of "
        f"{names[clean]!r} are labeled {names[noisy]!r} with probability "
        f"{matrix[clean, noisy]:.3g}, and rightly with {truth[clean]:.3g}{more}"
    )


def _check_rate(classes: int, rate: float) -> None:
    if classes < 2:
        raise StudyError(f"label noise needs at least two classes; there are {classes}")
    if not 0 <= rate <= 1:
        raise StudyError(f"the noise rate is {rate:g}", expected="a fraction from 0 to 1")


def _numbers(matrix: ArrayLike, where: str) -> Matrix:
    try:
        array = np.asarray(matrix)
    except ValueError:
        array = np.empty(0, object)  # rows of different lengths
    if array.dtype.kind not in "fiu" or array.ndim != 2:
        raise StudyError(
            "the transition matrix is no table of numbers", where=where, expected=CONVENTION
        )
    return np.array(array, np.float64)


def _read_csv(path: Path) -> list[list[float]]:
    # Spreadsheets write a byte order mark, which utf-8-sig skips.
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = islice(csv.reader(file), MOST_CLASSES + 1)
        return [[float(cell) for cell in line] for line in lines if line]
