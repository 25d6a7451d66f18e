"""Which configurations of a large study a page shows in detail; it has a row for all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import representatives
from seedbed.analysis.subjects.accuracy.result import measured
from seedbed.display.sentence import counted, enumerated

MOST: Final = 50
"""Configurations that a page shows in detail."""


@dataclass(frozen=True)
class Chosen:
    """Configurations that are shown in detail."""

    places: tuple[int, ...]
    """In the order of the study."""
    why: str = ""
    """Which ones they are, in a sentence; empty where they are all of the study."""


def chosen(entries: Sequence[Entry], most: int = MOST) -> Chosen:
    """Return which configurations are shown in detail.

    They are the first one with a finished run, which others are compared with; those that represent
    networks, up to a fifth; the best half; and of the others those at equal distances in the
    ranking, so that the page shows what fails, too.

    Args:
        entries: All configurations.
        most: How many, at least one.
    """
    if len(entries) <= most:
        return Chosen(tuple(range(len(entries))))
    place_of = {id(entry): place for place, entry in enumerate(entries)}
    first = next((place for place, entry in enumerate(entries) if entry.header.n), 0)
    networks = [place_of[id(of.entry)] for of in representatives(entries)[: most // 5]]
    ranked = sorted(range(len(entries)), key=lambda place: -_accuracy(entries[place]))
    best = ranked[: max(1, most // 2)]
    taken = list(dict.fromkeys([first, *networks, *best]))[:most]
    others = [place for place in ranked if place not in set(taken)]
    room = most - len(taken)
    # The last one is the worst.
    rest = [others[(number + 1) * len(others) // room - 1] for number in range(room)]
    parts = ["the first (which others are compared with)"]
    parts += [f"{counted(len(networks), 'configuration')} that represent networks"] * bool(networks)
    parts.append(f"the {len(best)} with the highest mean accuracy")
    parts += ["others at equal distances in the ranking, down to the lowest"] * bool(rest)
    places = tuple(sorted({*taken, *rest}))
    return Chosen(
        places,
        f"Of {len(entries):,} configurations, {len(places)} are shown in detail: "
        f"{enumerated(parts)}. The effects of settings and the list of all configurations leave "
        "none out.",
    )


def _accuracy(entry: Entry) -> float:
    accuracy = measured(entry)
    return -1.0 if accuracy is None or accuracy.mean is None else accuracy.mean
