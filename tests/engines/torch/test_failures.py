"""Failures inside PyTorch, in Seedbed's words."""

import pytest
import torch
from torch import nn

from seedbed.core.errors import NetworkError
from seedbed.engines.torch.failures import blaming, out_of_memory
from seedbed.engines.torch.modules import NetworkModule
from seedbed.networks.zoo import lenet5


@pytest.mark.parametrize(
    ("error", "memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 5.56 GB)"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_memory_that_ends_is_told_from_other_errors(error: RuntimeError, memory: bool) -> None:
    assert out_of_memory(error) == memory
    with pytest.raises(RuntimeError if memory else NetworkError), blaming(nn.Flatten(), 3):
        raise error


def test_what_fails_in_a_network_of_seedbed_is_a_defect_and_keeps_its_traceback() -> None:
    module = NetworkModule(lenet5(10), (28, 28, 1))
    with pytest.raises(ZeroDivisionError), blaming(module, 3):
        raise ZeroDivisionError
