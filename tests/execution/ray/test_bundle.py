from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.executor import EpochsFinished, Job
from seedbed.execution.ray.bundle import MAX_JOBS, Durations, cores_wanted
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.training.engine import EpochRecord
from small import small_study


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Of four epochs with batches of 16 images."""
    study = LoadedStudy.load(small_study(tmp_path))
    return Job(plan_runs(study.spec)[0])


def finished(*seconds: float) -> EpochsFinished:
    epochs = [
        EpochRecord(epoch=i, learning_rate=0.1, running_loss=1, running_accuracy=0, seconds=each)
        for i, each in enumerate(seconds, 1)
    ]
    return EpochsFinished("run", tuple(epochs), None)


@pytest.mark.parametrize(
    ("seconds", "jobs"),
    [((), 1), ((0.0125,), 60), ((0.01, 0.025), 30), ((3.0,), 1), ((0.0,), MAX_JOBS)],
)
def test_runs_of_about_three_seconds_together_are_bundled(
    job: Job, seconds: tuple[float, ...], jobs: int
) -> None:
    durations = Durations()
    durations.add(finished(*seconds))
    assert durations.jobs_at_once(job) == jobs


def test_a_slow_epoch_is_forgotten(job: Job) -> None:
    durations = Durations()
    durations.add(finished(100.0))
    durations.add(finished(*[0.0125] * MAX_JOBS))
    assert durations.jobs_at_once(job) == 60


def test_an_engine_that_cannot_share_a_run_gets_one_core(job: Job) -> None:
    facts = NativeEngine().facts
    assert cores_wanted(job, replace(facts, images_a_core=None)) == 1
    assert cores_wanted(job, replace(facts, images_a_core=5)) == 4
