"""Which columns have the images and the labels, and the names of the classes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.parsing import parse_json

IMAGE_COLUMNS: Final = ("image", "img")
LABEL_COLUMNS: Final = ("label", "labels", "fine_label", "coarse_label")
SHOWN: Final = 10
"""Columns that a message names."""


def image_column(present: Sequence[str]) -> str:
    """Return the name of the column of images.

    Raises:
        DataError: If there is none, or two.
    """
    names = [name for name in IMAGE_COLUMNS if name in present]
    if len(names) > 1:
        raise DataError(
            f"has images in the columns {' and '.join(names)}",
            expected="one of them",
            hint="write the file without the other",
        )
    return names[0] if names else _missing(present, IMAGE_COLUMNS, "images")


def label_column(schema: Any, features: Mapping[str, Any], wanted: str | None) -> str:
    """Return the name of the column of labels.

    Args:
        schema: The Arrow schema.
        features: The features in the metadata, see :func:`features_of`.
        wanted: The name that the user gave, if any.

    Raises:
        DataError: If there is none, or several can have the labels and the user named none.
    """
    if wanted is not None:
        return wanted if wanted in schema.names else _missing(schema.names, [wanted], "labels")
    declared = [name for name in schema.names if _is_class_label(features.get(name))]
    names = list(dict.fromkeys([*declared, *(n for n in LABEL_COLUMNS if n in schema.names)]))
    # A list has several labels per image. Without any other column, its error is more helpful.
    names = [name for name in names if not _is_nested(schema.field(name).type)] or names
    if len(names) > 1:
        raise DataError(
            f"the labels may be in the columns {' or '.join(names)}",
            expected="one of them",
            hint=f'choose it in the dataset: label_column = "{names[0]}"',
        )
    return names[0] if names else _missing(schema.names, LABEL_COLUMNS, "labels")


def unused(present: Sequence[str], image: str, label: str) -> tuple[str, ...]:
    """Return a decision about the columns that are not used, if there are any."""
    names = [name for name in present if name not in (image, label)]
    if not names:
        return ()
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (f"the labels are in column {label}; not used: {', '.join(names[:SHOWN])}{more}",)


def features_of(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Any]:
    """Return the features by column, in the metadata of the schema under ``huggingface``.

    Raises:
        DataError: If the metadata is not JSON.
    """
    try:
        value = parse_json((metadata or {}).get(b"huggingface", b"{}"))
    except ValueError as error:
        raise DataError(f"the huggingface metadata of the schema is not JSON: {error}") from error
    for key in ("info", "features"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def class_names(features: Mapping[str, Any], column: str) -> tuple[str, ...] | None:
    """Return the class names of a column, or ``None``.

    Raises:
        DataError: If they are no names.
    """
    value = features.get(column)
    names = value.get("names") if isinstance(value, dict) else None
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(
            f"the class names for column {column} in the metadata of the schema are invalid",
            expected="a list of strings",
        )
    return tuple(names)


def renumbered(
    labels: NDArray[np.int64], names: tuple[str, ...], classes: tuple[str, ...]
) -> NDArray[np.int64]:
    """Return labels with the names ``names`` as labels with the names ``classes``.

    Labels that have no name are not changed.

    Raises:
        DataError: If the names are not the same, in any order.
    """
    if sorted(names) != sorted(classes):
        here, there = sorted(set(names) - set(classes)), sorted(set(classes) - set(names))
        differences = [
            f"{text} {', '.join(map(repr, some[:SHOWN]))}"
            for text, some in (("only here", here), ("only in the training split", there))
            if some
        ]
        raise DataError(
            f"has other classes than the training split: {'; '.join(differences)}",
            expected="the same class names in all files",
        )
    position = {name: number for number, name in enumerate(classes)}
    numbers = np.array([position[name] for name in names], np.int64)
    known = (labels >= 0) & (labels < len(names))
    result = labels.copy()
    result[known] = numbers[labels[known]]
    return result


def _missing(present: Sequence[str], wanted: Sequence[str], what: str) -> str:
    raise DataError(
        f"has the columns {', '.join(present)}",
        expected=f"one of {', '.join(wanted)} for the {what}",
    )


def _is_class_label(feature: Any) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel"


def _is_nested(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(kind))
