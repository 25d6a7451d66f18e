"""How often intervals hold what they are for, and how often studies say too much or too little.

``python -m benchmarks.simulation`` invents studies whose truth is known
(:mod:`benchmarks.simulation.worlds`) and puts them through the code that studies use. What it finds
is held against bounds, and it fails if one is missed by more than three standard errors:

- **Coverage** of every interval of a mean, a difference, an effect over blocks, a response to
  label noise, or of balanced accuracy and macro F1 of unbalanced classes: 93.5 to 97%
  for what it says it is for. P(A > B), the share of seeds that collapse,
  the recall of a class and all intervals of a study together hold at least as often, because few
  results are possible or the correction is Bonferroni's.
- **Suggestions**: in at most 5.5% of studies of equal configurations does anything suggest that
  they differ; also at several levels of label noise, on several datasets, and where seeds are added
  at the declared looks of a claim.
- **Power** to find a difference of two standard deviations of the paired differences: at least that
  of the paired t-test at the corrected level.

``make simulation`` is the long form. Results are kept after every round, so it can be stopped
at any time; ``--studies 100`` takes a few minutes of one core.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import RESULTS, Outcome
from benchmarks.simulation.blocks import INTERVALS, coverage_of_blocks
from benchmarks.simulation.classes import CLASS_WORLDS, MEASURES, coverage_of_classes
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

Share = tuple[int, int]
"""How many studies do so, of how many."""
Key = tuple[str, ...]
"""The first cells of a row."""
Rows = dict[Key, dict[str, Share]]
Task = tuple[Callable[..., Rows], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate round by round, print and keep what is found; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--studies", type=int, default=1000, help="of each cell of a table")
    parser.add_argument("--round", type=int, default=50, help="studies after which it is kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    tasks: list[Task] = [
        *((_coverage, name) for name in WORLDS),
        *((_blocks, name) for name, world in WORLDS.items() if not world.collapse),
        (_probability, ""),
        *((_suggestions, (name, pairing)) for name in WORLDS for pairing in DESIGNS),
        *((_looks, looks) for looks in LOOKS),
        (_power, ""),
        *((_classes, name) for name in CLASS_WORLDS),
    ]
    found: dict[str, Rows] = {}
    missed: list[str] = []
    with ProcessPoolExecutor(chosen.jobs) as processes:
        for begun in range(0, chosen.studies, chosen.round):
            size = min(chosen.round, chosen.studies - begun)
            # Each has a stream of its own: the figures do not depend on the number of processes.
            seeds = np.random.SeedSequence((chosen.seed, begun)).spawn(len(tasks))
            waiting = [
                processes.submit(task, of, size, seed)
                for (task, of), seed in zip(tasks, seeds, strict=True)
            ]
            for (task, _), rows in zip(tasks, waiting, strict=True):
                _add(found.setdefault(task.__name__.strip("_"), {}), rows.result())
            outcome, missed = _outcome(
                machine, found, begun + size, f"--round {chosen.round} --seed {chosen.seed}"
            )
            outcome.write(chosen.results)
            print(f"{begun + size} studies; {len(missed)} misses", file=sys.stderr, flush=True)
    print(outcome.markdown())
    for miss in missed:
        print(miss, file=sys.stderr)
    return 1 if missed else 0


def _add(rows: Rows, more: Rows) -> None:
    for key, shares in more.items():
        known = rows.setdefault(key, {})
        for name, (times, studies) in shares.items():
            before = known.get(name, (0, 0))
            known[name] = before[0] + times, before[1] + studies


def _outcome(
    machine: dict[str, Any], found: Mapping[str, Rows], studies: int, options: str
) -> tuple[Outcome, list[str]]:
    missed: list[str] = []
    of_means = found["coverage"]
    tables = {
        "means": _table(
            {key: of for key, of in of_means.items() if not WORLDS[key[0]].collapse}, MEANS, missed
        ),
        "collapsed": _table(
            {key: of for key, of in of_means.items() if WORLDS[key[0]].collapse},
            (*MEANS[:2], *COLLAPSED),
            missed,
        ),
        "blocks": _table(found["blocks"], INTERVALS, missed),
        "probability": _table(found["probability"], ("P(A > B)",), missed),
        "suggestions": _table({**found["suggestions"], **found["looks"]}, ("share",), missed),
        "all worlds": _table(
            _pooled((key[1:3], of) for key, of in found["suggestions"].items()), ("share",), missed
        ),
        "all means": _table(
            _pooled((key[1:], of) for key, of in of_means.items()), (*MEANS, *COLLAPSED), missed
        ),
        "all blocks": _table(
            _pooled((key[1:], of) for key, of in found["blocks"].items()), INTERVALS, missed
        ),
        "power": _table(found["power"], ("power",), missed),
        "classes": _table(found["classes"], MEASURES, missed),
    }
    blocks = [
        f"`python -m benchmarks.simulation --studies {studies} {options}`: "
        f"{studies} studies a row, half as many where 10,000 images are drawn one by one. "
        "± is the Monte Carlo standard error. "
        + (f"Bounds missed: {len(missed)}." if missed else "No bound is missed."),
        "## Coverage of 95% intervals\n\nMeans are of seeds that do not collapse.",
        table(("world", "n", *MEANS, ""), tables["means"]),
        "Where one run in ten collapses, the mean of all runs has no interval. Shown are those of "
        "the other runs, the share of seeds that collapse (at least 95%), and trimmed differences "
        "where a run collapsed and there are five pairs or more.",
        table(("world", "n", *MEANS[:2], *COLLAPSED, ""), tables["collapsed"]),
        "All worlds together:",
        table(("n", *MEANS, *COLLAPSED, ""), tables["all means"]),
        "## Coverage over three levels of label noise\n\nTwo methods. Each interval is at 95%; all "
        "of a study together are corrected, and hold at least as often.",
        table(("world", "n", *INTERVALS, ""), tables["blocks"]),
        "All worlds together:",
        table(("n", *INTERVALS, ""), tables["all blocks"]),
        "## Coverage of P(A > B)\n\nAt least 95%: of n pairs, few results are possible.",
        table(("difference (standard deviations)", "n", "P(A > B)", ""), tables["probability"]),
        "## Studies of equal configurations that suggest a difference",
        table(("world", "study", "n", "pairing", "share", ""), tables["suggestions"]),
        "All worlds together:",
        table(("study", "n", "share", ""), tables["all worlds"]),
        "## Power for a difference of two standard deviations",
        table(("configurations", "n", "noncentral t", "power", ""), tables["power"]),
        "## Coverage where classes are unbalanced",
        table(("classes", "n", *MEASURES, ""), tables["classes"]),
    ]
    counted = {
        name: [[*key, shares] for key, shares in rows.items()] for name, rows in found.items()
    }
    data = {**counted, "studies": studies, "options": options}
    return Outcome("simulation", "What statistics say", machine, blocks, data), missed


def _pooled(rows: Iterable[tuple[Key, dict[str, Share]]]) -> Rows:
    """Return rows with the same key together."""
    pooled: Rows = {}
    for key, shares in rows:
        _add(pooled, {key: shares})
    return pooled


def _table(rows: Rows, columns: Sequence[str], missed: list[str]) -> list[tuple[str, ...]]:
    """Return the cells of a table, and add what is outside its bounds."""
    cells = []
    for key, shares in rows.items():
        misses = [
            f"{', '.join(map(str, key))}, {name}: {100 * share[0] / share[1]:.1f}%"
            for name, share in shares.items()
            if _outside(share, *_bounds(key, name))
        ]
        missed += misses
        shown = (_cell(shares[name]) if name in shares else "–" for name in columns)
        cells.append((*map(str, key), *shown, "missed" if misses else ""))
    return cells


def _bounds(key: Key, name: str) -> tuple[float, float]:
    if name == "share":
        return 0, MOST_SUGGESTIONS
    if name == "power":
        return float(key[-1].rstrip("%")) / 100, 1
    return LEAST_COVERAGE, 1 if name in AT_LEAST else MOST_COVERAGE


def _outside(share: Share, least: float, most: float) -> bool:
    value = share[0] / share[1]
    bound = least if value < least else most
    allowed = ERRORS * float(np.sqrt(bound * (1 - bound) / share[1]))
    return not least - allowed <= value <= most + allowed


def _coverage(name: str, studies: int, seed: np.random.SeedSequence) -> Rows:
    world = WORLDS[name]
    found = coverage(world, RUNS_FOR_COVERAGE, _size(studies, world), _generator(seed))
    return {(name, str(n)): of for n, of in found.items()}


def _blocks(name: str, studies: int, seed: np.random.SeedSequence) -> Rows:
    world = WORLDS[name]
    found = coverage_of_blocks(world, RUNS_FOR_COVERAGE, _size(studies, world), _generator(seed))
    return {(name, str(n)): of for n, of in found.items()}


def _classes(name: str, studies: int, seed: np.random.SeedSequence) -> Rows:
    found = coverage_of_classes(CLASS_WORLDS[name], RUNS_FOR_COVERAGE, studies, _generator(seed))
    return {(name, str(n)): of for n, of in found.items()}


def _probability(_: str, studies: int, seed: np.random.SeedSequence) -> Rows:
    found = coverage_of_probability(SHIFTS, RUNS_FOR_COVERAGE, studies, _generator(seed))
    return {(str(shift), str(n)): of for shift, counts in found.items() for n, of in counts.items()}


def _suggestions(of: tuple[str, float], studies: int, seed: np.random.SeedSequence) -> Rows:
    name, pairing = of
    counts = suggesting(WORLDS[name], DESIGNS[pairing], RUNS, pairing, studies, _generator(seed))
    return {
        (name, str(design), str(n), str(pairing)): {"share": (times, studies)}
        for (design, n), times in counts.items()
    }


def _looks(looks: tuple[int, ...], studies: int, seed: np.random.SeedSequence) -> Rows:
    name, world = next(iter(WORLDS.items()))
    times = suggesting_at_looks(world, looks, studies, _generator(seed))
    key = (name, f"{Design(2)}, a claim with looks", ", ".join(map(str, looks)), "0.6")
    return {key: {"share": (times, studies)}}


def _power(_: str, studies: int, seed: np.random.SeedSequence) -> Rows:
    generator = _generator(seed)
    rows: Rows = {}
    for count in (2, 3, 5):
        for n in (3, 5, 12):
            expected = planning.power(n, 2.0, 2 / (count * (count - 1)))
            key = (str(count), str(n), f"{100 * expected:.1f}%")
            rows[key] = {"power": (power(count, n, studies, generator), studies)}
    return rows


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def _size(studies: int, world: World) -> int:
    return studies if draws_images(world) else studies // 2


def _cell(share: Share) -> str:
    times, studies = share
    part = times / studies
    return f"{100 * part:.1f} ± {100 * np.sqrt(part * (1 - part) / studies):.1f}%"


if __name__ == "__main__":
    sys.exit(main())
