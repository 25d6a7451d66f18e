"""How often intervals hold what they are for, and how often studies say too much or too little.

``python -m benchmarks.simulation`` invents studies whose truth is known
(:mod:`benchmarks.simulation.worlds`) and puts them through the code that studies use. What it finds
is held against bounds, and it fails if one is missed by more than three standard errors:

- **Coverage** of every interval of a mean, a difference, an effect over blocks or a response to
  label noise: 93.5 to 97% for what it says it is for. P(A > B), the share of seeds that collapse
  and all intervals of a study together hold at least as often, because few results are possible or
  the correction is Bonferroni's.
- **Suggestions**: in at most 5.5% of studies of equal configurations does anything suggest that
  they differ; also at several levels of label noise, on several datasets, and where seeds are added
  at the declared looks of a claim.
- **Power** to find a difference of two standard deviations of the paired differences: at least that
  of the paired t-test at the corrected level.

``make simulation`` is the long form; ``--studies 100`` takes a few minutes of one core.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome, finish
from benchmarks.simulation.blocks import INTERVALS, coverage_of_blocks
from benchmarks.simulation.coverage import (
    AT_LEAST,
    COLLAPSED,
    MEANS,
    coverage,
    coverage_of_probability,
)
from benchmarks.simulation.power import power
from benchmarks.simulation.suggestions import Design, suggesting, suggesting_at_looks
from benchmarks.simulation.worlds import WORLDS, World, draws_images
from seedbed.analysis.statistics import planning

LEAST_COVERAGE: Final = 0.935
MOST_COVERAGE: Final = 0.97
MOST_SUGGESTIONS: Final = 0.055
ERRORS: Final = 3
"""A share is outside a bound if it is by more than so many standard errors."""
RUNS_FOR_COVERAGE: Final = (2, 3, 5, 12)
RUNS: Final = (3, 5, 12)
LEVELS: Final = (0.0, 0.2, 0.4)
DESIGNS: Final = {
    0.0: (Design(2), Design(5), Design(12), Design(2, LEVELS)),
    0.6: (
        *(Design(2), Design(5), Design(12), Design(1, (*LEVELS, 0.6, 0.8))),
        *(Design(2, LEVELS), Design(3, LEVELS), Design(2, datasets=2), Design(2, LEVELS, 2)),
    ),
}
"""Studies by the share of the variance of seeds that their configurations have in common."""
SHIFTS: Final = (0.0, 0.5, 1.0)
"""Mean paired differences in standard deviations."""
LOOKS: Final = ((5, 10, 20), (3, 6, 12))

Row = tuple[Any, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print and keep the result; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=int, default=1000, help="of each cell of a table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    chosen = parser.parse_args(arguments)
    machine, studies = describe_machine(), chosen.studies
    tasks: list[tuple[Callable[..., list[Row]], Any]] = [
        *((_coverage, name) for name in WORLDS),
        *((_blocks, name) for name, world in WORLDS.items() if not world.collapse),
        (_probability, ""),
        *((_suggestions, (name, pairing)) for name in WORLDS for pairing in DESIGNS),
        *((_looks, looks) for looks in LOOKS),
        (_power, ""),
    ]
    # Each has a stream of its own, so that the figures do not depend on the number of processes.
    seeds = np.random.SeedSequence(chosen.seed).spawn(len(tasks))
    rows: dict[str, list[Row]] = {}
    with ProcessPoolExecutor(chosen.jobs) as processes:
        waiting = [
            processes.submit(task, of, studies, seed)
            for (task, of), seed in zip(tasks, seeds, strict=True)
        ]
        for place, ((task, of), found) in enumerate(zip(tasks, waiting, strict=True), start=1):
            rows.setdefault(task.__name__.strip("_"), []).extend(found.result())
            print(f"{place} of {len(tasks)}: {task.__name__} {of}", file=sys.stderr, flush=True)
    rows["suggestions"] += rows.pop("looks")
    rows["collapsed"] = [row for row in rows["coverage"] if WORLDS[row[0]].collapse]
    rows["coverage"] = [row for row in rows["coverage"] if not WORLDS[row[0]].collapse]
    missed = [row[-1] for of in rows.values() for row in of if row[-1]]
    shown = {name: [tuple(map(_cell, row)) for row in of] for name, of in rows.items()}
    blocks = [
        f"{studies} studies a row, half as many where 10,000 images are drawn one by one. "
        "± is the Monte Carlo standard error. "
        + (f"Bounds missed: {len(missed)}." if missed else "No bound is missed."),
        "## Coverage of 95% intervals\n\nMeans are of seeds that do not collapse.",
        table(("world", "n", *MEANS, ""), shown["coverage"]),
        "Where one run in ten collapses, the mean of all runs has no interval. Shown are those of "
        "the other runs, the share of seeds that collapse (at least 95%), and trimmed differences "
        "where a run collapsed and there are five pairs or more.",
        table(("world", "n", *MEANS[:2], *COLLAPSED, ""), shown["collapsed"]),
        "## Coverage over three levels of label noise\n\nTwo methods. Each interval is at 95%; all "
        "of a study together are corrected, and hold at least as often.",
        table(("world", "n", *INTERVALS, ""), shown["blocks"]),
        "## Coverage of P(A > B)\n\nAt least 95%: of n pairs, few results are possible.",
        table(("difference (standard deviations)", "n", "P(A > B)", ""), shown["probability"]),
        "## Studies of equal configurations that suggest a difference",
        table(("world", "study", "n", "pairing", "share", ""), shown["suggestions"]),
        "## Power for a difference of two standard deviations",
        table(("configurations", "n", "power", "noncentral t", ""), shown["power"]),
    ]
    data = {**rows, "studies": studies, "seed": chosen.seed}
    finish(Outcome("simulation", "What statistics say", machine, blocks, data), chosen.results)
    for miss in missed:
        print(miss, file=sys.stderr)
    return 1 if missed else 0


def _coverage(name: str, studies: int, seed: np.random.SeedSequence) -> list[Row]:
    world = WORLDS[name]
    found = coverage(world, RUNS_FOR_COVERAGE, _size(studies, world), _generator(seed))
    return list(_rows((name,), found, (*MEANS[:2], *COLLAPSED) if world.collapse else MEANS))


def _blocks(name: str, studies: int, seed: np.random.SeedSequence) -> list[Row]:
    world = WORLDS[name]
    found = coverage_of_blocks(world, RUNS_FOR_COVERAGE, _size(studies, world), _generator(seed))
    return list(_rows((name,), found, INTERVALS))


def _probability(_: str, studies: int, seed: np.random.SeedSequence) -> list[Row]:
    found = coverage_of_probability(SHIFTS, RUNS_FOR_COVERAGE, studies, _generator(seed))
    return [
        row
        for shift, counts in found.items()
        for row in _rows((str(shift),), counts, ("P(A > B)",))
    ]


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def _rows(
    first: tuple[str, ...],
    counts: Mapping[int, Mapping[str, tuple[int, int]]],
    intervals: Sequence[str],
) -> Iterator[Row]:
    for n, held in counts.items():
        missed = [
            _missed(
                share,
                f"{', '.join(first)}, n = {n}: {name}",
                LEAST_COVERAGE,
                1 if name in AT_LEAST else MOST_COVERAGE,
            )
            for name, share in held.items()
        ]
        yield *first, n, *(held.get(name) for name in intervals), "; ".join(filter(None, missed))


def _suggestions(of: tuple[str, float], studies: int, seed: np.random.SeedSequence) -> list[Row]:
    name, pairing = of
    counts = suggesting(WORLDS[name], DESIGNS[pairing], RUNS, pairing, studies, _generator(seed))
    rows = []
    for (design, n), times in counts.items():
        share = (times, studies)
        what = f"{name}, {design}, n = {n}, pairing {pairing}"
        missed = _missed(share, what, 0, MOST_SUGGESTIONS)
        rows.append((name, str(design), n, str(pairing), share, missed))
    return rows


def _looks(looks: tuple[int, ...], studies: int, seed: np.random.SeedSequence) -> list[Row]:
    name, world = next(iter(WORLDS.items()))
    share = (suggesting_at_looks(world, looks, studies, _generator(seed)), studies)
    declared = ", ".join(map(str, looks))
    missed = _missed(share, f"{name}, looks at {declared}", 0, MOST_SUGGESTIONS)
    return [(name, f"{Design(2)}, a claim with looks", declared, "0.6", share, missed)]


def _power(_: str, studies: int, seed: np.random.SeedSequence) -> list[Row]:
    generator, rows = _generator(seed), []
    for count in (2, 3, 5):
        for n in (3, 5, 12):
            expected = planning.power(n, 2.0, 2 / (count * (count - 1)))
            share = (power(count, n, studies, generator), studies)
            what = f"power of {count} configurations, n = {n}"
            missed = _missed(share, what, expected, 1)
            rows.append((count, n, share, f"{100 * expected:.1f}%", missed))
    return rows


def _size(studies: int, world: World) -> int:
    return studies if draws_images(world) else studies // 2


def _missed(share: tuple[int, int], what: str, least: float, most: float) -> str:
    """Return what is said where a share is outside its bounds; empty where it is not."""
    value = share[0] / share[1]
    bound = least if value < least else most
    allowed = ERRORS * float(np.sqrt(bound * (1 - bound) / share[1]))
    if least - allowed <= value <= most + allowed:
        return ""
    return f"{what}: {100 * value:.1f}%"


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
