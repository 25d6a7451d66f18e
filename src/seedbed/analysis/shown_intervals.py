"""What tables say of the two intervals of a mean, and their columns in CSV files."""

from collections.abc import Iterator
from typing import Final

from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.statistics.contrasts.result import Contrast

ENDS: Final = ("low", "high", "low_new_images", "high_new_images")
"""Of the interval on these images, and of that for new ones."""


def columns_of(*measures: str) -> Iterator[str]:
    """Yield the columns of means over runs: mean, standard deviation, ends of both intervals."""
    for measure in measures:
        yield measure
        yield from (f"{measure}_{part}" for part in ("std", *ENDS))


def values_of(*known: Accuracies | Contrast | None) -> Iterator[float | None]:
    """Yield the values of these columns; ``None`` for what is not known."""
    for of in known:
        yield from (of.mean, of.std) if of else (None, None)
        yield from ends(*((of.interval, of.interval_new_images) if of else (None, None)))


def ends(*intervals: Interval | None) -> Iterator[float | None]:
    """Yield both ends of every interval; ``None`` for what is not known."""
    for interval in intervals:
        yield from (interval.low, interval.high) if interval else (None, None)


def interval_notes(*known: Accuracies) -> Iterator[str]:
    """Say what each interval is for."""
    if any(accuracies.interval and accuracies.interval_new_images for accuracies in known):
        yield (
            "The interval for these images is of the mean over seeds; that for new images is of "
            "the mean on other images of the same kind."
        )
    if any(accuracies.n == 1 for accuracies in known):
        yield (
            "The interval of a single run is for its network on new images: one run cannot show "
            "how much runs vary."
        )
