"""The seeds of a study: parses ``seeds`` in a study file into one set of seeds per run.

A number n means the seeds 0 to n - 1, and a list those listed: ``seeds = 5``, ``seeds = [3, 7]``.
A table does so stream by stream, and crosses the streams: ``{ initialization = 4, order = 3 }``
means twelve runs, one for every combination. Streams that it does not name have the seed ``run``,
which is 0 unless the table says otherwise: ``{ run = 5, noise = [0] }`` means five runs with the
same noise. The last of several streams, in the order of :class:`~seedbed.core.seeds.Seeds`, varies
fastest.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final, TypeAlias

from seedbed.core.errors import StudyError
from seedbed.core.seeds import Seeds
from seedbed.core.suggestions import unknown
from seedbed.study.spec.overrides import Override

MAX_SEEDS: Final = 10_000
"""A larger number of seeds is most likely a mistake."""

Listed: TypeAlias = int | Sequence[int]
"""A number n of seeds (0 to n - 1), or a list of seeds."""
SeedsValue: TypeAlias = Listed | Mapping[str, Listed]
"""What ``seeds`` of a study may be: of all streams together, or of each stream."""


def read_seeds(value: object) -> tuple[Seeds, ...]:
    """Return the seeds of every run, all different.

    Args:
        value: The number of seeds, a list of seeds, or a table with either for each stream; 0 holds
            a stream at seed 0.

    Raises:
        ValueError: If it is anything else.
    """
    if not isinstance(value, Mapping):
        value = {"run": value}
    for name in value:
        if name not in Seeds.model_fields:
            raise ValueError(unknown("stream", name, Seeds.model_fields))
    values = {name: _listed(name, value[name]) for name in Seeds.model_fields if name in value}
    count = prod(map(len, values.values()))
    if count > MAX_SEEDS:
        raise ValueError(f"the lists give {count} sets of seeds; expected at most {MAX_SEEDS}")
    names, points = values.keys(), product(*values.values())
    return tuple(Seeds(**dict(zip(names, point, strict=True))) for point in points)


def written_seeds(seeds: Sequence[Seeds]) -> int | list[int] | dict[str, int | list[int]]:
    """Return the shortest value that :func:`read_seeds` reads as these seeds."""
    listed = _table(seeds)
    if len(listed) > 1 and listed.get("run") == [0]:
        del listed["run"]
    table = {name: _shortest(name, values) for name, values in listed.items()}
    return table["run"] if list(table) == ["run"] else table


def varied_streams(seeds: Sequence[Seeds]) -> tuple[str, ...]:
    """Return the streams with several seeds of their own, which are crossed if they are several.

    ``run`` stands for all streams that have no seeds of their own. The result is empty where runs
    differ by one seed for all streams.
    """
    table = _table(seeds)
    return () if list(table) == ["run"] else tuple(n for n in table if len(table[n]) > 1)


def seeds_per_stream(seeds: Sequence[Seeds]) -> int:
    """Return the number of seeds; of crossed streams, that of the one with the fewest."""
    table = _table(seeds)
    return min((len(table[name]) for name in varied_streams(seeds)), default=len(seeds))


def crossed_in_words(seeds: Sequence[Seeds]) -> str:
    """Return how many seeds there are and of what: ``"5 seeds"`` where streams are not crossed."""
    varied = varied_streams(seeds)
    table = _table(seeds)
    if len(varied) < 2:
        of = f" of {varied[0]}" if varied and varied[0] != "run" else ""
        return f"{len(seeds)} seed{'' if len(seeds) == 1 else 's'}{of}"
    counts = " × ".join(f"{len(table[name])} {_word(name)}" for name in varied)
    return f"{len(seeds)} combinations of seeds ({counts})"


def held_in_words(seeds: Sequence[Seeds]) -> str:
    """Return which streams have the same seed in all runs; empty where runs go by one seed."""
    varied = varied_streams(seeds)
    if not varied:
        return ""
    held = {
        name: getattr(seeds[0], name)
        for name in Seeds.model_fields
        if name != "run" and len({getattr(each, name) for each in seeds}) == 1
    }
    if not held:
        return ""
    if "run" not in varied and len(set(held.values())) == 1:
        return f"all other streams are held at seed {next(iter(held.values()))}"
    return "held fixed: " + ", ".join(f"{name} at seed {seed}" for name, seed in held.items())


def _word(name: str) -> str:
    return "seeds of all other streams" if name == "run" else name


def _table(seeds: Sequence[Seeds]) -> dict[str, list[int]]:
    """Return the table of lists whose product these seeds are."""
    streams = [name for name in Seeds.model_fields if name != "run"]
    own = [name for name in streams if any(getattr(each, name) != each.run for each in seeds)]
    runs = {"run": _values(seeds, "run")}
    table = runs | {name: _values(seeds, name) for name in own}
    if prod(map(len, table.values())) != len(seeds):
        # Where every stream has seeds of its own, run only names what they have in common.
        table = {name: _values(seeds, name) for name in streams}
    return table


def _values(seeds: Sequence[Seeds], name: str) -> list[int]:
    return list(dict.fromkeys(getattr(each, name) for each in seeds))


def _shortest(name: str, values: list[int]) -> int | list[int]:
    if name != "run" and len(values) == 1:
        return values  # "noise = 1" reads as seed 1
    return len(values) if values == list(range(len(values))) else values


def _listed(name: str, value: object) -> Sequence[int]:
    if not isinstance(value, list | tuple):
        least = 1 if name == "run" else 0
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_SEEDS:
            raise ValueError(
                f"{value!r} cannot be used; expected a number of seeds, 1 to {MAX_SEEDS}, or a list"
            )
        return range(value or 1)
    if not value:
        raise ValueError("the list is empty; expected one seed or more")
    for seed in value:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"{seed!r} cannot be used; expected a whole number, 0 or more")
    repeated = [seed for seed, count in Counter(value).items() if count > 1]
    if repeated:
        raise ValueError(f"seed {repeated[0]} is listed twice; expected different seeds")
    return value


def refuse_uncrossing(values: Mapping[str, Any], override: Override) -> None:
    """Reject a number or list of seeds in place of crossed ones: the question would be another.

    Raises:
        StudyError: If the study crosses the seeds of streams, and the override names no stream.
    """
    if override.key != ("seeds",) or isinstance(override.value, Mapping):
        return
    try:
        seeds, new = read_seeds(values.get("seeds")), read_seeds(override.value)
    except ValueError:  # the study is about to be refused, or its seeds are replaced
        return
    streams = varied_streams(seeds)
    if len(streams) > 1:
        some = ",".join(f"{stream}=2" for stream in streams)
        raise StudyError(
            f"would replace {crossed_in_words(seeds)} by {crossed_in_words(new)} of all streams "
            "together",
            where=override.where,
            expected=f"the seeds of each stream, as in {some}",
            hint=f"write run={override.value} if that is what you mean",
        )
