"""``robustness.json``: how accurate a run is on corrupted test images."""

from typing import Final, Self

import msgspec

from seedbed.core.seal import BLANK
from seedbed.data.corruptions import CORRUPTIONS

FORMAT: Final = 1
Question = tuple[str, float]
"""Kind and strength of a corruption."""
UNCORRUPTED: Final[Question] = ("none", 0.0)
"""The images as they are."""
QUESTIONS: Final[tuple[Question, ...]] = (
    UNCORRUPTED,
    *(
        (kind, float(strength))
        for kind, corruption in CORRUPTIONS.items()
        for strength in corruption.strengths
    ),
)
"""What every run is asked, in this order."""


class Answer(msgspec.Struct, frozen=True):
    """The accuracy on images that are corrupted in one way."""

    kind: str
    """Of :data:`seedbed.data.corruptions.CORRUPTIONS`, or ``"none"``."""
    strength: float
    """In the unit of the kind; 0 of ``"none"``."""
    accuracy: float
    """A fraction from 0 to 1."""


class RobustnessAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What the weights of one run have answered."""

    checksum: str = BLANK
    """The seal of the file; see :mod:`seedbed.core.seal`."""
    format: int = FORMAT
    weights_sha256: str
    """Of the file of weights that was asked."""
    images: int = 0
    """How many test images."""
    accuracies: tuple[Answer, ...] = ()

    @classmethod
    def parse(cls, contents: bytes, weights_sha256: str) -> Self:
        """Return what these weights have answered; nothing if the file is of others, or damaged."""
        try:
            answers = msgspec.json.decode(contents, type=cls)
        except msgspec.DecodeError:
            return cls(weights_sha256=weights_sha256)
        valid = all(0 <= answer.accuracy <= 1 for answer in answers.accuracies)
        if not valid or (answers.format, answers.weights_sha256) != (FORMAT, weights_sha256):
            return cls(weights_sha256=weights_sha256)
        return msgspec.structs.replace(answers, checksum=BLANK)

    @property
    def missing(self) -> tuple[Question, ...]:
        """The questions without an answer."""
        known = {(answer.kind, answer.strength) for answer in self.accuracies}
        return tuple(question for question in QUESTIONS if question not in known)

    def accuracy(self, kind: str, strength: float) -> float | None:
        """Return the accuracy on images corrupted so; ``None`` if it is not known."""
        known = {(answer.kind, answer.strength): answer.accuracy for answer in self.accuracies}
        return known.get((kind, strength))

    def with_answer(self, kind: str, strength: float, accuracy: float, images: int) -> Self:
        """Return the same and one accuracy more, on so many images."""
        known = {(answer.kind, answer.strength): answer for answer in self.accuracies}
        known[kind, strength] = Answer(kind, strength, accuracy)
        # In one order, so that the file does not depend on interruptions.
        ordered = tuple(known[question] for question in QUESTIONS if question in known)
        return msgspec.structs.replace(self, images=images, accuracies=ordered)

    def to_json(self) -> bytes:
        """Return the contents of the file, with room for a seal."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"
