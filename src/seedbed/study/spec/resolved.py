"""The tables of a grid, written out so that they mean the same elsewhere and later."""

from collections.abc import Callable, Sequence
from typing import Any

from seedbed.study.spec.axes import PARTS, Tables, merged, points
from seedbed.study.spec.configuration import Configuration


def replaced(
    part: str, base: Tables, variants: Sequence[Tables], change: Callable[[Tables], Tables]
) -> tuple[Tables, list[Tables]]:
    """Return the tables of a study and of its variants, with every table of one part changed.

    Where there are several, the axes inside become one list of tables, and a variant that changed
    some settings now has whole tables.
    """

    def every(table: Any) -> Any:
        found = [change(each) for each in points(table, (part,))]
        return found if len(found) > 1 else found[0]

    return (
        base | {part: every(base[part])} if part in base else base,
        [own | {part: every(merged(base, own)[part])} if part in own else own for own in variants],
    )


def written_out(
    base: Tables, variants: Sequence[Tables], configurations: Sequence[Configuration]
) -> Tables:
    """Return the tables of a study with every setting that all of its configurations share.

    So a default that changes one day does not change a study that is there already.
    """
    every = [each.tables for each in configurations]
    result = dict(base)
    for part in PARTS:
        own = base.get(part, {})
        if not isinstance(own, dict) or (part == "noise" and not own):
            continue
        touched = {key for each in variants for key in _keys(each.get(part))}
        shared = {
            key: value
            for key, value in _shared([tables[part] for tables in every]).items()
            if key not in touched
        }
        applying = {key for tables in every for key in tables[part]}
        table = {key: value for key, value in (own | shared).items() if key in applying}
        if table or part in base:
            result[part] = table
    return result


def _shared(tables: Sequence[Tables]) -> Tables:
    first, *others = tables
    return {
        key: value
        for key, value in first.items()
        if all(key in each and each[key] == value for each in others)
    }


def _keys(table: Any) -> set[str]:
    tables = table if isinstance(table, list) else [table]
    return {key for each in tables if isinstance(each, dict) for key in each}
