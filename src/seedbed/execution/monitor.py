"""The monitor contract: what shows the progress of a study to the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from seedbed.training.engine import EpochRecord


@dataclass(frozen=True)
class RunProgress:
    """The progress of a run when training starts."""

    label: str
    """The label of its configuration; empty if the study has only one."""
    run: str
    """What it is called, such as ``"seed 3"``."""
    epochs: int
    """Total number of epochs."""
    epochs_done: int
    images: int
    """Images per epoch."""

    @property
    def name(self) -> str:
        """The name of the run in messages."""
        return f"{self.label}, {self.run}" if self.label else self.run


class Monitor(Protocol):
    """Shows the progress of a study. ``run`` is an index into the runs given to :meth:`begin`.

    ``notice`` may be called from any thread, the other methods from the driver's.
    """

    def notice(self, text: str) -> None:
        """Show a message of one line to the user."""

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        """Training starts: these runs are left to train, and ``ended`` others have ended."""

    def images_trained(self, run: int, count: int) -> None:
        """A run has trained on ``count`` more images of its current epoch."""

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        """An epoch has ended and is stored."""

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        """A run has ended and is stored."""

    def run_released(self, run: int) -> None:
        """Another process is training a run or has trained it."""

    def tick(self) -> None:
        """Called about ten times a second."""

    def end(self) -> None:
        """Training has stopped: all runs are done, or there was an error or Ctrl-C."""
