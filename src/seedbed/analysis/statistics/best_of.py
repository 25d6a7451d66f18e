"""How far the best of n runs lies above their mean by chance alone.

Source:
    Harter, Expected values of normal order statistics, Biometrika 48, 1961.
"""

import math
from collections.abc import Iterable
from functools import cache
from statistics import NormalDist

_STEP = 1 / 64
_END = 9.0


@cache
def expected_best(n: int) -> float:
    """Return the expected maximum of n independent standard normal numbers; n at least 1.

    It is 0 for one, 1.163 for five and 1.539 for ten: what the best of n runs is expected to lie
    above their true mean, in true standard deviations.
    """
    # The integral of x n φ(x) Φ(x)^(n - 1); the trapezoidal rule is exact to rounding for it.
    normal = NormalDist()
    steps = range(round(-_END / _STEP), round(_END / _STEP) + 1)
    points = (step * _STEP for step in steps)
    return _STEP * math.fsum(x * n * normal.pdf(x) * normal.cdf(x) ** (n - 1) for x in points)


def best_in_words(counts: Iterable[int]) -> str:
    """Say what the best of so many runs gains by chance; empty where all are single runs."""
    several = sorted({n for n in counts if n > 1})
    if not several:
        return ""
    of = " and ".join(map(str, dict.fromkeys((several[0], several[-1]))))
    gains = " and ".join(
        f"{expected_best(n):.2f}" for n in dict.fromkeys((several[0], several[-1]))
    )
    return (
        f"The best of n runs grows with n by chance: of {of} equal runs it lies {gains} standard "
        "deviations above their mean."
    )
