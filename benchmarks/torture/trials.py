"""Trials in forked processes: watched, limited in time and memory, and counted."""

import json
import mmap
import os
import resource
import shutil
import signal
import struct
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

SECONDS: Final = 5.0
"""Of processor time that one trial of a reader may take."""
GROWTH: Final = 1 << 30
"""Bytes by which its memory may grow."""
KEPT: Final = 20
"""Failures of a campaign that are written down; all are counted."""


@dataclass
class Outcome:
    """What a campaign found."""

    name: str
    trials: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """How often what happened."""
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, what: str, number: int = 1) -> None:
        """Count something that happened."""
        self.counts[what] = self.counts.get(what, 0) + number

    def fail(self, text: str) -> None:
        """Note a failure."""
        self.failures.append(text)
        print(f"  FAILED {self.name}: {text}", flush=True)

    def line(self) -> str:
        """Return the outcome in one line."""
        counts = ", ".join(f"{number:,} {what}" for what, number in sorted(self.counts.items()))
        return (
            f"{self.name}: {self.trials:,} trials, {len(self.failures):,} failures "
            f"({counts}), {self.seconds:.0f} s"
        )


def generator(*key: object) -> np.random.Generator:
    """Return the generator of a trial, which its key alone determines."""
    words = [int.from_bytes(str(each).encode(), "little") for each in key]
    return np.random.default_rng(np.random.SeedSequence(words))


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a new folder, in memory where the system has one for it."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="torture-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fork(work: Callable[[], Any], *, silent: bool = True) -> int:
    """Run a function in a forked process, which ends with it; return the process's number.

    Args:
        work: The function.
        silent: Whether what it prints is dropped.
    """
    number = os.fork()
    if number == 0:
        status = 70
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2) if silent else (0,):
                os.dup2(null, descriptor)
            work()
            status = 0
        except BaseException:  # the process ends here, whatever happened
            traceback.print_exc()
            status = 71
        finally:
            os._exit(status)
    return number


def call(work: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Return what a function returns in a forked process, as JSON has it.

    Returns:
        The value; or ``{"error": text}`` where the function raised, hung or crashed.
    """
    with tempfile.TemporaryFile() as file:

        def run() -> None:
            try:
                value = work()
            except BaseException:  # it is reported by the parent
                value = {"error": traceback.format_exc()}
            file.write(json.dumps(value).encode())
            file.flush()

        number = fork(run)
        ended = wait(number, seconds)
        if ended is None:
            return {"error": f"it hung for {seconds:g} s"}
        file.seek(0)
        contents = file.read()
        return json.loads(contents) if contents else {"error": f"it ended with status {ended}"}


def together(name: str, parts: Sequence[Callable[[], Outcome]]) -> Outcome:
    """Run parts of a campaign at the same time, each in a process, and add up their outcomes.

    Args:
        name: Of the campaign.
        parts: Each returns the outcome of a part.
    """
    whole, started, running = Outcome(name), time.monotonic(), []
    for part in parts:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed below

        def work(part: Callable[[], Outcome] = part) -> None:
            file.write(json.dumps(asdict(part())).encode())  # noqa: B023
            file.flush()  # noqa: B023

        running.append((fork(work, silent=False), file))
    for number, file in running:
        _, status = os.waitpid(number, 0)
        file.seek(0)
        contents = file.read()
        file.close()
        if not contents:
            whole.fail(f"a part ended with status {os.waitstatus_to_exitcode(status)}")
            continue
        found = Outcome(**json.loads(contents))
        whole.trials += found.trials
        whole.failures += found.failures
        for what, count in found.counts.items():
            whole.count(what, count)
    whole.seconds = time.monotonic() - started
    return whole


def wait(number: int, seconds: float) -> int | None:
    """Return the exit status of a process, negative for a signal; ``None`` after a time limit."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    kill(number)
    return None


def kill(number: int) -> bool:
    """Kill a child at once; return whether it was still running."""
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
    _, status = os.waitpid(number, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


class Shared:
    """A number and a time that a child shows its parent."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)

    def show(self, number: int) -> None:
        """Show a number, and that it is from now."""
        self._memory[:] = struct.pack("qd", number, time.monotonic())

    @property
    def number(self) -> int:
        """The last number shown."""
        return int(struct.unpack("qd", self._memory[:])[0])

    @property
    def since(self) -> float:
        """Seconds since it was shown."""
        return time.monotonic() - float(struct.unpack("qd", self._memory[:])[1])


def limit_memory(growth: int) -> None:
    """Let this process take only so many bytes more than it has now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    now = int(pages) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + growth, now + growth))


def peak() -> int:
    """Return the most bytes that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
