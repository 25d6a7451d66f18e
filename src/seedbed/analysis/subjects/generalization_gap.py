"""How far training accuracy is above test accuracy."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import percent
from seedbed.display.sentence import points, quoted

NOTABLE_GAP: Final = 0.02
"""A gap below this fraction gets no sentence."""


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Name the largest gap, if it is notable.

    Training accuracy against noisy labels says nothing about generalization.
    """
    finished = [each for each in entries if each["n"]]
    gaps = [
        (each["train_accuracy"]["mean"] - each["test_accuracy"]["mean"], each)
        for each in finished
        if each["train_accuracy"]["mean"] is not None
        and not (each["noise"] and each["noise"]["kind"] != "none")
    ]
    gap, entry = max(gaps, key=lambda each: each[0], default=(0.0, None))
    if entry is None or gap < NOTABLE_GAP:
        return
    train, test = percent(entry["train_accuracy"]["mean"]), percent(entry["test_accuracy"]["mean"])
    whose = "" if len(finished) == 1 else f" of {quoted(entry['label'])}"
    widest = "" if len(finished) == 1 else ", the widest gap"
    yield (
        f"The training accuracy{whose} is {points(gap)} above its test accuracy "
        f"({train} against {test}){widest}."
    )


ANALYSIS: Analysis[Any] = Analysis("generalization-gap", topic="training", sentences=_sentences)
