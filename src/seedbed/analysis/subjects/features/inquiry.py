"""Asks the weights of runs for the features of test images."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, Optional

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.inquiry import Inquiry
from seedbed.analysis.subjects.features.result import feature_space

if TYPE_CHECKING:
    from seedbed.analysis.inquiries.asked_run import AskedRun
    from seedbed.analysis.subjects.features.answers import RunFeatures
    from seedbed.study.store.record import RunRecord

LAST_LAYER: Final = "Linear"
"""What it sees are the features."""


class FeatureInquiry(Inquiry[Optional["RunFeatures"]]):
    """One question: where are the features, and do they cluster by class?"""

    file: ClassVar = "features.npz"
    announced_from: ClassVar = 11
    """A run takes about a second."""

    def read(self, contents: bytes, weights_sha256: str) -> "RunFeatures | None":
        """Return the features in a file."""
        if not contents:
            return None
        from seedbed.analysis.subjects.features.answers import RunFeatures

        return RunFeatures.parse(contents, weights_sha256)

    def write(self, answers: "RunFeatures | None") -> bytes:
        """Return the contents of the file."""
        assert answers is not None, "a run answers all or nothing"
        return answers.to_npz()

    def missing(self, answers: "RunFeatures | None") -> Sequence[str]:
        """Return the question, until it is answered."""
        return () if answers else ("features",)

    def answer(
        self,
        answers: "RunFeatures | None",  # noqa: ARG002
        question: Hashable,  # noqa: ARG002
        run: "AskedRun",
    ) -> "RunFeatures":
        """Return the features of a run."""
        from seedbed.analysis.subjects.features.answers import RunFeatures
        from seedbed.analysis.subjects.features.space import measure_features

        space = measure_features(run.features(), run.labels, len(run.task.dataset.class_names))
        return RunFeatures.of(space, run.index, run.weights_sha256)

    def known_runs(self, entry: Entry) -> int:
        """Return of how many runs the features are known."""
        space = feature_space(entry)
        return space.adjusted_rand.n if space else 0

    def announcement(self, runs: int, images: int) -> str:
        """Return what is about to be done."""
        count = f"{runs} run{'' if runs == 1 else 's'}"
        return f"Computing the features of {count} on {images:,} test images"

    def can_answer(self, record: "RunRecord") -> bool:
        """Whether it is known what the last layer is: not of a network of the user's own."""
        return bool(record.layers) and record.layers[-1]["layer"] == LAST_LAYER
