"""Which sizes of tiles and blocks are fastest: the kernels' inner loops, compiled with each.

A tile keeps vectors × outputs of a convolution or its data gradient in registers, a block outputs ×
taps of its weight gradient (``native/kernels/sizes.hpp``). For the convolutions of LeNet-5 and
ResNet-8 with a stride of 1, 16 images, one thread, every set of instructions that this processor
has; all sizes take turns within a round. The convolution's GFLOP/s are a fraction of those of the
sizes in use, in the same round; of all shapes together, by the time that they take. They count the
products of the direct sum, also where 3×3 kernels take fewer (``native/kernels/winograd.hpp``). No
bit depends on a size. Needs a C++ compiler.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, interleaved, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.engines.native.engine import supported_instructions

ROOT: Final = Path(__file__).parents[1]
SHAPES: Final[Mapping[str, tuple[int, int, int, int]]] = {
    "LeNet-5, 1 → 6 channels, 28²": (1, 6, 28, 5),
    "LeNet-5, 6 → 16 channels, 14²": (6, 16, 14, 5),
    "ResNet-8, 3 → 16 channels, 32²": (3, 16, 32, 3),
    "ResNet-8, 16 → 16 channels, 32²": (16, 16, 32, 3),
    "ResNet-8, 32 → 32 channels, 16²": (32, 32, 16, 3),
    "ResNet-8, 64 → 64 channels, 8²": (64, 64, 8, 3),
}
"""Input channels, outputs, pixels a side, and the kernel's size."""
SIZES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "avx512": (
        ("4,6", "4,6"),
        ("3,8", "3,8"),
        ("2,8", "5,5"),
        ("5,5", "6,4"),
        ("2,12", "4,5"),
        ("3,6", "3,6"),
    ),
    "avx2": (("2,6", "3,4"), ("2,5", "4,3"), ("2,4", "2,6"), ("2,7", "6,2"), ("4,3", "2,5")),
}
"""Tiles and blocks that are tried together, as they do not meet; the first are in use, with blocks
of 6 × 4 for AVX-512 where these are fewer, as for 6 outputs."""
KINDS: Final = ("forward", "data gradient", "weight gradient")
FLAGS: Final = {
    "avx512": ("-march=x86-64-v4", "-mprefer-vector-width=512"),
    "avx2": ("-march=x86-64-v3",),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    chosen = options(__doc__, rounds=7).parse_args(arguments)
    machine = describe_machine()
    blocks: list[str] = []
    values: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for instructions in supported_instructions():
            if instructions in SIZES:
                found = _measured(instructions, Path(folder), chosen.rounds)
                blocks += [f"## {instructions}", *_tables(instructions, found)]
                values[instructions] = {
                    f"tile {tile}, block {block}": [list(map(list, rates)) for rates in rounds]
                    for (tile, block), rounds in zip(SIZES[instructions], found, strict=True)
                }
    note = f"Median (lowest–highest), n = {chosen.rounds} rounds. {__doc__}"
    title = "Sizes of tiles and blocks"
    finish(Outcome("tiles", title, machine, [*blocks, note], values), chosen.results)


Rates = list[tuple[float, ...]]
"""GFLOP/s of every kind, for every shape."""


def _measured(instructions: str, folder: Path, rounds: int) -> list[list[Rates]]:
    """Return the rates of every pair of sizes in every round."""
    programs = [_compiled(instructions, tile, block, folder) for tile, block in SIZES[instructions]]
    found: list[list[Rates]] = [[] for _ in programs]

    def run(position: int) -> Callable[[], float]:
        def measure() -> float:
            found[position].append(_rates(programs[position]))
            return 0.0

        return measure

    interleaved({position: run(position) for position in range(len(programs))}, rounds)
    return [each[1:] for each in found]  # without the round that warms up


def _compiled(instructions: str, tile: str, block: str, folder: Path) -> Path:
    """Return the program with these sizes, compiled as the modules are."""
    source = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    options = re.search(r"(-O3 .*) -Wall", source)
    assert options is not None
    program = folder / f"{instructions} {tile} {block}"
    command = [
        *(os.environ.get("CXX", "c++"), "-std=c++20", "-w", *options.group(1).split()),
        *(*FLAGS[instructions], f"-DSEEDBED_INSTRUCTIONS={instructions}"),
        *(f"-DSEEDBED_TILE={tile}", f"-DSEEDBED_BLOCK={block}", f"-I{ROOT / 'native'}"),
        *(str(ROOT / "benchmarks" / "workers" / "tiles.cpp"), "-pthread", "-o", str(program)),
    ]
    subprocess.run(command, check=True)
    return program


def _rates(program: Path) -> Rates:
    lines = "\n".join(" ".join(map(str, shape)) for shape in SHAPES.values())
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def _tables(instructions: str, found: Sequence[Sequence[Rates]]) -> list[str]:
    """Return a table for each kind: shapes × sizes."""
    tables = []
    operations = [c * o * p**2 * k**2 for c, o, p, k in SHAPES.values()]
    for kind, name in enumerate(KINDS):
        sizes = [pair[kind == 2].replace(",", " × ") for pair in SIZES[instructions]]
        rows: list[tuple[str, ...]] = []
        for shape, label in enumerate(SHAPES):
            of_sizes = [Measured(tuple(each[shape][kind] for each in one)) for one in found]
            rates = [size.per(of_sizes[0]).text() for size in of_sizes[1:]]
            rows.append((label, f"{of_sizes[0].median:.0f} GFLOP/s", *rates))
        seconds = [
            Measured(
                tuple(
                    sum(work / rates[kind] for work, rates in zip(operations, each, strict=True))
                    for each in one
                )
            )
            for one in found
        ]
        rows.append(("all", "", *(seconds[0].per(size).text() for size in seconds[1:])))
        head = (name, f"{sizes[0]} (in use)", *sizes[1:])
        tables.append(table(head, rows))
    return tables


if __name__ == "__main__":
    main()
