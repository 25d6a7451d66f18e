"""What the columns of a table are: labels, scores, predicted classes, images, or none of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.kinds import GivenKind
from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.labels import are_numbers, label_values, whole
from seedbed.analysis.prediction_files.layout import Layout
from seedbed.analysis.prediction_files.stray import Chosen, Numbers, choose, reason, reason_by_name
from seedbed.analysis.prediction_files.table import Table, to_numbers
from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown

NAMES: Final = "names"
"""What predictions of Seedbed call the names of images, which may be numbers."""
HASHES: Final = "hashes"
"""What they call the hashes of their contents."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Args:
        label: The column of the true classes.
        scores: The columns of scores, in the order of the classes; one if it has N×K numbers, or
            the probability of one of two classes; none if only predicted classes are known.
        class_names: What the columns of scores are called; empty for one column.
        kind: What their names tell of the scores.
        predicted: The column of the predicted classes.
        image: The column that names the images.
        left_out: The other columns, and why.
        decisions: What was decided, in sentences without a full stop.
    """

    label: str
    scores: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    kind: GivenKind | None = None
    predicted: str | None = None
    image: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Scores:
    columns: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    kind: GivenKind | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()


def find_columns(table: Table, layout: Layout) -> Columns:
    """Return what the columns of a table are.

    Raises:
        DataError: If there are no labels, neither scores nor predicted classes, or if two readings
            of a column are possible.

    """
    columns = table.columns
    for column in layout.ignore:
        if column not in columns and column not in table.unread:
            raise DataError(unknown("column", column, [*columns, *table.unread]))
    label = _label(table, layout)
    image = _image(table, layout)
    used = (label,) if image is None else (label, image, HASHES)
    rest = {name: of for name, of in columns.items() if name not in used}
    rows = len(columns[label])
    if not rows:
        raise DataError("holds no predictions", expected="a row for each image")
    if columns[label].ndim > 1 and not holds_labels(columns[label]):
        raise DataError(
            f"the labels in {label!r} have the shape {columns[label].shape}",
            expected="one for each image, or one-hot rows",
        )
    predicted = next((name for name, of in rest.items() if _names_predictions(name, of)), None)
    scores = _wide(rest, rows) or _separate(rest, columns[label], layout)
    if predicted is not None and _is_of_prediction(scores, columns, predicted, columns[label]):
        scores = _Scores((), left_out={scores.columns[0]: "the score of the predicted class"})
    if not scores.columns and predicted is None:
        raise DataError(
            f"has no scores among {_listed(columns)}",
            expected="a score for each class, or a column of predicted classes such as 'predicted'",
        )
    left_out = dict(table.unread)
    for name in rest:
        if name in scores.columns or (name == predicted and not scores.columns):
            continue
        left_out[name] = scores.left_out.get(name) or _why_left_out(name, rest[name], rows)
    return Columns(
        label,
        scores.columns,
        scores.class_names,
        scores.kind,
        predicted,
        image,
        left_out,
        scores.decisions,
    )


def holds_labels(column: NDArray[Any]) -> bool:
    """Whether a column may hold classes: text, whole numbers, or one-hot rows."""
    if column.dtype.kind == "U":
        return True
    if column.ndim == 2:
        one_hot = np.all((column == 0) | (column == 1)) and np.all(column.sum(axis=1) == 1)
        return bool(one_hot)
    return bool(np.all(column == np.round(column)))


def _label(table: Table, layout: Layout) -> str:
    if layout.label is not None:
        if layout.label not in table.columns:
            raise DataError(
                f"has no {layout.label!r} among {_listed(table.columns)}",
                hint="name the true classes with --label",
            )
        return layout.label
    usual = [name for name in table.columns if words.word(name) in words.LABEL]
    other = [name for name in table.columns if words.word(name) in words.LABEL_TOO]
    found = [name for name in usual + other if holds_labels(table.columns[name])] or usual
    if not found:
        raise DataError(
            f"has no 'label' among {_listed(table.columns)}",
            hint="name the true classes with --label",
        )
    first, *others = found
    for second in others:
        if not _correspond(table.columns[first], table.columns[second]):
            raise DataError(
                f"columns {first!r} and {second!r} may both be the labels, and they differ",
                hint=f"say which with --label '{first}' or --label '{second}'",
            )
    return first


def _correspond(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two columns name the same classes, perhaps in different words."""
    if len(one) != len(other) or one.ndim > 1 or other.ndim > 1:
        return False
    (first, ones), (second, others) = label_values(one), label_values(other)
    return len(first) == len(second) == len(set(zip(ones.tolist(), others.tolist(), strict=True)))


def _image(table: Table, layout: Layout) -> str | None:
    if layout.image is not None:
        if layout.image not in table.columns:
            raise DataError(unknown("column", layout.image, table.columns))
        if table.columns[layout.image].ndim > 1:
            raise DataError(
                f"column {layout.image!r} holds several numbers for each image",
                expected="the name of the image",
            )
        return layout.image
    for name, column in table.columns.items():
        if words.word(name) in words.IMAGE and column.dtype.kind == "U" and column.ndim == 1:
            values = column.tolist()
            if len(set(values)) == len(values) and (name == NAMES or to_numbers(values) is None):
                return name
    return None


def _names_predictions(name: str, column: NDArray[Any]) -> bool:
    return words.word(name) in words.PREDICTED and column.ndim == 1 and _is_labels(column)


def _is_labels(column: NDArray[Any]) -> bool:
    numbers = _numbers(column)
    return numbers is None or bool(np.all(numbers == np.round(numbers)))


def _numbers(column: NDArray[Any]) -> NDArray[np.float64] | None:
    """Return a column as numbers; ``None`` if it is text."""
    if column.dtype.kind == "U":
        return to_numbers(column.tolist())
    return column.astype(np.float64)


def _wide(columns: Mapping[str, NDArray[Any]], rows: int) -> _Scores | None:
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
    return _Scores((chosen,), (), words.kind_by_name(chosen), same)


def _separate(columns: Mapping[str, NDArray[Any]], label: NDArray[Any], layout: Layout) -> _Scores:
    """Return the columns that hold the score of a class each."""
    numbers = {
        name: of
        for name, column in columns.items()
        if len(column) == len(label) and (of := _numbers(column)) is not None
    }
    if not numbers:
        return _Scores()
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
            expected=f"one of {_listed(numbers)}",
        )
    return _plain(choose(numbers, ()))


def _is_of_prediction(
    scores: _Scores, columns: Mapping[str, NDArray[Any]], predicted: str, label: NDArray[Any]
) -> bool:
    """Whether the only score beside predicted classes is theirs, and not that of one class.

    The probability of one of two classes is above one half where this class is predicted; that of
    the predicted class is never below.

    Raises:
        DataError: If it is neither: the classes were predicted at another threshold.

    """
    if len(scores.columns) != 1 or columns[scores.columns[0]].ndim != 1:
        return False
    numbers = _numbers(columns[scores.columns[0]])
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
) -> _Scores | None:
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
    return _Scores(
        tuple(chosen), tuple(chosen.values()), words.kind_by_name(affix), others, (decision,)
    )


def _as_named(
    numbers: Numbers, groups: Mapping[str, Mapping[str, str]], class_names: Sequence[str]
) -> _Scores:
    """Return the columns that the user has named, or as many as there are names."""
    why = "not among --classes"
    if set(class_names) <= numbers.keys():
        return _Scores(tuple(class_names), tuple(class_names), None, dict.fromkeys(numbers, why))
    for affix, group in groups.items():
        column_of = {class_name: column for column, class_name in group.items()}
        if set(class_names) <= column_of.keys():
            columns = tuple(column_of[name] for name in class_names)
            kind = words.kind_by_name(affix)
            return _Scores(columns, tuple(class_names), kind, dict.fromkeys(numbers, why))
    strays = {name: of for name in numbers if (of := reason(name, numbers))}
    plain = tuple(name for name in numbers if name not in strays)
    for columns in (plain, tuple(numbers)):
        if len(columns) == len(class_names):
            group_kinds = {
                words.kind_by_name(a) for a, g in groups.items() if set(g) == set(columns)
            }
            kind = group_kinds.pop() if len(group_kinds) == 1 else None
            decision = "--classes names the columns of scores in their order"
            return _Scores(columns, tuple(class_names), kind, strays, (decision,))
    if len(plain) == 1 and len(class_names) == 2:
        return _Scores(plain, (), words.kind_by_name(plain[0]), strays)
    raise DataError(
        f"scores have {len(plain)} columns for {len(class_names)} classes: {_listed(plain)}",
        expected="one column for each class",
        hint="leave out columns with --ignore, or name all classes with --classes",
    )


def _plain(chosen: Chosen) -> _Scores:
    if len(chosen.columns) == 1:
        (name,) = chosen.columns
        affix = words.affixed(name)
        kind = words.kind_by_name(affix[0] if affix else name)
        return _Scores(chosen.columns, (), kind, chosen.left_out, chosen.decisions)
    return _Scores(chosen.columns, chosen.columns, None, chosen.left_out, chosen.decisions)


def _why_left_out(name: str, column: NDArray[Any], rows: int) -> str:
    if len(column) != rows:
        return f"has {len(column):,} rows for {rows:,} labels"
    if column.ndim == 2:
        return f"{column.shape[1]:,} numbers for each image"
    numbers = _numbers(column)
    by_values = reason(name, {name: numbers}) if numbers is not None else "text"
    return reason_by_name(name) or by_values or "no score of a class"


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    names = list(names)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(names[:12]) or "nothing") + more
