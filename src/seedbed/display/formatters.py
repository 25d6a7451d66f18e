"""Numbers as tables and charts show them."""

from collections.abc import Iterable
from typing import Any, Final, Protocol

NONE: Final = "–"
"""Shown where there is no value."""


class MeanAndStd(Protocol):
    """A number over the runs."""

    @property
    def mean(self) -> float | None:
        """``None`` without runs."""

    @property
    def std(self) -> float | None:
        """``None`` for fewer than two runs."""


class LowAndHigh(Protocol):
    """An interval of fractions."""

    @property
    def low(self) -> float:
        """Its lower end."""

    @property
    def high(self) -> float:
        """Its upper end."""


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return ``"99.12%"``, or a dash for what there is not."""
    return NONE if fraction is None else f"{100 * fraction:.{digits}f}%"


def signed_points(difference: float | None) -> str:
    """Return a difference of fractions in percentage points: ``"+0.12"``, or a dash."""
    return NONE if difference is None else f"{100 * difference:+.2f}"


def percent_spread(numbers: MeanAndStd | None, digits: int = 2) -> str:
    """Return ``"99.12 ± 0.05%"``, or ``"99.12%"`` of a single run."""
    if numbers is None or numbers.mean is None or numbers.std is None:
        return percent(numbers.mean if numbers else None, digits)
    return f"{100 * numbers.mean:.{digits}f} ± {100 * numbers.std:.{digits}f}%"


def spread(numbers: MeanAndStd | None, digits: int = 4) -> str:
    """Return ``"0.9512 ± 0.0007"``, or ``"0.9512"`` of a single run."""
    if numbers is None or numbers.mean is None:
        return NONE
    deviation = "" if numbers.std is None else f" ± {numbers.std:.{digits}f}"
    return f"{numbers.mean:.{digits}f}{deviation}"


def percent_interval(interval: LowAndHigh | None) -> str:
    """Return ``"98.97 to 99.31%"``."""
    if interval is None:
        return NONE
    return f"{100 * interval.low:.2f} to {100 * interval.high:.2f}%"


def interval_text(interval: LowAndHigh | None, digits: int = 4) -> str:
    """Return ``"0.9497 to 0.9530"``."""
    return NONE if interval is None else f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"


def number(value: float | None, digits: int = 0) -> str:
    """Return ``"61,706"``."""
    return NONE if value is None else f"{value:,.{digits}f}"


def number_range(values: Iterable[int]) -> str:
    """Return ``"1,000"``, or ``"1,000 to 2,000"`` of several; a dash of none."""
    known = sorted(set(values))
    if len(known) < 2:
        return number(known[0] if known else None)
    return f"{known[0]:,} to {known[-1]:,}"


def rounded(value: float | None, digits: int = 4) -> float | None:
    """Return a number as a page's script needs it: short, and ``None`` where there is none."""
    return None if value is None else round(value, digits)


def shortened(name: str, most: int = 40) -> str:
    """Return a name of at most so many characters; a longer one has an ellipsis in the middle."""
    if len(name) <= most:
        return name
    end = most // 2
    return f"{name[: most - 1 - end]}…{name[-end:]}"


def flattened(tables: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    """Return the lines of several configurations as one tuple."""
    return tuple(line for lines in tables for line in lines)


def p_text(value: float | None) -> str:
    """Return a p-value as tables and charts show it."""
    return NONE if value is None else f"{value:.2g}" if value < 0.01 else f"{value:.4f}"
