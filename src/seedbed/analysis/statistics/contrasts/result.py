"""What a contrast of accuracies was estimated to be; reading it needs no NumPy."""

import msgspec

from seedbed.analysis.aggregate import Interval


class Contrast(msgspec.Struct, frozen=True):
    """A weighted sum of accuracies, and what is known of it; a fraction."""

    mean: float | None
    """Over the seeds."""
    std: float | None
    """Sample standard deviation over the seeds; ``None`` for fewer than two."""
    n: int
    """Seeds that all configurations share."""
    interval: Interval | None = None
    """Of the mean over seeds on these images, at the level that the correction leaves."""
    interval_new_images: Interval | None = None
    """Of the mean on new images of the same kind, at that level; ``None`` where the answers to
    single images are not known."""

    @property
    def sign(self) -> int:
        """1 or -1 where the interval over seeds leaves out 0 on this side, otherwise 0."""
        if self.interval is None or self.interval.low <= 0 <= self.interval.high:
            return 0
        return 1 if self.interval.low > 0 else -1

    def turned(self) -> "Contrast":
        """Return the same contrast with the opposite weights."""
        return Contrast(
            None if self.mean is None else -self.mean,
            self.std,
            self.n,
            _turned(self.interval),
            _turned(self.interval_new_images),
        )


def _turned(interval: Interval | None) -> Interval | None:
    return interval and Interval(-interval.high, -interval.low)
