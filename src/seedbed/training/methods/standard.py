"""Standard training: one network, and the recipe's loss on every batch."""

from typing import Literal

from seedbed.training.methods.base import Arrays, Method, Steps


class Standard(Method):
    """Minimizes the recipe's loss, without further state."""

    name: Literal["standard"] = "standard"

    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:  # noqa: ARG002
        """Train one epoch."""
        return steps.epoch("network")
