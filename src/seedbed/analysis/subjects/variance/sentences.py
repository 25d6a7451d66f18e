"""What share of the variance over runs each stream has."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.variance.result import (
    CrossedVariance,
    VarianceComponent,
    analyzed,
)
from seedbed.display.formatters import percent
from seedbed.display.sentence import counted, enumerated, quoted

MOST_NAMED: Final = 3
"""Configurations with a sentence; the others are counted."""


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say of a few configurations where the spread over their runs comes from."""
    known = analyzed(entries)
    for entry, variance in known[:MOST_NAMED]:
        yield _sentence(variance, f" of {quoted(entry.header.label)}" if len(entries) > 1 else "")
    if len(known) > MOST_NAMED:
        more = counted(len(known) - MOST_NAMED, "more configuration")
        yield f"The shares of {more} are in the table of variance."


def _sentence(variance: CrossedVariance, of: str) -> str:
    if variance.variance <= 0:
        return f"The {variance.runs} crossed runs{of} do not vary in {variance.of}."
    mains = variance.components[: len(variance.streams)]
    shares = enumerated([_share(component) for component in mains])
    unseen = [component.source for component in mains if component.interval.low == 0]
    doubt = ""
    if unseen:
        doubt = f" The share of {enumerated(unseen, 'or')} cannot be told from 0."
    return (
        f"Of the variance of {variance.of} over {variance.runs} crossed runs{of}, {shares}; "
        f"combinations of seeds have the rest.{doubt}"
    )


def _share(component: VarianceComponent) -> str:
    low, high = component.share_interval.low, component.share_interval.high
    interval = f"95% interval {100 * low:.0f} to {100 * high:.0f}%"
    if (component.share or 0) < 0:
        return f"{component.source} has none (estimated below 0; {interval})"
    return f"{component.source} has {percent(component.share, 0)} ({interval})"
