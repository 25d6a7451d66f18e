"""One effect over all blocks: two levels of a factor in several blocks, with the same seeds.

Each seed gives a difference in every block, such as at every level of label noise. The effect over
all blocks is the mean of these differences: each seed's mean over the blocks is one number, and
their mean has Student's test and interval. That is the main effect of an analysis of variance with
repeated measures, in which seeds are subjects. Whether the effect differs between blocks is its
interaction, an F-test; where differences vary more in some blocks than in others, as they do under
label noise, its degrees of freedom are too many, which Greenhouse and Geisser's correction mends.

Sources:
    Maxwell and Delaney, Designing Experiments and Analyzing Data, 2004, chapters 11 and 12.
    Greenhouse and Geisser, On methods in the analysis of profile data, Psychometrika 24, 1959.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr, stdtrit

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.statistics.comparison import LEVEL, EffectOverBlocks


def effect_over_blocks(
    a: str,
    b: str,
    differences: NDArray[np.float64],
    least: float = 0.0,
    *,
    collapsed: bool = False,
) -> EffectOverBlocks:
    """Return the effect over all blocks and its interaction with them; nothing is corrected yet.

    Args:
        a: What A is called.
        b: What B is called.
        differences: n×K: A − B of each of n seeds in each of K blocks; n and K at least 2.
        least: The least standard deviation that differences can have, because accuracies are
            rounded to whole images.
        collapsed: Whether runs collapsed. Then two seeds may have the same mean by losing one run
            each, in different blocks, so the standard error is at least that of blocks that have
            nothing to do with each other.
    """
    n, blocks = differences.shape
    of_seeds = differences.mean(axis=1)
    mean = float(of_seeds.mean())
    spread = max(float(of_seeds.std(ddof=1)), least / math.sqrt(blocks))
    if collapsed:
        spread = max(spread, math.sqrt(float(differences.var(axis=0, ddof=1).sum())) / blocks)
    error = spread / math.sqrt(n)
    p_value = 2 * float(stdtr(n - 1, -abs(mean) / error)) if error else float(mean == 0)
    half = float(stdtrit(n - 1, 1 - LEVEL / 2)) * error
    return EffectOverBlocks(
        a=a,
        b=b,
        blocks=blocks,
        n=n,
        difference=mean,
        interval=Interval(mean - half, mean + half),
        p_value=p_value,
        p_adjusted=p_value,
        p_interaction=_interaction(differences, least),
    )


def correct_effects(
    effects: Sequence[EffectOverBlocks], comparisons: int, weight: float
) -> tuple[EffectOverBlocks, ...]:
    """Return the same effects with Bonferroni's correction.

    Args:
        effects: Not corrected yet.
        comparisons: How many tests are corrected together.
        weight: The share of the level that each effect has.
    """
    corrected = []
    for effect in effects:
        half = effect.interval.high - effect.difference
        wider = half * float(
            stdtrit(effect.n - 1, 1 - LEVEL * weight / 2) / stdtrit(effect.n - 1, 1 - LEVEL / 2)
        )
        corrected.append(
            msgspec.structs.replace(
                effect,
                comparisons=comparisons,
                weight=weight,
                p_adjusted=min(effect.p_value / weight, 1.0),
                p_interaction=min(max(effect.p_value, effect.p_interaction) / weight, 1.0),
                interval=Interval(effect.difference - wider, effect.difference + wider),
            )
        )
    return tuple(corrected)


def sphericity(values: NDArray[np.float64]) -> float:
    """Return Greenhouse and Geisser's epsilon of n×K values: 1 where all contrasts vary alike.

    It is at least 1 / (K - 1).
    """
    covariance = np.cov(values, rowvar=False)
    centered = covariance - covariance.mean(axis=0) - covariance.mean(axis=1)[:, np.newaxis]
    centered += covariance.mean()
    squares = float(np.square(centered).sum())
    contrasts = values.shape[1] - 1
    return float(np.trace(centered)) ** 2 / (contrasts * squares) if squares else 1.0


def _interaction(differences: NDArray[np.float64], least: float) -> float:
    n, blocks = differences.shape
    of_blocks, of_seeds = differences.mean(axis=0), differences.mean(axis=1)[:, np.newaxis]
    mean = differences.mean()
    between = n * float(np.square(of_blocks - mean).sum()) / (blocks - 1)
    freedom = (n - 1) * (blocks - 1)
    rest = float(np.square(differences - of_blocks - of_seeds + mean).sum()) / freedom
    rest = max(rest, least**2)
    if rest == 0:
        return float(between == 0)
    epsilon = sphericity(differences)
    return float(fdtrc(epsilon * (blocks - 1), epsilon * freedom, between / rest))
