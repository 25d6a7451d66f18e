"""Signals that ask a process to stop: Ctrl-C, SIGTERM, and a terminal that closes."""

import os
import signal
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE: Final = 2.0
"""Seconds in which another signal asks for nothing new; after them it ends the process at once."""


class Stopped(KeyboardInterrupt):
    """The process was asked to stop.

    Args:
        number: The signal; kept as an attribute.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Stops:
    """Raises the first signal as :class:`Stopped` in the main thread."""

    def __init__(self) -> None:
        self.first: Stopped | None = None
        self._since = 0.0

    def take(self) -> None:
        """Handle the signals, except those that are ignored, as ``nohup`` has it."""
        sys.unraisablehook = self._repeat
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)

    def release(self) -> None:
        """Let signals end the process from now on; it has nothing left to do."""
        # Python resets the handler of an alarm when it ends, and an alarm then kills the process.
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in SIGNALS:
            if signal.getsignal(number) == self._stop:
                signal.signal(number, signal.SIG_DFL)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self.first is None:
            self.first, self._since = Stopped(number), time.monotonic()
            raise self.first
        if time.monotonic() - self._since > PATIENCE:  # whatever it waits for, a file is whole
            os.write(2, b"seedbed: stopped\n")
            os._exit(128 + number)

    def _repeat(self, dropped: "UnraisableHookArgs") -> None:
        """Stop a moment later where Python drops exceptions, as in ``__del__``."""
        stopped = dropped.exc_value
        if not isinstance(stopped, Stopped):
            sys.__unraisablehook__(dropped)
            return

        def stop(_number: int, frame: FrameType | None) -> None:
            self.first = None
            self._stop(stopped.number, frame)

        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
