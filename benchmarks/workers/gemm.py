"""How fast this machine multiplies float32 matrices: the yardstick for any network's arithmetic."""

import time
from collections.abc import Callable
from typing import TypeVar

Operand = TypeVar("Operand")
_SIZES = (512, 1024, 2048)
_SECONDS = 0.15


def best_rate(
    operands: Callable[[int], tuple[Operand, Operand, Operand]],
    multiply: Callable[[Operand, Operand, Operand], object],
) -> float:
    """Return the GFLOP/s of square products, at the size that is fastest.

    Args:
        operands: Makes two matrices and room for their product, of the size that it is given.
        multiply: Multiplies them.
    """
    return max(_rate(size, multiply, operands(size)) for size in _SIZES)


def _rate(
    size: int,
    multiply: Callable[[Operand, Operand, Operand], object],
    operands: tuple[Operand, Operand, Operand],
) -> float:
    multiply(*operands)
    start, count = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < _SECONDS:
        multiply(*operands)
        count += 1
    return count * 2 * size**3 / seconds / 1e9
