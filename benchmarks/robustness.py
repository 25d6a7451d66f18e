"""How long it takes to ask a run about corrupted images.

A run of each network, trained on a few images of MNIST, is asked: sixteen corruptions of 2000 test
images, and the images as they are. Seconds are those of the processor on one thread, which a busy
machine changes less than the time on the clock. The corruptions, which all runs of a study share,
are part of it, and are also measured alone. All take turns, and a first round is thrown away.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.measured import interleaved, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.analysis.inquiries.asked_run import chosen_images
from seedbed.analysis.inquiries.asking import ask, open_runs
from seedbed.analysis.registry import inquiries
from seedbed.data.catalog import load_dataset
from seedbed.data.corruptions import CORRUPTIONS, corrupt
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.driver import execute
from seedbed.execution.local import LocalExecutor
from seedbed.execution.progress import QuietMonitor
from seedbed.study.completed import finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.study import StudyStore

ALONE: Final = "none: the corruptions alone"
NETWORKS: Final = ("lenet5", "resnet8", "vit")
STUDY: Final = """
name = "asked"
dataset = "mnist"
seeds = 1
network = "{}"
[recipe]
epochs = 1
train_size = 128
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=3).parse_args(arguments)
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        contenders = {name: _Asked(name, Path(folder) / name).measure for name in NETWORKS}
        measured = interleaved({ALONE: _alter, **contenders}, chosen.rounds)
    rows = [(name, value.text(2)) for name, value in measured.items()]
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("a run of", "processor seconds"), rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {name: value.to_dict() for name, value in measured.items()}
    finish(Outcome("robustness", "Altered images", machine, blocks, values), chosen.results)


class _Asked:
    """A trained network that has not been asked anything."""

    def __init__(self, network: str, folder: Path) -> None:
        self._study = LoadedStudy.load(parse_study(STUDY.format(network), f"{network}.toml"))
        self._store = StudyStore(folder)
        executor = LocalExecutor(NativeEngine(), self._study.datasets, threads=1)
        execute(self._study, self._store, executor, QuietMonitor())

    def measure(self) -> float:
        """Return the processor seconds of all questions."""
        for file in self._store.runs_folder.glob("*/robustness.json"):
            file.unlink()
        ids = [each.id for each in self._study.spec.configurations]
        start = time.process_time()
        inquiry = inquiries()["robustness"]
        runs = open_runs(inquiry, finished_runs(self._store, self._study.spec), ids)
        ask(inquiry, self._study, runs, NativeEngine(), threads=1)
        return time.process_time() - start


def _alter() -> float:
    test = load_dataset("mnist").test
    images = test.images[chosen_images(len(test))]
    start = time.process_time()
    for kind, corruption in CORRUPTIONS.items():
        for strength in corruption.strengths:
            corrupt(images, kind, strength)
    return time.process_time() - start


if __name__ == "__main__":
    main()
