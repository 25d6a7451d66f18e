"""Failures inside PyTorch: out of memory, and errors of user modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import nn

from seedbed.core.errors import NetworkError
from seedbed.engines.torch.modules import NetworkModule
from seedbed.networks.module_facts import in_one_line

_NO_MEMORY: Final = (
    "MPS backend out of memory",
    "CUDA error: out of memory",
    "_STATUS_ALLOC_FAILED",
)
"""Parts of ``RuntimeError`` messages that mean out of memory: from Apple's GPUs, from the start of
CUDA, and from CUDA's libraries (``CUBLAS_STATUS_ALLOC_FAILED``)."""


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device ran out of memory."""
    return isinstance(error, torch.OutOfMemoryError) or any(
        message in str(error) for message in _NO_MEMORY
    )


@contextmanager
def blaming(module: nn.Module, images: int) -> Iterator[None]:
    """Report an error of a user module in one line; other errors are bugs and keep their traceback.

    Args:
        module: The module that the block calls.
        images: The batch size.

    Raises:
        NetworkError: For an error of a user module other than out of memory.
    """
    try:
        yield
    except NetworkError:
        raise
    except Exception as error:
        ours = isinstance(module, NetworkModule)
        if ours or (isinstance(error, RuntimeError) and out_of_memory(error)):
            raise
        raise NetworkError(
            f"failed on a batch of {images} image{'' if images == 1 else 's'}: "
            f"{in_one_line(error)}",
            where=type(module).__name__,
        ) from error
