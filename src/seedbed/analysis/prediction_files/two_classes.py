"""One score of two classes: the probability of one, or its logit, becomes a column for each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.prediction_files import words
from seedbed.analysis.prediction_files.kinds import GivenKind
from seedbed.analysis.prediction_files.labels import are_numbers, whole
from seedbed.core.errors import DataError

SAY_CLASSES = "name both classes with --classes NEGATIVE,POSITIVE"


def two_columns(
    column: NDArray[Any],
    name: str,
    values: Sequence[str],
    class_names: Sequence[str] | None,
    kind: GivenKind | None,
) -> tuple[NDArray[np.float64], tuple[str, ...], GivenKind, str]:
    """Return N×2 scores, the classes, the kind of the scores, and what was decided.

    Args:
        column: The score of one class, N.
        name: Of the column.
        values: The different labels.
        class_names: What the user says.
        kind: What the user or the name of the column says.

    Raises:
        DataError: If there are more than two classes, the column is no probability, or it is not
            clear whose it is.

    """
    if len(values) > 2 or (class_names is not None and len(class_names) != 2):
        classes = len(values) if class_names is None else len(class_names)
        raise DataError(
            f"column {name!r} is the only one of scores, for {classes} classes",
            expected="a score for each class, or one probability of two classes",
        )
    names, positive = _classes(name, values, class_names)
    scores = column.astype(np.float64)
    other = names[1 - positive]
    if kind == "percent":
        scores = scores / 100
    if kind == "logits":
        pair, how = np.column_stack([np.zeros_like(scores), scores]), "logit"
    elif np.any((scores < 0) | (scores > 1)):
        raise DataError(
            f"column {name!r} is the only one of scores, and is not between 0 and 1",
            expected=f"the probability of {names[positive]!r}",
            hint="say with --kind if it is a logit, or percent",
        )
    else:
        pair, how = np.column_stack([1 - scores, scores]), "probability"
    if not positive:
        pair = pair[:, ::-1]
    decision = f"column {name!r} is the {how} of {names[positive]!r}, the rest that of {other!r}"
    return pair, names, "logits" if how == "logit" else "probabilities", decision


def _classes(
    name: str, values: Sequence[str], class_names: Sequence[str] | None
) -> tuple[tuple[str, ...], int]:
    """Return the two classes, and which of them the column is of."""
    affix = words.affixed(name)
    of = name if affix is None else affix[1]
    if class_names is not None:
        names = tuple(class_names)
        return names, names.index(of) if of in names else 1
    if are_numbers(values):
        numbers = {whole(value) for value in values}
        if not numbers <= {0, 1}:
            raise DataError(
                f"column {name!r} is the only one of scores, and the labels are "
                f"{' and '.join(values)}",
                expected="0 and 1",
                hint=SAY_CLASSES,
            )
        if of in ("0", "1"):
            return ("0", "1"), int(of)
        generic = words.word(of) in words.SCORES or words.word(of) in ("positive", "pos")
        return (("0", "1") if generic else (f"not {of}", of)), 1
    if {value.lower() for value in values} <= {"false", "true"}:
        names = ("False", "True") if values[0][0].isupper() else ("false", "true")
        return names, 1
    if of not in values:
        raise DataError(
            f"column {name!r} is the only one of scores, and may be of {' or '.join(values)}",
            hint=SAY_CLASSES,
        )
    negative = next((value for value in values if value != of), f"not {of}")
    return (negative, of), 1
