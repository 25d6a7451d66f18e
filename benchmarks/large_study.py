"""Store a study of 40 configurations with five runs each, whose results are invented.

``python -m benchmarks.large_study DIR`` writes images and the study, without a summary, into DIR.
"""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.invented import InventedEngine
from seedbed.execution.driver import execute
from seedbed.execution.local import LocalExecutor
from seedbed.execution.progress import QuietMonitor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.study import StudyStore

CLASSES: Final = 10
TEST_IMAGES: Final = 10_000
STUDY: Final = """
name = "forty"
dataset = { path = "images.npz" }
network = "lenet5"
seeds = 5
[recipe]
epochs = 20
batch_size = 128
learning_rate = [0.01, 0.02, 0.05, 0.1, 0.2]
momentum = [0.0, 0.5, 0.9, 0.95]
schedule = ["constant", "one-cycle"]
"""


def write_large_study(folder: Path) -> Path:
    """Write ``images.npz`` and ``study/`` into a folder, and return the folder of the study."""
    generator = np.random.Generator(np.random.Philox(7))
    arrays: dict[str, Any] = {}
    # Nobody learns from the training images, but a dataset has some.
    for split, images in (("train", 100 * CLASSES), ("test", TEST_IMAGES)):
        arrays[f"{split}_images"] = generator.integers(0, 256, (images, 28, 28), np.uint8)
        arrays[f"{split}_labels"] = np.arange(images) % CLASSES
    np.savez(folder / "images.npz", **arrays)
    study = LoadedStudy.load(parse_study(STUDY, "forty.toml", folder=folder))
    store = StudyStore(folder / "study")
    execute(
        study, store, LocalExecutor(InventedEngine(), study.datasets, threads=1), QuietMonitor()
    )
    return store.folder


if __name__ == "__main__":
    write_large_study(Path(sys.argv[1]))
