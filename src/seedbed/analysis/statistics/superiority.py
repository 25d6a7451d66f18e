"""P(A > B), how often one configuration beats another with the same seed, and its interval.

The interval is that of a proportion of n pairs, by Clopper and Pearson: it holds at least as often
as it says, and agrees with the sign test. Few pairs say little: even 5 of 5 are compatible with a P
of 0.48.

Sources:
    Bouthillier et al., Accounting for variance in machine learning benchmarks, MLSys 2021.
    Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the
    binomial, Biometrika 26, 1934.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from seedbed.analysis.aggregate import Interval


def probability_better(differences: ArrayLike) -> float:
    """Return the fraction of paired differences above 0, ties counted half; at least one."""
    return float(np.mean((np.sign(differences) + 1) / 2))


def probability_interval(probability: float, n: int, level: float) -> Interval:
    """Return the interval of P(A > B) from n pairs.

    Args:
        probability: The fraction of pairs in which A is better, ties counted half. A tie is known
            to be less variable than a win or a loss, so with ties the interval is too wide, never
            too narrow.
        n: The number of pairs, 1 or more.
        level: How often the interval may miss the true probability, 0 to 1.
    """
    better = probability * n
    low = 0.0 if better <= 0 else float(betaincinv(better, n - better + 1, level / 2))
    high = 1.0 if better >= n else float(betaincinv(better + 1, n - better, 1 - level / 2))
    return Interval(low, high)
