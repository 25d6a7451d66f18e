"""Of which kind scores are: logits, probabilities or percent, by what is said or by their values.

Where the values fit one kind only, they decide; otherwise the error names ``--kind``.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError

Kind = Literal["logits", "probabilities", "labels"]
"""Of :class:`~seedbed.analysis.predictions.Predictions`: ``labels`` has no scores, only the
predicted class of each image, as one-hot rows."""

GivenKind = Literal["logits", "probabilities", "percent"]
"""What a user may say of scores."""

TOLERANCE: Final = 0.01
"""How far the probabilities of an image may sum from 1, besides the rounding of each."""

MOST_DECIMALS: Final = 4
"""Rounding to more decimals changes sums less than :data:`TOLERANCE` does, up to 200 classes."""

MOST_LOST: Final = 0.5
"""How far rounding may move a sum before unknown scores are not taken for probabilities."""

LARGEST: Final = np.float64(np.finfo(np.float32).max)
"""Of scores. Larger ones are no output of a network, and sums and products of them overflow. In
float64, since float16 has no number as large."""

SAY_KIND: Final = "say with --kind what the scores are: logits, probabilities or percent"


@dataclass(frozen=True)
class ScoreKind:
    """What scores are.

    Args:
        kind: Of the scores after they are divided.
        divisor: 100 for percent, else 1.
        why: How the kind is known, in a few words.
    """

    kind: Kind
    divisor: float
    why: str


def kind_of(scores: NDArray[Any], given: GivenKind | None = None, by: str = "") -> ScoreKind:
    """Return the kind of scores.

    Args:
        scores: Floating point, N×K with K of at least 2; those that are not :func:`usable` are
            ignored, since :class:`~seedbed.analysis.predictions.Predictions` rejects them.
        given: What the user, or the name of the scores, says of them.
        by: Who says so, in a few words.

    Raises:
        DataError: If the scores are between 0 and 1 and sum to something else than 1, or are said
            to be logits by their name and are probabilities.

    """
    if scores.ndim != 2 or 0 in scores.shape or not usable(scores).all():
        return ScoreKind("logits" if given == "logits" else "probabilities", 1, by)
    if given is not None:
        return _said(scores, given, by)
    if scores.min() >= 0:
        if sums_to_one(scores):
            return ScoreKind("probabilities", 1, "every row sums to 1")
        if sums_to_one(scores / 100):
            return ScoreKind("probabilities", 100, "percent: every row sums to 100")
        if scores.max() <= 1:
            sums = scores.sum(axis=1, dtype=np.float64)
            image = int(np.abs(sums - 1).argmax())
            raise DataError(
                f"all scores are between 0 and 1, but those of image {image} sum to "
                f"{sums[image]:.6g}",
                expected="probabilities that sum to 1, or logits",
                hint=SAY_KIND,
            )
    if scores.max() <= 0 and sums_to_one(np.exp(scores.astype(np.float64))):
        return ScoreKind("logits", 1, "logarithms of probabilities, which are logits as well")
    return ScoreKind("logits", 1, "they are not between 0 and 1")


def usable(scores: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which scores are finite, and at most :data:`LARGEST` in size."""
    within: NDArray[np.bool_] = np.abs(scores) <= LARGEST
    return within


def _said(scores: NDArray[Any], given: GivenKind, by: str) -> ScoreKind:
    if given == "percent":
        return ScoreKind("probabilities", 100, f"percent, by {by}" if by else "percent")
    if by == "--kind" or scores.min() < 0:
        return ScoreKind(given, 1, f"by {by}")
    if given == "probabilities" and scores.max() > 1 + TOLERANCE and sums_to_one(scores / 100):
        return ScoreKind("probabilities", 100, "percent: every row sums to 100")
    if given == "logits" and sums_to_one(scores):
        raise DataError(
            f"{by} says that the scores are logits, but every row sums to 1, as probabilities do",
            hint=SAY_KIND,
        )
    return ScoreKind(given, 1, f"by {by}")


def sums_to_one(scores: NDArray[Any]) -> bool:
    """Whether every row sums to 1 as closely as the rounding of its numbers allows."""
    low, high = sum_bounds(scores)
    sums = scores.sum(axis=1, dtype=np.float64)
    return bool(np.all((sums >= np.maximum(low, 1 - MOST_LOST)) & (sums <= high)))


def sum_bounds(scores: NDArray[Any]) -> tuple[float, NDArray[np.float64]]:
    """Return the least and, for each row, the most that rounded probabilities may sum to.

    Rounding to d decimals moves each number by up to 0.5 / 10^d; a number that was rounded to 0 was
    not made larger.
    """
    half = half_step(scores)
    occupied = np.count_nonzero(scores, axis=1)
    return 1 - TOLERANCE - half * scores.shape[1], 1 + TOLERANCE + half * occupied


def half_step(scores: NDArray[Any]) -> float:
    """Return half of the last decimal that any score has; 0 where they are not rounded."""
    for decimals in range(1, MOST_DECIMALS + 1):
        shifted = scores[:1000].astype(np.float64) * 10**decimals
        if np.abs(shifted - np.round(shifted)).max() < 1e-3:
            shifted = scores.astype(np.float64) * 10**decimals
            if np.abs(shifted - np.round(shifted)).max() < 1e-3:
                whole = np.all(scores == np.round(scores))
                return 0.0 if whole else 0.5 / 10**decimals
    return 0.0
