"""How long the analysis of a large study takes: its summary, and every table of it.

The study is stored as a real one is: 40 configurations with five runs of 20 epochs each, 10,000
test images of ten classes (as many as MNIST has), but invented logits (``benchmarks/invented.py``).

Every command is a process of its own, timed from its creation to its end, with its peak resident
memory. *Summary* is ``seedbed table DIR`` where no summary has been made yet, so that it reads and
checks every file of all 200 runs, evaluates them and writes ``summary.json``. The other commands
find it there, check that it still belongs to what lies in the folder, and show a part of it. They
take turns, and a first round is thrown away.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.analysis.registry import tables

SUMMARY: Final = "summary"
TABLES: Final[Mapping[str, Sequence[str]]] = {
    **{name: (name,) for name in tables()},
    "--only learning_rate=0.05": ("--only", "learning_rate=0.05"),
    "comparisons --only learning_rate=0.05": (
        "comparisons",
        "--only",
        "learning_rate=0.05",
    ),
    "confusion --format csv": ("confusion", "--format", "csv"),
}
SECONDS: Final = {SUMMARY: 10.0, **dict.fromkeys(TABLES, 1.0)}
"""What each command must stay below."""
MEBIBYTES: Final = 2048


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=5).parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print("inventing the study", file=sys.stderr)
        # In a process of its own: the peak of a child is at least what its parent had in memory.
        subprocess.run([sys.executable, "-m", "benchmarks.large_study", folder], check=True)
        machine = describe_machine()
        costs = _measured(Path(folder) / "study", chosen.rounds)
        size = (Path(folder) / "study" / "summary.json").stat().st_size / 1e6
    rows = [
        (
            name if name == SUMMARY else f"`seedbed table DIR {name}`",
            cost["seconds"].text(2),
            f"< {SECONDS[name]:.0f}",
            cost["processor_seconds"].text(2),
            cost["mebibytes"].text(0),
            f"< {MEBIBYTES}",
        )
        for name, cost in costs.items()
    ]
    header = ("", "seconds", "target", "of them on a core", "peak memory, MiB", "target")
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest). `summary.json` has {size:.1f} MB.",
        table(header, rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    commands = {
        name: {what: measured.to_dict() for what, measured in cost.items()}
        for name, cost in costs.items()
    }
    values = {"commands": commands, "summary_megabytes": size}
    title = "The analysis of a large study"
    finish(Outcome("analysis", title, machine, blocks, values), chosen.results)


def _measured(study: Path, rounds: int) -> dict[str, dict[str, Measured]]:
    """Return what every command costs, in turns."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SECONDS}
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr)
        for name in SECONDS:
            if name == SUMMARY:
                (study / "summary.json").unlink(missing_ok=True)
            cost = _run(study, TABLES.get(name, ()))
            if turn > 0:
                found[name].append(cost)
    return {
        name: {what: Measured(tuple(each[what] for each in costs)) for what in costs[0]}
        for name, costs in found.items()
    }


def _run(study: Path, words: Sequence[str]) -> dict[str, float]:
    """Return the seconds that a command takes, and its peak memory in MiB."""
    command = [str(Path(sys.executable).with_name("seedbed")), "table", str(study), *words]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)  # process.wait() would take the usage along
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} has ended with {process.returncode}")
    return {
        "seconds": seconds,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "mebibytes": usage.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
