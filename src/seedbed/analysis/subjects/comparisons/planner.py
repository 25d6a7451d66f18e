"""How many seeds a study needs to find a difference, from a pilot or the runs that it has."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.statistics.planning import (
    MOST_SEEDS,
    least_effect,
    power,
    seeds_needed,
    upper_limit,
)
from seedbed.analysis.subjects.accuracy.result import accuracy_of, lacks_test
from seedbed.analysis.subjects.comparisons.family import family_of
from seedbed.analysis.subjects.comparisons.pairs import compare_entries
from seedbed.analysis.subjects.cost.result import cost_of
from seedbed.core.errors import StudyError
from seedbed.display.sentence import counted, enumerated
from seedbed.execution.work import duration


@dataclass(frozen=True)
class Spread:
    """How much paired differences of test accuracy vary, as a fraction.

    Args:
        std: What is planned with.
        words: Where it comes from.
    """

    std: float
    words: str


@dataclass(frozen=True)
class SeedPlan:
    """The seeds that a study needs; ``print`` shows it in lines.

    Args:
        detect: The difference to find, as a fraction.
        wanted: The power, 0 to 1.
        tests: How many tests are corrected together.
        weight: The share of the level of 5% that a comparison has.
        spread: Of paired differences.
        seeds: Number of seeds that the study has now; the least of any crossed stream.
        seconds: Of training one run of every configuration on one core; 0 if not known.
        crossed: The streams whose seeds runs cross; each of them has so many seeds.
    """

    detect: float
    wanted: float
    tests: int
    weight: float
    spread: Spread
    seeds: int
    seconds: float
    crossed: tuple[str, ...] = ()

    @property
    def needed(self) -> int | None:
        """The number of seeds; ``None`` if it is more than 10,000."""
        return seeds_needed(self.detect / self.spread.std, self.wanted, self.weight)

    @property
    def least(self) -> float | None:
        """The least difference that the present seeds find, as a fraction; ``None`` for one."""
        if self.seeds < 2:
            return None
        return self.spread.std * least_effect(self.seeds, self.wanted, self.weight)

    @property
    def power(self) -> float:
        """How likely the present seeds find the difference, 0 to 1."""
        effect = self.detect / self.spread.std
        return power(self.seeds, effect, self.weight) if self.seeds > 1 else 0

    def __str__(self) -> str:
        points = f"{100 * self.detect:g} percentage points"
        needed = f"more than {MOST_SEEDS:,}" if self.needed is None else f"{self.needed:,}"
        of = ""
        if self.crossed:
            runs = "" if self.needed is None else f", {self._runs(self.needed):,} runs"
            of = f" of each crossed stream ({enumerated(self.crossed)}{runs})"
        corrected = f" corrected over {self.tests} tests" if self.tests > 1 else ""
        lines = [
            f"To detect a difference of {points} with a power of {100 * self.wanted:g}%: "
            f"{needed} seeds{of} (paired t-test, p < {LEVEL}{corrected}).",
            f"The paired differences have a standard deviation of {100 * self.spread.std:.3g} "
            f"percentage points: {self.spread.words}.",
            f"The study's {counted(self.seeds, 'seed')}{' of each' if self.crossed else ''} "
            + (
                f"detect it with a power of {100 * self.power:.0f}%, and "
                f"{100 * self.least:.3g} percentage points with {100 * self.wanted:g}%."
                if self.least is not None
                else "cannot be tested."
            ),
        ]
        if self.needed is not None and self.seconds:
            more = max(self.needed - self.seeds, 0)
            added = max(self._runs(self.needed) - self._runs(self.seeds), 0)
            lines.append(
                f"{counted(more, 'more seed')} take {duration(added * self.seconds)} of one core."
            )
        return "\n".join(lines)

    def _runs(self, seeds: int) -> int:
        return int(seeds ** max(len(self.crossed), 1))


def plan_seeds(
    entries: Sequence[Entry],
    *,
    seeds: int,
    detect: float,
    wanted: float = 0.8,
    spread: float | None = None,
    pilot: Callable[[], Sequence[Entry]] | None = None,
) -> SeedPlan:
    """Return how many seeds find a difference in test accuracy.

    Args:
        entries: Of every configuration of the study, with or without finished runs.
        seeds: Number of seeds that the study has now; the least of any crossed stream.
        detect: The difference to find, a fraction above 0.
        wanted: The power, above 0 and below 1.
        spread: The standard deviation of paired differences, a fraction above 0; by default that
            of the finished runs, with its upper limit.
        pilot: Trains the same configurations briefly, where there are no runs to learn from.

    Raises:
        StudyError: If a number is out of its range, or there are no runs to learn the spread from.
    """
    for option, value, expected in (
        ("--detect", detect, "above 0 and below 100 points"),
        ("--power", wanted, "above 0 and below 1"),
    ):
        if not 0 < value < 1:
            raise StudyError(f"{value:g} cannot be used", where=option, expected=expected)
    if spread is not None and not 0 < spread < 1:
        raise StudyError("cannot be used", where="--spread", expected="percentage points above 0")
    if any(map(lacks_test, entries)):
        raise StudyError(
            "the dataset has no test split: runs learn from overlapping images, and more of them "
            "hardly make differences of validation accuracy clearer",
            where="--detect",
            expected="a test split",
        )
    learned, of = (entries, "finished runs") if spread else _runs_to_learn_from(entries, pilot)
    family = family_of(learned, planned=True)
    return SeedPlan(
        detect,
        wanted,
        max(family.tests, 1),
        family.of_comparisons,
        Spread(spread, "as given by --spread") if spread else _shown(learned, seeds, of),
        seeds,
        sum(
            _seconds(one, entry.header.epochs) for one, entry in zip(learned, entries, strict=True)
        ),
        next((entry.header.varied for entry in entries if entry.header.is_crossed), ()),
    )


def _runs_to_learn_from(
    entries: Sequence[Entry], pilot: Callable[[], Sequence[Entry]] | None
) -> tuple[Sequence[Entry], str]:
    """Return the entries whose runs show the spread, and what these runs are."""
    if any(map(_varies, entries)):
        return entries, "finished runs"
    entries = pilot() if pilot else ()
    if not any(map(_varies, entries)):
        raise StudyError(
            "no two runs of a configuration have finished, so their spread is not known",
            where="--detect",
            hint="train some with `seedbed run STUDY --seeds 3`, or give --spread in points",
        )
    return entries, f"pilot runs of {entries[0].header.epochs} epochs"


def _varies(entry: Entry) -> bool:
    return accuracy_of(entry).test_accuracy.std is not None


def _seconds(entry: Entry, epochs: int | None) -> float:
    """Return how long a run takes, from runs of perhaps another number of epochs."""
    cost, trained = cost_of(entry), entry.header.epochs
    seconds = (cost.seconds if cost else None) or 0.0
    return seconds * epochs / trained if epochs and trained else seconds


def _shown(entries: Sequence[Entry], seeds: int, of: str) -> Spread:
    compared = [c for c in compare_entries(entries) if c.standard_error is not None]
    if compared and any(entry.header.is_crossed for entry in entries):
        return _of_crossed(compared, seeds, of)
    if compared:
        return _of_pairs(compared, of)
    alone = [
        accuracies
        for entry in entries
        if (accuracies := accuracy_of(entry).test_accuracy).std is not None
    ]
    df = sum(accuracies.n - 1 for accuracies in alone)
    variance = sum((a.std or 0) ** 2 * (a.n - 1) for a in alone) / df
    limit = upper_limit(math.sqrt(2 * variance), df)
    return Spread(
        limit,
        f"the upper 80% limit of what {df + len(alone)} {of} show, as if not paired",
    )


def _of_crossed(compared: Sequence[Comparison], seeds: int, of: str) -> Spread:
    """Return what one seed of each stream adds: the variance of the mean falls with their number.

    It is that of all streams together, as if each had the number of seeds of the one with least.
    """
    freedom = sum(c.degrees_of_freedom or 0 for c in compared)
    pooled = sum((c.standard_error or 0) ** 2 * (c.degrees_of_freedom or 0) for c in compared)
    independent = max(1, math.floor(max(c.degrees_of_freedom or 0 for c in compared)))
    std = math.sqrt(seeds * pooled / freedom)
    return Spread(
        upper_limit(std, independent),
        f"the upper 80% limit of what {of} with crossed seeds show, {100 * std:.3g} for a seed of "
        "each stream",
    )


def _of_pairs(compared: Sequence[Comparison], of: str) -> Spread:
    pooled = sum((c.standard_error or 0) ** 2 * c.n * (c.n - 1) for c in compared)
    freedom = sum(c.n - 1 for c in compared)
    # Comparisons with a common configuration repeat each other; so many are independent.
    labels = {label for c in compared for label in (c.a, c.b)}
    independent = min(freedom, (len(labels) - 1) * max(c.n - 1 for c in compared))
    std = math.sqrt(pooled / freedom)
    pairs = counted(freedom + len(compared), "pair")
    return Spread(
        upper_limit(std, independent),
        f"the upper 80% limit of what {pairs} of {of} show, {100 * std:.3g}",
    )
