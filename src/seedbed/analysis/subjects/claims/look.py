"""Which of the declared looks of a claim there is data for, and what is said of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seedbed.analysis.statistics.looks import levels_of_looks, spent
from seedbed.display.sentence import counted


@dataclass(frozen=True)
class Look:
    """A test of the first n seeds.

    Args:
        n: Seeds; 0 before the first declared look.
        level: Two-sided, of this test.
        number: Counted from 1; ``None`` where none was declared, or it has not been reached.
        spent: How much of the level of the claim is spent so far, 0 to 1.
    """

    n: int
    level: float
    number: int | None = None
    spent: float | None = None


def looks_until(looks: Sequence[int], seeds: int, level: float) -> Iterator[Look]:
    """Yield the looks that so many seeds allow, at least one.

    Args:
        looks: Numbers of seeds, increasing; empty for a single look at all seeds.
        seeds: How many there are.
        level: Of all looks together.
    """
    if not looks:
        yield Look(seeds, level)
        return
    if seeds < looks[0]:
        yield Look(0, level)
        return
    levels = levels_of_looks(tuple(looks), level)
    for number, (n, level_of_look) in enumerate(zip(looks, levels, strict=True), 1):
        if n <= seeds:
            yield Look(n, level_of_look, number, spent(level, n / looks[-1]) / level)


def look_notes(looks: Sequence[int], look: Look, seeds: int, *, decided: bool) -> Iterator[str]:
    """Say which look an answer is of, what it spends, and which seeds it leaves out."""
    if not looks:
        return
    declared = ", ".join(map(str, looks))
    if look.number is None:
        yield f"the first look is at {looks[0]} seeds (declared: {declared}), and there are {seeds}"
        return
    yield (
        f"look {look.number} of {len(looks)}, at {look.n} seeds (declared: {declared}): "
        f"{100 * (look.spent or 0.0):.3g}% of the level is spent"
    )
    if decided and look.number < len(looks):
        yield "decided at this look, so later seeds do not change the answer"
    if seeds > look.n and not decided:
        more, one = counted(seeds - look.n, "more seed"), seeds - look.n == 1
        following = (
            f"{'counts' if one else 'count'} at {looks[look.number]}"
            if look.number < len(looks)
            else f"{'does' if one else 'do'} not count"
        )
        yield f"n = {seeds} is not a declared look: {more} {following}"
