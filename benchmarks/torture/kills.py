"""Processes that are killed, alone or among rivals; then the study must have the same bits."""

import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.torture.studies import (
    TRAINING,
    Files,
    difference,
    digest,
    killed,
    prepare,
    train,
    train_or_refuse,
)
from benchmarks.torture.trials import Outcome, Shared, call, fork, generator, kill, scratch, wait

HUNG: Final = 900.0
"""Seconds by the clock after which a process is taken to wait for ever; others use the machine."""


PAGES: Final = 0.2
"""Of the processes, how many write a page, which takes longer than the training; and of the studies
that were resumed, how many pages are compared."""


@dataclass(frozen=True)
class Reference:
    """A study of a kind that nobody killed."""

    folder: Path
    digest: dict[str, str]
    training: float
    """Seconds."""
    total: float
    steps: int
    """Of writing files."""


def reference(kind: str, folder: Path, *, page: bool = False, short: bool = False) -> Reference:
    """Train a study of a kind in a folder; its digest includes the page if asked to."""
    prepare(kind, folder / "sound", short=short)

    def work() -> dict[str, Any]:
        files, shared = Files(killed), _Clock()
        files.install()
        started = time.monotonic()
        train(folder / "sound", shared, page=True)
        total = time.monotonic() - started
        training = shared.at[2] - shared.at[1]
        return {"total": total, "training": training, "steps": files.steps}

    facts = call(work)
    found = call(lambda: digest(folder / "sound", page=page))
    if "error" in facts or "error" in found:
        raise RuntimeError(facts.get("error") or found.get("error"))
    return Reference(folder, found, facts["training"], facts["total"], facts["steps"])


def kills(count: int, seed: int, of: Sequence[str]) -> Outcome:
    """Kill so many processes over studies of some kinds."""
    return _campaign("kills", count, seed, of, _one_after_the_other)


def rivals(count: int, seed: int, of: Sequence[str]) -> Outcome:
    """Let three processes train one study, and kill some of them, so many times."""
    return _campaign("rivals", count, seed, of, _rivals)


Trial = Callable[[Path, Reference, np.random.Generator, Outcome], None]


def _campaign(name: str, count: int, seed: int, of: Sequence[str], trial: Trial) -> Outcome:
    outcome, started = Outcome(name), time.monotonic()
    with scratch() as folder:
        pages = trial is _one_after_the_other
        references = {
            (kind, short): reference(kind, folder / f"{kind}-{short}", page=pages, short=short)
            for kind in of
            for short in (False, True)
        }
        number = 0
        while outcome.trials < count:
            kind, short = of[number % len(of)], bool(number // len(of) % 2)
            draw, known = generator(name, seed, number), references[kind, short]
            work = folder / f"trial-{number}" / "sound"  # pages name the folder of a module
            prepare(kind, work, short=short)
            trial(work, known, draw, outcome)
            page = pages and bool(draw.random() < PAGES)
            if page:
                outcome.count("pages compared")
            what = difference(known.digest, call(lambda: _finished(work, page), HUNG))  # noqa: B023
            for error in sorted(work.glob("error-*")):
                what = what or error.read_text(encoding="utf-8")[-1500:]
            if what:
                outcome.fail(f"{name}, seed {seed}, number {number} ({kind}): {what}")
            shutil.rmtree(work.parent)
            number += 1
            if number % 100 == 0:
                outcome.seconds = time.monotonic() - started
                print(outcome.line(), flush=True)
    outcome.count("studies", number)
    outcome.seconds = time.monotonic() - started
    return outcome


def _finished(work: Path, page: bool) -> dict[str, str]:
    """Resume a study to its end, and return its digest."""
    train(work)
    found = digest(work, page=page)
    out = work / "out"
    left = [path.name for path in out.rglob("*.partial")]
    return found | ({"what is left of killed processes": " ".join(left)} if left else {})


def _one_after_the_other(
    work: Path, known: Reference, draw: np.random.Generator, outcome: Outcome
) -> None:
    for _ in range(int(min(draw.geometric(0.6), 4))):
        shared, mode = Shared(), draw.random()
        page = bool(draw.random() < PAGES)
        if mode < 0.4:
            at = int(draw.integers(known.steps))
            if wait(fork(lambda: _sabotaged(work, at, shared)), HUNG) != -signal.SIGKILL:  # noqa: B023
                continue  # it had fewer steps, since it resumed
            kind = "while a file was written"
        else:
            number = fork(lambda: train_or_refuse(work, shared, page=page))  # noqa: B023
            if mode < 0.85:
                _wait_for(shared, TRAINING)
                time.sleep(float(draw.random()) * known.training)
            else:
                time.sleep(float(draw.random()) * known.total)
            if not kill(number):
                continue
            kind = "at any moment"
        outcome.trials += 1
        outcome.count(kind)
        if shared.number == TRAINING:
            outcome.count("during training")


def _rivals(work: Path, known: Reference, draw: np.random.Generator, outcome: Outcome) -> None:
    numbers = [fork(lambda: train_or_refuse(work)) for _ in range(3)]
    victims = int(draw.integers(0, 3))
    for number in numbers[:victims]:
        time.sleep(float(draw.random()) * known.total)
        if kill(number):
            outcome.count("killed")
    for number in numbers[victims:]:
        if wait(number, HUNG) is None:
            outcome.fail("a rival hung")
    outcome.trials += 1


def _sabotaged(work: Path, at: int, shared: Shared) -> None:
    Files(killed, at).install()
    train_or_refuse(work, shared, page=True)


def _wait_for(shared: Shared, phase: int) -> None:
    deadline = time.monotonic() + 30
    while shared.number < phase and time.monotonic() < deadline:
        time.sleep(0.001)


class _Clock(Shared):
    """Remembers when each phase began."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[int, float] = {}

    def show(self, number: int) -> None:
        super().show(number)
        self.at.setdefault(number, time.monotonic())
