"""PyTorch's own settings are ours while an engine works, and afterwards what they were."""

import threading
from collections.abc import Iterator

import pytest
import torch

from seedbed.engines.torch.settings import our_settings


def now() -> tuple[int, bool, bool]:
    return (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.mark.parametrize("deterministic", [False, True])
def test_they_are_set_and_set_back(deterministic: bool) -> None:
    before = now()
    with our_settings(deterministic=deterministic):
        assert now() == (1, deterministic, False)
        with our_settings():
            assert now() == (1, deterministic, False)
        assert now() == (1, deterministic, False)
    assert now() == before
    with pytest.raises(ZeroDivisionError), our_settings(deterministic=deterministic):
        raise ZeroDivisionError
    assert now() == before


def test_every_thread_has_its_own_number_of_threads_and_shares_the_rest() -> None:
    before = now()
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with our_settings():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=stay)
    with our_settings(deterministic=True):
        thread.start()
        entered.wait()
    assert now() == (2, True, False)
    leave.set()
    thread.join()
    assert now() == before


def test_warnings_in_place_of_errors_are_set_back() -> None:
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with our_settings():
            assert now()[1:] == (True, True)
        with our_settings(deterministic=True):
            assert now()[1:] == (True, False)
        assert now()[1:] == (True, True)
    finally:
        torch.use_deterministic_algorithms(False)
