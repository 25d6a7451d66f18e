"""All campaigns, or those that are named: ``python -m benchmarks.torture [CAMPAIGN ...]``.

By default a few minutes. ``--hours 1`` goes on with new seeds until the time is over, ``--full``
runs what a release is held to: 1,000 kills, 1,000 damages, and 20,000 mutated inputs a reader,
100,000 for IDX, CSV, TOML and JSON. Counts and failures are printed as they come, and kept in
``results/torture.md``.
"""

import argparse
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine, machine_lines
from benchmarks.outcome import RESULTS
from benchmarks.torture import __doc__ as method
from benchmarks.torture.damages import damages
from benchmarks.torture.disk import disk
from benchmarks.torture.exits import exits
from benchmarks.torture.inputs import attack
from benchmarks.torture.kills import kills, rivals
from benchmarks.torture.studies import AUDIT, kinds, preload
from benchmarks.torture.trials import KEPT, Outcome, together

ROOT: Final = Path(__file__).parents[2]
CAMPAIGNS: Final[dict[str, tuple[Callable[[int, int, Sequence[str]], Outcome], int]]] = {
    "kills": (kills, 1000),
    "rivals": (rivals, 200),
    "disk": (disk, 300),
    "damages": (damages, 1000),
    "exits": (exits, 1000),
}
"""Campaign, and the number of trials of ``--full``."""
SHORT: Final = 0.03
"""Of the full numbers, what a few minutes allow."""


def main(arguments: list[str] | None = None) -> int:
    """Run campaigns; the exit status is 1 if anything got through."""
    names = (*CAMPAIGNS, "inputs", "shapes")
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(names))
    parser.add_argument("--seed", type=int, help="of all trials; random by default")
    parser.add_argument("--share", type=float, default=SHORT, help="of the full numbers")
    parser.add_argument("--full", action="store_true", help="the full numbers")
    parser.add_argument(
        "--kind", action="append", choices=kinds(), help="of studies; all by default"
    )
    parser.add_argument("--reader", action="append", help="of inputs, such as idx; all by default")
    parser.add_argument("--hours", type=float, help="go on with new seeds for so long")
    parser.add_argument("--processes", type=int, default=2, help="how many work at once")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    given = parser.parse_args(arguments)
    chosen = given.campaigns or list(names)
    if unknown := set(chosen) - set(names):
        parser.error(f"unknown campaign {min(unknown)}; expected some of {', '.join(names)}")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    share, ends = 1.0 if given.full else given.share, time.monotonic() + 3600 * (given.hours or 0)
    preload()
    rounds: list[tuple[int, list[Outcome]]] = []
    while not rounds or time.monotonic() < ends:
        print(f"seed {seed}", flush=True)
        of = given.kind or kinds()
        rounds.append((seed, run(chosen, share, seed, given.processes, of, given.reader)))
        write(given.results / "torture.md", rounds)
        seed += 1
    failed = sum(len(outcome.failures) for _, outcomes in rounds for outcome in outcomes)
    print(f"{failed} failures; written to {given.results / 'torture.md'}")
    return int(failed > 0)


def run(
    chosen: Sequence[str],
    share: float,
    seed: int,
    processes: int,
    of: Sequence[str],
    readers: Sequence[str] | None,
) -> list[Outcome]:
    """Run campaigns once, and return their outcomes."""
    outcomes = []
    for name, (campaign, number) in CAMPAIGNS.items():
        if name not in chosen:
            continue
        each = max(1, round(share * number / processes))
        studies = [kind for kind in of if name == "kills" or kind != AUDIT]
        if not studies:
            continue
        parts = [
            partial(campaign, each, seed + 10**7 * part, studies)
            for part in range(min(processes, round(share * number) or 1))
        ]
        outcomes.append(together(name, parts))
        print(outcomes[-1].line(), flush=True)
    if "inputs" in chosen:
        outcomes += attack(share, seed, readers or (), processes)
    if "shapes" in chosen:
        outcomes.append(shapes())
        print(outcomes[-1].line(), flush=True)
    return outcomes


def shapes() -> Outcome:
    """Train networks of odd shapes under the sanitizers."""
    outcome, started = Outcome("shapes", trials=1), time.monotonic()
    command = [sys.executable, str(ROOT / "tests" / "sanitize.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        outcome.fail((done.stdout + done.stderr)[-2000:])
    outcome.seconds = time.monotonic() - started
    return outcome


def write(file: Path, rounds: list[tuple[int, list[Outcome]]]) -> None:
    """Write the outcomes of all rounds as Markdown."""
    lines = ["# Torture", "", *machine_lines(describe_machine()), ""]
    for seed, outcomes in rounds:
        lines += [f"## Seed {seed}", "", "| campaign | trials | failures | what happened | s |"]
        lines += ["| --- | ---: | ---: | --- | ---: |"]
        for outcome in outcomes:
            counts = ", ".join(f"{n:,} {what}" for what, n in sorted(outcome.counts.items()))
            lines.append(
                f"| {outcome.name} | {outcome.trials:,} | {len(outcome.failures):,} | {counts} "
                f"| {outcome.seconds:.0f} |"
            )
        lines.append("")
        for outcome in outcomes:
            for failure in outcome.failures[:KEPT]:
                lines.append(f"- {' '.join(failure.split())[:600]}")
        lines.append("")
    lines += ["## Method", "", (method or "").strip(), ""]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
