"""Repeated measurements and what is said of them: median, lowest and highest, n."""

import statistics
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Measured:
    """The same thing measured several times, in the order of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one: a single disturbed round does not change it."""
        return statistics.median(self.values)

    def per(self, other: "Measured") -> "Measured":
        """Return how many times ``other`` this is, round by round.

        Both sides of a ratio were measured within the same round, so what slowed the machine down
        for a while slowed both.
        """
        pairs = zip(self.values, other.values, strict=True)
        return Measured(tuple(mine / theirs for mine, theirs in pairs))

    def __rtruediv__(self, amount: float) -> "Measured":
        return Measured(tuple(amount / value for value in self.values))

    def text(self, digits: int = 2) -> str:
        """Return ``"1.05 (1.02–1.10)"``: median, lowest and highest."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"

    def to_dict(self) -> dict[str, object]:
        """Return what a results file holds."""
        return {
            "median": self.median,
            "lowest": min(self.values),
            "highest": max(self.values),
            "n": len(self.values),
            "values": list(self.values),
        }


def interleaved(
    contenders: Mapping[Name, Callable[[], float]], rounds: int
) -> dict[Name, Measured]:
    """Measure all contenders one after the other, and that ``rounds`` times: A B C, A B C, ...

    A round before the first warms everything up (caches, memory pools, compilers) and is thrown
    away.
    """
    values: dict[Name, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr)
        for name, measure in contenders.items():
            value = measure()
            if turn > 0:
                values[name].append(value)
    return {name: Measured(tuple(each)) for name, each in values.items()}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; every column but the first is aligned to the right."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))
