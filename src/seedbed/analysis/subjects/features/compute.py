"""The feature space of a configuration, from the answers of its runs."""

from collections.abc import Iterable

import numpy as np

from seedbed.analysis.subjects.features.answers import RunFeatures
from seedbed.analysis.subjects.features.result import Agreement, Features, FeatureSpace


def features(answers: Iterable[tuple[int | str, RunFeatures | None]]) -> Features | None:
    """Return the result, or ``None`` if the features of no run are known.

    Args:
        answers: Seed of each run, and its features.
    """
    known = {seed: answer for seed, answer in answers if answer is not None}
    if not known:
        return None
    runs = list(known.values())
    return Features(
        FeatureSpace(
            tuple(known),
            Agreement.of(run.adjusted_rand for run in runs),
            Agreement.of(run.mutual_information for run in runs),
            tuple(np.mean([run.explained for run in runs], axis=0).tolist()),
            len(runs[0].index),
            tuple(run.starts for run in runs),
            tuple(run.agreeing for run in runs),
            float(np.mean([run.start_std for run in runs])),
        )
    )
