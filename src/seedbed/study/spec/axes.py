"""The tables of a study file, in which a list may stand for one value, to those of single points.

Works on the values as TOML gives them, before they are validated: a list where one value is
expected is an axis, and its values multiply with those of the other axes. Tables may stand in such
a list too, with axes of their own inside.
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
"""Settings that decide what the others of their table mean."""

_LISTS: Final[Mapping[Key, int]] = {("recipe", "betas"): 1, ("noise", "matrix"): 2}
"""Settings whose one value is a list already, and how deep it is."""

Tables = dict[str, Any]


def tables_of(values: Mapping[str, Any]) -> Tables:
    """Return the tables of configurations among the values of a study file or of a variant.

    The short forms ``dataset = "mnist"`` and ``network = "lenet5"`` become tables too.
    """
    return {part: _long(part, values[part]) for part in PARTS if part in values}


def _long(part: str, value: Any) -> Any:
    if part not in ("dataset", "network"):
        return value
    if isinstance(value, list):
        return [_long(part, each) for each in value]
    return {"name": value} if isinstance(value, str) else value


def merged(base: Tables, changes: Tables) -> Tables:
    """Return ``base`` with the settings of a variant in their place.

    A table changes the settings that it names, each as a whole. One that names another dataset,
    network or kind of noise replaces the whole table: settings of the one mean nothing to the
    other.
    """
    return base | {part: _merged_part(part, base.get(part), new) for part, new in changes.items()}


def replaces(part: str, table: Tables) -> bool:
    """Whether a variant's table may take the place of the whole table of its study."""
    return any(key in table for key in _ORIGINS.get(part, ()))


def _merged_part(part: str, base: Any, new: Any) -> Any:
    if not isinstance(new, dict):
        return new
    if isinstance(base, list) and not replaces(part, new):
        return [_merged_part(part, each, new) for each in base]
    if not isinstance(base, dict):
        return new
    another = any(key in new and new[key] != base.get(key) for key in _ORIGINS.get(part, ()))
    return new if another and replaces(part, base) else base | new


def axes(value: Any, key: Key = ()) -> Iterator[tuple[Key, list[Any]]]:
    """Yield every axis in a value of this key: its own key, and what it holds."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from axes(inner, (*key, name))
    elif _is_axis(value, key):
        yield key, value
        for each in value:
            if isinstance(each, dict):
                yield from axes(each, key)


def count_points(value: Any, key: Key = ()) -> int:
    """Return how many values :func:`points` yields, without making them."""
    if isinstance(value, dict):
        return math.prod(count_points(inner, (*key, name)) for name, inner in value.items())
    if _is_axis(value, key):
        return sum(count_points(each, key) if isinstance(each, dict) else 1 for each in value)
    return 1


def points(value: Any, key: Key = ()) -> Iterator[Any]:
    """Yield every value that is meant, in the order of the axes: the last one varies fastest."""
    if isinstance(value, dict):
        names = _in_order(value, key)
        inner = (points(value[name], (*key, name)) for name in names)
        for combination in product(*inner):
            yield dict(zip(names, combination, strict=True))
    elif _is_axis(value, key):
        for each in value:
            if isinstance(each, dict):
                yield from points(each, key)
            else:
                yield each
    else:
        yield value


def _in_order(table: Mapping[str, Any], key: Key) -> list[str]:
    """Return names in an order that does not change when the tables are written and read back.

    TOML has tables after values, so axes with tables in them come last here too.
    """
    if not key:
        return sorted(table, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS))
    return sorted(table, key=lambda name: _holds_tables(table[name]))


def _holds_tables(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(each, dict) for each in values)


def _is_axis(value: Any, key: Key) -> bool:
    if not isinstance(value, list):
        return False
    expected = _LISTS.get(key, 0)
    # Instead of a list, a text may be the path of a file that holds it.
    return not value or _depth(value) > expected or any(isinstance(each, str) for each in value)


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
