"""The rate of fused multiply-adds in registers: the limit of any network's arithmetic on a core."""

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.workers.process import serve

SOURCE: Final = Path(__file__).with_name("fma.cpp")
FLAGS: Final = {
    "avx512": ("-march=x86-64-v4", "-mprefer-vector-width=512", "-DLANES=16"),
    "avx2": ("-march=x86-64-v3", "-DLANES=8"),
}
"""By set of instructions."""


def limit(instructions: str) -> float:
    """Return the GFLOP/s of this core."""
    return float(subprocess.run([_program(instructions)], capture_output=True, check=True).stdout)


@cache
def _program(instructions: str) -> Path:
    program = Path(_folder().name) / instructions
    compiler = os.environ.get("CXX", "c++")
    options = ("-std=c++20", "-O3", "-ffp-contract=fast", *FLAGS[instructions])
    subprocess.run([compiler, *options, str(SOURCE), "-o", str(program)], check=True)
    return program


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


if __name__ == "__main__":
    serve({"limit": limit})
