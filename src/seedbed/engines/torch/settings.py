"""PyTorch's process-wide settings, while one of Seedbed's engines is working."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import torch

_GUARD: Final = threading.Lock()
_Shared: TypeAlias = tuple[int, bool, bool]
"""Number of threads, deterministic, warn only."""

_BEFORE: Final[list[_Shared]] = []
"""What was set before, once for each caller inside."""

_BACKENDS: Final[Any] = torch.backends  # whose attributes are made as it is imported
_GPU: Final = (_BACKENDS.cuda.matmul, _BACKENDS.cudnn.conv, _BACKENDS.cudnn.rnn)
_CPU: Final = (_BACKENDS.mkldnn.matmul, _BACKENDS.mkldnn.conv, _BACKENDS.mkldnn.rnn)
"""Switches for products of float32 numbers: exact inputs (``ieee``), or rounded to TF32 or less."""

_TURN: Final = threading.Condition()
_INSIDE: Final[list[tuple[bool, list[str]]]] = []
"""For each caller inside :func:`products`: what they all want, and what was set before."""


@contextmanager
def our_settings(*, deterministic: bool = False) -> Iterator[None]:
    """Set what an engine needs, and restore it; the last caller to leave restores shared settings.

    PyTorch uses one thread per call, because runs are shared among Seedbed's threads, and a small
    network has nothing to share. Every thread has a setting of its own for this.

    Args:
        deterministic: Whether operations that may add up in a different order each time are
            replaced by slower ones, or refused. The first caller decides.
    """
    with _GUARD:
        threads = torch.get_num_threads()
        _BEFORE.append(_BEFORE[-1] if _BEFORE else _shared())
        if len(_BEFORE) == 1:
            found = _BEFORE[0][1:]
            _share((threads, *((True, False) if deterministic else found)))
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

    By default PyTorch rounds in convolutions on a GPU. The switch is one for all threads, so a
    caller that wants the other setting waits until the callers inside have left. On one GPU nobody
    waits, because a single thread works there.
    """
    with _TURN:
        _TURN.wait_for(lambda: not _INSIDE or _INSIDE[0][0] is tf32)
        found = [each.fp32_precision for each in (*_GPU, *_CPU)]
        _INSIDE.append((tf32, _INSIDE[0][1] if _INSIDE else found))
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
    for each, value in zip((*_GPU, *_CPU), values, strict=True):
        each.fp32_precision = value


def _shared() -> _Shared:
    return (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _share(values: _Shared) -> None:
    threads, deterministic, warn_only = values
    torch.set_num_threads(threads)  # also that of threads to come
    torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
