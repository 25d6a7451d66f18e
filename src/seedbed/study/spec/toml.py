"""TOML text: parsed with errors that name the line, and the line on which a key stands."""

import re
import tomllib
from collections.abc import Mapping
from itertools import takewhile
from pathlib import PurePath
from typing import Any, Final

import tomli_w

from seedbed.core.errors import StudyError

Key = tuple[str, ...]
"""A dotted key in parts: ``("recipe", "epochs")``."""

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED: Final = rf"{_PART}(?:\s*\.\s*{_PART})*"
_SECTION: Final = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNMENT: Final = re.compile(rf"\s*({_DOTTED})\s*=")


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the tables of a TOML document.

    Args:
        text: The document.
        where: The file, as the user named it.

    Raises:
        StudyError: If it is not TOML; with the line.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
        if found:
            message = message[: found.start()]
            last = max(1, len(text.splitlines()))
            where = f"{where}, line {found[1] or last}"
        raise StudyError(
            f"not valid TOML: {message[:1].lower()}{message[1:]}", where=where
        ) from None


def as_toml(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return tables from Python as a TOML document would hold them; paths become text.

    Raises:
        StudyError: If a value has no counterpart in TOML.

    """
    try:
        return tomllib.loads(tomli_w.dumps(_plain(values)))
    except (TypeError, ValueError) as error:
        raise StudyError(
            f"cannot be written as TOML: {error}",
            where=where,
            expected="a dict of text, numbers, true and false, lists and dicts",
        ) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, PurePath) else value


def line_of(text: str, key: Key) -> int | None:
    """Return the line, counted from 1, on which a key of a valid TOML document is given its value.

    A table of an array has its number in the key: ``("variants", "0", "name")``. A key inside an
    inline table, or one that is missing from a table, has the line of that table; ``None`` if not
    even the first part of the key is there.
    """
    most, best = 0, None  # how many parts of the key agree, and on which line
    section: Key = ()
    numbers: dict[Key, int] = {}  # of the last table of each array so far
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if quote:  # inside a string of several lines, where nothing is a key
            quote = "" if line.count(quote) % 2 else quote
            continue
        if found := _SECTION.match(line):
            name = _parts(found[2])
            if found[1] == "[[":
                numbers[name] = numbers.get(name, -1) + 1
            section = here = _numbered(name, numbers)
        elif found := _ASSIGNMENT.match(line):
            here = section + _parts(found[1])
        else:
            continue
        pairs = zip(here, key, strict=False)
        agreeing = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if agreeing > most:
            most, best = agreeing, number
        quote = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
    return best


def _numbered(name: Key, numbers: Mapping[Key, int]) -> Key:
    """Put the number of its table behind each part of a name that is an array of tables."""
    found: list[str] = []
    for length, part in enumerate(name, start=1):
        found.append(part)
        if name[:length] in numbers:
            found.append(str(numbers[name[:length]]))
    return tuple(found)


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
