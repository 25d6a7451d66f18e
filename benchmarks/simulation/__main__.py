"""How often intervals hold what they are for, and how often studies say too much or too little.

``python -m benchmarks.simulation`` invents studies whose truth is known
(:mod:`benchmarks.simulation.worlds`) and puts them through the code that studies use. What it finds
is held against bounds, and it fails if one is missed by more than three standard errors:

- **Coverage** of every interval of a mean or difference: 93.5 to 97% for what it says it is for.
- **Suggestions**: in at most 5.5% of studies of equal configurations does any sentence, color or
  claim suggest that they differ; also where seeds are added at the declared looks of a claim.
- **Power** to find a difference of two standard deviations of the paired differences: at least that
  of the paired t-test at the corrected level.

``make simulation`` is the long form; ``--studies 200`` takes a minute of one core.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from benchmarks.simulation.coverage import INTERVALS, coverage
from benchmarks.simulation.power import power
from benchmarks.simulation.suggestions import suggesting, suggesting_at_looks
from benchmarks.simulation.worlds import WORLDS
from seedbed.analysis.statistics import planning

LEAST_COVERAGE: Final = 0.935
MOST_COVERAGE: Final = 0.97
MOST_SUGGESTIONS: Final = 0.055
ERRORS: Final = 3
"""A share is outside a bound if it is by more than so many standard errors."""
RUNS_FOR_COVERAGE: Final = (2, 3, 5, 12)
RUNS: Final = (3, 5, 12)
CONFIGURATIONS: Final = (2, 5, 12)
PAIRINGS: Final = (0.0, 0.6)
LOOKS: Final = ((5, 10, 20), (3, 6, 12))
EXPECTED_IMAGES: Final = 1000
"""Worlds with more have half the studies where single images are drawn."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print and keep the result; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=int, default=1000, help="of each cell of a table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    generator = np.random.Generator(np.random.SFC64(chosen.seed))
    covered = list(_coverage(chosen.studies, generator))
    suggested = list(_suggestions(chosen.studies, generator))
    found = list(_power(chosen.studies, generator))
    missed = [*filter(None, (row[-1] for row in (*covered, *suggested, *found)))]
    blocks = [
        f"{chosen.studies} studies a row, half as many where 10,000 images are drawn one by one. "
        "± is the Monte Carlo standard error. "
        + (f"Bounds missed: {len(missed)}." if missed else "No bound is missed."),
        "## Coverage of 95% intervals\n\nMeans are of seeds that do not collapse.",
        table(("world", "n", *INTERVALS, ""), [_cells(row) for row in covered]),
        "## Studies of equal configurations that suggest a difference",
        table(
            ("world", "configurations", "n", "pairing", "share", ""), list(map(_cells, suggested))
        ),
        "## Power for a difference of two standard deviations",
        table(("configurations", "n", "power", "noncentral t", ""), list(map(_cells, found))),
    ]
    data = {
        "coverage": covered,
        "suggestions": suggested,
        "power": found,
        "studies": chosen.studies,
        "seed": chosen.seed,
    }
    finish(Outcome("simulation", "What statistics say", machine, blocks, data), chosen.results)
    for miss in missed:
        print(miss, file=sys.stderr)
    return 1 if missed else 0


def _coverage(studies: int, generator: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    for name, world in WORLDS.items():
        size = studies if world.images < EXPECTED_IMAGES else studies // 2
        for n, held in coverage(world, RUNS_FOR_COVERAGE, size, generator).items():
            missed = [
                _missed(share, f"{name}, n = {n}: {kind}", LEAST_COVERAGE, MOST_COVERAGE)
                for kind, share in held.items()
            ]
            yield name, n, *(held.get(kind) for kind in INTERVALS), "; ".join(filter(None, missed))


def _suggestions(studies: int, generator: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    for name, world in WORLDS.items():
        for pairing in PAIRINGS:
            counts = suggesting(world, CONFIGURATIONS, RUNS, pairing, studies, generator)
            for (count, n), times in counts.items():
                share = (times, studies)
                what = f"{name}, {count} configurations, n = {n}, pairing {pairing}"
                yield name, count, n, str(pairing), share, _missed(share, what, 0, MOST_SUGGESTIONS)
    for looks in LOOKS:
        name, world = next(iter(WORLDS.items()))
        share = (suggesting_at_looks(world, looks, studies, generator), studies)
        seeds = ", ".join(map(str, looks))
        what = f"{name}, looks at {seeds}"
        yield name, 2, seeds, "0.6", share, _missed(share, what, 0, MOST_SUGGESTIONS)


def _power(studies: int, generator: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    for count in (2, 3, 5):
        for n in (3, 5, 12):
            expected = planning.power(n, 2.0, count * (count - 1) // 2)
            share = (power(count, n, studies, generator), studies)
            what = f"power of {count} configurations, n = {n}"
            yield count, n, share, f"{100 * expected:.1f}%", _missed(share, what, expected, 1)


def _missed(share: tuple[int, int], what: str, least: float, most: float) -> str:
    """Return what is said where a share is outside its bounds; empty where it is not."""
    value = share[0] / share[1]
    bound = least if value < least else most
    allowed = ERRORS * float(np.sqrt(bound * (1 - bound) / share[1]))
    if least - allowed <= value <= most + allowed:
        return ""
    return f"{what}: {100 * value:.1f}%"


def _cells(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(_cell, row))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if not isinstance(value, tuple):
        return str(value)
    times, studies = value
    share = times / studies
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / studies):.1f}%"


if __name__ == "__main__":
    sys.exit(main())
