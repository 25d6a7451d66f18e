"""What a summary holds of comparisons."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import Comparison, EffectOverBlocks

MOST_IN_PAIRS: Final = 10
"""Up to this many configurations are compared in all pairs, which are 45; of more, each is compared
with the first only."""


class Comparisons(msgspec.Struct, frozen=True):
    """The comparisons in which a configuration is A."""

    comparisons: tuple[Comparison, ...]
    compared: str | None = None
    """What was compared with what, in a sentence; ``None`` for all with each other."""
    over_blocks: tuple[EffectOverBlocks, ...] = ()
    """Effects over all blocks, which belong to the study: the first entry has all of them."""


def comparisons_of(entries: Sequence[Entry]) -> list[Comparison]:
    """Return the comparisons of these entries with each other, in their order."""
    labels = {entry.header.label for entry in entries}
    return [each for each in _all_of(entries) if {each.a, each.b} <= labels]


def left_out_of(entries: Sequence[Entry]) -> int:
    """Return how many comparisons of the entries are with others, which are not among them."""
    return len(_all_of(entries)) - len(comparisons_of(entries))


def _all_of(entries: Sequence[Entry]) -> list[Comparison]:
    results = [entry.view(Comparisons) for entry in entries]
    return [comparison for result in results if result for comparison in result.comparisons]


def over_blocks_of(entries: Sequence[Entry]) -> list[EffectOverBlocks]:
    """Return the effects over all blocks that these entries hold."""
    results = [entry.view(Comparisons) for entry in entries]
    return [effect for result in results if result for effect in result.over_blocks]
