"""What a page may say of the machine that it was written on: nothing of where things lie there."""

from collections.abc import Sequence
from typing import Any

import msgspec

from seedbed.analysis.entry import Entry, Header
from seedbed.display.escape import without_folders

_NAMING = {field.encode_name for field in msgspec.structs.fields(Header)} - {"class_names"} | {
    "comparisons",
    "by_size",
}
"""The fields of an entry that may name files, and labels made of them."""


def public(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in which only the last part is left of every absolute path."""
    return [
        entry.replace(**{key: _public(entry[key]) for key in _NAMING & entry.keys()})
        for entry in entries
    ]


def _public(value: Any) -> Any:
    if isinstance(value, str):
        return without_folders(value)
    if isinstance(value, dict):
        return {_public(key): _public(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_public(inner) for inner in value]
    return value
