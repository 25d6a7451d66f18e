"""``robustness.json``: how accurate a run is on test images that are altered."""

import json
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seedbed.data.corruptions import CORRUPTIONS

FORMAT: Final = 1
Asked = tuple[str, float]
"""Kind and strength."""
UNALTERED: Final[Asked] = ("none", 0.0)
"""Of images as they are."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AlteredAccuracy(_Record):
    """The accuracy on images that are altered in one way."""

    kind: str
    """Of :data:`seedbed.data.corruptions.CORRUPTIONS`, or ``"none"``."""
    strength: float
    """In the unit of the kind; 0 of ``"none"``."""
    accuracy: float = Field(ge=0, le=1)


class Robustness(_Record):
    """What has been found out about the weights of one run."""

    format: int = FORMAT
    weights_sha256: str
    """Of the file of weights that was asked."""
    images: int = 0
    """How many test images they were asked about."""
    accuracies: tuple[AlteredAccuracy, ...] = ()

    @classmethod
    def parse(cls, contents: bytes, weights_sha256: str) -> Self:
        """Return what a file says of these weights: nothing, if it is of others or not whole.

        Nothing is lost by that, for it can be found out again.
        """
        try:
            found = cls.model_validate_json(contents)
        except (ValidationError, ValueError):
            return cls(weights_sha256=weights_sha256)
        if (found.format, found.weights_sha256) != (FORMAT, weights_sha256):
            return cls(weights_sha256=weights_sha256)
        return found

    @property
    def missing(self) -> frozenset[Asked]:
        """What has not been asked yet."""
        return QUESTIONS - {(each.kind, each.strength) for each in self.accuracies}

    def accuracy(self, kind: str, strength: float) -> float | None:
        """Return the accuracy on images altered so; ``None`` if it has not been asked."""
        return next(
            (
                each.accuracy
                for each in self.accuracies
                if (each.kind, each.strength) == (kind, strength)
            ),
            None,
        )

    def with_answer(self, kind: str, strength: float, accuracy: float, images: int) -> Self:
        """Return the same and one accuracy more, on so many images."""
        answer = AlteredAccuracy(kind=kind, strength=strength, accuracy=accuracy)
        return self.model_copy(update={"images": images, "accuracies": (*self.accuracies, answer)})

    def to_json(self) -> bytes:
        """Return the contents of the file."""
        return (json.dumps(self.model_dump(mode="json"), indent=1) + "\n").encode()


QUESTIONS: Final[frozenset[Asked]] = frozenset(
    {UNALTERED} | {(kind, float(s)) for kind, each in CORRUPTIONS.items() for s in each.strengths}
)
"""What is asked of every run."""
