"""Which settings matter in a large grid: marginal means, and how much of the spread each explains.

The marginal mean of a value of a setting is the mean test accuracy of all configurations that have
it, each of which counts once. In a full grid, where every value meets every combination of the
others, the sums of squares of the settings are orthogonal, so their shares of the spread between
configurations (η²) add up to what the settings explain one by one; the rest is interactions and
chance. Means per seed over the same configurations show how much the marginal mean varies over
seeds. All of it describes the configurations of the study; nothing is tested.

Source: Montgomery 2017, "Design and Analysis of Experiments", section 5.3 (sums of squares of a
factorial design).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy
from seedbed.analysis.subjects.settings.factors import Factor, Level, factors_of


@dataclass(frozen=True)
class Effect:
    """What a factor explains."""

    factor: Factor
    grand_mean: float
    """Of all configurations' mean test accuracies, 0 to 1."""
    share: float
    """Of the variance between configurations, 0 to 1."""


def effects_of(entries: Sequence[Entry]) -> tuple[Effect, ...]:
    """Return the effect of every factor, the largest share of the variance first.

    Args:
        entries: The configurations of one test set; those without a test accuracy are left out.
    """
    factors = factors_of(entries)
    if not factors:
        return ()
    means = [mean_accuracy(entry) for entry in factors[0].entries]
    grand = statistics.fmean(means)
    total = math.fsum((mean - grand) ** 2 for mean in means)
    effects = []
    for factor in factors:
        between = math.fsum(len(of.entries) * (of.mean - grand) ** 2 for of in factor.levels)
        effects.append(Effect(factor, grand, between / total if total else 0.0))
    return tuple(sorted(effects, key=lambda effect: -effect.share))


def over_seeds(level: Level) -> Aggregate:
    """Return the means over the configurations of a level, one for each seed that all have."""
    by_seed: dict[int | str, list[float]] = {}
    for entry in level.entries:
        runs = accuracy_of(entry).test_accuracy.runs
        for seed, accuracy in zip(entry.header.seeds, runs, strict=True):
            if accuracy is not None:
                by_seed.setdefault(seed, []).append(accuracy)
    complete = [of for of in by_seed.values() if len(of) == len(level.entries)]
    return Aggregate.of(map(statistics.fmean, complete))
