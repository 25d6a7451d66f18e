"""How jobs are shared among threads: with jobs that only wait, and remember who waited when."""

import threading
import time
from dataclasses import dataclass, field
from threading import Event, Lock

import pytest

from seedbed.training.crew import Crew

STEP = 0.003


@dataclass(eq=False)
class WaitingJob:
    """So many steps of equal length."""

    steps: int
    done: int = 0
    busy: Lock = field(default_factory=Lock)

    @property
    def work_left(self) -> float:
        return float(self.steps - self.done)


@dataclass(eq=False)
class Diary:
    """Does the steps of jobs, and writes down what happened at the same time."""

    jobs: list[WaitingJob]
    order: list[int] = field(default_factory=list)
    """The job of every step, as the steps began."""
    alone: int = 0
    """Steps with no other step at the same time."""
    threads: set[int] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _running: dict[int, bool] = field(default_factory=dict)

    def step(self, job: WaitingJob) -> None:
        assert job.busy.acquire(blocking=False), "two threads work on the same job"
        position = self.jobs.index(job)
        with self._lock:
            self.order.append(position)
            self.threads.add(threading.get_ident())
            for other in self._running:
                self._running[other] = True
            self._running[position] = len(self._running) > 0
        time.sleep(STEP)
        with self._lock:
            self.alone += not self._running.pop(position)
        job.done += 1
        job.busy.release()


def worked(steps: list[int], threads: int) -> Diary:
    diary = Diary([WaitingJob(count) for count in steps])
    Crew(diary.jobs, diary.step, Event()).work(threads)
    assert all(job.done == job.steps for job in diary.jobs)
    assert len(diary.order) == sum(steps)
    return diary


def test_one_thread_finishes_one_job_after_the_other() -> None:
    assert worked([3, 2, 4], threads=1).order == [0] * 3 + [1] * 2 + [2] * 4


@pytest.mark.parametrize(
    ("steps", "threads"),
    [([12] * 5, 2), ([10] * 7, 3), ([4, 4, 12, 20], 2), ([3, 9, 1, 9, 2, 8], 2), ([5, 6, 7, 8], 3)],
)
def test_all_threads_have_work_until_the_end(steps: list[int], threads: int) -> None:
    """Job after job, five of twelve steps on two threads would leave twelve steps alone."""
    diary = worked(steps, threads)
    assert diary.alone <= 2
    assert len(diary.threads) == threads


def test_a_job_as_long_as_all_others_together_is_begun_at_once() -> None:
    diary = worked([5, 5, 5, 15], threads=2)
    assert 3 in diary.order[:2]
    assert diary.alone <= 2


def test_jobs_begin_in_their_order() -> None:
    diary = worked([6] * 6, threads=2)
    first = [diary.order.index(job) for job in range(6)]
    assert first == sorted(first)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_more_threads_than_jobs_and_jobs_without_work(threads: int) -> None:
    assert worked([], threads).order == []
    assert worked([0, 0], threads).order == []
    assert sorted(worked([0, 2, 1], threads).order) == [1, 1, 2]


def test_the_first_error_ends_all_and_is_raised() -> None:
    jobs = [WaitingJob(1000) for _ in range(4)]
    stop = Event()

    def step(job: WaitingJob) -> None:
        time.sleep(STEP)
        job.done += 1
        if job is jobs[1] and job.done == 3:
            raise ValueError("of the second job")

    with pytest.raises(ValueError, match="of the second job"):
        Crew(jobs, step, stop).work(3)
    assert stop.is_set()
    assert all(job.done < 100 for job in jobs)


def test_errors_that_are_no_exceptions_are_raised_too() -> None:
    def step(job: WaitingJob) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Crew([WaitingJob(1)], step, Event()).work(1)


def test_stop_ends_all_threads() -> None:
    stop = Event()
    before = threading.active_count()
    jobs = [WaitingJob(10_000) for _ in range(3)]

    def step(job: WaitingJob) -> None:
        time.sleep(STEP)
        job.done += 1
        if job.done == 5:
            stop.set()

    Crew(jobs, step, stop).work(2)
    assert all(job.done < 100 for job in jobs)
    assert threading.active_count() == before


def test_nothing_is_begun_when_stop_is_set_already() -> None:
    stop = Event()
    stop.set()
    jobs = [WaitingJob(1)]
    Crew(jobs, Diary(jobs).step, stop).work(2)
    assert jobs[0].done == 0
