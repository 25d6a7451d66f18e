"""The finished runs of a study, whose weights can be asked."""

from dataclasses import dataclass

from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.record import RunRecord
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True)
class FinishedRun:
    """A finished run."""

    planned: PlannedRun
    store: RunStore
    record: RunRecord

    @property
    def configuration(self) -> Configuration:
        """What was trained."""
        return self.planned.configuration


def finished_runs(store: StudyStore, spec: StudySpec) -> list[FinishedRun]:
    """Return the finished runs of a study, without those that are damaged.

    Args:
        store: Of the study.
        spec: What its ``study.toml`` says.

    Raises:
        StoreError: If a newer Seedbed wrote a run, or a file may not be read.

    """
    found = []
    for planned in plan_runs(spec):
        try:
            stored = store.load_run(planned)
        except DamagedRunError:  # whoever reads the results says so
            continue
        if stored is not None and stored.record.status == "finished":
            found.append(FinishedRun(planned, store.run(planned.id), stored.record))
    return found
