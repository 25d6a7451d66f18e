"""What goes wrong inside PyTorch: memory that ends, and modules of the user's own that fail."""

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
"""What is said where memory ends without an error of its own: on Apple's GPUs, where CUDA
begins, and by its libraries (``CUBLAS_STATUS_ALLOC_FAILED``)."""


def out_of_memory(error: RuntimeError) -> bool:
    """Whether the device had no memory left."""
    return isinstance(error, torch.OutOfMemoryError) or any(
        each in str(error) for each in _NO_MEMORY
    )


@contextmanager
def blaming(module: nn.Module, images: int) -> Iterator[None]:
    """Say in one line what fails in a module of the user's own; anything else is a defect of ours.

    Args:
        module: That is at work in the block.
        images: How many it was given.

    Raises:
        NetworkError: If it fails, but for want of memory.
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
