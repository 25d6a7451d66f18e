"""How far two reviewers agree."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from seedbed.label_errors.review.answers import Answers


@dataclass(frozen=True)
class Agreement:
    """Two reviewers, on the images that both have answered."""

    first: str
    second: str
    images: int
    same: int
    """Images with the same answer: the same label, or unsure."""
    kappa: float | None
    """Cohen's kappa; ``None`` where it is not defined."""


def agreement(first: Answers, second: Answers) -> Agreement:
    """Compare the answers of two reviewers; unsure is an answer like any label."""
    ours, theirs = first.current, second.current
    both = [(ours[image].label, theirs[image].label) for image in ours if image in theirs]
    same = sum(a == b for a, b in both)
    return Agreement(first.reviewer, second.reviewer, len(both), same, cohens_kappa(both))


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return the agreement of two raters beyond chance: (p_o - p_e) / (1 - p_e).

    p_o is the fraction of equal answers, and p_e that of raters who give the same answers as often
    as these, but independently of each other. Source: Cohen 1960, "A coefficient of agreement for
    nominal scales".

    Args:
        pairs: The answers of both about each image.

    Returns:
        -1 to 1; ``None`` without images, or if both always give one and the same answer.
    """
    if not pairs:
        return None
    count = len(pairs)
    observed = sum(a == b for a, b in pairs) / count
    ours, theirs = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(ours[answer] * theirs[answer] for answer in ours) / count**2
    return None if chance == 1 else (observed - chance) / (1 - chance)
