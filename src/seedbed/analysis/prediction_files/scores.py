"""Which columns are scores: one of N×K numbers, one for each class, or one of two classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.kinds import GivenKind
from seedbed.analysis.prediction_files.labels import are_numbers, label_values, whole
from seedbed.analysis.prediction_files.layout import Layout
from seedbed.analysis.prediction_files.readers.table import to_numbers
from seedbed.analysis.prediction_files.stray import Chosen, Numbers, choose, reason
from seedbed.core.errors import DataError


@dataclass(frozen=True)
class Scores:
    """The columns of scores, as in :class:`~seedbed.analysis.prediction_files.columns.Columns`."""

    columns: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    kind: GivenKind | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


def as_numbers(column: NDArray[Any]) -> NDArray[np.float64] | None:
    """Return a column as numbers; ``None`` if it is text."""
    if column.dtype.kind == "U":
        return to_numbers(column.tolist())
    return column.astype(np.float64)


def wide_scores(columns: Mapping[str, NDArray[Any]], rows: int) -> Scores | None:
    """Return the array or column that holds the scores of all classes, if there is one."""
    wide = [name for name, column in columns.items() if column.ndim == 2]
    usual = [
        name
        for usual in words.SCORES
        for name, column in columns.items()
        if words.word(name) == usual
        and (
            column.ndim == 2 or (usual != "p" and column.dtype.kind != "U" and len(column) != rows)
        )
    ]
    if not usual and len(wide) > 1:
        raise DataError(
            f"{wide[0]!r} and {wide[1]!r} may both be the scores",
            hint=f"leave one out, for example with --ignore '{wide[1]}'",
        )
    if not usual and not wide:
        return None
    chosen, *others = usual or wide
    same = dict.fromkeys(others, f"{chosen!r} are used")
    return Scores((chosen,), (), words.kind_by_name(chosen), same)


def separate_scores(
    columns: Mapping[str, NDArray[Any]], label: NDArray[Any], layout: Layout
) -> Scores:
    """Return the columns that hold the score of a class each."""
    numbers = {
        name: of
        for name, column in columns.items()
        if len(column) == len(label) and (of := as_numbers(column)) is not None
    }
    if not numbers:
        return Scores()
    if label.ndim > 1:  # one-hot rows, which count the classes
        label = np.arange(label.shape[1])
    values, inverse = label_values(label)
    groups = _groups(numbers)
    if layout.class_names is not None:
        return _as_named(numbers, groups, layout.class_names)
    counted = are_numbers(values) and layout.labels_are != "names"
    if not counted and all(value in numbers for value in values):
        return _plain(choose(numbers, [name for name in numbers if name in values]))
    group = _group_of(groups, values, counted)
    if group is not None:
        return group
    if counted:
        labels = [whole(value) or 0 for value in values]
        return _plain(choose(numbers, (), max(labels) + 1, from_zero=min(labels) == 0))
    missing = [value for value in values if value not in numbers]
    candidates = [name for name in numbers if name in values or not reason(name, numbers)]
    if len(missing) < len(values) and len(candidates) > 1:
        image = int(np.flatnonzero(inverse == values.index(missing[0]))[0])
        raise DataError(
            f"the label of image {image} is {missing[0]!r}, and no column has this name",
            expected=f"one of {listed(numbers)}",
        )
    return _plain(choose(numbers, ()))


def is_of_prediction(
    scores: Scores, columns: Mapping[str, NDArray[Any]], predicted: str, label: NDArray[Any]
) -> bool:
    """Whether the only score beside predicted classes is theirs, and not that of one class.

    The probability of one of two classes is above one half where this class is predicted; that of
    the predicted class is never below.

    Raises:
        DataError: If it is neither: the classes were predicted at another threshold.

    """
    if len(scores.columns) != 1 or columns[scores.columns[0]].ndim != 1:
        return False
    numbers = as_numbers(columns[scores.columns[0]])
    if numbers is None or len(numbers) != len(label):
        return False
    values, classes = label_values(columns[predicted])
    if len(set(values) | set(label_values(label)[0])) > 2:
        return True
    middle = 0 if scores.kind == "logits" else 0.5
    pairs = set(zip(classes.tolist(), (numbers > middle).tolist(), strict=True))
    if len(pairs) == len(values) == len({above for _, above in pairs}):
        return False
    if numbers.min() >= middle:
        return True
    raise DataError(
        f"the classes in {predicted!r} are not those that {scores.columns[0]!r} predicts at "
        f"{middle:g}",
        hint=f"use the one or the other: --ignore '{predicted}' or --ignore '{scores.columns[0]}'",
    )


def _groups(numbers: Numbers) -> dict[str, dict[str, str]]:
    """Return the columns that share an affix, as class names by column, by affix."""
    groups: dict[str, dict[str, str]] = {}
    for name in numbers:
        word = words.word(name)
        if word in words.PREDICTED or word in words.MEASURES or word in words.ROWS:
            continue
        number = whole(name)
        affix, class_name = ("", name) if number is not None else words.affixed(name) or ("-", "")
        if affix != "-":
            groups.setdefault(affix, {})[name] = class_name
    return groups


def _group_of(
    groups: Mapping[str, Mapping[str, str]], values: Sequence[str], counted: bool
) -> Scores | None:
    """Return the largest group of columns with a common affix, if it has all labels as classes."""
    fitting = []
    for affix, group in groups.items():
        if len(group) < 2 or len(set(group.values())) < len(group):
            continue
        numerals = {whole(name) for name in group.values()}
        by_name = set(values) <= set(group.values())
        by_number = counted and {whole(value) for value in values} <= numerals
        by_position = counted and all(0 <= (whole(value) or 0) < len(group) for value in values)
        if by_name or by_number or by_position:
            fitting.append((affix, group))
    if not fitting:
        return None
    size = max(len(group) for _, group in fitting)
    largest = [(affix, group) for affix, group in fitting if len(group) == size]
    order = list(words.SCORES)
    largest.sort(
        key=lambda item: next(
            (order.index(name) for name in (f"{item[0]}s", item[0]) if name in order), len(order)
        )
    )
    affix, chosen = largest[0]
    others = {
        name: f"the columns with {affix!r} are used" for _, group in largest[1:] for name in group
    }
    decision = (
        f"columns with {affix!r} in their names are the scores"
        if affix
        else ("columns with numbers for names are the scores")
    )
    return Scores(
        tuple(chosen), tuple(chosen.values()), words.kind_by_name(affix), others, (decision,)
    )


def _as_named(
    numbers: Numbers, groups: Mapping[str, Mapping[str, str]], class_names: Sequence[str]
) -> Scores:
    """Return the columns that the user has named, or as many as there are names."""
    why = "not among --classes"
    if set(class_names) <= numbers.keys():
        return Scores(tuple(class_names), tuple(class_names), None, dict.fromkeys(numbers, why))
    for affix, group in groups.items():
        column_of = {class_name: column for column, class_name in group.items()}
        if set(class_names) <= column_of.keys():
            columns = tuple(column_of[name] for name in class_names)
            kind = words.kind_by_name(affix)
            return Scores(columns, tuple(class_names), kind, dict.fromkeys(numbers, why))
    strays = {name: of for name in numbers if (of := reason(name, numbers))}
    plain = tuple(name for name in numbers if name not in strays)
    for columns in (plain, tuple(numbers)):
        if len(columns) == len(class_names):
            group_kinds = {
                words.kind_by_name(a) for a, g in groups.items() if set(g) == set(columns)
            }
            kind = group_kinds.pop() if len(group_kinds) == 1 else None
            decision = "--classes names the columns of scores in their order"
            return Scores(columns, tuple(class_names), kind, strays, (decision,))
    if len(plain) == 1 and len(class_names) == 2:
        return Scores(plain, (), words.kind_by_name(plain[0]), strays)
    raise DataError(
        f"scores have {len(plain)} columns for {len(class_names)} classes: {listed(plain)}",
        expected="one column for each class",
        hint="leave out columns with --ignore, or name all classes with --classes",
    )


def _plain(chosen: Chosen) -> Scores:
    if len(chosen.columns) == 1:
        (name,) = chosen.columns
        affix = words.affixed(name)
        kind = words.kind_by_name(affix[0] if affix else name)
        return Scores(chosen.columns, (), kind, chosen.left_out, chosen.decisions)
    return Scores(chosen.columns, chosen.columns, None, chosen.left_out, chosen.decisions)


def listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    """Return names for an error; of many, the first."""
    names = list(names)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(names[:12]) or "nothing") + more
