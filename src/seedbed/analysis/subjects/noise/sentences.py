"""What label noise there is, and what the networks make of the noisy labels.

How accuracy responds to it is said by :mod:`seedbed.analysis.subjects.noise_response`.
"""

from collections.abc import Iterator, Sequence

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import mean_accuracy, tested
from seedbed.analysis.subjects.noise.levels import (
    by_level,
    is_known,
    level,
    noise_in_words,
)
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.display.formatters import percent
from seedbed.display.sentence import quoted


def sentences(entries: Sequence[Entry]) -> Iterator[str]:
    """Say what label noise does to the accuracy of the entries of one test set."""
    finished = tested(entries)
    if not finished or not all(map(is_known, finished)):
        return
    if len(by_level(finished)) > 1:
        worst = max(finished, key=lambda entry: (level(entry), mean_accuracy(entry)))
        yield from _fitted(worst, several=True)
    elif level(finished[0]):
        yield (
            f"The training labels have {noise_in_words(finished[0])}; training accuracy is "
            "measured against them, test accuracy against clean labels."
        )
        best = max(finished, key=mean_accuracy)
        yield from _fitted(best, several=len(finished) > 1)


def _fitted(entry: Entry, *, several: bool) -> Iterator[str]:
    """Say what became of the noisy labels."""
    noise = noise_of(entry)
    if noise is None or noise.memorized.mean is None:
        return
    memorized, recovered = noise.memorized.mean, noise.recovered.mean
    who = f" by {quoted(entry.header.label)}" if several else ""
    yield (
        f"Of the training images with a wrong label, {percent(memorized)} are predicted{who} as "
        f"their noisy label (memorized) and {percent(recovered)} as their clean label (recovered)."
    )
