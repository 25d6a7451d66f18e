"""Engines for tests of executors: slow, so that something can happen meanwhile, or deadly once."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from seedbed.engines.native.engine import NativeEngine
from seedbed.training.engine import EpochRecord, Observer, RunState, RunTask


class SlowEngine(NativeEngine):
    """The native engine, but an epoch takes ``delay`` seconds more.

    Args:
        delay: Seconds.
        deadly: A file; if it is not there, the first epoch makes it and kills the process.
    """

    def __init__(self, delay: float = 0.0, deadly: Path | None = None) -> None:
        super().__init__()
        self.delay, self.deadly = delay, deadly

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: Event
    ) -> None:
        super().train(tasks, _Slow(observer, self), threads=threads, stop=stop)


class _Slow:
    def __init__(self, observer: Observer, engine: SlowEngine) -> None:
        self._observer, self._engine = observer, engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._observer, name)

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        self._observer.epoch_finished(run, record, state)
        deadly = self._engine.deadly
        if deadly is not None and not deadly.exists():
            deadly.touch()
            os._exit(7)
        time.sleep(self._engine.delay)
