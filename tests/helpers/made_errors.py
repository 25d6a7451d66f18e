"""Fields of an entry about misclassified images, made up for tests."""

from collections.abc import Sequence
from typing import Any

NAMELESS: dict[str, Any] = {"name": None, "hash": None}


def image_errors(
    index: Sequence[int] = (),
    true: Sequence[int] = (),
    predicted: Sequence[int] = (),
    n_wrong: Sequence[int] = (),
    **changes: Any,
) -> dict[str, Any]:
    """Return ``image_errors`` of an entry; images have no names unless they are given."""
    columns = {"index": index, "true": true, "predicted": predicted, "n_wrong": n_wrong}
    probability = [0.5] * len(index)
    return {**columns, **NAMELESS, "probability": probability, **changes}
