"""Disks that are full at one step of writing, or from it on: one line, and nothing is lost."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.torture.kills import HUNG, reference
from benchmarks.torture.studies import (
    Files,
    command,
    difference,
    digest,
    full,
    prepare,
    train,
)
from benchmarks.torture.trials import Outcome, call, generator, scratch

REFUSED: Final = (1, 2)
"""Exit statuses of a command that could not write."""


def disk(count: int, seed: int, of: Sequence[str]) -> Outcome:
    """Let so many steps of writing fail, over studies of some kinds."""
    outcome, started = Outcome("disk"), time.monotonic()
    with scratch() as folder:
        references = {kind: reference(kind, folder / kind) for kind in of}
        for number in range(count):
            kind = of[number % len(of)]
            draw, known = generator("disk", seed, number), references[kind]
            work, forever = folder / f"trial-{number}", bool(draw.random() < 0.5)
            at = int(draw.integers(known.steps))
            prepare(kind, work)
            result = call(lambda: _run(work, at, forever), HUNG)  # noqa: B023
            what = _complaint(result)
            what = what or difference(known.digest, call(lambda: _finished(work), HUNG))  # noqa: B023
            if what:
                outcome.fail(f"disk, seed {seed}, number {number} ({kind}, step {at}): {what}")
            outcome.trials += 1
            outcome.count(f"ended with status {result.get('status')}")
            shutil.rmtree(work)
    outcome.seconds = time.monotonic() - started
    return outcome


def _run(work: Path, at: int, forever: bool) -> dict[str, Any]:
    Files(full, at, forever).install()
    return command("run", work / "study.toml", "--out", work / "out", "--threads", "1", "--quiet")


def _complaint(result: dict[str, Any]) -> str:
    if "error" in result:
        return str(result["error"])[-1500:]
    lines = result["err"].splitlines()
    if result["status"] == 0:
        return ""  # what failed can be done without, such as a cache
    orderly = all(line.startswith("seedbed: ") for line in lines)
    if result["status"] not in REFUSED or not orderly or "error: " not in lines[-1]:
        return f"it ended with status {result['status']} and {result['err'][-500:]!r}"
    return ""


def _finished(work: Path) -> dict[str, str]:
    train(work)
    return digest(work)
