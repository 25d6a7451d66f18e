"""The queue of jobs, held against a choice that asks every job every time."""

import random
import time

import pytest

from seedbed.engines.job_queue import JobQueue


def slow_choice(left: dict[int, float], running: set[int], cores: int) -> int:
    """Return the next job as the docstring of the scheduler describes it."""
    free = [position for position in sorted(left) if left[position] and position not in running]
    longest = max(free, key=lambda position: left[position])
    return longest if left[longest] * cores >= sum(left.values()) else free[0]


@pytest.mark.parametrize("seed", range(20))
def test_it_chooses_like_one_that_asks_every_job(seed: int) -> None:
    draw = random.Random(seed)
    cores = draw.randint(1, 4)
    left = {position: float(draw.randint(0, 9)) for position in range(draw.randint(1, 60))}
    queue, running = JobQueue(list(left.values())), set[int]()
    while any(left.values()):
        assert not queue.ended
        assert queue.work == sum(left.values())
        waiting = sum(work > 0 for work in left.values()) - len(running)
        assert len(queue) == waiting
        if waiting and (len(running) < cores and (not running or draw.random() < 0.6)):
            expected = slow_choice(left, running, cores)
            assert queue.take(cores) == (expected, left[expected])
            running.add(expected)
        else:
            ended = draw.choice(sorted(running))
            running.remove(ended)
            # A step may take no work off, or find that another process has the run.
            left[ended] = draw.choice([left[ended], left[ended] - 1, 0.0])
            queue.put_back(ended, left[ended])
    assert queue.ended
    assert len(queue) == 0


def seconds_per_step(jobs: int) -> float:
    queue = JobQueue([20.0] * jobs)
    start, steps = time.process_time(), 0
    while not queue.ended:
        position, left = queue.take(2)
        queue.put_back(position, left - 1)
        steps += 1
    return (time.process_time() - start) / steps


def test_a_step_does_not_take_longer_among_more_jobs() -> None:
    seconds_per_step(100)
    assert seconds_per_step(8000) < 8 * seconds_per_step(500)  # a scan would take 16 times as long
