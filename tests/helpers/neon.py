"""The program that repeats recorded calls of the kernels, compiled for NEON."""

import re
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


def build_replay(program: Path) -> Path:
    """Compile ``tests/engines/native/replay.cpp`` as the modules are, and return the program."""
    options = re.search(r"(-O3 .*) -Wall", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert options is not None
    source = ROOT / "tests" / "engines" / "native" / "replay.cpp"
    subprocess.run(
        [
            *(COMPILER, "-std=c++20", *options.group(1).split(), "-DSEEDBED_INSTRUCTIONS=neon"),
            *(f"-I{ROOT / 'native'}", "-static", "-pthread", str(source), "-o", str(program)),
        ],
        check=True,
    )
    return program
