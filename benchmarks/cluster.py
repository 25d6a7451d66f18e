"""What a Ray cluster costs beside one machine, and how many cores a driver can feed.

- Overhead: twenty runs of LeNet-5 on a part of MNIST, five epochs, by ``seedbed run`` and by
  ``seedbed run --executor ray`` on two local cores: processor seconds of the command and of all
  that it started. What Ray's start and end take is that of a study of two tiny runs, and is
  subtracted.
- The driver: runs of 50 ms and one epoch by an engine that only waits, with the weights and the
  logits of LeNet-5 on digits, on simulated cores. Processor milliseconds a run, of the driver and
  of all else (workers, Ray's processes), between a smaller and a larger number of runs: with the
  executor alone, and with the driver that stores what comes, in memory and on the disk of this
  machine (without waiting for it).
- From these, how busy cores are, which is calculated: each has its own processor in a cluster, so a
  worker's milliseconds add to each of its runs, and the driver must serve the runs of all cores.
"""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from benchmarks.invented import InventedEngine
from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.training.engine import EpochRecord, RunResult, RunState

SECONDS: Final = 0.05
"""Of a run that only waits."""
CORES: Final = 8
"""Simulated."""
RUNS: Final = (400, 1600)
ALONE: Final = "the executor alone"
MEMORY: Final = Path("/dev/shm")  # the files are in a new folder there
SEEDBED: Final = str(Path(sys.executable).with_name("seedbed"))
MNIST: Final = ("mnist", "--seeds", "20", "--quiet", "--set", "recipe.epochs=5")
TINY: Final = ("quickstart", "--seeds", "2", "--quiet", "--set", "recipe.epochs=1")
CLUSTERS: Final = ((64, 0.05), (64, 1.0), (1000, 60.0))
"""Cores, seconds of a run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    parser = options(__doc__, rounds=2)
    parser.add_argument("--train-size", type=int, default=12_000, help="of 60,000 images of MNIST")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    study = (*MNIST, "--set", f"recipe.train_size={chosen.train_size}")
    local, by_ray, start = [], [], []
    for number in range(chosen.rounds):  # every command is a new process, so nothing warms up
        print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
        local.append(_command(study))
        by_ray.append(_command((*study, "--executor", "ray")))
        start.append(_command((*TINY, "--executor", "ray")) - _command(TINY))
    measured = {
        name: Measured(tuple(values))
        for name, values in (("local", local), ("ray", by_ray), ("start", start))
    }
    rest = Measured(tuple(a - b for a, b in zip(by_ray, start, strict=True)))
    ratio = rest.per(measured["local"])
    costs = {
        "executor alone": _cost_of_a_run(ALONE),
        "with the store in memory": _cost_of_a_run(str(MEMORY)),
        "with the store on the disk": _cost_of_a_run(tempfile.gettempdir()),
    }
    blocks = [
        table(
            ("processor seconds", "median (lowest–highest)"),
            [
                ("this machine", measured["local"].text(1)),
                ("Ray on this machine", measured["ray"].text(1)),
                ("of that, Ray's start and end", measured["start"].text(1)),
                ("the rest, as a multiple of this machine", ratio.text()),
            ],
        ),
        f"n = {chosen.rounds}, {chosen.train_size:,} training images.",
        table(
            ("ms a run", "driver", "workers and Ray"),
            [
                (name, *(f"{milliseconds:.2f}" for milliseconds in cost))
                for name, cost in costs.items()
            ],
        ),
        table(
            ("cores", "a run takes", *(f"{name}: busy" for name in costs)),
            [
                (
                    f"{cores:,}",
                    f"{seconds:g} s",
                    *(f"{100 * _busy(cores, seconds, *cost):.0f} %" for cost in costs.values()),
                )
                for cores, seconds in CLUSTERS
            ],
        ),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {name: each.to_dict() for name, each in measured.items()}
    finish(
        Outcome("cluster", "A Ray cluster", machine, blocks, {**values, "milliseconds": costs}),
        chosen.results,
    )


def _busy(cores: int, seconds: float, driver: float, others: float) -> float:
    """Return the part of their time that cores train, from the milliseconds of a run elsewhere."""
    own = seconds / (seconds + others / 1e3)
    return min(own, seconds / (cores * driver / 1e3))


def _cost_of_a_run(stored: str) -> tuple[float, float]:
    """Return the milliseconds of the driver and of all else."""
    few, many = (_apart(stored, runs) for runs in RUNS)
    driver, others = (1e3 * (b - a) / (RUNS[1] - RUNS[0]) for a, b in zip(few, many, strict=True))
    return driver, others


def _apart(stored: str, runs: int) -> tuple[float, float]:
    print(f"{stored}, {runs:,} runs", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.cluster", "--measure", stored, str(runs)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    driver, others = json.loads(out)
    return driver, others


def _command(arguments: Sequence[str]) -> float:
    """Return the processor seconds of ``seedbed run`` and all that it starts."""
    with tempfile.TemporaryDirectory() as folder:
        command = [SEEDBED, "run", *arguments, "--threads", "2", "--out", f"{folder}/study"]
        if root := os.environ.get("SEEDBED_DATA"):
            command += ["--data-root", root]
        return _processor_seconds(command)[1]


def _processor_seconds(command: Sequence[str]) -> tuple[str, float]:
    """Return what a command prints, and the processor seconds of all its descendants.

    They are looked at while they run, because Ray does not wait for its workers.
    """
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans become children of this process
    spent: dict[tuple[int, int], float] = {}
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out)
        deadline = None
        while deadline is None or (time.monotonic() < deadline and _descendants(os.getpid())):
            spent |= _descendants(os.getpid())
            if deadline is None and process.poll() is not None:
                deadline = time.monotonic() + 60
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG) if deadline else None
            time.sleep(0.1)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        out.seek(0)
        return out.read(), sum(spent.values())


def _descendants(ancestor: int) -> dict[tuple[int, int], float]:
    """Return the processor seconds of the descendants of a process, by process id and start."""
    parents, seconds, starts = {}, {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(stat.parent.name)
        parents[pid], starts[pid] = int(fields[1]), int(fields[19])
        seconds[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found: dict[tuple[int, int], float] = {}
    for pid in parents:
        above = parents[pid]
        while above not in (0, ancestor):
            above = parents.get(above, 0)
        if above == ancestor:
            found[pid, starts[pid]] = seconds[pid]
    return found


class WaitingEngine(InventedEngine):
    """Waits for each run, and makes up zeros."""

    def train(self, tasks: Any, observer: Any, *, threads: int, stop: Event) -> None:
        """Wait, run after run."""
        del threads
        for number, given in enumerate(tasks):
            task = given.claim() if given.claim else given
            stop.wait(SECONDS)
            record = EpochRecord(
                epoch=1,
                learning_rate=0.1,
                train_loss=1.0,
                train_accuracy=0.5,
                test_loss=1.0,
                test_accuracy=0.5,
                running_loss=1.0,
                running_accuracy=0.5,
                seconds=SECONDS,
            )
            shapes = task.network.parameters(task.dataset.image_shape)
            weights = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
            logits = np.zeros((len(task.dataset.test), 10), np.float32)
            observer.epoch_finished(number, record, RunState(1, weights))
            observer.run_finished(number, RunResult(weights, {"test": logits}, 1))


def drive(stored: str, runs: int) -> tuple[float, float]:
    """Return the processor seconds of so many runs: of the driver, and of all else.

    Args:
        stored: The folder in which the study is stored, or :data:`ALONE`.
        runs: How many.
    """
    from seedbed.execution.driver import execute
    from seedbed.execution.executor import Failed, Finished, Job
    from seedbed.execution.progress import QuietMonitor
    from seedbed.execution.ray.executor import RayExecutor
    from seedbed.study.loaded import LoadedStudy
    from seedbed.study.plan import plan_runs
    from seedbed.study.spec.reader import parse_study
    from seedbed.study.store.study import StudyStore

    text = f'name = "waits"\ndataset = "digits"\nnetwork = "lenet5"\nseeds = {runs}\n'
    study = LoadedStudy.load(parse_study(f"{text}[recipe]\nepochs = 1\n", "waits.toml"))

    class Watched(RayExecutor):
        others = 0.0

        def stop(self) -> None:
            self.others = self.others or sum(_descendants(os.getpid()).values())
            super().stop()

    executor = Watched(
        WaitingEngine(), WaitingEngine, study.datasets, cores=CORES, notice=lambda _text: None
    )
    start = time.process_time()
    if stored != ALONE:
        with (
            tempfile.TemporaryDirectory(dir=stored) as folder,
            patch.object(os, "fsync", lambda _: None),
        ):
            execute(study, StudyStore(Path(folder)), executor, QuietMonitor())
            spent = time.process_time() - start  # without removing the folder
    else:
        executor.submit([Job(run) for run in plan_runs(study.spec)], lambda job: job)
        finished = 0
        while finished < runs:
            event = executor.next_event(1.0)
            if isinstance(event, Failed):
                raise event.error
            finished += isinstance(event, Finished)
        executor.stop()
        spent = time.process_time() - start
    return spent, executor.others


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(drive(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
