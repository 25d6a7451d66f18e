"""What cleanlab calls label issues, by the same predictions: a second opinion."""

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from seedbed.noise.estimation import Probabilities
from seedbed.noise.human import Labels


def cleanlab_issues(probabilities: Probabilities, labels: Labels) -> NDArray[np.bool_] | None:
    """Return the labels that cleanlab's confident learning finds wrong, N.

    Its default: as many of the least confident labels in each pair of classes as the confident
    joint says (``prune_by_noise_rate``).

    Args:
        probabilities: Mean out-of-fold probabilities, N×K.
        labels: N.

    Returns:
        ``None`` where cleanlab is not installed, or a class has no label, which it does not take.
    """
    if find_spec("cleanlab") is None or len(np.unique(labels)) < probabilities.shape[1]:
        return None
    from cleanlab.filter import find_label_issues

    issues: NDArray[np.bool_] = find_label_issues(
        labels, probabilities, filter_by="prune_by_noise_rate", n_jobs=1
    )
    return issues
