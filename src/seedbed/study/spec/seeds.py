"""The seeds of a study: parses ``seeds`` in a study file into one set of seeds per run.

``seeds = 5`` means the seeds 0 to 4, and ``seeds = [3, 7]`` those listed. A table fixes or varies
single streams: ``seeds = { run = 5, noise = 0 }`` means five runs with the same noise, and
``seeds = { initialization = [0, 1, 2] }`` three runs that differ only in their initial weights.
Several lists are combined as a product; the last of them, in the order of
:class:`~seedbed.core.seeds.Seeds`, varies fastest.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final

from seedbed.core.seeds import Seeds
from seedbed.core.suggestions import unknown

MAX_SEEDS: Final = 10_000
"""A larger number of seeds is most likely a mistake."""


def read_seeds(value: object) -> tuple[Seeds, ...]:
    """Return the seeds of every run, all different.

    Args:
        value: The number of seeds, a list of seeds, or a table with either for ``run`` and a seed
            or a list for each stream.

    Raises:
        ValueError: If it is anything else.
    """
    if not isinstance(value, Mapping):
        value = {"run": value}
    for name in value:
        if name not in Seeds.model_fields:
            raise ValueError(unknown("stream", name, Seeds.model_fields))
    values = {
        name: _run_seeds(value[name]) if name == "run" else _listed(value[name])
        for name in Seeds.model_fields
        if name in value
    }
    count = prod(map(len, values.values()))
    if count > MAX_SEEDS:
        raise ValueError(f"the lists give {count} sets of seeds; expected at most {MAX_SEEDS}")
    names, points = values.keys(), product(*values.values())
    return tuple(Seeds(**dict(zip(names, point, strict=True))) for point in points)


def written_seeds(seeds: Sequence[Seeds]) -> int | list[int] | dict[str, Any]:
    """Return the shortest value that :func:`read_seeds` reads as these seeds."""
    runs = list(dict.fromkeys(item.run for item in seeds))
    run: int | list[int] = len(runs) if runs == list(range(len(runs))) else runs
    table: dict[str, Any] = {"run": run}
    for name in Seeds.model_fields:
        if any(getattr(item, name) != item.run for item in seeds):
            values = list(dict.fromkeys(getattr(item, name) for item in seeds))
            table[name] = values[0] if len(values) == 1 else values
    return table if len(table) > 1 else run


def _run_seeds(value: object) -> Sequence[int]:
    if isinstance(value, list | tuple):
        return _listed(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_SEEDS:
        raise ValueError(
            f"{value!r} cannot be used; expected a number of seeds, 1 to {MAX_SEEDS}, or a list"
        )
    return range(value)


def _listed(value: object) -> Sequence[int]:
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not listed:
        raise ValueError("the list is empty; expected one seed or more")
    for seed in listed:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"{seed!r} cannot be used; expected a whole number, 0 or more")
    repeated = [seed for seed, count in Counter(listed).items() if count > 1]
    if repeated:
        raise ValueError(f"seed {repeated[0]} is listed twice; expected different seeds")
    return listed
