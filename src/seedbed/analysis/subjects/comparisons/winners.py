"""Which configurations the tests show to be better than all others that they are compared with."""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.comparisons.evidence import comparison_of, verdict
from seedbed.analysis.subjects.comparisons.result import comparisons_of

NOTE: Final = (
    "Bold: significantly better than every other configuration that it is compared with (paired "
    "t-test, p < 0.05, corrected)."
)


def winners(entries: Sequence[Entry]) -> list[int]:
    """Return the places of the entries that are significantly better than their whole block."""
    places = {entry.header.label: place for place, entry in enumerate(entries)}
    rivals: dict[int, set[int]] = {place: {place} for place in places.values()}
    for comparison in comparisons_of(entries):
        if comparison.a in places and comparison.b in places:
            joined = (rivals[places[comparison.a]], rivals[places[comparison.b]])
            smaller, block = sorted(joined, key=len)
            if smaller is not block:
                block |= smaller
                rivals |= dict.fromkeys(smaller, block)
    return [
        place
        for place, block in rivals.items()
        if len(block) > 1
        and all(
            verdict(comparison_of(entries[place], entries[other])) == "better"
            for other in block - {place}
        )
    ]
