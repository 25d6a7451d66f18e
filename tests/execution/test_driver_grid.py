"""Running a grid: every configuration, what is missing of it, and always the same bits."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_engine import FakeEngine
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.selection import Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.run import DamagedRunError
from seedbed.study.store.study import StudyStore
from small import Remembering, StopAfterEvery, contents, loaded, run_small, runs, small_study

GRID = [
    "recipe.epochs=2",
    "recipe.learning_rate=[0.01, 0.02]",
    "noise=[{kind='none'}, {kind='symmetric', rate=0.4}]",
]


def grid(tmp_path: Path, *settings: str, seeds: str = "2") -> StudySpec:
    return small_study(tmp_path / "data", seeds=seeds, settings=[*GRID, *settings])


def test_a_grid_is_trained_seed_by_seed(tmp_path: Path) -> None:
    engine, monitor = FakeEngine(), Remembering()
    store = run_small(grid(tmp_path), tmp_path / "study", engine, monitor, threads=1)
    assert len(store.run_ids()) == 8
    labels = [
        "noise=none, learning_rate=0.01",
        "noise=none, learning_rate=0.02",
        "noise=symmetric, noise.rate=0.4, learning_rate=0.01",
        "noise=symmetric, noise.rate=0.4, learning_rate=0.02",
    ]
    expected = [f"{label}, seed {seed}" for seed in (0, 1) for label in labels]
    assert [run.name for run in monitor.begun] == expected
    stored = {loaded(run).record.label for run in runs(store)}
    assert stored == set(labels)


def test_one_more_value_trains_only_what_is_missing(tmp_path: Path) -> None:
    store = run_small(grid(tmp_path), tmp_path / "study")
    before = {file: file.read_bytes() for file in store.runs_folder.rglob("*.*")}
    engine, monitor = FakeEngine(), Remembering()
    more = grid(tmp_path, "recipe.learning_rate=[0.01, 0.02, 0.03]", seeds="3")
    run_small(more, store.folder, engine, monitor)
    assert (len(monitor.begun), monitor.ended_before) == (18 - 8, 8)
    assert sum("learning_rate=0.03" in run.label for run in monitor.begun) == 6
    assert {file: file.read_bytes() for file in before} == before


def test_only_what_is_selected_is_trained(tmp_path: Path) -> None:
    monitor = Remembering()
    selection = Selection.parse(["noise=none"], ["learning_rate=0.02"])
    store = run_small(grid(tmp_path), tmp_path / "study", monitor=monitor, selection=selection)
    assert [run.name for run in monitor.begun] == [
        "noise=none, learning_rate=0.01, seed 0",
        "noise=none, learning_rate=0.01, seed 1",
    ]
    # The study is the whole grid all the same.
    assert len(store.read_study().configurations) == 4
    run_small(grid(tmp_path), store.folder, monitor=monitor)
    assert (len(monitor.begun), monitor.ended_before) == (6, 2)


def test_warnings_come_before_anything_is_trained(tmp_path: Path) -> None:
    monitor = Remembering()
    spec = grid(tmp_path, "noise={kind='pair', rate=[0.1, 0.6]}", seeds="1")
    run_small(spec, tmp_path / "study", monitor=monitor)
    (notice,) = monitor.notices
    assert notice.startswith("noise.rate=0.6, learning_rate=0.01 and 1 more: ")


DIFFERENT = [
    "recipe.epochs=3",
    "dataset.resize=[8, 12]",
    "noise={kind='symmetric', rate=[0.0, 0.4]}",
    "network.dropout=[0.0, 0.5]",
    "recipe.validation_size=6",
    "recipe.checkpoint=best-on-validation",
    "recipe.augmentation={shift=1}",
]


def test_a_run_is_the_same_alone_as_in_a_grid(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="2", settings=DIFFERENT)
    whole = contents(run_small(spec, tmp_path / "whole", NativeEngine()))
    alone: dict[str, Any] = {}
    for each in spec.configurations:
        settings = [
            *DIFFERENT,
            f"dataset.resize={each.dataset.resize}",
            f"noise.rate={each.noise.rate}",
            f"network.dropout={each.network['dropout']}",
        ]
        for seed in (0, 1):
            one = small_study(tmp_path / "data", seeds=f"[{seed}]", settings=settings)
            alone |= contents(run_small(one, tmp_path / "one", NativeEngine(), threads=1))
    assert len(whole) == 1 + 16 * 5  # with the labels, which are noisy
    for found in (whole, alone):
        del found["study.toml"]
        for name, record in found.items():
            if name.endswith("run.json"):
                del record["label"]  # alone, nothing varies
    assert alone == whole


def test_a_grid_that_is_interrupted_goes_on_bit_for_bit(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="1", settings=DIFFERENT)
    reference = contents(run_small(spec, tmp_path / "reference", NativeEngine()))
    interrupted = 0
    store = StudyStore(tmp_path / "study")
    for _ in range(100):
        monitor = StopAfterEvery(4)
        try:
            run_small(spec, store.folder, NativeEngine(), monitor)
        except KeyboardInterrupt:
            interrupted += 1
            # What had been begun goes on first.
            done = [run.epochs_done > 0 for run in monitor.begun]
            assert done == sorted(done, reverse=True)
        else:
            break
    assert contents(store) == reference
    assert interrupted >= 4


def test_a_run_on_other_images_is_never_mixed_in(tmp_path: Path) -> None:
    store = run_small(grid(tmp_path), tmp_path / "study")
    damaged = runs(store)[0]
    record = json.loads(damaged.record_file.read_bytes())
    record["dataset"]["fingerprint"] = "0" * 64
    damaged.record_file.write_text(json.dumps(record), encoding="utf-8")
    monitor = Remembering()
    run_small(grid(tmp_path), store.folder, monitor=monitor)
    (notice,) = monitor.notices
    assert f"{damaged.folder.name}.damaged-1" in notice
    assert "run.json" in notice
    assert len(monitor.begun) == 1


def test_the_noise_of_a_run_is_recorded(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="2", settings=DIFFERENT)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    study = LoadedStudy.load(spec)
    for planned in plan_runs(study.spec):
        record = loaded(store.run(planned.id)).record
        assert record.noise is not None
        sample = study.task(planned).sample()
        assert record.noise.labels_sha256 == sample.labels.fingerprint
        assert np.sum(record.noise.counts) == len(sample.train) == 54
        assert (record.noise.observed_rate > 0) == (planned.configuration.noise.rate == 0.4)
        history = loaded(store.run(planned.id)).history
        best = max(history, key=lambda each: each.validation_accuracy or 0)
        assert record.selected_epoch == best.epoch
        assert loaded(store.run(planned.id)).kept == best


def test_a_noisy_run_keeps_the_labels_that_it_learned_from(tmp_path: Path) -> None:
    store = run_small(grid(tmp_path), tmp_path / "study")
    noisy_runs = [run for run in runs(store) if loaded(run).record.noise is not None]
    assert len(noisy_runs) == 4
    for run in runs(store):
        stored = (run.folder / "training_labels.npz").exists()
        assert stored == (loaded(run).record.noise is not None)
    for run in noisy_runs:
        noise = loaded(run).record.noise
        assert noise is not None
        with np.load(run.folder / "training_labels.npz") as labels:
            clean, noisy = labels["clean"], labels["noisy"]
        assert hashlib.sha256(noisy.astype("<i8").tobytes()).hexdigest() == noise.labels_sha256
        assert (noisy != clean).mean() == noise.observed_rate
        (run.folder / "training_labels.npz").write_bytes(b"")
        with pytest.raises(DamagedRunError) as error:
            run.load()
        assert str(error.value).startswith("training_labels.npz")
