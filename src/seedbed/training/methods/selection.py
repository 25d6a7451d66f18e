"""What methods share that learn from the images with the smallest losses."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import field_validator

from seedbed.core.errors import StudyError
from seedbed.core.settings import Fraction
from seedbed.noise.spec import NoiseSpec
from seedbed.training.methods.base import Arrays, Method, RunLabels, Told
from seedbed.training.objective import Objective, Selection


class SmallestLosses(Method):
    """A method that drops the images of each batch whose loss is largest.

    The fraction that is dropped, R, rises linearly from 0 to ``forget_rate``.
    """

    of_single_images: ClassVar = True
    selects: ClassVar = True

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

    def objective(self, state: Arrays, done: int, epochs: int) -> Objective:
        """Return which images to drop."""
        ramp = self.ramp * epochs
        rise = min(done / ramp, 1.0) if ramp > 0 else 1.0
        keep = 1 - float(state["forget_rate"][0]) * rise
        return Objective(selection=self.selection(keep, done / epochs))

    @abstractmethod
    def selection(self, keep: float, progress: float) -> Selection:
        """Return the images of each batch to learn from in an epoch.

        Args:
            keep: The fraction of the images to keep, 1 - R.
            progress: The fraction of the epochs before this one.
        """
