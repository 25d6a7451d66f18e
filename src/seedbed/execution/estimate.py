"""What a study has yet to train, and how long that will take; nothing is trained or written."""

from collections.abc import Sequence
from dataclasses import dataclass

from seedbed.execution.throughput import kind, measure_paces
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.run import DamagedRunError
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine


@dataclass(frozen=True)
class Outlook:
    """What is left to do for one configuration."""

    configuration: Configuration
    ended: int
    """Runs that have finished or diverged."""
    left: tuple[float, ...]
    """Seconds of one core for each of the other runs."""


def look_ahead(
    study: LoadedStudy,
    store: StudyStore,
    engine: Engine,
    *,
    threads: int,
    selection: Selection = ALL,
) -> list[Outlook]:
    """Return what is left to do for each configuration, with times that are measured now.

    Args:
        study: The study.
        store: Where its results are, or will be.
        engine: What would train.
        threads: Cores that would be used.
        selection: Which configurations.

    Raises:
        SeedbedError: If a configuration cannot be trained, the results are of a newer Seedbed, or
            nothing is selected.
    """
    chosen = selection.of(study.spec.configurations)
    epochs = {
        (each.id, seeds): _epochs_done(store, PlannedRun(each, seeds))
        for each in chosen
        for seeds in study.spec.seeds
    }
    tasks = {each.id: study.task(PlannedRun(each, study.spec.seeds[0])) for each in chosen}
    unfinished = {name for (name, _), done in epochs.items() if done is not None}
    paces = measure_paces([tasks[name] for name in tasks if name in unfinished], engine, threads)
    outlooks = []
    for each in chosen:
        done = [epochs[each.id, seeds] for seeds in study.spec.seeds]
        task = tasks[each.id]
        left = tuple(
            paces[kind(task)].seconds(task, before) for before in done if before is not None
        )
        outlooks.append(Outlook(each, done.count(None), left))
    return outlooks


def time_left(outlooks: Sequence[Outlook], threads: int) -> float:
    """Return the seconds that all runs will take together on so many cores."""
    left = [seconds for each in outlooks for seconds in each.left]
    # Epochs are shared evenly, but one run is never on two cores at a time.
    return max(sum(left) / threads, max(left, default=0.0))


def _epochs_done(store: StudyStore, run: PlannedRun) -> int | None:
    """Return how many epochs of a run are stored; ``None`` if it has ended."""
    try:
        stored = store.load_run(run)
    except DamagedRunError:
        return 0
    if stored is None:
        return 0
    return len(stored.history) if stored.record.status == "running" else None
