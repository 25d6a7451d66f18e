"""The workflow of a study: run it, plan it, open it, and show its results.

>>> study = run("quickstart", out="studies/quickstart")
>>> study.table("confusion")
>>> study.report()

The command line calls these functions. Heavy modules are imported inside the functions that need
them, so that a table of a stored study is shown quickly.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from seedbed.analysis.entry import Entry
from seedbed.analysis.summary_file import summary_state
from seedbed.core.arguments import optional_path, path_of
from seedbed.core.errors import StudyInUse
from seedbed.display.notice import notice
from seedbed.report.reports import Reports
from seedbed.study.spec.overrides import Override

if TYPE_CHECKING:
    from seedbed.analysis.subjects.comparisons.planner import SeedPlan
    from seedbed.analysis.verify.finding import Finding
    from seedbed.data.images import DatasetSplits
    from seedbed.execution.estimate import Plan
    from seedbed.execution.executor import MakeExecutor
    from seedbed.execution.monitor import Monitor
    from seedbed.study.spec.seeds import SeedsValue
    from seedbed.study.store.study import StudyStore

Source: TypeAlias = str | Path | Mapping[str, Any]
"""A study: the name of a built-in study, the path of a TOML file or of a folder of images, or a
dict of the contents of a TOML file."""
Settings: TypeAlias = Mapping[str, Any] | Sequence[Override]
"""Settings that replace those of a study, as in ``{"recipe.epochs": 3}``."""


def run(
    study: Source,
    *,
    out: str | Path | None = None,
    seeds: "SeedsValue | None" = None,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: "Monitor | None" = None,
    executor: "MakeExecutor | None" = None,
) -> "Study":
    """Train the missing runs of a study, analyze it, and return it.

    It may be stopped at any time (Ctrl-C); called again, it resumes. Several processes can share a
    study: each run is trained by one of them.

    Args:
        study: The name of a built-in study, the path of a study file or of a folder of images, or a
            dict of the contents of a study file.
        out: Folder of the results; ``studies/NAME`` by default.
        seeds: Replaces the study's: the number of runs per configuration (n means the seeds 0 to
            n - 1), a list of seeds, or a dict of either for each stream, which are crossed, as in
            ``{"initialization": 4, "order": 4}``.
        settings: Settings that replace the study's, as in ``{"recipe.epochs": 3}``.
        only: Conditions such as ``"learning_rate=0.1"``: select configurations that have, for each
            setting named, one of the values given.
        exclude: Conditions: leave out configurations that have one of these values.
        threads: Cores to use; all by default. Does not change results.
        data_root: Folder to search for datasets first.
        quiet: Whether to hide the progress.
        monitor: Shows the progress; by default suited to a terminal, a notebook or a log.
        executor: Where runs are trained, such as ``seedbed.Ray()``; by default on this machine.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        StudyInUse: If no run has ended, and other processes are training all runs.
        SeedbedError: If the study, an option, a dataset or the folder cannot be used.
    """
    from seedbed.analysis.inquiries.asking import wanted
    from seedbed.analysis.inquiries.posthoc import ask_stored_weights
    from seedbed.analysis.inquiries.pruning import prune
    from seedbed.execution.missing import train_requested
    from seedbed.execution.request import Request

    request = Request.of(study, out, seeds, settings, only, exclude, threads)
    store = request.store
    loaded, engine, owners = train_requested(
        request, data_root=data_root, quiet=quiet, monitor=monitor, executor=executor
    )
    if owners:
        _check_results(store, owners)
    ask_stored_weights(
        store,
        wanted(loaded.spec),
        study=loaded,
        engine=engine,
        threads=request.threads,
        quiet=quiet,
    )
    if "weights" not in loaded.spec.keep:
        prune(store.folder)
    return Study(store.folder, datasets=loaded.datasets, analyzed=True)


def plan(
    study: Source,
    *,
    out: str | Path | None = None,
    seeds: "SeedsValue | None" = None,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
) -> "Plan":
    """Return what :func:`run` would train and how long it would take; nothing is written.

    Args:
        study: The study; this and the other arguments are those of :func:`run`.
        out: Folder of the results.
        seeds: As for :func:`run`.
        settings: Settings that replace the study's.
        only: Conditions that configurations must meet.
        exclude: Conditions that configurations must not meet.
        threads: Cores that would be used.
        data_root: Folder to search for datasets first.

    Raises:
        SeedbedError: If the study, an option, a dataset or the folder cannot be used.
    """
    from seedbed.execution.estimate import plan_request
    from seedbed.execution.request import Request

    request = Request.of(study, out, seeds, settings, only, exclude, threads)
    planned = plan_request(request, data_root)
    if request.spec.tune is None:
        return planned
    from seedbed.tuning.plan import tuning_cost

    return planned.with_notice(tuning_cost(request.spec, data_root, request.threads))


def plan_seeds(
    study: Source,
    *,
    detect: float,
    power: float = 0.8,
    spread: float | None = None,
    out: str | Path | None = None,
    seeds: "SeedsValue | None" = None,
    settings: Settings | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
) -> "SeedPlan":
    """Return how many seeds a study needs to find a difference in test accuracy.

    The spread is learned from the runs that have finished, with two seeds or more. Without them, a
    pilot trains every configuration for two epochs with three seeds, and keeps nothing.

    Args:
        study: The study; this and the other arguments are those of :func:`run`.
        detect: The difference to find, in percentage points.
        power: How likely it is to be found, above 0 and below 1.
        spread: The standard deviation of paired differences, in percentage points, if it is known.
        out: Folder of the results.
        seeds: As for :func:`run`.
        settings: Settings that replace the study's.
        only: Conditions that configurations must meet.
        exclude: Conditions that configurations must not meet.
        threads: Cores that a pilot uses; all by default.
        data_root: Folder to search for datasets first.

    Raises:
        SeedbedError: If the study or a number cannot be used, or there is nothing to learn the
            spread from.
    """
    from seedbed.analysis.subjects.comparisons.planner import plan_seeds
    from seedbed.analysis.summary.study import summarize_study
    from seedbed.execution.pilot import trained_pilot
    from seedbed.execution.request import Request, overrides_of
    from seedbed.study.results import results_of
    from seedbed.study.spec.seeds import seeds_per_stream

    def pilot() -> list[Entry]:
        replaced = overrides_of(settings, seeds)
        with trained_pilot(study, replaced, only, exclude, data_root, threads) as (results, store):
            return summarize_study(results, store)

    request = Request.of(study, out, seeds, settings, only, exclude, threads)
    spec = request.load(data_root).spec
    results = results_of(spec, request.store, request.selection)
    return plan_seeds(
        summarize_study(results, request.store),
        seeds=seeds_per_stream(spec.seeds),
        detect=detect / 100,
        wanted=power,
        spread=None if spread is None else spread / 100,
        pilot=pilot,
    )


def open(  # noqa: A001
    folder: str | Path, *, only: Sequence[str] = (), exclude: Sequence[str] = ()
) -> "Study":
    """Open the results of a study, or predictions that have been evaluated.

    Args:
        folder: A folder written by ``seedbed run`` or ``seedbed evaluate --out``.
        only: Conditions that configurations must meet, as in :func:`run`; by default all are
            opened.
        exclude: Conditions that configurations must not meet.

    Raises:
        StoreError: If there is no study in the folder, or none of its runs can be used.
        StudyError: If nothing is selected.
    """
    return Study(path_of("folder", folder), only=only, exclude=exclude)


def verify(
    folder: str | Path,
    *,
    deep: bool = False,
    repeat: int = 0,
    margin: float = 0.005,
    data_root: str | Path | None = None,
    threads: int | None = None,
) -> "Iterator[Finding]":
    """Check a stored study, and yield what is found, file by file and run by run.

    Every file is checked against its checksum, and the summary is recomputed from the stored
    logits. Nothing is written.

    Args:
        folder: A folder written by :func:`run`.
        deep: Whether to compute noisy labels, splits and logits again, from seeds, images and
            weights.
        repeat: How many finished runs to train again and compare.
        margin: Accuracies of repeated runs that differ by less than this fraction count as
            equivalent, where their bits cannot agree.
        data_root: Folder to search for datasets first.
        threads: Cores for repeated runs; all by default.

    Returns:
        Findings with ``name``, ``text`` and ``status``: ``"ok"``, ``"doubt"``, or ``"open"`` if
        something could not be checked.

    Raises:
        SeedbedError: If there is no study in the folder, or an argument cannot be used.
    """
    from seedbed.analysis.verify.study import verify_study
    from seedbed.report.verify import check_pages

    root, path = optional_path("data_root", data_root), path_of("folder", folder)
    yield from verify_study(path, deep, repeat, margin, root, threads)
    yield from check_pages(path)


class Study(Reports):
    """The results of a study when it was opened: its tables, data frames, charts and report.

    Returned by :func:`run` and :func:`open`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        datasets: "Mapping[str, DatasetSplits] | None" = None,
        analyzed: bool = False,
    ) -> None:
        super().__init__(read_or_make_summary(folder), folder, datasets)
        self._selection = {"only": tuple(only), "exclude": tuple(exclude)}
        self.summary = self.select(**self._selection)
        self._analyzed = analyzed

    def __repr__(self) -> str:
        return f"seedbed.open({str(self.folder)!r})"

    def _complete(self, data_root: str | Path | None = None) -> None:
        """Run the analyses that need stored weights and are missing; at most once."""
        from seedbed.analysis.inquiries.asking import unanswered
        from seedbed.analysis.inquiries.posthoc import ask_stored_weights
        from seedbed.study.store.study import StudyStore

        missing = unanswered(self.summary)
        if self._analyzed or not missing:
            return
        self._analyzed = True
        store, root = StudyStore(self.folder), optional_path("data_root", data_root)
        self._datasets |= ask_stored_weights(store, missing, data_root=root)
        self.summary = read_or_make_summary(self.folder)
        self.summary = self.select(**self._selection)


def read_or_make_summary(folder: Path) -> list[Entry]:
    """Return the summary of a study, after updating it if it is out of date.

    What is damaged in the folder is left out, and the user is told.

    Raises:
        StoreError: If there is no study, none of its runs can be used, or a newer version of
            Seedbed wrote it.
    """
    state = summary_state(folder)
    summary = state.stored.entries
    if not state.is_current:
        from seedbed.analysis.summary.study import refresh_summary

        summary = refresh_summary(folder, state)
    for line in summary[0].header.study.damaged:
        notice(f"{folder}: {line}")
    return summary


def _check_results(store: "StudyStore", owners: Mapping[str, str]) -> None:
    """Raise :class:`StudyInUse` if no run has ended yet."""
    from seedbed.study.progress import read_progress

    if not read_progress(store).done:
        raise StudyInUse(
            f"{next(iter(owners.values()))} is training every run",
            where=str(store.folder),
            hint="run the command again later, or choose another folder with --out",
        )
