"""The results of a study: the stored runs of the configurations and seeds in ``study.toml``."""

from dataclasses import dataclass, field

from seedbed.core.errors import StoreError
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.claims import Claim
from seedbed.study.spec.configuration import Configuration
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.claims import Declared, read_declared
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


@dataclass(frozen=True)
class StudyResults:
    """The stored runs of a study by configuration."""

    name: str
    configurations: list[ConfigurationResults]
    other_runs: int
    """Number of runs in the folder whose configuration or seed is no longer in ``study.toml``."""
    damaged: list[str]
    """One line per damaged run, and one if ``study.toml`` is; damaged runs count as unfinished."""
    compare: str | None = None
    """What the study file says is compared."""
    margin: float | None = None
    """In percentage points."""
    claims: tuple[tuple[Claim, Declared | None], ...] = ()
    """The claims of the study file, and when they were declared if they were."""


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
    spec = store.read_study()
    results = results_of(spec, store, selection)
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
    configurations = []
    damaged = []
    if not store.is_unchanged():
        damaged.append(f"{store.study_file.name} was changed after it was written")
    varied = varied_streams(spec.seeds)
    for configuration in selection.of(spec.configurations):
        results = ConfigurationResults(configuration, varied=varied)
        configurations.append(results)
        for seeds in spec.seeds:
            run = PlannedRun(configuration, seeds)
            try:
                stored = store.load_run(run)
            except DamagedRunError as error:
                damaged.append(f"{run.id} is damaged: {error}")
                stored = None
            except StoreError as error:
                damaged.append(f"{run.id} is left out: {error}")
                stored = None
            if stored is None or stored.record.status == "running":
                results.unfinished_seeds.append(seeds.key)
            elif stored.record.status == "diverged":
                results.diverged.append(stored)
            else:
                results.finished.append(stored)
    others = set(store.run_ids()) - {run.id for run in plan_runs(spec)}
    declared = {}
    if spec.claims:
        try:
            declared = {each.digest: each for each in read_declared(store.folder)}
        except StoreError as error:
            damaged.append(str(error))
    claims = tuple((claim, declared.get(claim.digest)) for claim in spec.claims)
    return StudyResults(
        spec.name, configurations, len(others), damaged, spec.compare, spec.margin, claims
    )
