"""Runs that learned far less than their siblings, and what the others reach without them.

A run that collapsed is a result, so it stays in the mean. But a mean that one run dominates
describes neither that run nor the others, and no interval from a few runs holds it: where one run
in ten collapses, Student's interval holds the mean over all seeds in 28 to 70% of studies. So the
interval is that of the other runs, which holds the mean over seeds that do not collapse; how many
seeds collapse has an interval of its own; and runs that collapsed are named, with the median.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import Accuracy, CollapsedRun, accuracy_of
from seedbed.display.formatters import percent
from seedbed.display.sentence import counted, enumerated, quoted

LEAST: Final = 0.05
"""How far below the median a run must be at least, as a fraction."""
DEVIATIONS: Final = 5
"""And how many standard deviations below it, estimated from the median absolute deviation; at least
those of independent answers to so many images."""
HALF: Final = 0.5
"""A run below this part of the best has collapsed, whatever the others did."""
NORMAL: Final = 1.4826
"""Standard deviations per median absolute deviation, of normal numbers."""
MOST_NAMED: Final = 3
"""Configurations with a sentence; the others are counted."""


def collapsed_runs(
    seeds: Sequence[int | str], accuracies: Sequence[float | None], images: int
) -> tuple[CollapsedRun, ...]:
    """Return the runs whose accuracy is far below the median, or below half of the best.

    Args:
        seeds: Of the runs.
        accuracies: Of the runs, as far as they are known.
        images: How many they were measured on: on few, runs differ by chance.

    Source:
        Leys et al., Detecting outliers: do not use standard deviation around the mean, use absolute
        deviation around the median, Journal of Experimental Social Psychology 49, 2013.
    """
    known = [value for value in accuracies if value is not None]
    if not known:
        return ()
    median = statistics.median(known)
    deviation = statistics.median(abs(value - median) for value in known)
    chance = math.sqrt(median * (1 - median) / images) if images else 0.0
    # The median of many collapsed runs is one of them, and says nothing about the others.
    limit = max(
        median - max(LEAST, DEVIATIONS * max(NORMAL * deviation, chance))
        if len(known) > 2
        else 0.0,
        HALF * max(known),
    )
    return tuple(
        CollapsedRun(seed, value)
        for seed, value in zip(seeds, accuracies, strict=True)
        if value is not None and value < limit
    )


def _kept(n: int) -> str:
    if n == 1:
        return "the interval is that of the other run."
    return f"intervals are of the mean over seeds that do not collapse, from the other {n} runs."


def _rate(accuracy: Accuracy, n: int) -> str:
    interval = accuracy.collapse_interval
    if interval is None:
        return ""
    return (
        f" {len(accuracy.collapsed)} of {n} collapsed; of all seeds, {100 * interval.low:.0f} to "
        f"{100 * interval.high:.0f}% do (95% interval)."
    )


def _named(entry: Entry, collapsed: Sequence[CollapsedRun]) -> str:
    """Return ``"seed 3 (10.00% in training)"``, or runs by the streams that a study varies."""
    trained = any(value is not None for value in accuracy_of(entry).train_accuracy.runs)
    measured = " in training" if trained else ""
    if entry.header.varied:
        names = [
            f"“{entry.header.run_name(run.seed)}” ({percent(run.accuracy)}{measured})"
            for run in collapsed
        ]
        return f"{'runs' if len(names) > 1 else 'run'} {enumerated(names)}"
    names = [f"{run.seed} ({percent(run.accuracy)}{measured})" for run in collapsed]
    return f"{'seeds' if len(names) > 1 else 'seed'} {enumerated(names)}"


def collapsed_notes(entries: Sequence[Entry]) -> Iterator[str]:
    """Say of a few configurations which of their runs collapsed, and what the median is."""
    affected = [entry for entry in entries if accuracy_of(entry).collapsed]
    for entry in affected[:MOST_NAMED]:
        accuracy = accuracy_of(entry)
        known = [value for value in accuracy.test_accuracy.runs if value is not None]
        runs = _named(entry, accuracy.collapsed)
        count, n = len(accuracy.collapsed), entry.header.n
        several = count > 1
        median = (
            f" The median test accuracy is {percent(statistics.median(known))}." if known else ""
        )
        yield (
            f"{quoted(entry.header.label)}: {runs} learned far "
            f"less than the other runs, and dominate{'' if several else 's'} mean and standard "
            f"deviation of all {n}, so no interval would hold "
            f"that mean: {_kept(n - count)}{_rate(accuracy, n)}{median}"
        )
    if len(affected) > MOST_NAMED:
        yield f"The same holds for {counted(len(affected) - MOST_NAMED, 'other configuration')}."
