"""What tables say of the two intervals of a mean, and their columns in CSV files."""

from collections.abc import Iterator
from typing import Final

from seedbed.analysis.aggregate import Accuracies, Interval

COLUMNS: Final = ("low", "high", "new_images_low", "new_images_high")
"""Of the interval on these images, and of that for new ones."""


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
