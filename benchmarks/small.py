"""What a study of seconds costs: five runs of LeNet-5 on 500 images of MNIST, for 20 epochs.

Each time is that of a process of its own, which fills a folder of its own: ``seedbed run``, which
writes the page, and ``seedbed.run``, which does not. Training alone is a part of the first: the
sum of the seconds that its runs took, so runs beside each other count twice. The two take turns; a
first round, which also compiles all modules to bytecode, is thrown away. ``SEEDBED_DATA`` names
the folder of MNIST if it has not been downloaded.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.startup import SEEDBED

WITH: Final = "with its page"
WITHOUT: Final = "without"
ALONE: Final = "training alone, all runs"
STUDY: Final = """\
name = "small"
dataset = "mnist"
network = "lenet5"
seeds = 5

[recipe]
train_size = 500
epochs = 20
"""
WITHOUT_PAGE: Final = "import sys, seedbed; seedbed.run(sys.argv[1], out=sys.argv[2], quiet=True)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=5).parse_args(arguments)
    machine = describe_machine()
    processor: dict[str, list[float]] = {}
    training: list[float] = []
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder, number = Path(name), count()
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        spec = folder / "small.toml"
        spec.write_text(STUDY)

        def timed(name: str, *command: str) -> Callable[[], float]:
            def measure() -> float:
                out = folder / f"study-{next(number)}"
                words = [str(out) if word == "OUT" else word for word in command]
                before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
                subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
                seconds, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
                spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                processor.setdefault(name, []).append(spent)
                if name == WITH:
                    records = [
                        json.loads(path.read_bytes()) for path in out.glob("runs/*/run.json")
                    ]
                    training.append(sum(record["seconds"] for record in records))
                return seconds

            return measure

        measured = interleaved(
            {
                WITH: timed(WITH, SEEDBED, "run", str(spec), "--out", "OUT", "--quiet"),
                WITHOUT: timed(WITHOUT, sys.executable, "-c", WITHOUT_PAGE, str(spec), "OUT"),
            },
            chosen.rounds,
        )
    # The round that is thrown away was noted as well.
    spent = {name: Measured(tuple(values[1:])) for name, values in processor.items()}
    alone = Measured(tuple(training[1:]))
    rows = [(name, value.text(2), spent[name].text(2)) for name, value in measured.items()]
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("", "seconds", "of a processor"), [*rows, (ALONE, alone.text(2), "")]),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "seconds": {name: value.to_dict() for name, value in measured.items()},
        "processor_seconds": {name: value.to_dict() for name, value in spent.items()},
        "training_seconds": alone.to_dict(),
    }
    finish(Outcome("small", "A study of seconds", machine, blocks, values), chosen.results)


if __name__ == "__main__":
    main()
