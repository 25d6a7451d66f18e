"""What a grid varies: its factors and their levels, each with the configurations that have it."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from seedbed.analysis.captions import in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.frames.naming import LEFT_OUT
from seedbed.analysis.representatives import by_test_set, network_of
from seedbed.analysis.subjects.accuracy.result import mean_accuracy, tested
from seedbed.study.asked import differing
from seedbed.study.spec.labels import short_name, shown

MOST_LEVELS: Final = 12
"""Of a factor in a chart; neighbors of more are put together."""


@dataclass(frozen=True)
class Level:
    """A value of a factor."""

    text: str
    value: float | None
    """Of a number; ``None`` elsewhere."""
    entries: tuple[Entry, ...]

    @cached_property
    def mean(self) -> float:
        """The marginal mean: of its configurations' mean test accuracies, 0 to 1."""
        return statistics.fmean(map(mean_accuracy, self.entries))


@dataclass(frozen=True)
class Factor:
    """Something that varies between the configurations of a grid."""

    setting: str
    """The dotted name; ``network`` where several settings of it vary, and ``variant``."""
    levels: tuple[Level, ...]
    """Two or more, numbers in increasing order."""

    @property
    def name(self) -> str:
        """As in labels and conditions: ``learning_rate``, ``network``, ``variant``."""
        return short_name(self.setting)

    @property
    def words(self) -> str:
        """The name for people."""
        return in_words(self.name)

    @property
    def numeric(self) -> bool:
        """Whether all levels are numbers."""
        return all(level.value is not None for level in self.levels)

    @property
    def logarithmic(self) -> bool:
        """Whether its numbers are apart by factors rather than by steps."""
        values = [level.value for level in self.levels]
        numbers = [value for value in values if value is not None]
        return self.numeric and min(numbers) > 0 and max(numbers) / min(numbers) >= 8

    @property
    def entries(self) -> list[Entry]:
        """The configurations of all levels."""
        return [entry for level in self.levels for entry in level.entries]

    def level_of(self, entry: Entry) -> Level:
        """Return the level that a configuration has."""
        return self._level_of[id(entry)]

    @cached_property
    def _level_of(self) -> Mapping[int, Level]:
        return {id(entry): level for level in self.levels for entry in level.entries}


def grid_factors(entries: Sequence[Entry]) -> list[Factor]:
    """Return the factors of a full grid; none where there is no such grid.

    Means over the levels of a factor can be compared only where every combination of levels is
    there.
    """
    factors = factors_of(entries)
    return factors if is_full_grid(factors) else []


def coarse(factor: Factor) -> Factor:
    """Return a factor with :data:`MOST_LEVELS`, of which each stands for neighboring numbers.

    One with fewer levels, or with levels that are no numbers, stays as it is.
    """
    levels, most = factor.levels, MOST_LEVELS
    if len(levels) <= most or not factor.numeric:
        return factor
    ends = [len(levels) * place // most for place in range(most + 1)]
    groups = [levels[start:end] for start, end in pairwise(ends)]
    return Factor(factor.setting, tuple(map(_joined, groups)))


def _joined(levels: Sequence[Level]) -> Level:
    ends = list(dict.fromkeys((levels[0].text, levels[-1].text)))
    entries = tuple(entry for level in levels for entry in level.entries)
    return Level(" to ".join(ends), None, entries)


def factors_of(entries: Sequence[Entry]) -> list[Factor]:
    """Return what varies between the tested configurations of the first test set.

    A variant is one factor with all of its settings, and so is a network.
    """
    known = [entry for entry in tested(entries) if entry.header.settings]
    return _factors(by_test_set(known)[0]) if known else []


def is_full_grid(factors: Sequence[Factor]) -> bool:
    """Return whether every combination of levels occurs once."""
    if not factors:
        return False
    entries = factors[0].entries
    points = {tuple(id(factor.level_of(entry)) for factor in factors) for entry in entries}
    return len(points) == len(entries) == math.prod(len(factor.levels) for factor in factors)


def others(factors: Sequence[Factor], factor: Factor, entry: Entry) -> str:
    """Return what a configuration has of all other factors: ``"batch size 32"``."""
    rest = [other for other in factors if other is not factor]
    return ", ".join(f"{one.words} {one.level_of(entry).text}" for one in rest)


def _factors(entries: Sequence[Entry]) -> list[Factor]:
    variants = list(dict.fromkeys(entry.header.variant for entry in entries))
    of_variants = [[_settings(e) for e in entries if e.header.variant == v] for v in variants]
    # What varies within a variant is a factor of its own.
    names = list(dict.fromkeys(name for group in of_variants for name in differing(group)))
    names = [
        name for name in names if name.rpartition(".")[2] not in LEFT_OUT and _varies(name, entries)
    ]
    of_network = [name for name in names if name.startswith("network.")]
    factors = []
    if len(variants) > 1:
        texts = [(entry.header.variant or "", None) for entry in entries]
        factors.append(_factor("variant", texts, entries))
    if len(of_network) > 1:
        texts = [(_network(entry), None) for entry in entries]
        factors.append(_factor("network", texts, entries))
        names = [name for name in names if name not in of_network]
    for name in names:
        values = [_settings(entry).get(name) for entry in entries]
        factors.append(_factor(name, [(_text(value), _number(value)) for value in values], entries))
    # Values that differ may look the same, such as 1 and 1.0.
    return [factor for factor in factors if len(factor.levels) > 1]


def _factor(
    setting: str, values: Sequence[tuple[str, float | None]], entries: Sequence[Entry]
) -> Factor:
    groups: dict[str, list[Entry]] = {}
    numbers: dict[str, float | None] = {}
    for (text, number), entry in zip(values, entries, strict=True):
        groups.setdefault(text, []).append(entry)
        numbers[text] = number
    levels = [Level(text, numbers[text], tuple(group)) for text, group in groups.items()]
    if all(level.value is not None for level in levels):
        levels.sort(key=lambda level: level.value or 0.0)
    return Factor(setting, tuple(levels))


def _varies(name: str, entries: Sequence[Entry]) -> bool:
    """Return whether a setting has two values; some schedules and optimizers do not have it."""
    given = [_settings(entry)[name] for entry in entries if name in _settings(entry)]
    return len({json.dumps(value, sort_keys=True) for value in given}) > 1


def _settings(entry: Entry) -> dict[str, Any]:
    return entry.header.settings or {}


def _network(entry: Entry) -> str:
    """Return the name of a network, with its arguments where several share the name."""
    settings = json.loads(network_of(_settings(entry)))
    name = settings.pop("network.name", "")
    arguments = map(shown, settings.values()) if len(settings) <= 3 else ()
    return " ".join([str(name), *arguments])


def _text(value: Any) -> str:
    return "off" if value is None or value is False else shown(value)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
