"""The measurement before training: what it measures once, and what it makes of it."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fake_engine import FakeEngine
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.throughput import TOTAL_SECONDS, Throughput, measure_throughput, step_kind
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Augmentation
from small import small_study


@pytest.fixture
def task(tmp_path: Path) -> RunTask:
    study = LoadedStudy.load(small_study(tmp_path))
    return study.task(plan_runs(study.spec)[0])


def with_recipe(task: RunTask, **changes: Any) -> RunTask:
    return replace(task, recipe=task.recipe.model_copy(update=changes))


def test_the_time_of_a_run_is_that_of_its_images(task: RunTask) -> None:
    # 60 training and 30 test images; 4 epochs.
    assert Throughput(1.0, 0.0).seconds(task) == 4 * 60
    # After each epoch 30 of one and 30 of the other; at the end all 60.
    assert Throughput(0.0, 1.0).seconds(task) == 4 * 60 + 30
    assert Throughput(1.0, 0.0).seconds(task, 3) == 60
    assert Throughput(1.0, 1.0).seconds(task, 4) == 0
    subset = with_recipe(task, train_size=20, validation_size=5, evaluate_every=1)
    assert Throughput(1.0, 0.0).seconds(subset) == 4 * 20
    assert Throughput(0.0, 1.0).seconds(subset) == 4 * (20 + 5 + 30)
    seldom = with_recipe(task, epochs=5, evaluate_every=2)  # after epochs 2, 4 and 5
    assert [Throughput(0.0, 1.0).seconds(seldom, done) for done in range(6)] == [
        *(3 * 60 + 30, 3 * 60 + 30, 2 * 60 + 30, 2 * 60 + 30, 60 + 30, 0)
    ]
    few = with_recipe(task, train_size=10)  # after epochs 3 and 4
    assert Throughput(0.0, 1.0).seconds(few) == 2 * (10 + 30)
    fold = with_recipe(task, folds=4)
    assert Throughput(1.0, 0.0).seconds(fold) == 4 * 45
    assert Throughput(0.0, 1.0).seconds(fold) == 4 * (30 + 15 + 30) + 15


def test_what_takes_the_same_steps_is_measured_once(task: RunTask) -> None:
    same = [with_recipe(task, learning_rate=rate, epochs=9) for rate in (0.1, 0.2)]
    elastic = Augmentation(elastic_alpha=5)
    others = [
        with_recipe(task, batch_size=8),
        with_recipe(task, optimizer="adam"),
        with_recipe(task, augmentation=elastic),
    ]
    engine = FakeEngine()
    paces = measure_throughput([task, *same, *others], engine, threads=2)
    assert set(paces) == {step_kind(each) for each in (task, *others)}
    assert len(engine.trained) == 4 * 2  # on two cores at once
    assert all(pace.train > 0 and pace.predict > 0 for pace in paces.values())


def test_the_pace_is_that_of_the_engine(task: RunTask) -> None:
    pace = measure_throughput([task], FakeEngine(delay=0.05), threads=1)[step_kind(task)]
    # Four batches of at most 16 for 60 images.
    assert pace.train == pytest.approx(4 * 0.05 / 60, rel=0.5)
    assert pace.predict < pace.train


def test_a_learning_rate_that_diverges_can_be_measured(task: RunTask) -> None:
    wild = with_recipe(task, learning_rate=1e30)
    assert measure_throughput([wild], NativeEngine(), threads=1)[step_kind(wild)].train > 0


def test_it_takes_a_few_seconds_however_many_kinds_there_are(task: RunTask) -> None:
    kinds = [with_recipe(task, batch_size=size) for size in range(1, 41)]
    begun = time.monotonic()
    assert len(measure_throughput(kinds, NativeEngine(), threads=2)) == 40
    assert time.monotonic() - begun < 3 * TOTAL_SECONDS
