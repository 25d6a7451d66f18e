"""Numbers as tables and charts show them."""

from collections.abc import Iterable, Mapping
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


Numbers = MeanAndStd | Mapping[str, Any]
"""A number over the runs, typed or as an entry of a summary has it."""


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return ``"99.12 %"``, or a dash for what there is not."""
    return NONE if fraction is None else f"{100 * fraction:.{digits}f} %"


def percent_spread(numbers: Numbers | None, digits: int = 2) -> str:
    """Return ``"99.12 ± 0.05 %"``, or ``"99.12 %"`` of a single run."""
    mean, std = _mean_and_std(numbers)
    if mean is None or std is None:
        return percent(mean, digits)
    return f"{100 * mean:.{digits}f} ± {100 * std:.{digits}f} %"


def spread(numbers: Numbers | None, digits: int = 4) -> str:
    """Return ``"0.9512 ± 0.0007"``, or ``"0.9512"`` of a single run."""
    mean, std = _mean_and_std(numbers)
    if mean is None:
        return NONE
    deviation = "" if std is None else f" ± {std:.{digits}f}"
    return f"{mean:.{digits}f}{deviation}"


def percent_interval(interval: LowAndHigh | Mapping[str, float] | None) -> str:
    """Return ``"98.97 to 99.31 %"``."""
    if interval is None:
        return NONE
    low, high = (
        (interval["low"], interval["high"])
        if isinstance(interval, Mapping)
        else (interval.low, interval.high)
    )
    return f"{100 * low:.2f} to {100 * high:.2f} %"


def number(value: float | None, digits: int = 0) -> str:
    """Return ``"61,706"``."""
    return NONE if value is None else f"{value:,.{digits}f}"


def flattened(tables: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    """Return the lines of several configurations as one tuple."""
    return tuple(line for lines in tables for line in lines)


def _mean_and_std(numbers: Numbers | None) -> tuple[float | None, float | None]:
    if numbers is None:
        return None, None
    if isinstance(numbers, Mapping):
        return numbers["mean"], numbers["std"]
    return numbers.mean, numbers.std
