"""PyTorch's settings that hold for the whole process, while an engine of ours works in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import torch

_GUARD: Final = threading.Lock()
_Shared: TypeAlias = tuple[int, bool, bool, bool, bool]
"""Threads, TF32 in products of matrices and in convolutions, deterministic, by warnings alone."""

_BEFORE: Final[list[_Shared]] = []
"""What was set before, once for everybody who is inside."""

_TURN: Final = threading.Condition()
_INSIDE: Final[list[tuple[bool, bool, bool]]] = []
"""For everybody inside :func:`tf32`: what all of them want, and what was set before."""


@contextmanager
def our_settings(*, deterministic: bool = False) -> Iterator[None]:
    """Set what an engine needs, and set it back: the last to leave sets back what all share.

    One thread a call, because runs are shared among threads of ours, and small networks leave
    PyTorch's nothing to share; every thread has its own number. Whole float32, but in :func:`tf32`:
    PyTorch lets convolutions on a GPU round by default.

    Args:
        deterministic: Whether operations that may add up in another order each time are replaced
            by slower ones, or refused. The first to come decides.
    """
    with _GUARD:
        threads = torch.get_num_threads()
        _BEFORE.append(_BEFORE[-1] if _BEFORE else _shared())
        if len(_BEFORE) == 1:
            found = _BEFORE[0][3:]
            _share((threads, False, False, *((True, False) if deterministic else found)))
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
def tf32(*, allowed: bool) -> Iterator[None]:
    """Let products of float32 numbers on NVIDIA's GPUs round to TF32, or see to it that none does.

    PyTorch has one switch for all threads. Who wants it otherwise than those who are inside waits
    until they have left; on one GPU nobody waits, because one thread works there.
    """
    with _TURN:
        _TURN.wait_for(lambda: not _INSIDE or _INSIDE[0][0] is allowed)
        _INSIDE.append((allowed, *(_INSIDE[0][1:] if _INSIDE else _tf32())))
        _round(allowed, allowed)
    try:
        yield
    finally:
        with _TURN:
            _, *before = _INSIDE.pop()
            if not _INSIDE:
                _round(*before)
                _TURN.notify_all()


def _tf32() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


def _round(matmul: bool, cudnn: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = matmul
    torch.backends.cudnn.allow_tf32 = cudnn


def _shared() -> _Shared:
    return (
        torch.get_num_threads(),
        *_tf32(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _share(values: _Shared) -> None:
    threads, matmul, cudnn, deterministic, warn_only = values
    torch.set_num_threads(threads)  # also that of threads to come
    _round(matmul, cudnn)
    torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
