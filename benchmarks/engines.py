"""PyTorch on the CPU: whether it learns what the native engine learns, and how to share cores.

LeNet-5 is trained on MNIST by each engine, with five seeds; the 95 % interval of the difference of
mean test accuracies is Welch's. The engines draw the same weights and the same order of images, so
two runs of a seed differ by rounding and what comes of it. Then runs are trained for one epoch of
4000 images: two in two threads of one process, or in a process each (which are started before the
clock); and eight after another in one thread, or in one pass. Peers take turns, and the first
round is thrown away.
"""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from threading import Event
from typing import Final

import numpy as np
from scipy import stats

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.images import mnist, part_of
from benchmarks.workers.silent import Silent
from seedbed.core.seeds import Seeds
from seedbed.engines.torch.engine import TorchEngine
from seedbed.execution.memory import train
from seedbed.networks.zoo import lenet5
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe

SEEDS: Final = 5
SHARED: Final = Recipe(epochs=1)
STACKED: Final = 8


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    parser = options(__doc__, rounds=5)
    parser.add_argument("--epochs", type=int, default=3, help="of a run (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    accuracies = {name: _accuracies(name, chosen.epochs) for name in ("native", "torch")}
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        list(processes.map(_alone, range(2)))
        measured = interleaved(
            {
                "one run": lambda: _in_threads(1, 1),
                "two runs, two threads": lambda: _in_threads(2, 2),
                "two runs, two processes": lambda: _in_processes(processes),
                "eight runs, one after the other": lambda: _in_threads(STACKED, 1),
                "eight runs in one pass": lambda: _in_threads(STACKED, 1, STACKED),
            },
            chosen.rounds,
        )
    difference = stats.ttest_ind(accuracies["torch"], accuracies["native"], equal_var=False)
    interval = difference.confidence_interval(0.95)
    gap = 100 * (np.mean(accuracies["torch"]) - np.mean(accuracies["native"]))
    blocks = [
        f"LeNet-5 on MNIST, n = {SEEDS} runs an engine; epochs a run: {chosen.epochs}.",
        table(
            ("engine", "test accuracy, mean ± standard deviation"),
            [
                (f"`{name}`", f"{100 * np.mean(each):.2f} ± {100 * np.std(each, ddof=1):.2f} %")
                for name, each in accuracies.items()
            ],
        ),
        f"`torch` minus `native`: {gap:+.3f} percentage points, 95 % interval "
        f"{100 * interval.low:+.3f} to {100 * interval.high:+.3f}.",
        f"Seconds an epoch of 4000 images; n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("", "seconds"), [(name, each.text()) for name, each in measured.items()]),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "accuracies": accuracies,
        "seconds": {name: each.to_dict() for name, each in measured.items()},
    }
    finish(Outcome("engines", "Engines on the CPU", machine, blocks, values), chosen.results)


def _accuracies(engine: str, epochs: int) -> list[float]:
    runs = train(lenet5(), Recipe(epochs=epochs), mnist(), seeds=SEEDS, engine=engine)
    return [run.test_accuracy for run in runs]


def _in_threads(runs: int, threads: int, at_once: int = 1) -> float:
    dataset = part_of("lenet5", 4000, 500)
    tasks = [RunTask(lenet5(), SHARED, dataset, Seeds(run=seed)) for seed in range(runs)]
    begun = time.perf_counter()
    TorchEngine(at_once=at_once).train(tasks, Silent(), threads=threads, stop=Event())
    return time.perf_counter() - begun


def _in_processes(processes: ProcessPoolExecutor) -> float:
    begun = time.perf_counter()
    list(processes.map(_alone, range(2)))
    return time.perf_counter() - begun


def _alone(seed: int) -> None:
    tasks = [RunTask(lenet5(), SHARED, part_of("lenet5", 4000, 500), Seeds(run=seed))]
    TorchEngine().train(tasks, Silent(), threads=1, stop=Event())


if __name__ == "__main__":
    main()
