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


@contextmanager
def our_settings(*, deterministic: bool = False) -> Iterator[None]:
    """Set what an engine needs, and set it back: the last to leave sets back what all share.

    One thread a call, because runs are shared among threads of ours, and small networks leave
    PyTorch's nothing to share; every thread has its own number. Whole float32: PyTorch lets
    convolutions on a GPU round to TF32.

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


def _shared() -> _Shared:
    return (
        torch.get_num_threads(),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _share(values: _Shared) -> None:
    threads, matmul, cudnn, deterministic, warn_only = values
    torch.set_num_threads(threads)  # also that of threads to come
    torch.backends.cuda.matmul.allow_tf32 = matmul
    torch.backends.cudnn.allow_tf32 = cudnn
    torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
