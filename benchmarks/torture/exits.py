"""Every command with output that cannot be written, and with signals at any moment.

A command must end with a status of its own, say at most what begins with ``seedbed: `` on standard
error, and leave neither a traceback nor a partial file.
"""

import io
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from benchmarks.torture.kills import HUNG, reference
from benchmarks.torture.trials import Outcome, fork, generator, scratch, wait
from seedbed.core.seal import is_sealed

OUTPUTS: Final = ("sound", "closed", "full", "left", "ascii", "cp1252")
"""Of standard output: ``left`` is a pipe whose reader has gone, the last two are encodings."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS: Final[tuple[tuple[str, ...], ...]] = (
    ("run", "study.toml", "--out", "out", "--threads", "1"),
    ("run", "study.toml", "--out", "anew", "--threads", "1"),
    ("new", "photos", "--out", "new.toml"),
    ("plan", "study.toml", "--out", "out"),
    ("report", "out"),
    ("table", "out", "comparisons", "--format", "csv"),
    ("claims", "out"),
    ("figures", "out", "--out", "figures"),
    ("compare", "out", "out", "--out", "compare.html"),
    ("verify", "out"),
    ("evaluate", "RUN/predictions.npz", "--out", "evaluated"),
    ("predict", "RUN", "images.npz"),
    ("export", "out", "ID", "--to", "torch", "--out", "exported"),
    ("segment", "photos/a/0.png", "--out", "segments.png"),
    ("data", "list"),
    ("data", "check", "photos", "--out", "found.csv"),
)
VERDICT: Final = 1
"""The status of an answer, such as that of ``verify``, or of output that could not be written."""
STATUSES: Final = (0, VERDICT, 2)


def exits(count: int, seed: int, of: Sequence[str]) -> Outcome:
    """Run so many commands; every one with every trouble before any is repeated."""
    outcome, started = Outcome("exits"), time.monotonic()
    with scratch() as folder:
        kind = "claims and kept splits" if "claims and kept splits" in of else of[0]
        sound = reference(kind, folder / "sound").folder / "sound"
        _photos(sound / "photos")
        for number in range(count):
            draw = generator("exit", seed, number)
            words = COMMANDS[number % len(COMMANDS)]
            output = OUTPUTS[number // len(COMMANDS) % len(OUTPUTS)]
            # The first round is of output alone; later ones have signals at any moment.
            signaled = number >= len(COMMANDS) * len(OUTPUTS)
            work = folder / "work"
            shutil.copytree(sound, work, symlinks=True)
            for what in _trial(work, words, output, draw if signaled else None, outcome):
                outcome.fail(f"exits, seed {seed}, number {number} ({words[0]}, {output}): {what}")
            outcome.trials += 1
            shutil.rmtree(work)
    outcome.seconds = time.monotonic() - started
    return outcome


def _trial(
    work: Path,
    words: Sequence[str],
    output: str,
    draw: np.random.Generator | None,
    outcome: Outcome,
) -> list[str]:
    run = sorted((work / "out" / "runs").iterdir())[0]
    words = [word.replace("RUN", str(run)).replace("ID", run.name) for word in words]
    number, sent = fork(lambda: _become(work, words, output), silent=False), 0
    if draw is not None:
        time.sleep(float(draw.random()) ** 2 * 3)
        sent = int(SIGNALS[int(draw.integers(len(SIGNALS)))])
        _send(number, sent)
    status = wait(number, HUNG)
    outcome.count(f"ended with status {status}")
    file = work / "stderr"  # a signal may come before it is there
    said = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    return list(_complaints(work, status, said, output, sent))


def _complaints(work: Path, status: int | None, said: str, output: str, sent: int) -> "list[str]":
    found = []
    lawful = (*STATUSES, 128 + sent, -sent) if sent else STATUSES
    if status is None:
        found.append(f"it hung for {HUNG:g} s")
    elif status not in lawful:
        found.append(f"it ended with status {status}: {said[-300:]!r}")
    # Before the command line has its handlers, a signal ends the process as it does any other.
    last = said.splitlines()[-1] if said else ""
    failed = status not in (0, VERDICT, -sent)
    if "Traceback" in said or (failed and not last.startswith("seedbed: ")):
        found.append(f"it said {said[-500:]!r}, and ended with status {status}")
    if output in ("closed", "full") and status == 0 and not sent:
        found.append("it ended with status 0, although its output could not be written")
    found += [f"it left {path.name}" for path in work.rglob("*.partial")]
    page = work / "out" / "report.html"
    if page.exists() and not is_sealed(page.read_bytes()):
        found.append("it left half a page")
    return found


def _become(work: Path, words: Sequence[str], output: str) -> None:
    """Let this process be the command line, with its streams as they are to be."""
    from seedbed.cli.start import main

    os.chdir(work)
    error = os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(error, 2)
    if output == "left":
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open("/dev/full" if output == "full" else os.devnull, os.O_WRONLY)
    os.dup2(writer, 1)
    encoding = output if output in ("ascii", "cp1252") else "utf-8"
    stdout: Any = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding=encoding)
    if output == "closed":
        os.close(1)
        stdout = None
    sys.stdout = stdout
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler if number == 2 else signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.argv = ["seedbed", *words]
    try:
        status = main()
    except SystemExit as end:  # argparse ends with it
        status = int(end.code or 0)
    os._exit(status)


def _send(number: int, sent: int) -> None:
    os.kill(number, sent)  # it is our child, and not yet waited for


def _photos(folder: Path) -> None:
    draw = np.random.default_rng(0)
    for name in "ab":
        (folder / name).mkdir(parents=True)
        for image in range(6):
            pixels = draw.integers(0, 256, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{image}.png")
