"""Writes in other threads: all are done, and their errors arrive."""

import threading
from functools import partial

import pytest

from seedbed.core.errors import StoreError
from seedbed.execution.storing.writer import MAX_WAITING, THREADS, Writer


def writing() -> int:
    return sum(thread.name == "seedbed-writer" for thread in threading.enumerate())


def test_everything_is_written_when_it_is_closed() -> None:
    writer = Writer()
    done: list[int] = []
    for number in range(3 * MAX_WAITING):
        writer.submit(partial(done.append, number))
    writer.close()
    assert sorted(done) == list(range(3 * MAX_WAITING))


def test_what_is_written_slowly_is_waited_for() -> None:
    writer, go = Writer(), threading.Event()

    def wait() -> None:
        go.wait(30)

    for _ in range(MAX_WAITING):
        writer.submit(wait)
    late = threading.Thread(target=writer.submit, args=(lambda: None,))
    late.start()
    late.join(0.05)
    assert late.is_alive()  # so that a slow disk does not fill the memory
    assert writing() == THREADS
    go.set()
    late.join()
    writer.close()
    assert writing() == 0


def test_an_error_is_raised_once_and_the_rest_is_written() -> None:
    writer, go = Writer(), threading.Event()
    done: list[int] = []

    def fail() -> None:
        go.wait(30)
        raise StoreError("full")

    writer.submit(fail)
    for number in range(THREADS):
        writer.submit(partial(done.append, number))
    go.set()
    with pytest.raises(StoreError):
        writer.close()
    assert sorted(done) == list(range(THREADS))
    writer.close()


def test_ctrl_c_while_a_thread_starts_leaves_nothing_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer, start = Writer(), threading.Thread.start
    writer.submit(lambda: None)

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writer.submit(lambda: None)
    writer.close()
    assert writing() == 0
    done: list[int] = []
    writer.submit(partial(done.append, 1))
    writer.close()
    assert done == [1]
