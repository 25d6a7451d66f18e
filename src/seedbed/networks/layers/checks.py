"""What the settings of layers may be."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.shapes import ShapeError

REQUIRED: Final[Any] = None
"""The default of a setting that must be given, behind an input size that may be left out."""


def where(layer: Any, setting: str) -> str:
    """Return how an error names a setting: ``Conv2d kernel_size``."""
    return f"{type(layer).__name__} {setting}"


def require_integers(layer: Any, **minima: int) -> None:
    """Raise :class:`NetworkError` unless each named setting is an integer from its minimum up."""
    for setting, minimum in minima.items():
        value = getattr(layer, setting)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            missing = value is REQUIRED
            raise NetworkError(
                "is missing" if missing else f"{value!r} cannot be used",
                where=where(layer, setting),
                expected=f"a whole number, {minimum} or more",
                hint=f"write {setting}=... where the input size is left out" if missing else "",
            )


def require_input_size(layer: Any, setting: str) -> None:
    """Raise :class:`NetworkError` unless a size that may be left out is ``None`` or 1 or more."""
    if getattr(layer, setting) is not None:
        require_integers(layer, **{setting: 1})


def check_input_size(layer: Any, setting: str, found: int) -> None:
    """Raise :class:`ShapeError` if a size was given, and the input has another one."""
    given = getattr(layer, setting)
    if given not in (None, found):
        raise ShapeError(f"its {setting} is {given}, but its input has {found}")


def require_flag(layer: Any, setting: str) -> None:
    """Raise :class:`NetworkError` unless a setting is true or false."""
    value = getattr(layer, setting)
    if not isinstance(value, bool):
        raise NetworkError(f"{value!r} is not true or false", where=where(layer, setting))


def require_choice(layer: Any, setting: str, kind: str, choices: Sequence[str]) -> None:
    """Raise :class:`NetworkError` unless a setting is one of some names."""
    value = getattr(layer, setting)
    if value not in choices:
        raise NetworkError(unknown(kind, value, choices), where=where(layer, setting))


def set_probability(layer: Any, setting: str, *, or_zero: bool = False) -> None:
    """Turn a setting into a float, which must be a probability that 16 random bits can draw.

    Args:
        layer: A frozen dataclass.
        setting: Which of its fields.
        or_zero: Whether 0 may be used, too.
    """
    value = getattr(layer, setting)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (0.0001 <= value <= 0.9999 or (or_zero and value == 0)):
        raise NetworkError(
            f"{value!r} cannot be used",
            where=where(layer, setting),
            expected="0 or 0.0001 to 0.9999" if or_zero else "0.0001 to 0.9999",
        )
    object.__setattr__(layer, setting, float(value))
