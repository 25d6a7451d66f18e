"""How the cost of a run grows with the number of runs, and that of results with configurations.

- The choice of the next run: the queue of the scheduler alone, with runs of 20 epochs that take no
  time, on two cores.
- Everything but training: ``seedbed run`` with an engine that trains nothing, of one epoch of
  LeNet-5 on digits: plans, claims, locks, initial weights, schedules, stores. Files are written but
  not synchronized with the disk, whose speed is not Seedbed's.
- Training: the same runs by the native engine, twenty of them. The share of scheduling is the time
  of one choice for each epoch of a run, as a fraction of the time of its training.
- Results: the summary of invented results of configurations with two runs each, and then
  ``seedbed table``.

All times are processor seconds. Each size has a process of its own, whose memory is its peak.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.invented import InventedEngine
from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import Outcome, finish, options

RUNS: Final[tuple[int, ...]] = (100, 1000, 10_000)
TRAINED: Final = 20
CONFIGURATIONS: Final[tuple[int, ...]] = (50, 200, 800)
EPOCHS: Final = 20
CORES: Final = 2
STUDY: Final = 'name = "growth"\ndataset = "digits"\nnetwork = "lenet5"\n'


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    parser = options(__doc__, rounds=1)
    parser.add_argument("--quick", action="store_true", help="without the largest sizes")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    sizes = slice(-1 if chosen.quick else None)
    choices = {n: _apart("choice", n)["seconds"] for n in RUNS}
    trained = _apart("trained", TRAINED)["seconds"]
    runs = {n: _apart("stored", n) for n in RUNS[sizes]}
    results = {n: _apart("results", n) for n in CONFIGURATIONS[sizes]}
    blocks = [
        table(
            ("runs", "choice of the next, µs", "share of training"),
            [
                (f"{n:,}", f"{1e6 * seconds:.1f}", f"{100 * seconds / trained:.3f} %")
                for n, seconds in choices.items()
            ],
        ),
        table(
            ("runs", "all but training, ms a run", "peak memory, MiB"),
            [
                (f"{n:,}", f"{1e3 * of['seconds'] / n:.2f}", f"{of['mib']:.0f}")
                for n, of in runs.items()
            ],
        ),
        f"Training takes {1e3 * trained:.1f} ms a run (n = {TRAINED}).",
        table(
            ("configurations", "summary, ms each", "table, s", "peak memory, MiB"),
            [
                (
                    f"{n:,}",
                    f"{1e3 * of['seconds'] / n:.1f}",
                    f"{of['table']:.2f}",
                    f"{of['mib']:.0f}",
                )
                for n, of in results.items()
            ],
        ),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {"choice": choices, "trained": trained, "runs": runs, "configurations": results}
    finish(
        Outcome("growth", "Growth with runs and configurations", machine, blocks, values),
        chosen.results,
    )


def choice(jobs: int) -> dict[str, float]:
    """Measure the seconds of one choice among so many runs."""
    from seedbed.engines.job_queue import JobQueue

    queue, choices = JobQueue([float(EPOCHS)] * jobs), 0
    start = time.process_time()
    while not queue.ended:
        position, left = queue.take(CORES)
        queue.put_back(position, left - 1)
        choices += 1
    return {"seconds": (time.process_time() - start) / choices}


def stored(runs: int) -> dict[str, float]:
    """Measure the seconds of a study of so many runs that are not trained."""
    return {"seconds": _executed(runs, _Untrained())}


def trained(runs: int) -> dict[str, float]:
    """Measure the seconds of training a run, among so many."""
    from seedbed.core.seeds import Seeds
    from seedbed.data.catalog import load_dataset
    from seedbed.engines.native.engine import NativeEngine
    from seedbed.networks.zoo import lenet5
    from seedbed.training.engine import RunTask
    from seedbed.training.recipe import Recipe

    dataset, recipe = load_dataset("digits"), Recipe(epochs=1, batch_size=32)
    tasks = [RunTask(lenet5(), recipe, dataset, Seeds(run=seed)) for seed in range(runs)]
    engine = NativeEngine()
    engine.train(tasks[:2], _Silent(), threads=1, stop=Event())
    start = time.process_time()
    engine.train(tasks, _Silent(), threads=1, stop=Event())
    return {"seconds": (time.process_time() - start) / runs}


def results(configurations: int) -> dict[str, float]:
    """Measure the summary and the table of so many configurations of invented results."""
    from seedbed.analysis.summary.study import refresh_summary

    columns = int(configurations**0.5)
    rates = [round(0.001 * (i + 1), 6) for i in range(columns)]
    decays = [round(0.00001 * (i + 1), 8) for i in range(configurations // columns)]
    recipe = f"seeds = 2\n[recipe]\nepochs = 1\nlearning_rate = {rates}\nweight_decay = {decays}\n"
    with tempfile.TemporaryDirectory() as folder:
        _execute(STUDY + recipe, Path(folder), InventedEngine())
        start = time.process_time()
        refresh_summary(Path(folder))
        summary = time.process_time() - start
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [str(Path(sys.executable).with_name("seedbed")), "table", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {"seconds": summary, "table": spent}


class _Silent:
    """An observer that forgets everything."""

    def images_trained(self, run: int, count: int) -> None: ...

    def epoch_finished(self, run: int, record: Any, state: Any) -> None: ...

    def run_finished(self, run: int, result: Any) -> None: ...


class _Untrained(InventedEngine):
    """Does everything that the native engine does with runs, but training and evaluation."""

    def train(self, tasks: Any, observer: Any, *, threads: int, stop: Event) -> None:
        from seedbed.engines.native.run import NativeRun
        from seedbed.engines.scheduler import Scheduler

        class Untrained(NativeRun):
            def train_steps(self, *_arguments: Any, **_options: Any) -> tuple[float, int]:
                return 1.0, 1

        logits: Any = _Logits()
        runs = [Untrained(position, task) for position, task in enumerate(tasks)]

        def epoch(run: Untrained, _cores: int) -> None:
            run.epoch(logits, observer, stop)

        Scheduler(runs, epoch, stop, cores=threads).run()


class _Logits:
    """Says of every image that it is of no class."""

    def logits(
        self, weights: Any, images: NDArray[np.uint8], indices: NDArray[np.int64] | None = None
    ) -> Any:
        del weights
        yield np.zeros((len(images if indices is None else indices), 10), np.float32)


def _executed(runs: int, engine: Any) -> float:
    recipe = f"seeds = {runs}\n[recipe]\nepochs = 1\nbatch_size = 32\n"
    with tempfile.TemporaryDirectory() as folder:
        return _execute(STUDY + recipe, Path(folder), engine)


def _execute(text: str, folder: Path, engine: Any) -> float:
    from seedbed.execution.driver import execute
    from seedbed.execution.local import LocalExecutor
    from seedbed.execution.progress import QuietMonitor
    from seedbed.study.loaded import LoadedStudy
    from seedbed.study.spec.reader import parse_study
    from seedbed.study.store.study import StudyStore

    study = LoadedStudy.load(parse_study(text, "growth.toml"))
    executor = LocalExecutor(engine, study.datasets, threads=CORES)
    with patch.object(os, "fsync"):
        start = time.process_time()
        execute(study, StudyStore(folder), executor, QuietMonitor())
        return time.process_time() - start


MEASURES: Final[dict[str, Callable[[int], dict[str, float]]]] = {
    "choice": choice,
    "stored": stored,
    "trained": trained,
    "results": results,
}


def _apart(measure: str, size: int) -> dict[str, float]:
    """Measure in a process of its own."""
    print(f"{measure}, {size:,}", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.growth", "--measure", measure, str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    values: dict[str, float] = json.loads(done.stdout)
    return values


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measured = MEASURES[sys.argv[2]](int(sys.argv[3]))
        # macOS counts bytes, Linux KiB.
        unit = 2**20 if sys.platform == "darwin" else 2**10
        measured["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        print(json.dumps(measured))
    else:
        main()
