"""What a study has yet to train, and how long that will take; nothing is trained or written."""

from dataclasses import dataclass
from typing import Final

from seedbed.core.seeds import Seeds
from seedbed.display.escape import printable
from seedbed.execution.driver import epochs_done
from seedbed.execution.throughput import measure_throughput, step_kind
from seedbed.execution.work import count_runs, duration
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine

HEADER: Final = ("configuration", "done", "to train", "time")


@dataclass(frozen=True)
class Estimate:
    """What is left to do for one configuration."""

    configuration: Configuration
    done: int
    """Runs that have finished or diverged."""
    left: tuple[float, ...]
    """Seconds of one core for each of the other runs."""


@dataclass(frozen=True)
class Plan:
    """What a study would train; ``print`` shows it as a table."""

    name: str
    """Of the study."""
    datasets: tuple[str, ...]
    seeds: tuple[Seeds, ...]
    estimates: tuple[Estimate, ...]
    """One for each configuration."""
    threads: int
    notices: tuple[str, ...] = ()
    """What the user should know before training, a line each."""

    @property
    def seconds(self) -> float:
        """How long all runs that are left will take together."""
        left = [seconds for each in self.estimates for seconds in each.left]
        # Epochs are shared evenly, but one run is never on two cores at a time.
        return max(sum(left) / self.threads, max(left, default=0.0))

    def __str__(self) -> str:
        rows = [HEADER, *(self._row(each) for each in self.estimates)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        table = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        ]
        title = printable(f"{self.name}, on {', '.join(self.datasets)}")
        notes = [printable(f"Note: {notice}") for notice in self.notices]
        return "\n".join([title, "", *table, "", self._sum(), *notes])

    def _row(self, estimate: Estimate) -> tuple[str, str, str, str]:
        time = duration(sum(estimate.left) / self.threads) if estimate.left else "–"
        label = printable(estimate.configuration.label)
        return label, str(estimate.done), str(len(estimate.left)), time

    def _sum(self) -> str:
        count, seeds = len(self.estimates), len(self.seeds)
        runs = count_runs(count * seeds)
        product = f"{_plural(count, 'configuration')} × {_plural(seeds, 'seed')} = {runs}"
        left = sum(len(each.left) for each in self.estimates)
        if not left:
            return f"{product}, all of them done"
        cores = _plural(self.threads, "core")
        return f"{product}, {left} to train in about {duration(self.seconds)} on {cores}"


def estimate(
    study: LoadedStudy,
    store: StudyStore,
    engine: Engine,
    *,
    threads: int,
    selection: Selection = ALL,
) -> tuple[Estimate, ...]:
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
    first, *_ = study.spec.seeds
    tasks = {each.id: study.task(PlannedRun(each, first)) for each in chosen}
    done = {
        each.id: [epochs_done(store, PlannedRun(each, seeds)) for seeds in study.spec.seeds]
        for each in chosen
    }
    unfinished = [tasks[name] for name, epochs in done.items() if set(epochs) != {None}]
    throughput = measure_throughput(unfinished, engine, threads)
    estimates = []
    for each in chosen:
        task, epochs = tasks[each.id], done[each.id]
        left = tuple(
            throughput[step_kind(task)].seconds(task, finished)
            for finished in epochs
            if finished is not None
        )
        estimates.append(Estimate(each, epochs.count(None), left))
    return tuple(estimates)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
