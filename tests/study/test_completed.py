"""Which runs of a study have finished, and asking their weights a few images at a time."""

from pathlib import Path
from threading import Event

import numpy as np

from seedbed.engines.native.engine import NativeEngine
from seedbed.study.completed import AT_ONCE, finished_runs, logits_of
from seedbed.study.loaded import LoadedStudy
from small import run_small, small_study


def test_runs_that_are_damaged_or_gone_are_left_out(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="3", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    study = store.read_study()
    whole, damaged, gone = finished_runs(store, study)
    assert [each.planned.seeds.run for each in (whole, damaged, gone)] == [0, 1, 2]
    damaged.store.weights_file.write_bytes(b"half")
    gone.store.record_file.unlink()
    assert [each.planned for each in finished_runs(store, study)] == [whole.planned]


def test_logits_are_those_of_all_images_until_somebody_stops(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="1", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    (run,) = finished_runs(store, store.read_study())
    task, weights, engine = (
        LoadedStudy.load(spec).task(run.planned),
        run.store.weights(),
        NativeEngine(),
    )
    images = np.resize(task.dataset.test.images, (2 * AT_ONCE + 1, *task.dataset.test.image_shape))
    network, normalization = task.network, task.dataset.train.normalization()
    found = logits_of(engine, network, weights, images, normalization, Event())
    expected = engine.logits(network, weights, images, normalization)
    np.testing.assert_array_equal(found, expected)
    stop = Event()
    stop.set()
    assert logits_of(engine, network, weights, images, normalization, stop) is None
