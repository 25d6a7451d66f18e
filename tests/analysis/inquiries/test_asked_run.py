"""A run that answers: which images it is asked about, a few at a time, until somebody stops."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest

from kernels import engine_logits
from seedbed.analysis.inquiries.asked_run import IMAGES_AT_ONCE, AskedRun, Stopped, chosen_images
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.completed import finished_runs
from seedbed.study.loaded import LoadedStudy
from small import run_small, small_study


@pytest.fixture
def asked(tmp_path: Path) -> AskedRun:
    spec = small_study(tmp_path, seeds="1", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    (run,) = finished_runs(store, store.read_study())
    task = LoadedStudy.load(spec).task(run.planned)
    test = task.dataset.test
    index = np.arange(2 * IMAGES_AT_ONCE + 1) % len(test)
    return AskedRun(
        run, task, NativeEngine(), test.images[index], test.labels[index], index, Event()
    )


def test_logits_are_those_of_all_images(asked: AskedRun) -> None:
    weights = asked.run.store.weights()
    expected = engine_logits(asked.engine, asked.task, weights, asked.images)
    np.testing.assert_array_equal(asked.logits(), expected)


def test_nothing_is_evaluated_once_nobody_waits(asked: AskedRun) -> None:
    asked.stop.set()
    with pytest.raises(Stopped):
        asked.logits()
    with pytest.raises(Stopped):
        asked.features()


def test_many_test_images_are_drawn_from_without_a_pattern() -> None:
    np.testing.assert_array_equal(chosen_images(1999), np.arange(1999))
    chosen = chosen_images(10_000)
    assert len(np.unique(chosen)) == 2000
    assert (np.diff(chosen) > 0).all()
    # Labels that come in turn, as in many folders, are all there alike.
    assert np.bincount(chosen % 10).min() > 150
    np.testing.assert_array_equal(chosen, chosen_images(10_000))
