"""A study small enough to be trained in a blink, and a monitor that remembers what it was told."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from fake_engine import FakeEngine
from seedbed.execution import driver
from seedbed.execution.local import LocalExecutor
from seedbed.execution.monitor import RunProgress
from seedbed.execution.storing import claims
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.run import RunStore, StoredRun
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine, EpochRecord


class Remembering:
    """A monitor whose calls can be looked at afterwards."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.begun: list[RunProgress] = []
        self.ended_before = -1
        self.calls: list[tuple[Any, ...]] = []

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self.begun, self.ended_before = list(runs), ended

    def images_trained(self, run: int, count: int) -> None:
        self.calls.append(("images", run, count))

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self.calls.append(("epoch", run, record.epoch))

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        self.calls.append(("run", run, diverged_epoch))

    def run_released(self, run: int) -> None:
        self.calls.append(("released", run))

    def tick(self) -> None:
        pass

    def end(self) -> None:
        self.calls.append(("end",))


class StopAfterEvery(Remembering):
    """Presses Ctrl-C as soon as so many epochs have been stored, so that no other is."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        super().epoch_finished(run, record)
        if sum(call[0] == "epoch" for call in self.calls) >= self._epochs:
            raise KeyboardInterrupt


def write_images(folder: Path, *, count: int = 60, classes: int = 3, validation: int = 0) -> Path:
    """Write an NPZ dataset of 8×8 images whose class shows in their upper left corner."""
    generator = np.random.Generator(np.random.Philox(7))
    arrays: dict[str, Any] = {}
    sizes = {"train": count, "test": count // 2, "val": validation}
    for split, n in ((split, n) for split, n in sizes.items() if n):
        labels = np.arange(n) % classes
        images = generator.integers(0, 120, (n, 8, 8, 1))
        images[np.arange(n), labels, 0, 0] += 130
        arrays[f"{split}_images"] = images.astype(np.uint8)
        arrays[f"{split}_labels"] = labels.astype(np.int64)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "images.npz", **arrays)
    return folder / "images.npz"


def bound(spec: StudySpec, fingerprint: str) -> StudySpec:
    """Return a study whose dataset is said to have these contents."""
    return spec.with_fingerprints(dict.fromkeys(spec.datasets, fingerprint))


def small_study(
    folder: Path,
    *,
    seeds: str = "3",
    epochs: int = 4,
    more: str = "",
    settings: Sequence[str] = (),
    validation: int = 0,
) -> StudySpec:
    """Return a study of the images that are written into ``folder``."""
    path = write_images(folder, validation=validation)
    return parse_study(
        f'name = "small"\ndataset = {{ path = "{path}" }}\nnetwork = "lenet5"\nseeds = {seeds}\n'
        f"[recipe]\nepochs = {epochs}\nbatch_size = 16\n{more}\n",
        "small.toml",
        [Override.parse(each) for each in settings],
    )


def run_small(
    spec: StudySpec,
    folder: Path,
    engine: Engine | None = None,
    monitor: Any = None,
    threads: int = 2,
    selection: Selection = ALL,
    checkpoint_interval: float = 0.0,
) -> StudyStore:
    """Execute a study, with a checkpoint after every epoch by default, and return its store."""
    store, study = StudyStore(folder), LoadedStudy.load(spec)
    executor = LocalExecutor(engine or FakeEngine(), study.datasets, threads=threads)
    with patch.object(claims, "CHECKPOINT_INTERVAL", checkpoint_interval):
        driver.execute(study, store, executor, monitor or Remembering(), selection=selection)
    return store


def runs(store: StudyStore) -> list[RunStore]:
    return [store.run(run_id) for run_id in store.run_ids()]


def loaded(run: RunStore) -> StoredRun:
    stored = run.load()
    assert stored is not None
    return stored


def contents(store: StudyStore) -> dict[str, Any]:
    """Return everything in a study but the times: what must not depend on interruptions."""
    found: dict[str, Any] = {"study.toml": store.study_file.read_bytes()}
    for file in store.runs_folder.glob("*/*"):
        name = str(file.relative_to(store.runs_folder))
        if file.name == "history.jsonl":
            lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            found[name] = [{**line, "seconds": None} for line in lines]
        elif file.name == "run.json":
            record = json.loads(file.read_bytes())
            times = ("checksum", "started", "finished", "seconds", "files")
            found[name] = {key: value for key, value in record.items() if key not in times}
        else:
            found[name] = file.read_bytes()
    return found
