"""Which networks a study compares, and which configuration represents each of them.

A network is represented by the configuration that learns from the most images, of these by the one
with the least label noise, of these by the first. Nothing is chosen by how well it did.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from seedbed.analysis.entry import Entry

Settings = Mapping[str, Any]
"""Flat settings, by dotted name, as entries and configurations have them."""


@dataclass(frozen=True, eq=False)
class Representative:
    """A network, with the configuration that represents it."""

    name: str
    """Of the network."""
    entry: Entry


def representatives(entries: Sequence[Entry]) -> tuple[Representative, ...]:
    """Return the networks that can be compared: those with a finished run, on one test set.

    There are none if a study has a single network. If it has several test sets, they are those of
    the first one.
    """
    known = [entry for entry in entries if entry.header.n and entry.header.settings]
    first = known[0].header.test_fingerprint if known else ""
    same = [entry for entry in known if entry.header.test_fingerprint == first]
    places = representative_places([entry.header.settings or {} for entry in same])
    chosen = [same[place] for place in places]
    names = network_names([entry.header.label for entry in chosen])
    return tuple(Representative(name, entry) for name, entry in zip(names, chosen, strict=True))


def by_test_set(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return the entries of each test set; only these can be compared with each other."""
    test_sets: dict[str, list[Entry]] = {}
    for entry in entries:
        test_sets.setdefault(entry.header.test_fingerprint, []).append(entry)
    return list(test_sets.values())


def first_test_set(entries: Sequence[Entry], shown: Entry) -> Iterator[str]:
    """Say which test set is shown, if there are several."""
    sets = {entry.header.test_fingerprint for entry in entries if entry.header.n}
    if len(sets) > 1:
        yield f"Of the {len(sets)} test sets, this is the first one, {shown.header.dataset_name}."


def representative_places(settings: Sequence[Settings]) -> tuple[int, ...]:
    """Return where the configurations are that represent networks, one for each network.

    There are none if all configurations have the same network: there is nothing to compare.
    """
    best: dict[str, int] = {}
    for place, flat in enumerate(settings):
        network = network_of(flat)
        if network not in best or _rank(flat) < _rank(settings[best[network]]):
            best[network] = place
    return tuple(sorted(best.values())) if len(best) > 1 else ()


def network_of(settings: Settings) -> str:
    """Return what identifies a network: its name and all of its arguments."""
    network = {name: value for name, value in settings.items() if name.startswith("network.")}
    return json.dumps(network, sort_keys=True)


def network_names(labels: Sequence[str]) -> list[str]:
    """Return the names of networks, from the labels of the configurations that represent them.

    The number of training images and the word "network" are left out. If two names would then be
    the same, all networks keep their labels.
    """
    names = [_NETWORK.sub(r"\1", _SIZE.sub("", label)).strip(", ") for label in labels]
    return names if all(names) and len(set(names)) == len(names) else list(labels)


_SIZE: Final = re.compile(r"(^|: |, )train_size=[^,]*")
_NETWORK: Final = re.compile(r"(^|: |, )network=")


def _rank(settings: Settings) -> tuple[float, float]:
    """Return a pair that is lower for more images, then for less noise."""
    images = settings.get("recipe.train_size")
    kind = settings.get("noise.kind", "none")
    rate = 0.0 if kind == "none" else settings.get("noise.rate")
    return (-math.inf if images is None else -images, 1.0 if rate is None else rate)
