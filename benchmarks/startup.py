"""How long ``seedbed --help`` and ``import seedbed`` take, beside Python doing nothing.

Each is a process of its own, timed from its creation to its end; they take turns, and a first
round, which may have to read files from the disk, is thrown away.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options

COMMANDS: Final = {
    "`seedbed --help`": [str(Path(sys.executable).with_name("seedbed")), "--help"],
    "`python -c 'import seedbed'`": [sys.executable, "-c", "import seedbed"],
    "`python -c pass`": [sys.executable, "-c", "pass"],
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=10).parse_args(arguments)
    machine = describe_machine()
    measured = interleaved(
        {name: _timed(command) for name, command in COMMANDS.items()}, chosen.rounds
    )
    rows = [(name, value.text(3)) for name, value in measured.items()]
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("command", "seconds"), rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {"seconds": {name.strip("`"): value.to_dict() for name, value in measured.items()}}
    finish(Outcome("startup", "Start-up", machine, blocks, values), chosen.results)


def _timed(command: Sequence[str]) -> Callable[[], float]:
    def measure() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return measure


if __name__ == "__main__":
    main()
