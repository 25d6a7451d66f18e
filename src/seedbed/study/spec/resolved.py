"""Resolves the tables of a grid, so that they do not depend on files, folders or defaults."""

from collections.abc import Callable, Sequence
from typing import Any

from seedbed.study.spec.axes import PARTS, Tables, merged, points
from seedbed.study.spec.configuration import Configuration


def replaced(
    part: str, base: Tables, variants: Sequence[Tables], change: Callable[[Tables], Tables]
) -> tuple[Tables, list[Tables]]:
    """Return the tables of a study and of its variants after changing every table of one part.

    If the table has axes, the result is a list of tables. A variant that changes some settings of
    the part gets complete tables.
    """

    def changed(table: Any) -> Any:
        tables = [change(point) for point in points(table, (part,))]
        return tables if len(tables) > 1 else tables[0]

    return (
        base | {part: changed(base[part])} if part in base else base,
        [
            own | {part: changed(merged(base, own)[part])} if part in own else own
            for own in variants
        ],
    )


def written_out(
    base: Tables, variants: Sequence[Tables], configurations: Sequence[Configuration]
) -> Tables:
    """Return the tables of a study with every setting that all of its configurations share.

    This way, a later change of a default does not change an existing study.
    """
    resolved = [configuration.tables for configuration in configurations]
    result = dict(base)
    for part in PARTS:
        own = base.get(part, {})
        if not isinstance(own, dict) or (part == "noise" and not own):
            continue
        overridden = {key for tables in variants for key in _keys(tables.get(part))}
        shared = {
            key: value
            for key, value in _shared([tables[part] for tables in resolved]).items()
            if key not in overridden
        }
        applicable = {key for tables in resolved for key in tables[part]}
        table = {key: value for key, value in (own | shared).items() if key in applicable}
        if table or part in base:
            result[part] = table
    return result


def _shared(tables: Sequence[Tables]) -> Tables:
    first, *others = tables
    return {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }


def _keys(table: Any) -> set[str]:
    tables = table if isinstance(table, list) else [table]
    return {key for item in tables if isinstance(item, dict) for key in item}
