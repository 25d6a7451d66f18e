"""Checks of the arguments of public functions, with the error for one of another type.

Only what would fail later, and less clearly, is checked.
"""

import os
from collections.abc import Sequence
from operator import index
from pathlib import Path
from typing import TypeVar

from seedbed.core.errors import StudyError

T = TypeVar("T")


def path_of(name: str, value: object) -> Path:
    """Return the path in an argument.

    Args:
        name: The argument.
        value: Its value, a string or a path.

    Raises:
        StudyError: If it is something else, or nothing can have this path.
    """
    if not isinstance(value, str | os.PathLike) or isinstance(os.fspath(value), bytes):
        raise _unusable(name, value, "the path of a file or folder")
    if "\0" in os.fspath(value):
        raise _unusable(name, str(value), "a path without null characters")
    return Path(value)


def optional_path(name: str, value: object) -> Path | None:
    """Return the path in an argument that may be ``None``; see :func:`path_of`."""
    return None if value is None else path_of(name, value)


def texts_of(name: str, value: object) -> tuple[str, ...]:
    """Return the strings in an argument.

    Args:
        name: The argument.
        value: Its value, a list or tuple of strings.

    Raises:
        StudyError: If it is something else: a string alone would be a list of its characters.
    """
    if isinstance(value, str):
        raise _unusable(name, value, "a list of strings", f"write [{value!r}]")
    if not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
        raise _unusable(name, value, "a list of strings")
    return tuple(value)


def whole(name: str, value: object, minimum: int) -> int:
    """Return the whole number in an argument.

    Raises:
        StudyError: If it is something else, or smaller than ``minimum``.
    """
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = minimum - 1
    if number < minimum or isinstance(value, bool):
        raise _unusable(name, value, f"a whole number, {minimum} or more")
    return number


def instance_of(kind: type[T], name: str, value: object, hint: str = "") -> T:
    """Return an argument that must be an object of a class.

    Args:
        kind: The class.
        name: The argument.
        value: Its value.
        hint: How to make such an object.

    Raises:
        StudyError: If it is not.
    """
    if not isinstance(value, kind):
        raise _unusable(name, value, f"a {kind.__name__}", hint)
    return value


def _unusable(name: str, value: object, expected: str, hint: str = "") -> StudyError:
    text = repr(value).partition("\n")[0]
    shown = text if len(text) <= 60 else f"an object of type {type(value).__name__}"
    return StudyError(f"{shown} cannot be used", where=name, expected=expected, hint=hint)
