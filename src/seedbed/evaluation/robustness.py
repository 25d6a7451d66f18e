"""How accurate the runs of a configuration are on test images that are altered."""

from collections.abc import Sequence
from typing import Any

from seedbed.analysis.aggregate import Accuracies
from seedbed.data.corruptions import CORRUPTIONS
from seedbed.evaluation.accuracy import accuracy_interval
from seedbed.study.store.robustness_file import UNALTERED, Robustness


def robustness(found: Sequence[tuple[int | str, Robustness]]) -> dict[str, Any] | None:
    """Return what the summary holds, or ``None`` if no run has been asked everything.

    Args:
        found: Seed, and what is known of that run; runs that have not been asked everything are
            left out.

    """
    whole = [(seed, each) for seed, each in found if not each.missing]
    if not whole:
        return None
    return {
        "images": whole[0][1].images,
        "seeds": [seed for seed, _ in whole],
        "unaltered": _accuracy([each for _, each in whole], *UNALTERED),
        "corruptions": [
            {
                "kind": kind,
                "unit": corruption.unit,
                "strength": strength,
                **_accuracy([each for _, each in whole], kind, strength),
            }
            for kind, corruption in CORRUPTIONS.items()
            for strength in corruption.strengths
        ],
    }


def _accuracy(runs: Sequence[Robustness], kind: str, strength: float) -> dict[str, Any]:
    values = [each.accuracy(kind, strength) for each in runs]
    spread = Accuracies(tuple(value for value in values if value is not None))
    interval = accuracy_interval(spread, runs[0].images)
    return {"accuracy": spread.to_dict(), "interval": interval and interval.to_dict()}
