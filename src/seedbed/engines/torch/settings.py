"""PyTorch's process-wide settings while an engine is running."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import torch

_GUARD: Final = threading.Lock()
_Shared: TypeAlias = tuple[int, bool, bool]
"""Number of threads, deterministic, warn only."""

_BEFORE: Final[list[_Shared]] = []
"""The previous settings, once for each active caller."""

_BACKENDS: Final[Any] = torch.backends  # its attributes are created at import
_GPU: Final = (_BACKENDS.cuda.matmul, _BACKENDS.cudnn.conv, _BACKENDS.cudnn.rnn)
_CPU: Final = (_BACKENDS.mkldnn.matmul, _BACKENDS.mkldnn.conv, _BACKENDS.mkldnn.rnn)
"""Switches for products of float32 numbers: exact (``ieee``), or rounded to TF32 or less."""

_TURN: Final = threading.Condition()
_INSIDE: Final[list[tuple[bool, list[str]]]] = []
"""For each active caller of :func:`products`: the common setting and the previous values."""


@contextmanager
def our_settings(*, deterministic: bool = False) -> Iterator[None]:
    """Set PyTorch up for an engine, and restore it; the last caller restores shared settings.

    PyTorch uses one thread per call, because Seedbed's threads share the runs, and a small network
    offers no parallelism. This setting belongs to the thread.

    Args:
        deterministic: Whether operations whose order of sums varies are replaced by slower ones, or
            rejected. The first caller decides.
    """
    with _GUARD:
        threads = torch.get_num_threads()
        _BEFORE.append(_BEFORE[-1] if _BEFORE else _shared())
        if len(_BEFORE) == 1:
            previous = _BEFORE[0][1:]
            _share((threads, *((True, False) if deterministic else previous)))
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _GUARD:
            torch.set_num_threads(threads)
            before = _BEFORE.pop()
            if not _BEFORE:
                _share(before)


@contextmanager
def products(*, tf32: bool) -> Iterator[None]:
    """Round products of float32 numbers on NVIDIA GPUs to TF32, or make sure that none is rounded.

    By default PyTorch rounds in convolutions on a GPU. All threads share the switch, so a caller
    with the other setting waits until the active callers have finished. With one GPU there is only
    one thread, which never waits.
    """
    with _TURN:
        _TURN.wait_for(lambda: not _INSIDE or _INSIDE[0][0] is tf32)
        current = [switch.fp32_precision for switch in (*_GPU, *_CPU)]
        _INSIDE.append((tf32, _INSIDE[0][1] if _INSIDE else current))
        _set_precision([*["tf32" if tf32 else "ieee"] * len(_GPU), *["ieee"] * len(_CPU)])
    try:
        yield
    finally:
        with _TURN:
            _, before = _INSIDE.pop()
            if not _INSIDE:
                _set_precision(before)
                _TURN.notify_all()


def _set_precision(values: Sequence[str]) -> None:
    for switch, value in zip((*_GPU, *_CPU), values, strict=True):
        switch.fp32_precision = value


def _shared() -> _Shared:
    return (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _share(values: _Shared) -> None:
    threads, deterministic, warn_only = values
    torch.set_num_threads(threads)  # for new threads too
    torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
