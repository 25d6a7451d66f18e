"""How far training accuracy is above test accuracy."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.base import Analysis
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy, tested
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.display.formatters import percent
from seedbed.display.sentence import points, quoted

NOTABLE_GAP: Final = 0.02
"""A gap below this fraction gets no sentence."""


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Name a notable gap, the largest.

    Training accuracy against noisy labels says nothing about generalization.
    """
    finished = tested(entries)
    gaps = [(gap, entry) for entry in finished if (gap := _gap(entry)) is not None]
    gap, entry = max(gaps, key=lambda pair: pair[0], default=(0.0, None))
    if entry is None or gap < NOTABLE_GAP:
        return
    accuracy = accuracy_of(entry)
    train, test = percent(accuracy.train_accuracy.mean), percent(accuracy.test_accuracy.mean)
    alone = len(finished) == 1
    whose = "" if alone else f" of {quoted(entry.header.label)}"
    yield (
        f"The training accuracy{whose} is {points(gap)} above its test accuracy "
        f"({train} against {test})"
        + ("." if alone else "; whether the gaps of configurations differ was not tested.")
    )


def _gap(entry: Entry) -> float | None:
    """Return the gap as a fraction; ``None`` where it is not known or says nothing."""
    train, noise = accuracy_of(entry).train_accuracy.mean, noise_of(entry)
    if train is None or (noise and noise.kind != "none"):
        return None
    return train - mean_accuracy(entry)


ANALYSIS: Analysis[Any] = Analysis("generalization-gap", topic="training", sentences=_sentences)
