"""What became of a claim that a study declared."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.entry import Entry

Outcome = Literal["held", "refuted", "open"]


class AnsweredClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with its interval; differences are fractions."""

    claim: str
    """In the words of the study."""
    effect: float | None
    """The estimated difference, or the change from the lowest value of a setting to the highest;
    ``None`` where it cannot be estimated."""
    interval: Interval | None
    """Of the effect: those of all claims together hold with 95% (equalities with 90%)."""
    margin: float
    """What the effect is held against."""
    n: int
    """Seeds that were tested: those that all configurations of the claim share, up to the look."""
    outcome: Outcome
    look: int | None = None
    """Which of the declared looks this is, counted from 1."""
    spent: float | None = None
    """How much of the level of the claim is spent by then, 0 to 1; ``None`` without looks."""
    notes: tuple[str, ...] = ()
    """What the reader must know, such as that it was declared after runs had ended."""


class Claims(msgspec.Struct, frozen=True):
    """The claims of a study; every entry has all of them."""

    claims: tuple[AnsweredClaim, ...]


def claims_of(entries: Sequence[Entry]) -> list[AnsweredClaim]:
    """Return the claims that these entries hold."""
    results = [entry.view(Claims) for entry in entries]
    return [claim for result in results if result for claim in result.claims]
