"""How well an audit works, where it is known which labels are wrong."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.label_errors.finds import find
from seedbed.label_errors.scores import Scores, ranking
from seedbed.noise.human import Labels

FDRS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""For the curve of promised and achieved rates."""


@dataclass(frozen=True)
class Level:
    """The finds at one promised false discovery rate, held against the truth."""

    promised: float | None
    """``None`` for finds that promise none."""
    finds: int
    achieved: float | None
    """The fraction of finds whose label is right; ``None`` without finds."""
    precision: float | None
    recall: float | None
    """The fraction of wrong labels that are found; ``None`` if no label is wrong."""


@dataclass(frozen=True)
class Truth:
    """An audit held against clean labels."""

    split: str
    labels: int
    wrong: int
    auroc: float | None
    """The probability that a wrong label is ranked before a right one."""
    right_suggestions: float | None
    """Of the wrong labels: the fraction whose suggested label is the clean one."""
    levels: tuple[Level, ...]
    cleanlab: Level | None = None
    """What cleanlab finds by the same predictions; ``None`` where it is not installed."""
    cleanlab_auroc: float | None = None
    """Of the better of two of its scores."""


def compare(
    split: str,
    scores: Scores,
    given: Labels,
    clean: Labels,
    fdr: float,
    second_opinion: NDArray[np.bool_] | None = None,
    their_auroc: float | None = None,
) -> Truth:
    """Hold scores against clean labels.

    Args:
        split: Of the labels.
        scores: Of N labels.
        given: N.
        clean: N.
        fdr: The false discovery rate that was asked for.
        second_opinion: The labels that cleanlab finds wrong, N.
        their_auroc: Of cleanlab's scores.
    """
    wrong = given != clean
    order = ranking(scores.p_wrong, scores.self_confidence)
    levels = [
        _level(
            promised,
            wrong[order[: find(scores.p_wrong, scores.self_confidence, promised).count]],
            int(wrong.sum()),
        )
        for promised in sorted({*FDRS, fdr})
    ]
    right = (scores.suggested == clean)[wrong]
    return Truth(
        split,
        len(given),
        int(wrong.sum()),
        auroc(wrong[order]),
        float(right.mean()) if len(right) else None,
        tuple(levels),
        None if second_opinion is None else _level(None, wrong[second_opinion], int(wrong.sum())),
        their_auroc,
    )


def _level(promised: float | None, found: NDArray[np.bool_], wrong: int) -> Level:
    """Return how good finds are.

    Args:
        promised: Their false discovery rate.
        found: Whether the label of each find is wrong.
        wrong: How many labels are wrong.
    """
    precision = float(found.mean()) if len(found) else None
    return Level(
        promised,
        len(found),
        None if precision is None else 1 - precision,
        precision,
        float(found.sum() / wrong) if wrong else None,
    )


def auroc(wrong_in_order: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve of labels in the order of their suspicion."""
    wrong = int(wrong_in_order.sum())
    right = len(wrong_in_order) - wrong
    if not wrong or not right:
        return None
    before = np.cumsum(~wrong_in_order)[wrong_in_order]
    return float(1 - before.sum() / (wrong * right))
