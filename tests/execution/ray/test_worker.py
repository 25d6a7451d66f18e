import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from seedbed.core.errors import ExecutionError, MissingExtra
from seedbed.execution.executor import EpochsFinished, Failed, Finished, ImagesTrained, Job
from seedbed.execution.ray.worker import Outbox, load_here, portable
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.store.ended import EndedRun
from seedbed.training.engine import EpochRecord, RunState
from small import small_study

ENDED = EndedRun({}, {}, None)


def epoch(number: int) -> EpochRecord:
    return EpochRecord(
        epoch=number, learning_rate=0.1, running_loss=1.0, running_accuracy=0.5, seconds=0.01
    )


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    study = LoadedStudy.load(small_study(tmp_path, seeds="2"))
    return [Job(run) for run in plan_runs(study.spec)]


def test_epochs_are_put_together_and_the_last_checkpoint_is_kept(jobs: list[Job]) -> None:
    outbox, one = Outbox(jobs), jobs[0].id
    states = [RunState(number, {"network/weights": np.zeros(3)}) for number in (1, 2, 3)]
    outbox.add(ImagesTrained(one, 10))
    for number, state in enumerate(states[:2], 1):
        outbox.add(ImagesTrained(one, 5))
        outbox.add(EpochsFinished(one, (epoch(number),), state))
    outbox.add(ImagesTrained(one, 7))
    events = outbox.take(0.0)
    assert events == [
        ImagesTrained(one, 20),
        EpochsFinished(one, (epoch(1), epoch(2)), states[1]),
        ImagesTrained(one, 7),
    ]
    assert outbox.take(0.0) == []
    outbox.add(EpochsFinished(one, (epoch(3),), states[2]))
    outbox.add(Finished(one, ENDED))
    assert outbox.take(0.0) == [
        EpochsFinished(one, (epoch(3),), None),  # nothing resumes
        Finished(one, ENDED),
    ]
    assert outbox.open == {jobs[1].id}


def test_the_last_end_wakes_who_waits(jobs: list[Job]) -> None:
    outbox = Outbox(jobs)
    for job in jobs:
        threading.Timer(0.01, outbox.add, [Finished(job.id, ENDED)]).start()
    assert {event.id for event in outbox.take(60.0)} == {job.id for job in jobs}
    assert not outbox.open


def test_errors_reach_the_driver(jobs: list[Job]) -> None:
    missing = MissingExtra("torch", "the torch engine")
    copy = pickle.loads(pickle.dumps(portable(missing)))
    assert (str(copy), copy.extra, copy.hint) == (str(missing), "torch", missing.hint)
    plain = portable(ZeroDivisionError("no"))
    assert isinstance(pickle.loads(pickle.dumps(plain)), ZeroDivisionError)
    assert "On node" in plain.__notes__[0]

    class Unpicklable(Exception):
        def __reduce__(self) -> str:
            raise TypeError

    outbox = Outbox(jobs)
    outbox.add(Failed(jobs[0].id, Unpicklable("what happened")))
    (event,) = outbox.take(0.0)
    assert isinstance(event, Failed)
    assert isinstance(event.error, ExecutionError)
    assert "what happened" in event.error.what


def test_a_dataset_is_read_once_from_the_disk_of_a_node(jobs: list[Job]) -> None:
    spec = jobs[0].run.configuration.dataset
    assert load_here(spec).fingerprint == spec.fingerprint
    assert load_here(spec) is load_here(spec)
