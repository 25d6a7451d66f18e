"""Failures inside PyTorch: no memory left, and user modules that raise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import nn

from seedbed.core.errors import NetworkError
from seedbed.engines.torch.module import NetworkModule

_NO_MEMORY: Final = (
    "MPS backend out of memory",
    "CUDA error: out of memory",
    "_STATUS_ALLOC_FAILED",
)
"""Messages of a plain ``RuntimeError`` that mean no memory: from Apple's GPUs, from the start of
CUDA, and from CUDA's libraries (``CUBLAS_STATUS_ALLOC_FAILED``)."""


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device had no memory left."""
    return isinstance(error, torch.OutOfMemoryError) or any(
        each in str(error) for each in _NO_MEMORY
    )


@contextmanager
def blaming(module: nn.Module, images: int) -> Iterator[None]:
    """Report in one line what a user module raises; anything else is a defect of Seedbed.

    Args:
        module: The module that the block runs.
        images: How many images it is given.

    Raises:
        NetworkError: If a user module raises, except for lack of memory.
    """
    try:
        yield
    except NetworkError:
        raise
    except Exception as error:
        own = not isinstance(module, NetworkModule)
        if not own or (isinstance(error, RuntimeError) and out_of_memory(error)):
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise NetworkError(
            f"failed on a batch of {images} image{'' if images == 1 else 's'}: {said}",
            where=type(module).__name__,
        ) from error
