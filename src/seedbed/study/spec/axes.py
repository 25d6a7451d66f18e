"""The axes of a grid: expands the tables of a study file into those of every configuration.

Works on TOML values before they are validated. A list where one value is expected is an axis; the
grid is the product of all axes. The list may hold tables too, which may contain further axes.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from seedbed.study.spec.toml import Key

PARTS: Final = ("dataset", "noise", "network", "recipe")
"""The tables of a configuration; the first varies slowest."""

_ORIGINS: Final[Mapping[str, tuple[str, ...]]] = {
    "dataset": ("name", "path"),
    "noise": ("kind",),
    "network": ("name", "module"),
}
"""Settings that determine the meaning of the others in their table."""

_LISTS: Final[Mapping[Key, int]] = {
    ("recipe", "betas"): 1,
    ("recipe", "milestones"): 1,
    ("noise", "matrix"): 2,
    ("noise", "classes"): 1,
    ("recipe", "robust", "transition"): 2,
    ("recipe", "robust", "classes"): 1,
}
"""Settings whose value is itself a list, and its number of dimensions."""

Tables = dict[str, Any]


def tables_of(values: Mapping[str, Any]) -> Tables:
    """Return the dataset, noise, network and recipe tables of a study file or a variant.

    The short forms ``dataset = "mnist"`` and ``network = "lenet5"`` are expanded to tables.
    """
    return {part: _long(part, values[part]) for part in PARTS if part in values}


def _long(part: str, value: Any) -> Any:
    if part not in ("dataset", "network"):
        return value
    if isinstance(value, list):
        return [_long(part, item) for item in value]
    return {"name": value} if isinstance(value, str) else value


def merged(base: Tables, changes: Tables) -> Tables:
    """Return ``base`` with the settings of a variant.

    A table replaces the settings that it names. One that names another dataset, network or kind of
    noise replaces the whole table, because settings of one do not apply to another.
    """
    return base | {part: _merged_part(part, base.get(part), new) for part, new in changes.items()}


def replaces(part: str, table: Tables) -> bool:
    """Return whether a variant's table may replace the whole table of its study."""
    return any(key in table for key in _ORIGINS.get(part, ()))


def _merged_part(part: str, base: Any, new: Any) -> Any:
    if not isinstance(new, dict):
        return new
    if isinstance(base, list) and not replaces(part, new):
        return [_merged_part(part, table, new) for table in base]
    if not isinstance(base, dict):
        return new
    another = any(key in new and new[key] != base.get(key) for key in _ORIGINS.get(part, ()))
    return new if another and replaces(part, base) else base | new


def axes(value: Any, key: Key = ()) -> Iterator[tuple[Key, list[Any]]]:
    """Yield the key and the list of every axis in the value of a key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from axes(inner, (*key, name))
    elif _is_axis(value, key):
        yield key, value
        for item in value:
            if isinstance(item, dict):
                yield from axes(item, key)


def axis_problem(axis: list[Any]) -> str:
    """Return why a list cannot be an axis, or an empty string if it can."""
    if not axis:
        return "the list is empty; expected one value, or a list of values to try"
    repeated = [value for number, value in enumerate(axis) if value in axis[:number]]
    return f"{repeated[0]!r} is listed twice" if repeated else ""


def count_points(value: Any, key: Key = ()) -> int:
    """Return the number of values that :func:`points` yields."""
    if isinstance(value, dict):
        return math.prod(count_points(inner, (*key, name)) for name, inner in value.items())
    if _is_axis(value, key):
        return sum(count_points(item, key) if isinstance(item, dict) else 1 for item in value)
    return 1


def points(value: Any, key: Key = ()) -> Iterator[Any]:
    """Yield the value of each point of the grid; the last axis varies fastest."""
    if isinstance(value, dict):
        names = _in_order(value, key)
        inner = (points(value[name], (*key, name)) for name in names)
        for combination in product(*inner):
            yield dict(zip(names, combination, strict=True))
    elif _is_axis(value, key):
        for item in value:
            if isinstance(item, dict):
                yield from points(item, key)
            else:
                yield item
    else:
        yield value


def _in_order(table: Mapping[str, Any], key: Key) -> list[str]:
    """Return names in an order that survives writing and reading the tables.

    TOML puts tables after values, so axes with tables come last here too.
    """
    if not key:
        return sorted(table, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS))
    return sorted(table, key=lambda name: _holds_tables(table[name]))


def _holds_tables(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) for item in values)


def _is_axis(value: Any, key: Key) -> bool:
    if not isinstance(value, list):
        return False
    expected = _LISTS.get(key, 0)
    # A string may be the path of a file that holds the list.
    paths = key[-1:] != ("classes",) and any(isinstance(item, str) for item in value)
    return not value or _depth(value) > expected or paths


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
