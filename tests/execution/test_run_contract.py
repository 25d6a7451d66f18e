"""Studies whose runs differ in single streams, in their folds, or in what is kept of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_engine import FakeEngine
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from small import (
    Remembering,
    StopAfterEvery,
    contents,
    loaded,
    run_small,
    runs,
    small_study,
)


def record(store_folder: Path, run_id: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((store_folder / "runs" / run_id / "run.json").read_bytes())
    return values


def test_runs_are_named_by_their_seeds(tmp_path: Path) -> None:
    noisy = ["noise.kind=symmetric", "noise.rate=0.5"]
    spec = small_study(tmp_path / "data", seeds="{ run = 3, noise = [1] }", settings=noisy)
    store = run_small(spec, tmp_path / "study")
    (configuration,) = {run_id.partition("-seed")[0] for run_id in store.run_ids()}
    assert store.run_ids() == [
        f"{configuration}-seed0-noise1",
        f"{configuration}-seed1",
        f"{configuration}-seed2-noise1",
    ]
    found = [record(store.folder, run_id) for run_id in store.run_ids()]
    assert [each["seed"] for each in found] == ["0-noise1", 1, "2-noise1"]
    assert [each["seeds"]["order"] for each in found] == [0, 1, 2]
    assert {each["seeds"]["noise"] for each in found} == {1}
    assert len({each["noise"]["labels_sha256"] for each in found}) == 1
    engine = FakeEngine()
    run_small(store.read_study(), store.folder, engine)
    assert engine.trained == []


@pytest.mark.parametrize("after", [1, 2, 5])
def test_kept_logits_are_the_same_after_an_interruption(tmp_path: Path, after: int) -> None:
    """Of every split, with evaluation only now and then, and a fold for each run."""
    spec = small_study(
        tmp_path / "data",
        seeds="{ run = 3, order = [7] }",
        epochs=5,
        more="folds = 3\nevaluate_every = 2",
        settings=['keep_logits=["train", "validation", "test"]'],
    )
    reference = run_small(spec, tmp_path / "reference", NativeEngine())
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "study", NativeEngine(), StopAfterEvery(after))
    store = run_small(spec, tmp_path / "study", NativeEngine())
    assert contents(store) == contents(reference)

    study = LoadedStudy.load(spec)
    held_out = []
    for run, planned in zip(runs(store), plan_runs(study.spec), strict=True):
        stored, task = loaded(run), study.task(planned)
        evaluated = [epoch.epoch for epoch in stored.history if epoch.evaluated]
        assert evaluated == [2, 4, 5]
        for name, split in task.splits().items():
            logits, labels = run.predictions(name)
            np.testing.assert_array_equal(run.indices(name), split.indices)
            np.testing.assert_array_equal(labels, split.labels)
            known = stored.record.splits[name]
            assert known.fingerprint == split.dataset.fingerprint
            assert (known.images, known.source) == (len(labels), split.source)
            accuracy = getattr(stored.kept, f"{name}_accuracy")
            assert (logits.argmax(axis=1) == labels).mean() == accuracy
        held_out.append(run.indices("validation"))
    np.testing.assert_array_equal(np.sort(np.concatenate(held_out)), np.arange(60))


def test_a_study_may_have_no_test_split(tmp_path: Path) -> None:
    small_study(tmp_path / "data")
    with np.load(tmp_path / "data" / "images.npz") as arrays:
        images = {"images": arrays["train_images"], "labels": arrays["train_labels"]}
    np.savez(tmp_path / "whole.npz", **images)
    settings = [f"dataset={{path='{tmp_path / 'whole.npz'}', test_fraction=0}}"]
    settings += ['keep_logits=["validation"]', "recipe.validation_size=12"]
    spec = small_study(tmp_path / "data", settings=settings, epochs=2)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    for run in runs(store):
        stored = loaded(run)
        assert stored.record.dataset.test_images == 0
        assert set(stored.record.splits) == {"train", "validation"}
        assert stored.kept.test_accuracy is None
        assert stored.kept.validation_accuracy is not None
        assert not run.predictions_file.exists()
        assert len(run.predictions("validation")[1]) == 12


def test_logits_of_a_split_that_is_not_there_are_missed_aloud(tmp_path: Path) -> None:
    settings = ['keep_logits=["validation", "test"]']
    monitor = Remembering()
    spec = small_study(tmp_path / "data", settings=settings)
    store = run_small(spec, tmp_path / "study", monitor=monitor)
    assert len([notice for notice in monitor.notices if "validation" in notice]) == 1
    assert loaded(runs(store)[0]).record.files.keys() >= {"predictions.npz"}
