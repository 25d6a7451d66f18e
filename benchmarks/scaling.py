"""How the cost of a run grows with runs, batch size, cores and augmentation; and peak memory.

LeNet-5 on MNIST with Seedbed alone, batch 128 unless it says otherwise.

- Runs: 1 to 20 runs of four epochs on two cores, on a quarter of the training and of the test
  images, the time of everything (evaluation after every epoch, cores that wait for the last run)
  divided by runs and epochs, and scaled to 60,000 images. A single run uses both.
- Batch size: training steps only, two runs at once on two cores, the lesser of 768 steps and 12,288
  images, scaled to 60,000 images.
- Cores and augmentation: training steps only, a whole epoch, as many runs at once as cores.
  Augmentation is a random shift, rotation and scale of every image.
- Memory: the highest resident size of ``seedbed run mnist`` with 20 seeds and one epoch, as the
  kernel counts it at the end of that process.

Within each of these the variants take turns, and a ratio compares times of the same round.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options
from benchmarks.workers.images import STAND_IN
from benchmarks.workers.process import Worker
from seedbed.execution.threads import available_cores

CORES: Final = 2
RUNS: Final = (1, 2, 5, 10, 20)
EPOCHS: Final = 4
PARTS: Final = 4
BATCH_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 512, 1024)
IMAGES: Final = 60_000
MOST_STEPS: Final = 768
MOST_IMAGES: Final = 12 * 1024
RUNS_IN_MEMORY: Final = 20
MEMORY_LIMIT: Final = 1024.0
"""MiB."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=3).parse_args(arguments)
    if available_cores() < CORES:
        raise SystemExit(f"this benchmark needs {CORES} cores")
    machine = describe_machine()
    with Worker("native", 1) as native:
        dataset: str = native.call("dataset")

        def training_pass(cores: int = CORES, **arguments: object) -> Callable[[], float]:
            return lambda: native.call("training_pass", cores=cores, **arguments)

        def steps(batch_size: int) -> Callable[[], float]:
            images = min(MOST_STEPS * batch_size, MOST_IMAGES)
            measure = training_pass(batch_size=batch_size, images=images)
            return lambda: measure() * IMAGES / images

        def study(runs: int) -> Callable[[], float]:
            arguments = {"runs": runs, "cores": CORES, "epochs": EPOCHS, "part": PARTS}
            return lambda: native.call("whole_study", **arguments) * PARTS

        by_cores = interleaved({n: training_pass(n) for n in (1, CORES)}, chosen.rounds)
        by_augmentation = interleaved(
            {name: training_pass(augmented=name == "on") for name in ("off", "on")}, chosen.rounds
        )
        by_batch_size = interleaved({size: steps(size) for size in BATCH_SIZES}, chosen.rounds)
        by_runs = interleaved({runs: study(runs) for runs in RUNS}, chosen.rounds)
    memory = None if dataset.startswith(STAND_IN) else peak_memory()

    blocks = [
        f"Dataset: {dataset}. n = {chosen.rounds} rounds; median (lowest–highest).",
        _table("runs", by_runs, RUNS[-1]),
        _table("batch size", by_batch_size, 128),
        _table("cores", by_cores, 1),
        _table("augmentation", by_augmentation, "off"),
        f"{RUNS_IN_MEMORY} runs on MNIST: {memory:.0f} MiB at most (n = 1; "
        f"the limit is {MEMORY_LIMIT:.0f} MiB)."
        if memory is not None
        else "Memory was not measured: it needs the real MNIST.",
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "dataset": dataset,
        "rounds": chosen.rounds,
        "peak_memory_mib": memory,
        "seconds_per_epoch_and_run": {
            "runs": _values(by_runs),
            "batch_size": _values(by_batch_size),
            "cores": _values(by_cores),
            "augmentation": _values(by_augmentation),
        },
    }
    title = "Scaling: what a run costs, and when it costs more"
    finish(Outcome("scaling", title, machine, blocks, values), chosen.results)


def peak_memory() -> float:
    """Return the MiB that a study of 20 runs takes at most.

    Raises:
        RuntimeError: If it fails; it has said why on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        study = ["run", "mnist", "--seeds", str(RUNS_IN_MEMORY), "--set", "recipe.epochs=1"]
        process = subprocess.Popen(
            [sys.executable, "-m", "seedbed", *study, "--out", f"{folder}/mnist"],
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("the study of the memory benchmark has failed")
    # macOS counts bytes, Linux KiB.
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _table(
    what: str, measured: Mapping[int, Measured] | Mapping[str, Measured], base: object
) -> str:
    reference = next(value for name, value in measured.items() if name == base)
    rows = [
        (str(name), value.text(), value.per(reference).text()) for name, value in measured.items()
    ]
    return table((what, "seconds an epoch and run", f"times {what} {base}"), rows)


def _values(measured: Mapping[int, Measured] | Mapping[str, Measured]) -> dict[str, object]:
    return {str(name): value.to_dict() for name, value in measured.items()}


if __name__ == "__main__":
    main()
