"""How often a difference that is there is found."""

import numpy as np

from seedbed.analysis.statistics.paired import compare_all


def power(count: int, n: int, studies: int, generator: np.random.Generator) -> int:
    """Return how many studies of ``count`` configurations find that the first is better.

    Each other one is worse by two standard deviations of the paired differences, which are normal.
    """
    found = 0
    for _ in range(studies):
        # The difference of two independent numbers has twice their variance.
        runs = generator.normal(0, np.sqrt(1 / 2), (count, n))
        runs[0] += 2
        compared = compare_all({str(k): dict(enumerate(run)) for k, run in enumerate(runs)})
        found += compared[0].verdict == "better"
    return found
