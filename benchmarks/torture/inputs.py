"""Mutated inputs for every reader: only Seedbed's errors, within five seconds and one GiB."""

import json
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.torture.corpus import Target, targets
from benchmarks.torture.trials import (
    GROWTH,
    SECONDS,
    Outcome,
    Shared,
    fork,
    generator,
    kill,
    limit_memory,
    peak,
    scratch,
)

MANY: Final = 100_000
FEW: Final = 20_000
HUNG: Final = 60.0
"""Seconds by the clock, on a machine that has other work, after which a reader is killed."""
SLACK: Final = 0.25
"""GiB more than may be taken, so that growth is measured rather than prevented."""


def attack(
    share: float, seed: int, readers: Sequence[str] = (), processes: int = 1
) -> list[Outcome]:
    """Attack every reader with mutated inputs.

    Args:
        share: Of the full number of inputs.
        seed: Of the mutations.
        readers: Names; all by default.
        processes: How many work at once.
    """
    known = targets()
    for target in known.values():
        assert target.inputs
    outcomes, waiting, busy = [], [*(readers or known)], list[_Job]()
    while waiting or busy:
        while waiting and len(busy) < processes:
            name = waiting.pop(0)
            count = max(1, round(share * (MANY if known[name].many else FEW)))
            busy.append(_Job(name, known[name], count, seed))
        for job in list(busy):
            if job.watch():
                busy.remove(job)
                outcomes.append(job.outcome)
                print(job.outcome.line(), flush=True)
        time.sleep(0.02)
    return outcomes


def one(target: Target, name: str, seed: int, number: int) -> bytes:
    """Return a mutated input, which its reader, seed and number determine."""
    draw = generator("input", name, seed, number)
    sound = target.inputs[int(draw.integers(len(target.inputs)))]
    return target.mutate(sound, draw)


def check(target: Target, folder: Path, data: bytes) -> tuple[str, str]:
    """Read an input; return what happened, and the failure or an empty text."""
    from seedbed.core.errors import SeedbedError

    before, started = peak(), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            target.read(folder, data)
        what, failure = "accepted", ""
    except SeedbedError as error:
        what, failure = "refused", ""
        if "\n" in str(error) and len(str(error).splitlines()) > 1:
            what, failure = "failed", f"a message of several lines: {str(error)!r:.200}"
    except BaseException as error:  # any other is a failure
        what, failure = "failed", f"{type(error).__name__}: {str(error)[:200]}"
    seconds = time.process_time() - started
    if seconds > SECONDS:
        what, failure = "failed", f"it took {seconds:.1f} s"
    if peak() - before > GROWTH:
        what, failure = "failed", f"it took {(peak() - before) / 2**30:.2f} GiB"
    return what, failure


@dataclass
class _Job:
    """All inputs of a reader, in one process after the other."""

    name: str
    target: Target
    count: int
    seed: int

    def __post_init__(self) -> None:
        self.outcome = Outcome(f"inputs {self.name}")
        self._started = time.monotonic()
        self._shared, self._scratch = Shared(), scratch()
        self._folder = self._scratch.__enter__()
        self._results = self._folder / "results"
        self._start(0)

    def watch(self) -> bool:
        """Look after the process; return whether all inputs have been read."""
        ended, status = os.waitpid(self._process, os.WNOHANG)
        at = self._shared.number
        if ended and os.waitstatus_to_exitcode(status) == 0:
            self._collect()
            self.outcome.seconds = time.monotonic() - self._started
            self._scratch.__exit__(None, None, None)
            return True
        if ended:
            self._collect()
            self._fail(at, f"the process ended with {os.waitstatus_to_exitcode(status)}")
        elif self._shared.since > HUNG:
            kill(self._process)
            self._collect()
            self._fail(at, f"it hung for {HUNG:g} s")
        else:
            return False
        self.outcome.trials += 1
        self._start(at + 1)
        return False

    def _start(self, first: int) -> None:
        self._shared.show(first)
        self._results.unlink(missing_ok=True)
        self._process = fork(lambda: self._work(first))

    def _work(self, first: int) -> None:
        limit_memory(GROWTH + int(SLACK * 2**30))
        folder = self._folder / "input"
        with self._results.open("a", buffering=1, encoding="utf-8") as results:
            for number in range(first, self.count):
                folder.mkdir(exist_ok=True)
                data = one(self.target, self.name, self.seed, number)
                self._shared.show(number)
                what, failure = check(self.target, folder, data)
                results.write(json.dumps([number, what, failure]) + "\n")
                _empty(folder)

    def _collect(self) -> None:
        if not self._results.exists():
            return
        for line in self._results.read_text(encoding="utf-8").splitlines():
            number, what, failure = json.loads(line)
            self.outcome.trials += 1
            if failure:
                self._fail(number, failure)
            else:
                self.outcome.count(what)

    def _fail(self, number: int, failure: str) -> None:
        self.outcome.fail(f"reader {self.name}, seed {self.seed}, number {number}: {failure}")


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _empty(path)
        else:
            path.unlink()


def repeat(name: str, seed: int, number: int) -> Mapping[str, str]:
    """Return what happens with one input again, for debugging."""
    target = targets()[name]
    with scratch() as folder:
        what, failure = check(target, folder, one(target, name, seed, number))
    return {"outcome": what, "failure": failure}
