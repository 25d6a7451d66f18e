"""Checks of layer settings."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.shapes import ShapeError

REQUIRED: Final[Any] = None
"""The default of a required setting that follows an optional input size."""


def where(layer: Any, setting: str) -> str:
    """Return the name of a setting in errors: ``Conv2d kernel_size``."""
    return f"{type(layer).__name__} {setting}"


def require_integers(layer: Any, **minima: int) -> None:
    """Raise :class:`NetworkError` unless the named settings are integers of at least the minima."""
    for setting, minimum in minima.items():
        value = getattr(layer, setting)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            missing = value is REQUIRED
            raise NetworkError(
                "is missing" if missing else f"{value!r} cannot be used",
                where=where(layer, setting),
                expected=f"a whole number, {minimum} or more",
                hint=f"pass {setting}=... by name if the input size is omitted" if missing else "",
            )


def require_input_size(layer: Any, setting: str) -> None:
    """Raise :class:`NetworkError` unless an optional size is ``None`` or at least 1."""
    if getattr(layer, setting) is not None:
        require_integers(layer, **{setting: 1})


def check_input_size(layer: Any, setting: str, actual: int) -> None:
    """Raise :class:`ShapeError` if a size was given that is not that of the input."""
    given = getattr(layer, setting)
    if given not in (None, actual):
        raise ShapeError(f"its {setting} is {given}, but its input has {actual}")


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
    """Convert a setting to a float; it must be a probability that 16 random bits can represent.

    Args:
        layer: A frozen dataclass.
        setting: The name of the field.
        or_zero: Whether 0 is allowed too.

    Raises:
        NetworkError: If it is no such probability.
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
