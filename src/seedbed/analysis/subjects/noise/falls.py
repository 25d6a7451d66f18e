"""Whether methods differ in how much accuracy they lose to label noise."""

from collections.abc import Sequence
from itertools import combinations

from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import Comparison
from seedbed.analysis.statistics.paired import Runs, compare, correct_together
from seedbed.analysis.subjects.comparisons.pairs import runs_by_seed


def compare_falls(least: int, most: int, series: Sequence[Sequence[Entry]]) -> Comparison:
    """Compare the falls of two methods, A − B, over the seeds that they share.

    The two were picked from all, so the tests of all pairs are corrected together.

    Args:
        least: The position of A.
        most: The position of B.
        series: The entries of each method, the least noise first.
    """
    falls = [_falls(line) for line in series]
    images = series[0][0].header.test_images
    pairs = [(least, most)] + [
        pair for pair in combinations(range(len(series)), 2) if set(pair) != {least, most}
    ]
    return correct_together(
        [compare(str(a), str(b), falls[a], falls[b], images=images) for a, b in pairs]
    )[0]


def _falls(line: Sequence[Entry]) -> Runs:
    """Return by how much the accuracy of each run falls from the lowest level to the highest."""
    before, after = runs_by_seed(line[0]), runs_by_seed(line[-1])
    return {seed: before[seed] - after[seed] for seed in before if seed in after}
