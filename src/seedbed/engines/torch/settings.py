"""PyTorch's settings that hold for the whole process, while an engine of ours works in it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import torch

_GUARD: Final = threading.Lock()
_Shared: TypeAlias = tuple[int, bool, bool]
"""Threads, deterministic, by warnings alone."""

_BEFORE: Final[list[_Shared]] = []
"""What was set before, once for everybody who is inside."""

_BACKENDS: Final[Any] = torch.backends  # whose attributes are made as it is imported
_GPU: Final = (_BACKENDS.cuda.matmul, _BACKENDS.cudnn.conv, _BACKENDS.cudnn.rnn)
_CPU: Final = (_BACKENDS.mkldnn.matmul, _BACKENDS.mkldnn.conv, _BACKENDS.mkldnn.rnn)
"""What multiplies float32 numbers, as whole ones (``ieee``) or rounded to TF32 or less."""

_TURN: Final = threading.Condition()
_INSIDE: Final[list[tuple[bool, list[str]]]] = []
"""For everybody inside :func:`products`: what all of them want, and what was set before."""


@contextmanager
def our_settings(*, deterministic: bool = False) -> Iterator[None]:
    """Set what an engine needs, and set it back: the last to leave sets back what all share.

    One thread a call, because runs are shared among threads of ours, and small networks leave
    PyTorch's nothing to share; every thread has its own number.

    Args:
        deterministic: Whether operations that may add up in another order each time are replaced
            by slower ones, or refused. The first to come decides.
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
    """Let products of float32 numbers on NVIDIA's GPUs round to TF32, or see that none rounds.

    By itself PyTorch rounds in convolutions on a GPU, and anywhere if it was told to. It has one
    switch for all threads: who wants it otherwise than those who are inside waits until they have
    left. On one GPU nobody waits, because one thread works there.
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
