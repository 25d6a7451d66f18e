"""Asks the weights of runs how accurate they are on corrupted test images."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.inquiry import Inquiry
from seedbed.analysis.subjects.robustness.result import Robustness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seedbed.analysis.inquiries.asked_run import AskedRun
    from seedbed.analysis.subjects.robustness.answers import Question, RobustnessAnswers


class RobustnessInquiry(Inquiry["RobustnessAnswers"]):
    """A question for each kind and strength of corruption."""

    file: ClassVar = "robustness.json"
    representatives_only: ClassVar = True

    def read(self, contents: bytes, weights_sha256: str) -> "RobustnessAnswers":
        """Return the accuracies in a file."""
        from seedbed.analysis.subjects.robustness.answers import RobustnessAnswers

        return RobustnessAnswers.parse(contents, weights_sha256)

    def write(self, answers: "RobustnessAnswers") -> bytes:
        """Return the contents of the file."""
        return answers.to_json()

    def missing(self, answers: "RobustnessAnswers") -> "Sequence[Question]":
        """Return kinds and strengths."""
        return answers.missing

    def images(self, images: "NDArray[np.uint8]", question: Hashable) -> "NDArray[np.uint8]":
        """Return the images, corrupted."""
        from seedbed.analysis.subjects.robustness.answers import UNCORRUPTED
        from seedbed.data.corruptions import corrupt

        return images if question == UNCORRUPTED else corrupt(images, *_question(question))

    def answer(
        self, answers: "RobustnessAnswers", question: Hashable, run: "AskedRun"
    ) -> "RobustnessAnswers":
        """Return the accuracies with one more."""
        right = int((run.logits().argmax(axis=1) == run.labels).sum())
        images = len(run.labels)
        return answers.with_answer(*_question(question), right / images, images)

    def known_runs(self, entry: Entry) -> int:
        """Return how many runs have answered every question."""
        result = entry.view(Robustness)
        return len(result.robustness.seeds) if result else 0

    def announcement(self, runs: int, images: int) -> str:
        """Return what is about to be done."""
        count = f"{runs} run{'' if runs == 1 else 's'}"
        return f"Testing {count} on {images:,} shifted, rotated, noisy and blurred test images"


def _question(question: Hashable) -> "Question":
    return cast("Question", question)
