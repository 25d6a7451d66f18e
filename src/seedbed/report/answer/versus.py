"""One configuration against another, as the comparisons of a summary have it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seedbed.analysis.entry import Entry
from seedbed.evaluation.statistics import LEVEL
from seedbed.report.answer.prose import counted, signed_interval

Verdict = Literal["better", "worse", "open", "too few", "untested"]


@dataclass(frozen=True)
class Versus:
    """What is known of the difference to ``other``; positive where ``other`` is worse."""

    other: str
    compared: bool = False
    """Whether the summary compares the two."""
    n: int = 0
    """Pairs of runs."""
    difference: float | None = None
    interval: Mapping[str, float] | None = None
    p_value: float | None = None
    """With Holm's correction."""
    family: int = 1
    """Over how many comparisons it is corrected."""
    reachable: bool = False
    """Whether so many pairs could have been significant."""

    @property
    def verdict(self) -> Verdict:
        """What the test allows to say."""
        if self.p_value is None or self.difference is None:
            return "untested"
        if self.p_value < LEVEL:
            return "better" if self.difference > 0 else "worse"
        return "open" if self.reachable else "too few"

    @property
    def remark(self) -> str:
        """Return :attr:`evidence`, and in a few words what it allows to say."""
        said = {
            "better": "",
            "worse": "over the seeds they share it is the other way round",
            "open": "not told apart",
            "too few": f"{counted(self.n, 'pair')} of runs cannot reach p < {LEVEL}",
            "untested": "not tested",
        }[self.verdict]
        return "; ".join(filter(None, (self.evidence, said)))

    @property
    def correction(self) -> str:
        """Say over how many comparisons p is corrected; empty for a single one."""
        return f"after Holm's correction over {self.family} comparisons" if self.family > 1 else ""

    @property
    def signed(self) -> str:
        """Return the difference with its sign, in percentage points; of one pair or more."""
        return f"{100 * (self.difference or 0.0):+.2f}"

    @property
    def evidence(self) -> str:
        """Return interval and p-value, as they stand in parentheses; empty without pairs."""
        if self.p_value is None:
            return ""
        parts = []
        if self.interval is not None:
            parts.append(f"95 % interval {signed_interval(self.interval)}")
        parts.append(f"p = {self.p_value:.2g}{f' {self.correction}' if self.correction else ''}")
        return "; ".join(parts)


def versus(entry: Entry, other: Entry) -> Versus:
    """Return how an entry compares with another of the same summary."""
    for first, second, sign in ((entry, other, 1), (other, entry, -1)):
        for each in first["comparisons"]:
            if each["second"] == second["label"]:
                return versus_of(each, other["label"], sign)
    return Versus(other["label"])


def pairs_needed(family: int) -> int:
    """Return how many pairs can be significant among so many comparisons.

    The lowest p-value of n pairs is 2^(1 - n), and Holm's correction multiplies the lowest of all
    by their number.
    """
    return math.floor(1 + math.log2(family / LEVEL)) + 1


def versus_of(comparison: Mapping[str, Any], other: str, sign: int = 1) -> Versus:
    """Return a comparison as a summary holds it, seen from its first (1) or second (-1)."""
    difference, interval = comparison["difference"], comparison["interval"]
    if interval is not None and sign < 0:
        interval = {"low": -interval["high"], "high": -interval["low"]}
    lowest = comparison["minimum_p_holm"]
    return Versus(
        other,
        compared=True,
        n=comparison["n"],
        difference=None if difference is None else sign * difference,
        interval=interval,
        p_value=comparison["p_holm"],
        family=comparison["comparisons"],
        reachable=lowest is not None and lowest < LEVEL,
    )
