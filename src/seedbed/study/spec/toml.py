"""Parses TOML with line numbers in errors, and locates the line of a key."""

import re
from collections.abc import Mapping
from datetime import date, time
from itertools import takewhile
from pathlib import PurePath
from typing import Any, Final

import tomli_w

from seedbed.core import parsing
from seedbed.core.errors import StudyError
from seedbed.core.toml_repair import repair

Key = tuple[str, ...]
"""A dotted key in parts: ``("recipe", "epochs")``."""

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED: Final = rf"{_PART}(?:\s*\.\s*{_PART})*"
_SECTION: Final = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNMENT: Final = re.compile(rf"\s*({_DOTTED})\s*=")


_HINTS: Final = {
    "Cannot overwrite": "it is set twice; remove one",
    "Cannot declare": "write all settings of a table under one header",
}
"""Part of a message of ``tomllib`` -> how to fix it."""


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the tables of a TOML document.

    Args:
        text: The document.
        where: The file, as the user named it.

    Raises:
        StudyError: If it is not valid TOML; names the line.

    """
    try:
        return parsing.parse_toml(text)
    except ValueError as error:
        message = str(error).partition("; use sys.")[0]  # Python's own advice may follow
        position = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
        hint = ""
        if position:
            message = re.sub(r"\('(.*?)',?\)", r"[\1]", message[: position.start()])
            line = int(position[1] or _unfinished(text, message))
            where = f"{where}, line {line}"
            hint = next((h for sign, h in _HINTS.items() if sign in message), repair(text, line))
        raise StudyError(
            f"not valid TOML: {message[:1].lower()}{message[1:]}", where=where, hint=hint
        ) from None


def _unfinished(text: str, message: str) -> int:
    """Return the line of the single quote that is not closed, if that is it, or the last line."""
    lines = text.rstrip("\n").split("\n")
    quotes = [number for number, line in enumerate(lines, start=1) if line.count("'") % 2]
    return quotes[0] if quotes and message == 'Expected "\'"' else len(lines)


def as_toml(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a dict as a TOML document would hold it; paths become strings.

    Raises:
        StudyError: If TOML cannot express a value.

    """
    plain = _plain(values, where)
    try:
        return parsing.parse_toml(tomli_w.dumps(plain))
    except (TypeError, ValueError, RecursionError) as error:
        raise StudyError(
            f"cannot convert it to TOML: {error}",
            where=where,
            expected="a dict of strings, numbers, booleans, lists and dicts",
        ) from error


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, f"{where}, {key}") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, where) for inner in value]
    if isinstance(value, PurePath):
        return str(value)
    if not isinstance(value, str | int | float | date | time):  # a datetime is a date
        raise StudyError(
            f"an object of type {type(value).__name__} cannot be used",
            where=where,
            expected="a string, a number, a boolean, a list or a dict",
        )
    return value


def line_of(text: str, key: Key) -> int | None:
    """Return the line, counted from 1, of a key in a valid TOML document.

    A table in an array is numbered in the key: ``("variants", "0", "name")``. For a key inside an
    inline table, or one that is missing from a table, the line is that of the table; it is ``None``
    if even the first part of the key is missing.
    """
    most, best = 0, None  # number of matching parts of the key, and their line
    section: Key = ()
    numbers: dict[Key, int] = {}  # array of tables -> index of its last table so far
    quote = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if quote:  # inside a multi-line string
            quote = "" if line.count(quote) % 2 else quote
            continue
        if match := _SECTION.match(line):
            name = _parts(match[2])
            if match[1] == "[[":
                numbers[name] = numbers.get(name, -1) + 1
            section = current = _numbered(name, numbers)
        elif match := _ASSIGNMENT.match(line):
            current = section + _parts(match[1])
        else:
            continue
        pairs = zip(current, key, strict=False)
        matching = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if matching > most:
            most, best = matching, number
        quote = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
    return best


def _numbered(name: Key, numbers: Mapping[Key, int]) -> Key:
    """Insert the index of the last table after each part of a name that is an array of tables."""
    key: list[str] = []
    for length, part in enumerate(name, start=1):
        key.append(part)
        if name[:length] in numbers:
            key.append(str(numbers[name[:length]]))
    return tuple(key)


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
