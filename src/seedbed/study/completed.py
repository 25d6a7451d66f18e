"""The finished runs of a study, whose weights can be analyzed."""

from collections.abc import Collection
from dataclasses import dataclass

from seedbed.core.errors import StoreError
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.record import RunRecord
from seedbed.study.store.run import DamagedRunError, RunStore, StoredRun
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True)
class FinishedRun:
    """A finished run."""

    planned: PlannedRun
    store: RunStore
    record: RunRecord
    accuracy: float
    """Of the kept epoch, on validation images if there are any, else on test images; else 0."""

    @property
    def configuration(self) -> Configuration:
        """The configuration that was trained."""
        return self.planned.configuration


def finished_runs(
    store: StudyStore, spec: StudySpec, configurations: Collection[str] | None = None
) -> list[FinishedRun]:
    """Return the finished runs of a study, except those that cannot be used.

    Args:
        store: The folder of the study.
        spec: The study.
        configurations: Ids of those whose runs are read; all by default.

    """
    finished = []
    for planned in plan_runs(spec):
        if configurations is not None and planned.configuration.id not in configurations:
            continue
        try:
            stored = store.load_run(planned)
        except (DamagedRunError, StoreError):  # read_results reports it
            continue
        if stored is not None and stored.record.status == "finished":
            finished.append(
                FinishedRun(planned, store.run(planned.id), stored.record, _accuracy(stored))
            )
    return finished


def _accuracy(stored: StoredRun) -> float:
    kept = stored.kept
    return (
        kept.test_accuracy or 0.0 if kept.validation_accuracy is None else kept.validation_accuracy
    )
