"""What is done, what is left, and times in words."""

import pytest

from seedbed.execution.monitor import RunProgress
from seedbed.execution.work import Work, count_runs, duration


def test_work_is_counted_in_images() -> None:
    work = Work(
        [RunProgress("", "seed 0", 10, 4, 100), RunProgress("", "seed 1", 5, 0, 200)], started=100.0
    )
    assert (work.done, work.total) == (400, 2000)
    assert work.count == "0 of 2 runs"
    work.images_trained(1, 150)
    assert work.done == 550
    work.epoch_finished(1, 1)
    assert work.done == 600
    work.run_finished(0)  # it diverged: nothing of it is left
    assert work.done == 1200
    assert work.count == "1 of 2 runs"


def test_the_time_left_is_at_the_speed_so_far() -> None:
    work = Work([RunProgress("", "seed 0", 10, 0, 100)], started=100.0)
    work.images_trained(0, 250)
    assert work.seconds_left(105.0) == pytest.approx(15.0)


def test_what_was_done_before_says_nothing_about_the_speed() -> None:
    work = Work([RunProgress("", "seed 0", 10, 5, 100)], started=0.0)
    work.images_trained(0, 100)
    assert work.seconds_left(1.0) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.01, "0.1 s"),
        (0.44, "0.4 s"),
        (1.2, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (150, "2 min 30 s"),
        (599.9, "10 min"),
        (3599, "1 h"),
        (3900, "1 h 5 min"),
        (90_000, "25 h"),
    ],
)
def test_times_in_words(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_one_run_is_no_runs() -> None:
    assert [count_runs(n) for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
