"""Write the store of a study of any size, without training: 10,000 configurations × 10 seeds, say.

``python -m benchmarks.invented_store DIR CONFIGURATIONS SEEDS`` writes images and the study,
without a summary, into DIR. Every file is as ``seedbed run`` writes it, of a tiny network on 100
test images. Logits, histories and weights are those of a few invented runs in turn: hard links to
the same files, so that 100,000 runs take a minute and 1 GB.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.invented import InventedEngine
from seedbed.analysis.entry import Entry
from seedbed.analysis.summary.study import runs_hash_of, summarize_study
from seedbed.analysis.summary_file import fingerprint
from seedbed.analysis.summary_file import write_summary as write_file
from seedbed.core.files import sha256
from seedbed.core.seeds import Seeds
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.results import StoredConfigurations, read_results
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.ended import Packer
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.names import HISTORY
from seedbed.study.store.record import RunRecord, history_lines, new_record, sample_fields
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord, RunResult, RunTask

CLASSES: Final = 10
IMAGES: Final = 100
DIFFERENT: Final = 21
"""Configurations whose runs are invented; those of all others are the same."""
STUDY: Final = """
name = "large"
dataset = {{ path = "images.npz" }}
network = {{ name = "resnet8", width = 1 }}
seeds = {seeds}
[recipe]
epochs = 2
learning_rate = {rates}
weight_decay = {decays}
"""


def write_store(folder: Path, configurations: int, seeds: int) -> Path:
    """Write ``images.npz`` and ``study/`` into a folder, and return the folder of the study.

    Args:
        folder: Created if necessary.
        configurations: About how many: a grid of learning rates × weight decays, nearly square.
        seeds: Runs of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_images(folder / "images.npz")
    rates = int(configurations**0.5)
    text = STUDY.format(
        seeds=seeds,
        rates=[round(0.0001 * (place + 1), 6) for place in range(rates)],
        decays=[round(1e-6 * (place + 1), 8) for place in range(configurations // rates)],
    )
    study = LoadedStudy.load(parse_study(text, "large.toml", folder=folder))
    store = StudyStore(folder / "study")
    with store.lock():
        store.write_study(study.spec)
    pool = _invented_runs(study, folder / "pool", DIFFERENT * seeds)
    engine, place = InventedEngine(), 0
    for configuration in study.spec.configurations:
        first = PlannedRun(configuration, study.spec.seeds[0])
        task = study.task(first)
        record = new_record(first, task, engine).model_copy(
            update=sample_fields(task, task.sample())
        )
        for seed in study.spec.seeds:
            _write_run(store, record, PlannedRun(configuration, seed), pool[place % len(pool)])
            place += 1
    return store.folder


def write_summary(store: StudyStore) -> None:
    """Write the summary and the index of a store, as ``seedbed table`` would make them.

    Entries of configurations with the same runs are copied.
    """
    results = read_results(store)
    stored, index = results.configurations, StudyIndex(store.folder)
    for run in plan_runs(store.read_study()):
        index.note(run.id)
    first = StoredConfigurations(
        store.read_study().seeds, store, stored.known[:DIFFERENT], dict(results.damaged_runs)
    )
    made = summarize_study(replace(results, configurations=first), store)
    known = {}
    for place, configuration in enumerate(stored.known):
        runs_hash = runs_hash_of(index, store, configuration, stored)
        own = {
            "id": configuration.id,
            "label": configuration.label,
            "settings": configuration.settings,
            "runs_hash": runs_hash,
        }
        known[runs_hash] = Entry(dict(made[place % DIFFERENT]) | own)
    index.write()
    write_file(store.folder, summarize_study(results, store, fingerprint(store.folder), known))


def _write_images(file: Path) -> None:
    generator = np.random.Generator(np.random.Philox(7))
    arrays: dict[str, Any] = {}
    for split in ("train", "test"):
        arrays[f"{split}_images"] = generator.integers(0, 256, (IMAGES, 8, 8), np.uint8)
        arrays[f"{split}_labels"] = np.arange(IMAGES) % CLASSES
    np.savez(file, **arrays)


class _Ended:
    """Keeps what an engine tells of a run."""

    def __init__(self) -> None:
        self.history: list[EpochRecord] = []
        self.result = RunResult(None)

    def images_trained(self, run: int, count: int) -> None: ...

    def epoch_finished(self, run: int, record: EpochRecord, state: Any) -> None:  # noqa: ARG002
        self.history.append(record)

    def run_finished(self, run: int, result: RunResult) -> None:  # noqa: ARG002
        self.result = result


@dataclass(frozen=True)
class _Invented:
    """What some invented run has left."""

    files: Mapping[str, Path]
    hashes: Mapping[str, str]
    epoch: int
    """After which its weights were kept."""


def _invented_runs(study: LoadedStudy, folder: Path, count: int) -> list[_Invented]:
    """Write the files of some runs into a folder."""
    packer = Packer()
    return [_invented(study, seed, packer, folder / f"{seed}") for seed in range(count)]


def _invented(study: LoadedStudy, seed: int, packer: Packer, folder: Path) -> _Invented:
    from threading import Event

    task: RunTask = study.task(PlannedRun(study.spec.configurations[0], Seeds(run=seed)))
    ended = _Ended()
    InventedEngine().train([task], ended, threads=1, stop=Event())
    result = ended.result
    assert result.weights is not None
    assert result.epoch is not None
    packed = packer.pack(result, task.splits())
    contents = {name: array.tobytes() for name, array in packed.files.items()}
    contents[HISTORY] = history_lines(ended.history)
    folder.mkdir(parents=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return _Invented(
        {name: folder / name for name in contents},
        {name: sha256(contents[name]) for name in sorted(contents)},
        result.epoch,
    )


def _write_run(store: StudyStore, first: RunRecord, run: PlannedRun, ended: _Invented) -> None:
    folder = store.run(run.id).folder
    folder.mkdir(parents=True)
    record = first.model_copy(
        update={
            "id": run.id,
            "seed": run.seeds.key,
            "seeds": run.seeds.to_dict(),
            "status": "finished",
            "selected_epoch": ended.epoch,
            "finished": first.started,
            "seconds": 1.0,
            "files": dict(ended.hashes),
        }
    )
    for name, file in ended.files.items():
        os.link(file, folder / name)
    (folder / "run.json").write_bytes(record.to_json())


if __name__ == "__main__":
    write_store(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
