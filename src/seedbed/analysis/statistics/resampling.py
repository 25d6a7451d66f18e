"""How stable a selection is: what another set of as many runs would select.

The runs of a configuration are resampled with replacement (the bootstrap of Efron 1979), from a
stream of its own, so that the same runs always give the same numbers. An item's frequency is in how
many resamples it is selected. What two independent sets of runs share is estimated by pairs of
resamples: each varies around the runs at hand as these vary around the truth, so two resamples
differ from each other as two sets of runs do.

Sources:
    Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979.
    Meinshausen and Bühlmann, Stability selection, Journal of the Royal Statistical Society B 72,
    2010 (frequencies of selection over resamples).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream

RESAMPLES: Final = 100
LEAST_RUNS: Final = 3
"""Fewer runs do not show how much a selection varies."""


def weights(runs: int) -> NDArray[np.float64]:
    """Return the share of each run in each resample: :data:`RESAMPLES` × ``runs``, rows sum to 1.

    Args:
        runs: 1 or more.
    """
    drawn = stream(0, "resampling").integers(0, runs, (RESAMPLES, runs))
    counts = np.stack([(drawn == run).sum(axis=1) for run in range(runs)], axis=1)
    shares: NDArray[np.float64] = counts / runs
    return shares


def shared_by_two(selected: NDArray[np.bool_]) -> float:
    """Return how many selected items two sets of runs are expected to share.

    Args:
        selected: :data:`RESAMPLES` × items.
    """
    return float((selected[::2] & selected[1::2]).sum(axis=1).mean())


def highest(scores: NDArray[np.float64], most: int) -> NDArray[np.bool_]:
    """Return which items have the ``most`` highest scores above 0 of each row; ties in order."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    selected = np.zeros(scores.shape, np.bool_)
    np.put_along_axis(selected, order, values=True, axis=1)
    return selected & (scores > 0)
