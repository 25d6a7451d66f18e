"""How long every command takes on a tiny study, beside ``import seedbed`` and Python doing nothing.

The study is ``quickstart`` after one epoch: five runs on 360 test images, so that next to all of
the time is start-up. ``table`` is measured with a stored summary, and the first time, without one.
``report``, ``figures`` and ``run`` draw charts. Each command is a process of its own, timed from
its creation to its end; they take turns, and a first round, which may have to read files from the
disk, is thrown away. It also compiles all modules to bytecode, as an installation does.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options

SEEDBED: Final = str(Path(sys.executable).with_name("seedbed"))
RUN: Final = ("run", "quickstart", "--set", "recipe.epochs=1", "--quiet")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=5).parse_args(arguments)
    machine = describe_machine()
    spent: dict[str, list[float]] = {}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        study = Path(folder) / "study"
        subprocess.run([SEEDBED, *RUN, "--out", study], check=True, stdout=subprocess.DEVNULL)
        commands = {
            name: _with_processor(measure, spent.setdefault(name, []))
            for name, measure in _commands(Path(folder), study)
        }
        measured = interleaved(commands, chosen.rounds)
    processor = {name: Measured(tuple(values[1:])) for name, values in spent.items()}
    rows = [
        (f"`{name}`", value.text(2), processor[name].text(2)) for name, value in measured.items()
    ]
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("command", "seconds", "of a processor"), rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "seconds": {name: value.to_dict() for name, value in measured.items()},
        "processor_seconds": {name: value.to_dict() for name, value in processor.items()},
    }
    finish(Outcome("startup", "Start-up", machine, blocks, values), chosen.results)


def _with_processor(measure: Callable[[], float], spent: list[float]) -> Callable[[], float]:
    """Return the measurement, which notes the processor seconds of its process as well."""

    def both() -> float:
        before = getrusage(RUSAGE_CHILDREN)
        seconds = measure()
        after = getrusage(RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return seconds

    return both


def _commands(folder: Path, study: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    run, number = next(study.glob("runs/*-seed0")), count()

    def without_summary() -> None:
        (study / "summary.json").unlink(missing_ok=True)

    def timed(*command: str | Path, before: Callable[[], None] | None = None) -> float:
        if before is not None:
            before()
        # A command may refuse to replace files, so each time has a name of its own.
        own = [str(word).replace("NEW", str(folder / f"new-{next(number)}")) for word in command]
        start = time.perf_counter()
        subprocess.run(own, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start

    commands: dict[str, Sequence[str | Path]] = {
        "seedbed --help": ("--help",),
        "seedbed table DIR": ("table", study),
        "seedbed table DIR confusion": ("table", study, "confusion"),
        "seedbed claims DIR": ("claims", study),
        "seedbed data list": ("data", "list"),
        "seedbed plan quickstart": ("plan", *RUN[1:4], "--out", study),
        "seedbed evaluate FILE": ("evaluate", run / "predictions.npz"),
        "seedbed verify DIR": ("verify", study),
        "seedbed run DIR, nothing to train": (*RUN, "--out", study),
        "seedbed report DIR": ("report", study),
        "seedbed figures DIR": ("figures", study, "--out", "NEW"),
    }
    yield "python -c pass", lambda: timed(sys.executable, "-c", "pass")
    yield "python -c 'import seedbed'", lambda: timed(sys.executable, "-c", "import seedbed")
    for name, words in commands.items():
        yield name, lambda words=words: timed(SEEDBED, *words)  # type: ignore[misc]
    yield (
        "seedbed table DIR, for the first time",
        lambda: timed(SEEDBED, "table", study, before=without_summary),
    )


if __name__ == "__main__":
    main()
