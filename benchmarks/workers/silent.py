"""An observer that ignores every event, for engines that are measured alone."""

from seedbed.training.engine import EpochRecord, RunResult, RunState


class Silent:
    """Implements :class:`seedbed.training.engine.Observer`."""

    def images_trained(self, run: int, count: int) -> None:
        """Ignore progress within an epoch."""

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """Ignore the record of an epoch."""

    def run_finished(self, run: int, result: RunResult) -> None:
        """Ignore the result."""
