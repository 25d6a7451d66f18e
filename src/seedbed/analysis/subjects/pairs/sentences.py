"""Which classes the best configuration confuses most."""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.analysis.subjects.pairs.result import TOP, Pairs
from seedbed.display.formatters import percent
from seedbed.display.sentence import enumerated, quoted

MOST_NAMED = 2
"""Pairs in the sentence; the table has more."""


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Name the most confused pairs of the configuration with the highest mean test accuracy."""
    best = shown_of(entries)
    result = best.view(Pairs) if best else None
    if best is None or result is None:
        return
    n = best.header.n
    by = "" if len(entries) == 1 else f" by {quoted(best.header.label)}"
    if not result.top_pairs:
        yield f"Every test image is classified correctly{by}."
        return
    pairs = [
        f"{percent(pair.rate)} of {quoted(pair.true)} images are predicted as "
        f"{quoted(pair.predicted)}"
        for pair in result.top_pairs[:MOST_NAMED]
    ]
    shared = result.shared_top_pairs
    stable = (
        ""
        if shared is None
        else f"; another {n} seeds would share about {shared:.1f} of the {TOP} most confused pairs"
    )
    over = "" if n == 1 else f" (means of {n} runs{stable})"
    yield f"Most confused{by}: {enumerated(pairs)}{over}."
