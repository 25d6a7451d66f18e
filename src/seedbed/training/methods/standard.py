"""Standard training: one network, and the recipe's loss on every batch."""

from typing import Literal

from seedbed.training.methods.base import Method


class Standard(Method):
    """Minimizes the recipe's loss, without further state."""

    method: Literal["standard"] = "standard"
