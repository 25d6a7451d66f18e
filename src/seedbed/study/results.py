"""The results of a study: the stored runs of the configurations and seeds in ``study.toml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from seedbed.core.errors import StoreError
from seedbed.core.seeds import Seeds
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.claims import Claim
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.claims import Declarations, Declared, read_declarations
from seedbed.study.store.run import DamagedRunError, StoredRun
from seedbed.study.store.study import StudyStore


@dataclass
class ConfigurationResults:
    """The runs of one configuration; each list is in the order of the study's seeds."""

    configuration: Configuration
    finished: list[StoredRun] = field(default_factory=list)
    diverged: list[StoredRun] = field(default_factory=list)
    varied: tuple[str, ...] = ()
    """The streams that the study varies on their own."""
    unfinished_seeds: list[int | str] = field(default_factory=list)
    """Seeds of runs that are not started, in progress or damaged."""

    @property
    def ended(self) -> list[StoredRun]:
        """The finished and the diverged runs."""
        return self.finished + self.diverged

    def leave_out(self, run: StoredRun) -> None:
        """Count a finished run as unfinished, because its files cannot be used."""
        self.finished.remove(run)
        self.unfinished_seeds.append(run.record.seed)


class StoredConfigurations(Sequence[ConfigurationResults]):
    """The configurations of a study, whose runs are read whenever one is asked for.

    So the memory is that of one configuration, however many there are.
    """

    def __init__(
        self,
        seeds: Sequence[Seeds],
        store: StudyStore,
        configurations: Sequence[Configuration],
        damaged: dict[str, str],
    ) -> None:
        self._seeds, self._store, self._damaged = seeds, store, damaged
        self.known = configurations
        """The configurations alone."""
        self.varied = varied_streams(seeds)

    def __len__(self) -> int:
        return len(self.known)

    @overload
    def __getitem__(self, place: int) -> ConfigurationResults: ...
    @overload
    def __getitem__(self, place: slice) -> list[ConfigurationResults]: ...
    def __getitem__(self, place: int | slice) -> ConfigurationResults | list[ConfigurationResults]:
        """Read the runs of a configuration; damaged ones are named among those of the study."""
        if isinstance(place, slice):
            return [self._read(configuration) for configuration in self.known[place]]
        return self._read(self.known[place])

    def runs(self, configuration: Configuration) -> list[PlannedRun]:
        """Return the runs that the study plans for a configuration."""
        return [PlannedRun(configuration, seeds) for seeds in self._seeds]

    def damaged_in(self, configuration: Configuration) -> bool:
        """Return whether a run of a configuration, which has been read, is damaged."""
        return any(run.id in self._damaged for run in self.runs(configuration))

    def _read(self, configuration: Configuration) -> ConfigurationResults:
        results = ConfigurationResults(configuration, varied=self.varied)
        for run in self.runs(configuration):
            stored = None
            try:
                stored = self._store.load_run(run)
            except DamagedRunError as error:
                self._damaged[run.id] = f"{run.id} is damaged: {error}"
            except StoreError as error:
                self._damaged[run.id] = f"{run.id} is left out: {error}"
            if stored is None or stored.record.status == "running":
                results.unfinished_seeds.append(run.seeds.key)
            elif stored.record.status == "diverged":
                results.diverged.append(stored)
            else:
                results.finished.append(stored)
        return results


@dataclass(frozen=True)
class StudyResults:
    """The stored runs of a study by configuration."""

    name: str
    configurations: StoredConfigurations
    other_runs: int
    """Number of runs in the folder whose configuration or seed is no longer in ``study.toml``."""
    problems: list[str]
    """What is wrong with files of the study, a line each."""
    damaged_runs: Mapping[str, str]
    """Of the runs that have been read: a line for each damaged one, by its id; they count as
    unfinished."""
    compare: str | None = None
    """What the study file says is compared."""
    margin: float | None = None
    """In percentage points."""
    claims: tuple[tuple[Claim, Declared | None], ...] = ()
    """The claims of the study file, and when they were declared if they were."""
    baseline: str | None = None
    """The condition of the configurations that others are compared with."""
    looks: tuple[int, ...] = ()
    """Numbers of seeds whose results had been shown when seeds were added."""

    @property
    def damaged(self) -> list[str]:
        """A line for each problem and for each damaged run that has been read."""
        return [*self.problems, *self.damaged_runs.values()]


def read_results(store: StudyStore, selection: Selection = ALL) -> StudyResults:
    """Read the stored runs of a study.

    A run that cannot be used is left out and named; it does not keep the others from being read.

    Args:
        store: The folder of the study.
        selection: Which configurations to read.

    Raises:
        StoreError: If there is no study, or no run of it has ended.
        StudyError: If ``study.toml`` is invalid, or nothing is selected.

    """
    results = results_of(store.read_study(), store, selection)
    if not any(of.ended for of in results.configurations):
        damaged = f" ({'; '.join(results.damaged)})" if results.damaged else ""
        raise StoreError(
            f"no run of this study has finished yet{damaged}",
            where=str(store.folder),
            hint="train them with `seedbed run`",
        )
    return results


def results_of(spec: StudySpec, store: StudyStore, selection: Selection = ALL) -> StudyResults:
    """Read the stored runs of a study that is given, whether or not any has ended.

    Args:
        spec: The study, with the fingerprints of its datasets.
        store: The folder of the study.
        selection: Which configurations to read.

    Raises:
        StudyError: If nothing is selected.
    """
    problems = []
    if not store.is_unchanged():
        problems.append(f"{store.study_file.name} was changed after it was written")
    damaged: dict[str, str] = {}
    configurations = selection.of(spec.configurations)
    others = set(store.run_ids()) - {run.id for run in plan_runs(spec)}
    declarations = Declarations()
    try:
        declarations = read_declarations(store.folder)
    except StoreError as error:
        problems.append(str(error))
    declared = {each.digest: each for each in declarations.claims}
    claims = tuple((claim, declared.get(claim.digest)) for claim in spec.claims)
    return StudyResults(
        spec.name,
        StoredConfigurations(spec.seeds, store, configurations, damaged),
        len(others),
        problems,
        damaged,
        spec.compare,
        spec.margin,
        claims,
        spec.baseline,
        declarations.looks,
    )
