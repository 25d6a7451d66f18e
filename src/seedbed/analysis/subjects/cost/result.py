"""What a summary holds of cost."""

from collections.abc import Mapping
from typing import Final

import msgspec

from seedbed.analysis.entry import Entry


class Cost(msgspec.Struct, frozen=True):
    """What a network costs to store, to run and to train; ``None`` where it is not known."""

    parameters: int | None
    multiply_adds: int | None
    """Of one image, forward."""
    weight_bytes: int | None
    """In memory."""
    weight_file_bytes: int | None
    """Of the stored file."""
    seconds: float | None
    """Training time of a run, mean over the finished runs."""
    seconds_std: float | None
    seconds_total: float
    """Training time of all runs, the diverged ones too."""
    epochs: int


class CostResult(msgspec.Struct, frozen=True):
    """The field of an entry."""

    cost: Cost


def cost_of(entry: Entry) -> Cost | None:
    """Return the cost of an entry; that of external predictions is not known."""
    result = entry.view(CostResult)
    return result.cost if result else None


COSTS: Final[Mapping[str, str]] = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "seconds": "training time",
    "weight_file_bytes": "weight-file size",
}
"""Fields of :class:`Cost` that accuracy is compared with, and how sentences name them."""
