"""What methods share that learn from the images with the smallest loss."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from seedbed.core.errors import StudyError
from seedbed.core.settings import Fraction
from seedbed.noise.spec import NoiseSpec
from seedbed.training.methods.base import Arrays, Batch, Method, RunLabels, Steps, Told

Logits = Mapping[str, NDArray[np.float32]]
"""Network -> n×K."""
Indices = NDArray[np.int64]


class Selection(Method):
    """A method that drops the images of each batch whose loss is largest.

    The fraction that is dropped, R, rises linearly from 0 to ``forget_rate``.
    """

    by_batch: ClassVar = True
    of_single_images: ClassVar = True

    forget_rate: float | Literal["noise"]
    """The fraction of a batch to drop in the end, from 0 to less than 1; ``"noise"`` for the true
    noise rate, as the authors do."""
    ramp: Fraction = 0.5
    """The fraction of the epochs over which R rises."""

    @field_validator("forget_rate", mode="before")
    @classmethod
    def _is_a_rate(cls, value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value == "noise" or (number and 0 <= value < 1):
            return float(value) if number else value
        raise ValueError(
            f'{value!r} cannot be used; expected a number from 0 to less than 1, or "noise"'
        )

    @property
    def told(self) -> Told:
        """The noise rate."""
        return "rate"

    def check(self, noise: NoiseSpec, class_names: Sequence[str]) -> None:
        """Reject a noise rate of 1.

        Raises:
            StudyError: If every label is wrong.
        """
        transition = noise.transition(class_names)
        if self.forget_rate == "noise" and transition is not None and not transition.trace():
            self._refuse()

    def state(self, run: RunLabels) -> Arrays:
        """Return the fraction to drop in the end."""
        rate = run.noise_rate if self.forget_rate == "noise" else self.forget_rate
        if rate >= 1:
            self._refuse()
        return {"forget_rate": np.array([rate])}

    def _refuse(self) -> None:
        raise StudyError(
            "the noise rate is 1, and a forget rate of 1 leaves no image to learn from",
            where="recipe.robust.forget_rate",
            expected="a number from 0 to less than 1",
        )

    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:
        """Train one epoch; the loss and the correct predictions are those of all images."""
        ramp = self.ramp * steps.epochs
        rise = min(steps.done / ramp, 1.0) if ramp > 0 else 1.0
        keep = 1 - float(state["forget_rate"][0]) * rise
        loss, correct = 0.0, 0
        for batch in steps.batches():
            logits = {name: steps.logits(name, batch) for name in self.networks}
            predicted = logits[self.predicts]
            loss += float(steps.losses(predicted, batch.labels).sum())
            correct += int((predicted.argmax(axis=1) == batch.labels).sum())
            if not np.isfinite(loss):
                break
            self.learn(steps, batch, logits, keep)
        return loss, correct

    @abstractmethod
    def learn(self, steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
        """Train every network on a part of the batch.

        Args:
            steps: The engine's operations.
            batch: All its images.
            logits: Of every network before the step.
            keep: The fraction of the images to keep, 1 - R.
        """


def smallest(losses: NDArray[np.float64], keep: float) -> Indices:
    """Return the positions of the smallest losses, a fraction ``keep`` rounded down, at least one.

    In their order in the batch, so that a part with all images has the bits of the whole.
    """
    count = max(1, int(round(keep * len(losses), 6)))
    return np.sort(np.argsort(losses, kind="stable")[:count])
