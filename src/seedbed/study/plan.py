"""The runs of a study: configurations × seeds, with stable ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from seedbed.core.seeds import Seeds
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.study import StudySpec


@dataclass(frozen=True)
class PlannedRun:
    """One configuration with one set of seeds."""

    configuration: Configuration
    seeds: Seeds

    @cached_property
    def id(self) -> str:
        """The name of the run's folder; the runs of one configuration sort together."""
        return f"{self.configuration.id}-seed{self.seeds.key}"


def plan_runs(spec: StudySpec) -> list[PlannedRun]:
    """Return every run of a study: all seeds of the first configuration, of the second, and so on.

    Raises:
        StudyError: If the fingerprints of the datasets are not known
            (:meth:`StudySpec.with_fingerprints`).

    """
    return [
        PlannedRun(configuration, seeds)
        for configuration in spec.configurations
        for seeds in spec.seeds
    ]


def seed_by_seed(runs: Sequence[PlannedRun]) -> list[PlannedRun]:
    """Return runs in an order in which every configuration has a result before any has two."""
    places = {seeds: place for place, seeds in enumerate(dict.fromkeys(run.seeds for run in runs))}
    return sorted(runs, key=lambda run: places[run.seeds])
