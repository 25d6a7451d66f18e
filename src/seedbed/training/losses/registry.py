"""The losses by name, and how settings specify them."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from seedbed.core.settings import explain
from seedbed.core.suggestions import unknown
from seedbed.training.losses.base import Loss
from seedbed.training.losses.binary_cross_entropy import BinaryCrossEntropy
from seedbed.training.losses.brier import Brier
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.losses.generalized_cross_entropy import GeneralizedCrossEntropy
from seedbed.training.losses.mean_absolute_error import MeanAbsoluteError

LOSSES: Final[Mapping[str, type[Loss]]] = {
    kind.model_fields["name"].default: kind
    for kind in (
        CrossEntropy,
        Brier,
        MeanAbsoluteError,
        BinaryCrossEntropy,
        GeneralizedCrossEntropy,
    )
}
"""Name -> loss."""


def read_loss(value: object) -> Loss:
    """Return the loss that a setting specifies.

    Args:
        value: A loss, a name (``"mae"``), or a table with a name and parameters
            (``{"name": "mae"}``).

    Raises:
        ValueError: If there is no such loss or a parameter is invalid; the message is one line.
    """
    if isinstance(value, Loss):
        return value
    table = {"name": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or "name" not in table:
        raise ValueError(
            f"{value!r} is not a loss; expected a name, or a table with a name: {', '.join(LOSSES)}"
        )
    name = table["name"]
    kind = LOSSES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(_unknown(name))
    for parameter in table:
        owners = [other for other, loss in LOSSES.items() if parameter in loss.model_fields]
        if parameter not in kind.model_fields and owners:
            raise ValueError(f"{name} does not use {parameter}; it belongs to {', '.join(owners)}")
    try:
        return kind.model_validate(dict(table))
    except ValidationError as error:
        problems = explain(error, kind)
        raise ValueError("; ".join(f"{path}: {what}" for path, what in problems)) from None


def _unknown(name: object) -> str:
    synonyms = [known for known, kind in LOSSES.items() if str(name).lower() in kind.known_as]
    if synonyms:
        expected = ", ".join(LOSSES)
        return f"unknown loss {name!r} (did you mean {synonyms[0]!r}?); expected one of {expected}"
    return unknown("loss", name, LOSSES)
