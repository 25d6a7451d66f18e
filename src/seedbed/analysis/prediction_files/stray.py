"""Which columns of numbers are classes, and which are something else.

The names of the labels, sums of 1 or 100, and usual names decide, in this order. A column that is
none of the labels and may be either is refused: as a class it would change every number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.kinds import sums_to_one, usable
from seedbed.core.errors import DataError
from seedbed.data.readers.labels import EXACT

Numbers = Mapping[str, NDArray[np.float64]]

FEWEST_ROWS: Final = 10
"""In fewer rows, whole numbers may be scores."""

IMAGES_PER_CLASS: Final = 10
"""With so many images per class, a class without any is doubtful."""


@dataclass(frozen=True)
class Chosen:
    """The columns that are classes.

    Args:
        columns: Their names, in the order of the file.
        left_out: The other columns, and why.
        decisions: What decided, in sentences without a full stop.
    """

    columns: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


def choose(
    numbers: Numbers, known: Sequence[str], needed: int = 0, *, from_zero: bool = True
) -> Chosen:
    """Return which columns are the scores of classes.

    Args:
        numbers: The columns of numbers that may be scores, each of N rows.
        known: Those that are named like labels.
        needed: How many classes there are at least, by labels that count them; 0 for names.
        from_zero: Whether one of these labels is 0; if none is, they may count from 1.

    Raises:
        DataError: If a column may be a class or not.

    """
    names = tuple(numbers)
    strays = {name: why for name in names if name not in known and (why := reason(name, numbers))}
    plain = tuple(name for name in names if name not in strays)
    for option in _options(names, plain, known):
        total = _total([numbers[name] for name in option])
        if total and len(option) >= max(needed, 2):
            return _by_sum(option, names, strays, total)
    if len(plain) < needed and from_zero:
        return _with_strays(numbers, strays, plain, needed)
    doubtful = [name for name in plain if name not in known] if not needed else plain[needed:]
    rows = len(next(iter(numbers.values()))) if numbers else 0
    if doubtful and len(plain) > 1 and rows >= IMAGES_PER_CLASS * len(plain):
        raise DataError(
            f"column {doubtful[0]!r} may be a class of which there is no image, or no class",
            expected=f"a score for each of the {len(plain) - len(doubtful)} classes of the labels",
            hint=f"leave it out with --ignore '{doubtful[0]}', or name all classes with --classes",
        )
    return Chosen(plain, strays)


def reason(name: str, numbers: Numbers) -> str | None:
    """Return why a column is no class, by its name or its whole numbers; ``None`` if it may be."""
    if by_name := reason_by_name(name):
        return by_name
    column = numbers[name]
    if len(column) < FEWEST_ROWS or not is_whole(column) or not column.any():
        return None
    steps = np.diff(column)
    if np.all(steps > 0) or np.mean(steps == 1) >= 0.9:
        return "numbers the rows"
    fractions = [not is_whole(other) for other in numbers.values()]
    if np.mean(fractions) < 0.5:
        return None
    distinct = len(np.unique(column)) == len(column)
    return "numbers the rows" if distinct else "whole numbers beside fractions"


def reason_by_name(name: str) -> str | None:
    """Return why a column of this name is usually no class; ``None`` if it usually is."""
    word = words.word(name)
    if word in words.PREDICTED:
        return "the predicted class, by its name"
    if word in words.ROWS:
        return "tells rows apart, by its name"
    if word in words.MEASURES:
        return "known of each image besides its scores, by its name"
    if word in words.LABEL or word in words.LABEL_TOO:
        return "another label, by its name"
    return None


def is_whole(column: NDArray[np.float64]) -> bool:
    """Whether all numbers of a column are whole, and so small that float64 has each of them."""
    return bool(np.all((np.abs(column) < EXACT) & (column == np.round(column))))


def _options(
    names: Sequence[str], plain: Sequence[str], known: Sequence[str]
) -> Iterator[Sequence[str]]:
    yield plain
    yield names
    yield [name for name in names if name in known]
    doubtful = [name for name in plain if name not in known]
    if len(doubtful) <= 50:
        for stray in doubtful:
            yield [name for name in plain if name != stray]


def _total(columns: Sequence[NDArray[np.float64]]) -> int | None:
    """Return 1 or 100 if columns sum to it in every row."""
    if len(columns) < 2 or not all(usable(of).all() and of.min() >= 0 for of in columns):
        return None
    scores = np.column_stack(columns)
    if sums_to_one(scores):
        return 1
    return 100 if sums_to_one(scores / 100) else None


def _by_sum(
    option: Sequence[str], names: Sequence[str], strays: Mapping[str, str], total: int
) -> Chosen:
    others = {name: strays.get(name) for name in names if name not in option}
    alone = f"without it, every row sums to {total}"
    kept = [name for name in option if name in strays]
    decisions: tuple[str, ...] = ()
    if kept:
        are = "are classes" if len(kept) > 1 else "is a class"
        decisions = (f"{_listed(kept)} {are}: only with it does every row sum to {total}",)
    return Chosen(tuple(option), {name: why or alone for name, why in others.items()}, decisions)


def _with_strays(
    numbers: Numbers, strays: Mapping[str, str], plain: Sequence[str], needed: int
) -> Chosen:
    """Return the columns with those that have an unusual name, if the labels need them all."""
    extra = [name for name in strays if not is_whole(numbers[name])]
    if plain and extra and len(plain) + len(extra) == needed:
        columns = tuple(name for name in numbers if name in plain or name in extra)
        left_out = {name: why for name, why in strays.items() if name not in extra}
        are = "are classes" if len(extra) > 1 else "is a class"
        decision = f"{_listed(extra)} {are}: the labels are of {needed} classes"
        return Chosen(columns, left_out, (decision,))
    return Chosen(tuple(plain), strays)


def _listed(names: Sequence[str]) -> str:
    return "column " * (len(names) == 1) + ", ".join(map(repr, names))
