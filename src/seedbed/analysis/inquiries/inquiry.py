"""Asking the stored weights of finished runs what their predictions do not tell.

An analysis that needs this declares an :class:`Inquiry`: the name of a file in the folder of a run,
which answers are missing in it, and how a question is answered. The runner
(:mod:`seedbed.analysis.inquiries.asking`) does the rest for all inquiries: it finds the runs,
prepares the images once for all of them, asks in threads, stores every answer at once, and stops at
Ctrl-C. So a process that is killed loses next to nothing, only what is missing is asked, and runs
of an older Seedbed get their answers later.

A file holds the hash of the weights that gave the answers, and a seal of itself. Answers of other
weights do not count, nor does a damaged file: everything in it can be asked again.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seedbed.analysis.entry import Entry
    from seedbed.analysis.inquiries.asked_run import AskedRun
    from seedbed.analysis.material import Material
    from seedbed.study.store.record import RunRecord

Answers = TypeVar("Answers")
Seed = int | str


class Inquiry(ABC, Generic[Answers]):
    """A list of questions to the stored weights of finished runs."""

    file: ClassVar[str]
    """Name of the file with the answers, in the folder of a run."""
    representatives_only: ClassVar[bool] = False
    """Whether only those configurations are asked that represent the networks of a study."""
    announced_from: ClassVar[int] = 1
    """From how many runs on the user is told; fewer are done before anybody wonders."""

    @abstractmethod
    def read(self, contents: bytes, weights_sha256: str) -> Answers:
        """Return the answers in a file: none if other weights gave them, or it is damaged.

        Args:
            contents: Of the file; empty where there is no file.
            weights_sha256: Of the file of weights.
        """

    @abstractmethod
    def write(self, answers: Answers) -> bytes:
        """Return the contents of the file, with room for a seal (:mod:`seedbed.core.seal`)."""

    @abstractmethod
    def missing(self, answers: Answers) -> Sequence[Hashable]:
        """Return the questions that have no answer yet, in the order in which they are asked."""

    @abstractmethod
    def answer(self, answers: Answers, question: Hashable, run: "AskedRun") -> Answers:
        """Return the answers with one more, which ``run`` gives."""

    @abstractmethod
    def known_runs(self, entry: "Entry") -> int:
        """Return of how many runs an entry has the answers."""

    @abstractmethod
    def announcement(self, runs: int, images: int) -> str:
        """Return a line that says what is about to be done with so many runs and test images."""

    def can_answer(self, record: "RunRecord") -> bool:  # noqa: ARG002
        """Whether the question makes sense for the network of a run."""
        return True

    def images(self, images: "NDArray[np.uint8]", question: Hashable) -> "NDArray[np.uint8]":  # noqa: ARG002
        """Return what a question is about, N×H×W×C uint8: by default the test images as they are.

        Called once a question for all runs of a dataset.
        """
        return images


def stored_answers(
    inquiry: Inquiry[Answers], material: "Material"
) -> Iterator[tuple[Seed, Answers]]:
    """Yield the seed of each finished run, and its answers as far as they are known."""
    if material.results is None or material.store is None:
        return
    for run in material.results.finished:
        contents = material.store.run(run.record.id).read_answers(inquiry.file)
        yield run.record.seed, inquiry.read(contents, run.record.weights_sha256)
