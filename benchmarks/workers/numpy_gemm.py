"""NumPy's SGEMM, which is that of the BLAS library it was built with."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.workers.gemm import best_rate
from benchmarks.workers.process import serve

Matrix = NDArray[np.float32]


def gemm() -> float:
    """Return the GFLOP/s of float32 matrix products."""
    generator = np.random.default_rng(0)

    def product(size: int) -> tuple[Matrix, Matrix, Matrix]:
        a, b, out = generator.random((3, size, size), np.float32)
        return a, b, out

    def multiply(a: Matrix, b: Matrix, out: Matrix) -> None:
        np.matmul(a, b, out=out)

    return best_rate(product, multiply)


if __name__ == "__main__":
    serve({"gemm": gemm})
