"""What the settings of layers may be."""

from typing import Any

from seedbed.core.errors import NetworkError


def require_integers(layer: Any, where: str, **minima: int) -> None:
    """Raise :class:`NetworkError` unless each named setting is an integer from its minimum up."""
    for setting, minimum in minima.items():
        value = getattr(layer, setting)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise NetworkError(
                f"{value!r} cannot be used",
                where=f"{where} {setting}",
                expected=f"a whole number, {minimum} or more",
            )


def set_rate(layer: Any, where: str, setting: str, *, or_none: bool = False) -> None:
    """Turn a setting into a float, which must be a probability that 16 random bits can draw.

    Args:
        layer: A frozen dataclass.
        where: What its kind is called.
        setting: Which of its fields.
        or_none: Whether 0 may be used, too.
    """
    rate = getattr(layer, setting)
    number = isinstance(rate, int | float) and not isinstance(rate, bool)
    if not number or not (0.0001 <= rate <= 0.9999 or (or_none and rate == 0)):
        raise NetworkError(
            f"{rate!r} cannot be used",
            where=f"{where} {setting}",
            expected="0 or 0.0001 to 0.9999" if or_none else "0.0001 to 0.9999",
        )
    object.__setattr__(layer, setting, float(rate))
