"""How jobs are shared among cores: with jobs that do nothing, in rounds instead of seconds."""

import math
import threading
import time
from dataclasses import dataclass, field
from threading import Condition, Event

import pytest

from seedbed.engines.scheduler import Scheduler

STEP = 0.003


@dataclass(eq=False)
class CountingJob:
    """So many steps of equal length."""

    steps: int
    done: int = 0

    @property
    def remaining_work(self) -> float:
        return float(self.steps - self.done)


@dataclass
class Rounds:
    """Lets a step of as many jobs as there are cores, or jobs left, end at the same time."""

    jobs: list[CountingJob]
    cores: int
    count: int = 0
    began: dict[int, int] = field(default_factory=dict)
    """The round of each job's first step."""
    given: dict[int, list[int]] = field(default_factory=dict)
    """The cores of each job's steps."""
    pause: float = 0.0
    """Seconds after each step, in which the other workers get to know."""
    _in_use: int = 0
    _together: list[CountingJob] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)

    def step(self, job: CountingJob, cores: int) -> None:
        with self._changed:
            assert job not in self._together, "two threads work on the same job"
            self._in_use += cores
            assert 1 <= cores <= self._in_use <= self.cores, "more cores are used than there are"
            self.began.setdefault(self.jobs.index(job), self.count)
            self.given.setdefault(self.jobs.index(job), []).append(cores)
            self._together.append(job)
            this_round = self.count
            unfinished = sum(other.remaining_work > 0 for other in self.jobs)
            if len(self._together) == min(self.cores, unfinished):
                for other in self._together:
                    other.done += 1
                self._together.clear()
                self.count += 1
                self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.count > this_round, timeout=30), (
                "a core is idle although there is work"
            )
            self._in_use -= cores
        time.sleep(self.pause)


def worked(steps: list[int], cores: int, pause: float = 0.0) -> Rounds:
    rounds = Rounds([CountingJob(count) for count in steps], cores, pause=pause)
    Scheduler(rounds.jobs, rounds.step, Event(), cores=cores).run()
    assert all(job.done == job.steps for job in rounds.jobs)
    return rounds


def test_one_core_finishes_one_job_after_the_other() -> None:
    rounds = worked([3, 2, 4], cores=1)
    assert rounds.began == {0: 0, 1: 3, 2: 5}
    assert rounds.count == 9


@pytest.mark.parametrize(
    ("steps", "cores"),
    [
        ([12] * 5, 2),
        ([10] * 7, 3),
        ([4, 4, 12, 20], 2),
        ([3, 9, 1, 9, 2, 8], 2),
        ([5, 6, 7, 8], 3),
        ([1, 1, 1, 30], 2),
    ],
)
def test_all_cores_have_work_until_the_end(steps: list[int], cores: int) -> None:
    """Job after job, five of twelve steps on two cores would take 36 rounds, not 30."""
    shortest = max(math.ceil(sum(steps) / cores), max(steps))
    assert shortest <= worked(steps, cores).count <= shortest + 1


def test_a_job_as_long_as_all_others_together_is_begun_at_once() -> None:
    rounds = worked([5, 5, 5, 15], cores=2)
    assert rounds.began[3] == 0
    assert rounds.count <= 16


def test_jobs_begin_in_their_order() -> None:
    began = worked([6] * 6, cores=2).began
    assert [began[job] for job in range(6)] == sorted(began.values())


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_more_cores_than_jobs_and_jobs_without_work(cores: int) -> None:
    assert worked([], cores).count == 0
    assert worked([0, 0], cores).count == 0
    assert worked([0, 2, 1], cores).began.keys() == {1, 2}


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_a_single_job_gets_all_cores(cores: int) -> None:
    assert worked([3], cores).given == {0: [cores] * 3}


def test_jobs_get_a_core_before_one_gets_two() -> None:
    given = worked([20] * 5, cores=3).given
    assert all(cores == 1 for steps in given.values() for cores in steps[:-5])


def test_the_last_job_ends_on_all_cores() -> None:
    given = worked([2, 2, 12], cores=2, pause=STEP).given
    assert given[2][-5:] == [2] * 5
    assert given[0] + given[1] == [1] * 4


def test_jobs_with_equal_work_share_the_cores() -> None:
    given = worked([10, 10], cores=4).given
    assert given == {0: [2] * 10, 1: [2] * 10}


def test_more_work_gets_more_cores() -> None:
    given = worked([30, 10], cores=4).given
    assert given[0][:5] == [3] * 5
    assert given[1][:5] == [1] * 5


def test_the_first_error_ends_all_and_is_raised() -> None:
    jobs = [CountingJob(1000) for _ in range(4)]
    stop, failure = Event(), ValueError("second job")

    def step(job: CountingJob, _cores: int) -> None:
        time.sleep(STEP)
        job.done += 1
        if job is jobs[1] and job.done == 3:
            raise failure

    with pytest.raises(ValueError, match="second") as error:
        Scheduler(jobs, step, stop, cores=3).run()
    assert error.value is failure
    assert stop.is_set()
    assert all(job.done < 100 for job in jobs)


def test_errors_that_are_no_exceptions_are_raised_too() -> None:
    def step(job: CountingJob, _cores: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Scheduler([CountingJob(1)], step, Event(), cores=1).run()


def test_stop_ends_all_threads() -> None:
    stop = Event()
    before = threading.active_count()
    jobs = [CountingJob(10_000) for _ in range(3)]

    def step(job: CountingJob, _cores: int) -> None:
        time.sleep(STEP)
        job.done += 1
        if job.done == 5:
            stop.set()

    Scheduler(jobs, step, stop, cores=2).run()
    assert all(job.done < 100 for job in jobs)
    assert threading.active_count() == before


def test_nothing_is_begun_when_stop_is_set_already() -> None:
    stop = Event()
    stop.set()
    jobs = [CountingJob(1)]
    Scheduler(jobs, Rounds(jobs, cores=2).step, stop, cores=2).run()
    assert jobs[0].done == 0
