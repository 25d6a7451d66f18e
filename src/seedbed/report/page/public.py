"""What a page may say of the machine that it was written on: nothing of where things lie there."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from seedbed.analysis.entry import Entry, Header, fields_of
from seedbed.analysis.registry import analyses
from seedbed.display.escape import without_folders
from seedbed.report.pictures.links import absolute_names, common_folder

_NAMING: Final = {field.encode_name for field in msgspec.structs.fields(Header)} - {
    "class_names"
} | {"comparisons", "by_size", "claims"}
"""The fields of an entry that may name files, and labels made of them."""
_IMAGES: Final = ("image_errors", "hard_examples", "top_pairs", "merged_pairs", "confused_images")
"""The fields that name images, each under the key ``name``."""
_ROOT: Final = re.compile(r"([A-Za-z]:)?[\\/]+")


def public(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in which only the last part is left of every absolute path.

    Of the names of images, as other tools write them, what is below their common folder is left.
    """
    absolute = absolute_names(entries)
    folder = common_folder(absolute)
    return [
        entry.replace(
            **{key: _public(entry[key]) for key in _NAMING & entry.keys()},
            **{key: _below(entry[key], folder) for key in _IMAGES if absolute and key in entry},
        )
        for entry in entries
    ]


def brief(entries: Sequence[Entry]) -> list[Entry]:
    """Return :func:`public` entries with no more than what a page says of every configuration.

    These are the header, and the results of analyses that are about the study as a whole. Entries
    have many times as much, and a study may have 10,000.
    """
    kinds = [of.result for of in analyses() if of.of_study and of.result is not None]
    found = []
    for entry in entries:
        views: list[msgspec.Struct | None] = [entry.header, *map(entry.view, kinds)]
        fields = {key: value for view in views if view for key, value in fields_of(view).items()}
        fields |= {key: _public(fields[key]) for key in _NAMING & fields.keys()}
        found.append(Entry.of_line(msgspec.json.encode(fields)))
    return found


@lru_cache(maxsize=10_000)
def _text(text: str) -> str:
    return without_folders(text)


def _public(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_public(key): _public(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_public(inner) for inner in value]
    return value


def _below(value: Any, folder: str) -> Any:
    """Return a result whose images are named by their paths below a folder."""
    if isinstance(value, dict):
        return {
            key: _named(inner, folder) if key == "name" else _below(inner, folder)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        # Most lists are of numbers, and long.
        return [_below(inner, folder) for inner in value] if _nests(value) else value
    return value


def _nests(values: Sequence[Any]) -> bool:
    return bool(values) and isinstance(values[0], dict | list)


def _named(names: Any, folder: str) -> Any:
    if isinstance(names, list | tuple):
        return [_named(name, folder) for name in names]
    if not isinstance(names, str):
        return names
    # What is below the root of a file system is the whole path.
    is_root = _ROOT.fullmatch(folder) is not None
    return without_folders(names if is_root else names.removeprefix(folder))
