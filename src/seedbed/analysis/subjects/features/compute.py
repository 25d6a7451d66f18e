"""The feature space of a configuration, from the answers of its runs."""

from collections.abc import Iterable

import numpy as np

from seedbed.analysis.subjects.features.answers import RunFeatures
from seedbed.analysis.subjects.features.result import Agreement, Features, FeatureSpace


def features(found: Iterable[tuple[int | str, RunFeatures | None]]) -> Features | None:
    """Return the result, or ``None`` if the features of no run are known.

    Args:
        found: Seed of each run, and its features.
    """
    known = {seed: each for seed, each in found if each is not None}
    if not known:
        return None
    runs = list(known.values())
    return Features(
        FeatureSpace(
            tuple(known),
            Agreement.of(each.adjusted_rand for each in runs),
            Agreement.of(each.mutual_information for each in runs),
            tuple(np.mean([each.explained for each in runs], axis=0).tolist()),
            len(runs[0].index),
        )
    )
