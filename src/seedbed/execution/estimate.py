"""The runs that a study has left to train, and an estimate of the time they will take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from seedbed.core.errors import StoreError
from seedbed.core.seeds import Seeds
from seedbed.display.escape import printable
from seedbed.execution.request import Request
from seedbed.execution.throughput import measure_throughput, step_kind
from seedbed.execution.work import count_runs, duration
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun
from seedbed.study.space import Space, space_needed
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.seeds import crossed_in_words, held_in_words
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine
from seedbed.training.memory import gibibytes, least_memory

HEADER: Final = ("configuration", "done", "to train", "time")


@dataclass(frozen=True)
class Estimate:
    """The remaining work for one configuration."""

    configuration: Configuration
    done: int
    """Runs that have finished or diverged."""
    left: tuple[float, ...]
    """For each remaining run, the seconds that one core needs for it."""
    cores: int = 1
    """How many cores can share a run."""
    left_out: tuple[str, ...] = ()
    """A line for each run that cannot be used, although it may be whole."""


@dataclass(frozen=True)
class Plan:
    """The work that a study has left; ``print`` shows it as a table."""

    name: str
    """Of the study."""
    datasets: tuple[str, ...]
    seeds: tuple[Seeds, ...]
    estimates: tuple[Estimate, ...]
    """One per configuration."""
    threads: int
    memory: int
    """Bytes that training takes at least, with one run for each thread, images included."""
    notices: tuple[str, ...] = ()
    """Messages for the user, one line each."""
    space: Space | None = None
    """What all runs take on disk once they have finished."""

    def with_notice(self, line: str) -> Self:
        """Return the same plan with another message for the user."""
        return replace(self, notices=(*self.notices, line))

    @property
    def seconds(self) -> float:
        """Estimated wall-clock seconds to train all remaining runs."""
        return wall_seconds(self.estimates, self.threads)

    def __str__(self) -> str:
        rows = [HEADER, *map(self._row, self.estimates)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        table = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        ]
        title = printable(f"{self.name}, on {', '.join(self.datasets)}")
        held = [words] if (words := held_in_words(self.seeds)) else []
        notices = (
            *held,
            *self.notices,
            *([str(self.space)] if self.space else []),
            f"training needs at least {gibibytes(self.memory)} of memory",
        )
        notes = [printable(f"Note: {notice}") for notice in notices]
        return "\n".join([title, "", *table, "", self._total(), *notes])

    def _row(self, estimate: Estimate) -> tuple[str, str, str, str]:
        time = duration(sum(estimate.left) / self.threads) if estimate.left else "–"
        label = printable(estimate.configuration.label)
        return label, str(estimate.done), str(len(estimate.left)), time

    def _total(self) -> str:
        count = len(self.estimates)
        runs = count_runs(count * len(self.seeds))
        product = f"{_plural(count, 'configuration')} × {crossed_in_words(self.seeds)} = {runs}"
        left = sum(len(estimate.left) for estimate in self.estimates)
        left_out = sum(len(estimate.left_out) for estimate in self.estimates)
        if not left:
            return (
                f"{product}, {f'{left_out} left out, nothing to train' if left_out else 'all done'}"
            )
        cores = _plural(self.threads, "core")
        return f"{product}, {left} to train in about {duration(self.seconds)} on {cores}"


def wall_seconds(estimates: Sequence[Estimate], threads: int) -> float:
    """Return the estimated wall-clock seconds to train all remaining runs together."""
    left = [seconds for estimate in estimates for seconds in estimate.left]
    # Epochs are distributed evenly, but only so many cores can share a run.
    longest = max(
        (
            seconds / min(estimate.cores, threads)
            for estimate in estimates
            for seconds in estimate.left
        ),
        default=0.0,
    )
    return max(sum(left) / threads, longest)


def plan_request(request: Request, data_root: str | Path | None) -> Plan:
    """Return what training a requested study would take; nothing is written.

    Raises:
        SeedbedError: If the study, a dataset or the folder cannot be used.
    """
    store, selection, threads = request.store, request.selection, request.threads
    loaded = request.load(data_root)
    choice = loaded.choose_engine()
    notices = [choice.message(threads), *loaded.check(choice.engine, loaded.spec.configurations)]
    if changes := store.changes(loaded.spec):
        notices.append(f"{store.study_file} would change: {changes}")
    estimates = estimate(loaded, store, choice.engine, threads=threads, selection=selection)
    notices += [line for each in estimates for line in each.left_out]
    return Plan(
        loaded.spec.name,
        tuple(dict.fromkeys(data.title for data in loaded.datasets.values())),
        loaded.spec.seeds,
        estimates,
        threads,
        memory_needed(loaded, choice.engine, threads=threads, selection=selection),
        tuple(notices),
        space_needed(loaded, selection),
    )


def estimate(
    study: LoadedStudy,
    store: StudyStore,
    engine: Engine,
    *,
    threads: int,
    selection: Selection = ALL,
) -> tuple[Estimate, ...]:
    """Return the remaining work for each configuration, with times from a short measurement.

    Args:
        study: The study.
        store: Where its results are or will be stored.
        engine: The engine that would train it.
        threads: Cores that would be used.
        selection: Which configurations to include.

    Raises:
        SeedbedError: If a configuration cannot be trained, or nothing is selected.
    """
    selected = selection.of(study.spec.configurations)
    first, *_ = study.spec.seeds
    tasks = {config.id: study.task(PlannedRun(config, first)) for config in selected}
    done: dict[str, list[int | None]] = {config.id: [] for config in selected}
    left_out: dict[str, list[str]] = {config.id: [] for config in selected}
    index = StudyIndex(store.folder)
    for config in selected:
        for run in (PlannedRun(config, seeds) for seeds in study.spec.seeds):
            try:
                known = index.has_ended(run.id)
                done[config.id].append(None if known else store.epochs_done(run))
            except StoreError as error:
                left_out[config.id].append(f"run {run.id} is left out: {error}")
    unfinished = [tasks[config_id] for config_id, epochs in done.items() if set(epochs) - {None}]
    throughput = measure_throughput(unfinished, engine, threads)
    estimates = []
    for config in selected:
        task, epochs = tasks[config.id], done[config.id]
        left = tuple(
            throughput[step_kind(task)].seconds(task, finished)
            for finished in epochs
            if finished is not None
        )
        cores = math.ceil(task.recipe.batch_size / (engine.facts.images_a_core or math.inf))
        lost = tuple(left_out[config.id])
        estimates.append(Estimate(config, epochs.count(None), left, max(cores, 1), lost))
    return tuple(estimates)


def memory_needed(
    study: LoadedStudy, engine: Engine, *, threads: int, selection: Selection = ALL
) -> int:
    """Return the bytes that training takes at least: all images, and a run for each thread."""
    first, *_ = study.spec.seeds
    tasks = [
        study.task(PlannedRun(each, first)) for each in selection.of(study.spec.configurations)
    ]
    runs = sorted(
        least_memory(
            task.network, task.dataset.image_shape, task.recipe, engine.facts.images_at_once
        )
        for task in tasks
        for _ in study.spec.seeds
    )
    images = sum(
        split.images.nbytes for data in study.datasets.values() for split in data.splits.values()
    )
    return images + sum(runs[-threads:])


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
