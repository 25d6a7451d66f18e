"""The seeds of a study: what its file says, and every set of seeds that this means.

``seeds = 5`` is a run for each of the seeds 0 to 4, and ``seeds = [3, 7]`` one for each that is
listed. A table holds streams fixed, or varies them: ``seeds = { run = 5, noise = 0 }`` is five runs
with the same noise in all of them, and ``seeds = { initialization = [0, 1, 2] }`` three that differ
in nothing but their initial weights. Several lists multiply; the last of them, in the order of
:class:`~seedbed.core.seeds.Seeds`, varies fastest.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final

from seedbed.core.seeds import Seeds
from seedbed.core.suggestions import unknown

MOST_SEEDS: Final = 10_000
"""A larger number of seeds is a slip of the finger."""


def read_seeds(value: object) -> tuple[Seeds, ...]:
    """Return the seeds of every run, all different.

    Args:
        value: How many, a list of seeds, or a table of either for ``run`` and of a seed or a list
            for each stream.

    Raises:
        ValueError: If it is something else.
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
    if count > MOST_SEEDS:
        raise ValueError(f"the lists make {count} sets of seeds; expected at most {MOST_SEEDS}")
    names, points = values.keys(), product(*values.values())
    return tuple(Seeds(**dict(zip(names, point, strict=True))) for point in points)


def written_seeds(seeds: Sequence[Seeds]) -> int | list[int] | dict[str, Any]:
    """Return what :func:`read_seeds` takes for the seeds that it returned, in its shortest form."""
    runs = list(dict.fromkeys(one.run for one in seeds))
    run: int | list[int] = len(runs) if runs == list(range(len(runs))) else runs
    table: dict[str, Any] = {"run": run}
    for name in Seeds.model_fields:
        if any(getattr(one, name) != one.run for one in seeds):
            values = list(dict.fromkeys(getattr(one, name) for one in seeds))
            table[name] = values[0] if len(values) == 1 else values
    return table if len(table) > 1 else run


def _run_seeds(value: object) -> Sequence[int]:
    if isinstance(value, list | tuple):
        return _listed(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_SEEDS:
        raise ValueError(
            f"{value!r} cannot be used; expected how many, from 1 to {MOST_SEEDS}, or a list"
        )
    return range(value)


def _listed(value: object) -> Sequence[int]:
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not listed:
        raise ValueError("the list is empty; expected one seed or more")
    for seed in listed:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"{seed!r} cannot be used; expected a whole number, 0 or more")
    twice = [seed for seed, count in Counter(listed).items() if count > 1]
    if twice:
        raise ValueError(f"seed {twice[0]} is there twice; each run needs its own")
    return listed
