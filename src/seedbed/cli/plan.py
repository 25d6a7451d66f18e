"""Show the configurations of a study, what is left to train, and how long that will take.

Nothing is trained, and nothing is written; the time comes from a measurement of a few seconds.
"""

import argparse

from seedbed.cli.study import add_study, load, read_selection, read_spec, read_threads, store_of
from seedbed.cli.work import count_runs, duration
from seedbed.display.escape import printable
from seedbed.execution.estimate import Outlook, look_ahead, time_left

HEADER = ("configuration", "ended", "to train", "time")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed plan``."""
    add_study(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed plan``."""
    threads = read_threads(arguments)
    spec = read_spec(arguments)
    selection = read_selection(arguments, spec)
    store = store_of(arguments, spec)
    study = load(arguments, spec)
    choice = study.choose_engine()
    engine = choice.engine
    notices = [choice.message(threads), *study.check(engine)]
    if changes := store.changes(study.spec):
        notices.append(f"{store.study_file} would change: {changes}")
    outlooks = look_ahead(study, store, engine, threads=threads, selection=selection)

    titles = ", ".join(dict.fromkeys(data.title for data in study.datasets.values()))
    print(printable(f"{spec.name}, on {titles}"))
    print()
    rows = [HEADER, *(_row(each, threads) for each in outlooks)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]
        print("  ".join(cells).rstrip())
    print()
    seeds = "1 seed" if len(spec.seeds) == 1 else f"{len(spec.seeds)} seeds"
    many = "1 configuration" if len(outlooks) == 1 else f"{len(outlooks)} configurations"
    runs = len(outlooks) * len(spec.seeds)
    print(f"{many} × {seeds} = {count_runs(runs)}, {_left(outlooks, threads)}")
    for notice in notices:
        print(printable(f"Note: {notice}"))
    return 0


def _row(outlook: Outlook, threads: int) -> tuple[str, str, str, str]:
    time = f"{duration(sum(outlook.left) / threads)}" if outlook.left else "–"
    label = printable(outlook.configuration.label)
    return label, str(outlook.ended), str(len(outlook.left)), time


def _left(outlooks: list[Outlook], threads: int) -> str:
    count = sum(len(each.left) for each in outlooks)
    if not count:
        return "all of them ended"
    cores = "1 core" if threads == 1 else f"{threads} cores"
    return f"{count} to train in about {duration(time_left(outlooks, threads))} on {cores}"
