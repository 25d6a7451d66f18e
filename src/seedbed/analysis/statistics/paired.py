"""Comparing configurations over runs that share their seeds.

Two runs with the same seed are a pair: they share the order of the training images and, where the
networks allow it, the initial weights. Their difference therefore varies less than the runs
themselves. Each pair of configurations gets

* the difference of the means with its 95% t-interval;
* the exact paired sign-flip test (:mod:`seedbed.analysis.statistics.sign_flip`);
* Holm's correction of its p-value over all comparisons that are shown together;
* P(A > B): the fraction of pairs in which A is better, ties counted half.

Sources:
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979. Bouthillier et al., Accounting for variance in machine learning benchmarks,
    MLSys 2021: paired P(A > B).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.intervals import t_interval
from seedbed.analysis.statistics.comparison import Comparison
from seedbed.analysis.statistics.sign_flip import sign_flip_test
from seedbed.core.errors import DataError

Runs = Mapping[Any, float]
"""A number of each run, such as its test accuracy, by seed (or by name of an external run)."""


def compare_all(values: Mapping[str, Runs], baseline: str | None = None) -> tuple[Comparison, ...]:
    """Compare configurations in pairs, with Holm's correction over all that are returned.

    Args:
        values: The runs of each configuration. Runs of two configurations are paired by seed; those
            without a partner are left out.
        baseline: The configuration that every other one is compared with, as B. Without it, each is
            compared with every later one.

    Raises:
        DataError: If there is no configuration ``baseline``, or a number is not finite.

    """
    if baseline is not None and baseline not in values:
        raise DataError(f"no configuration {baseline!r}", expected=f"one of {', '.join(values)}")
    names = (
        combinations(values, 2)
        if baseline is None
        else ((name, baseline) for name in values if name != baseline)
    )
    return correct_together([compare(a, b, values[a], values[b]) for a, b in names])


def compare(a: str, b: str, of_a: Runs, of_b: Runs) -> Comparison:
    """Compare two configurations over the seeds that they share; nothing is corrected yet.

    Raises:
        DataError: If a number is not finite.

    """
    seeds = [seed for seed in of_a if seed in of_b]
    if not seeds:
        return Comparison(a=a, b=b, n=0)
    differences = np.array([of_a[seed] - of_b[seed] for seed in seeds], np.float64)
    test = sign_flip_test(differences)
    aggregate = Aggregate.of(differences.tolist())
    return Comparison(
        a=a,
        b=b,
        n=aggregate.n,
        difference=aggregate.mean,
        std=aggregate.std,
        interval=t_interval(aggregate),
        p_value=test.p_value,
        method=test.method,
        probability_better=probability_better(differences),
    )


def correct_together(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Return the same comparisons with Holm's correction over all of them."""
    p_values = [comparison.p_value for comparison in comparisons if comparison.p_value is not None]
    lowest = [
        comparison.minimum_p for comparison in comparisons if comparison.minimum_p is not None
    ]
    corrected = iter(holm(p_values).tolist())
    # A corrected p-value never falls when others rise, so each is lowest where all are lowest.
    corrected_lowest = iter(holm(lowest).tolist())
    return tuple(
        msgspec.structs.replace(
            comparison,
            comparisons=len(p_values),
            p_holm=None if comparison.p_value is None else next(corrected),
            minimum_p_holm=None if comparison.minimum_p is None else next(corrected_lowest),
        )
        for comparison in comparisons
    )


def probability_better(differences: ArrayLike) -> float:
    """Return the fraction of paired differences above 0, ties counted half; at least one."""
    return float(np.mean((np.sign(differences) + 1) / 2))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return Holm's corrected p-values, in the same order."""
    given = np.asarray(p_values, np.float64)
    order = np.argsort(given)
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
