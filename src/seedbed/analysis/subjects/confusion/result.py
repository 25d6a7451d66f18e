"""The confusion matrices of the runs of one configuration."""

import msgspec

Matrix = tuple[tuple[float, ...], ...]
"""K×K: rows are true classes, columns predicted ones."""
Counts = tuple[tuple[int, ...], ...]
"""K×K images: rows are true classes, columns predicted ones."""


class Confusion(msgspec.Struct, frozen=True):
    """Normalized by the true class, and as counts."""

    confusion: Matrix
    """Fractions of the true class, mean over the runs: rows sum to 1, or to 0 for a class without
    images."""
    confusion_counts: tuple[Counts, ...]
    """Of each run."""
    confusion_std: Matrix | None = None
    """The sample standard deviation over the runs; ``None`` for a single run."""
