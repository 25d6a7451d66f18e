"""What cleanlab calls label issues, by the same predictions: a second opinion."""

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from seedbed.label_errors.truth import auroc
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


def cleanlab_auroc(
    probabilities: Probabilities, labels: Labels, wrong: NDArray[np.bool_]
) -> float | None:
    """Return the AUROC of the better of two of cleanlab's scores: self-confidence, and margin.

    Args:
        probabilities: Mean out-of-fold probabilities, N×K.
        labels: N.
        wrong: Which of them are wrong, N.

    Returns:
        ``None`` where cleanlab is not installed, or no label or every label is wrong.
    """
    if find_spec("cleanlab") is None:
        return None
    from cleanlab.rank import get_label_quality_scores

    areas = [
        auroc(wrong[np.argsort(get_label_quality_scores(labels, probabilities, method=method))])
        for method in ("self_confidence", "normalized_margin")
    ]
    return max((area for area in areas if area is not None), default=None)
