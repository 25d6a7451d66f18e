"""Numbers and names in sentences, grammatical for none, one and many."""

from collections.abc import Sequence
from typing import Final

from seedbed.display.formatters import LowAndHigh, MeanAndStd, percent, percent_spread

LONGEST_NAME: Final = 60
"""Characters of a name in a sentence; tables have the whole of it."""
NAMES_SHOWN: Final = 3


def quoted(name: str) -> str:
    """Return a name in quotation marks, a long one shortened."""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return f"“{short}”"


def enumerated(parts: Sequence[str], last: str = "and") -> str:
    """Return ``"a"``, ``"a and b"`` or ``"a, b and c"``; at least one part."""
    *before, final = parts
    return f"{', '.join(before)} {last} {final}" if before else final


def names(labels: Sequence[str]) -> str:
    """Return at least one name, of many only the first."""
    shown = [quoted(label) for label in labels[:NAMES_SHOWN]]
    more = len(labels) - len(shown)
    return enumerated([*shown, f"{more} more"] if more else shown)


def counted(count: int, one: str, many: str = "") -> str:
    """Return ``"1 run"`` or ``"5 runs"``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def every(count: int) -> str:
    """Return ``"both"`` or ``"all 5"``; of two or more."""
    return "both" if count == 2 else f"all {count:,}"


def points(difference: float) -> str:
    """Return a difference of accuracies without its sign: ``"0.12 percentage points"``."""
    size = 100 * abs(difference)
    if size == 0:
        return "0 percentage points"
    return "less than 0.01 percentage points" if size < 0.005 else f"{size:.2f} percentage points"


def signed_interval(interval: LowAndHigh) -> str:
    """Return ``"+0.03 to +0.21"``, in percentage points."""
    return f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}"


def mean_and_spread(numbers: MeanAndStd, n: int) -> str:
    """Return ``"99.12 ± 0.05% (mean ± standard deviation of 5 runs)"``, or of a single run."""
    if numbers.std is None:
        return f"{percent(numbers.mean)} (a single run)"
    return f"{percent_spread(numbers)} (mean ± standard deviation of {n} runs)"
