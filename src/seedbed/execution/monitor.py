"""What is told about the training of a study: to a terminal, a log, or a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from seedbed.training.engine import EpochRecord


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come when training begins."""

    label: str
    """Of its configuration; empty where the study has only one."""
    seed: int | str
    epochs: int
    """All of them."""
    epochs_done: int
    images: int
    """Images in an epoch."""

    @property
    def name(self) -> str:
        """What the run is called in messages."""
        return f"{self.label}, seed {self.seed}" if self.label else f"seed {self.seed}"


class Monitor(Protocol):
    """Told how the work goes on. ``run`` is a position in what :meth:`begin` was given.

    A notice may come from any thread, everything else comes from the thread of the driver.
    """

    def notice(self, text: str) -> None:
        """Something that the user should know, in one line."""

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        """Begin: these runs are to be trained, and ``ended`` more had ended before."""

    def images_trained(self, run: int, count: int) -> None:
        """``count`` more images of the current epoch have been trained on."""

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        """An epoch is over, and stored."""

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        """The run has ended, and is stored."""

    def run_released(self, run: int) -> None:
        """Another process trains the run, or has trained it."""

    def tick(self) -> None:
        """Called about ten times a second."""

    def end(self) -> None:
        """End: nothing more is trained, be it that all is done or that something failed."""
