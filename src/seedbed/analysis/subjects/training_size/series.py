"""Configurations that differ in nothing but how many images they learn from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import network_names, network_of, representative_places
from seedbed.analysis.subjects.accuracy.result import tested

_SIZE: Final = "recipe.train_size"


@dataclass(frozen=True, eq=False)
class Series:
    """Configurations that differ in nothing but how many images they learn from."""

    name: str
    network: str
    """What identifies the network (:func:`seedbed.analysis.representatives.network_of`)."""
    entries: tuple[Entry, ...]
    """Two or more, the fewest images first; each has a known test accuracy."""

    @property
    def sizes(self) -> dict[int, Entry]:
        """The entries by the number of images that each run learns from."""
        return {size_of(entry): entry for entry in self.entries}


def size_of(entry: Entry) -> int:
    """Return from how many images each run of a configuration learns; 0 if that is not known."""
    provenance = entry.header.provenance
    return (provenance.learned_images if provenance else None) or 0


def series(entries: Sequence[Entry]) -> tuple[Series, ...]:
    """Return the series of a study, in its order; a single size is no series.

    Args:
        entries: Of a summary, or of several.

    """
    groups: dict[str, list[Entry]] = {}
    for entry in tested(entries):
        if entry.header.settings and size_of(entry):
            groups.setdefault(_rest(entry), []).append(entry)
    by_size = [
        sorted(group, key=size_of)
        for group in groups.values()
        if len({size_of(entry) for entry in group}) == len(group) > 1
    ]
    names = network_names([group[-1].header.label for group in by_size])
    return tuple(
        Series(name, network_of(group[0].header.settings or {}), tuple(group))
        for name, group in zip(names, by_size, strict=True)
    )


def series_of_networks(entries: Sequence[Entry]) -> tuple[Series, ...]:
    """Return the series of each network that has the configuration that represents it."""
    known = [entry for entry in tested(entries) if entry.header.settings]
    places = representative_places([entry.header.settings or {} for entry in known])
    labels = {known[place].header.label for place in places}
    return tuple(
        line for line in series(entries) if any(one.header.label in labels for one in line.entries)
    )


def pairs_by_size(entries: Sequence[Entry]) -> Iterator[tuple[Series, Series, int, Entry, Entry]]:
    """Yield two networks, and their configurations with a number of images that both have."""
    for first, second in combinations(series_of_networks(entries), 2):
        others = second.sizes
        for size, a in first.sizes.items():
            b = others.get(size)
            if b is not None and b.header.test_fingerprint == a.header.test_fingerprint:
                yield first, second, size, a, b


def with_most_images(entries: Sequence[Entry]) -> list[Entry]:
    """Return :func:`of_most_images`.

    If some are left out, the labels of the others lose their number of training images.
    """
    left = of_most_images(entries)
    if len(left) == len(entries):
        return left
    names = network_names([entry.header.label for entry in left])
    return [entry.replace(label=name) for entry, name in zip(left, names, strict=True)]


def of_most_images(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries without those that differ from another only by fewer training images."""
    keys = [_rest(entry) if entry.header.settings else entry.header.label for entry in entries]
    most: dict[str, int] = {}
    for key, entry in zip(keys, entries, strict=True):
        most[key] = max(most.get(key, 0), size_of(entry))
    return [entry for key, entry in zip(keys, entries, strict=True) if size_of(entry) == most[key]]


def _rest(entry: Entry) -> str:
    """Return what must be the same within a series."""
    settings = dict(entry.header.settings or {})
    settings.pop(_SIZE, None)
    return json.dumps([settings, entry.header.variant, entry.header.test_fingerprint])
