"""Trains what is missing of a study: all of it, or one share."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seedbed.core.errors import StoreError, StudyInUse
from seedbed.execution.driver import execute
from seedbed.execution.executor import Executor, MakeExecutor
from seedbed.execution.local import LocalExecutor
from seedbed.execution.monitor import Monitor
from seedbed.execution.progress import choose_monitor
from seedbed.execution.request import Request
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.progress import ShareProgress, read_progress
from seedbed.study.share import WHOLE, Share
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine


def train_missing(
    study: LoadedStudy,
    store: StudyStore,
    *,
    threads: int,
    quiet: bool = False,
    monitor: Monitor | None = None,
    executor: MakeExecutor | None = None,
    selection: Selection = ALL,
    share: Share = WHOLE,
    notices: Sequence[str] = (),
) -> tuple[Engine, Mapping[str, str]]:
    """Train the missing runs of a study whose images are in memory.

    Args:
        study: The study.
        store: Where its results are stored.
        threads: Cores of this machine to use.
        quiet: Whether to hide the progress.
        monitor: Shows the progress; by default suited to a terminal, a notebook or a log.
        executor: Where runs are trained; by default on this machine.
        selection: Which configurations to train.
        share: Which of their runs to train.
        notices: For the user, before training starts.

    Returns:
        The engine, and the runs that other processes are training: run id -> a description of the
        process.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        SeedbedError: If the study or the folder cannot be used.
    """
    monitor = monitor or choose_monitor(quiet=quiet)
    choice = study.choose_engine()
    told = [] if quiet else [*study.understood(), *notices]
    if executor is None:
        where: Executor = LocalExecutor(choice.engine, study.datasets, threads=threads)
        told += [] if quiet else [choice.message(threads)]
    else:
        tell = _ignore if quiet else monitor.notice
        where = executor(study, choice.engine, threads=threads, notice=tell)
    owners = execute(study, store, where, monitor, selection=selection, share=share, notices=told)
    return where.engine, owners


def refuse_owners(owners: Mapping[str, str], store: StudyStore, what: str) -> None:
    """Raise :class:`StudyInUse` if another process is training what must be complete.

    Args:
        owners: As returned by :func:`train_missing`.
        store: Of the study.
        what: What these processes train.
    """
    if owners:
        raise StudyInUse(
            f"{next(iter(owners.values()))} is training {what}",
            where=str(store.folder),
            hint="run the command again later",
        )


def train_requested(
    request: Request,
    *,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: Monitor | None = None,
    executor: MakeExecutor | None = None,
    share: Share = WHOLE,
) -> tuple[LoadedStudy, Engine, Mapping[str, str]]:
    """Load a study that was requested, and train its missing runs.

    Args:
        request: The study and its options.
        data_root: Folder to search for datasets first.
        quiet: Whether to hide the progress.
        monitor: Shows the progress; by default suited to a terminal, a notebook or a log.
        executor: Where runs are trained; by default on this machine.
        share: Which of the runs to train.

    Returns:
        The study, its engine, and the runs that other processes are training.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        SeedbedError: If the study, a dataset or the folder cannot be used.
    """
    request.store.check_writable()  # before a long download
    loaded = request.load(data_root)
    untuned = "the settings under [tune] are not tuned; `seedbed tune` chooses them"
    engine, owners = train_missing(
        loaded,
        request.store,
        threads=request.threads,
        quiet=quiet,
        monitor=monitor,
        executor=executor,
        selection=request.selection,
        share=share,
        notices=[] if loaded.spec.tune is None else [untuned],
    )
    return loaded, engine, owners


def run_share(
    study: str | Path | Mapping[str, Any],
    share: Share,
    *,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | Sequence[Any] | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    threads: int | None = None,
    data_root: str | Path | None = None,
    quiet: bool = False,
    executor: MakeExecutor | None = None,
) -> ShareProgress:
    """Train the missing runs of one share of a study; nothing is analyzed.

    Args:
        study: The study; this and the other arguments are those of :func:`seedbed.workflow.run`.
        share: Which of the selected runs to train.
        out: Folder of the results.
        settings: Settings that replace the study's.
        only: Conditions that configurations must meet.
        exclude: Conditions that configurations must not meet.
        threads: Cores to use.
        data_root: Folder to search for datasets first.
        quiet: Whether to hide the progress.
        executor: Where runs are trained; by default on this machine.

    Raises:
        KeyboardInterrupt: After Ctrl-C; finished epochs are stored.
        SeedbedError: If the study, an option, a dataset or the folder cannot be used.
    """
    begun = datetime.now(UTC)
    request = Request.of(study, out, None, settings, only, exclude, threads)
    loaded, _, _ = train_requested(
        request, data_root=data_root, quiet=quiet, executor=executor, share=share
    )
    store, planned = request.store, plan_runs(loaded.spec)
    selected = {each.id for each in request.selection.of(loaded.spec.configurations)}
    own = share.of([run for run in planned if run.configuration.id in selected])
    ids = {run.id for run in own}
    return ShareProgress(
        share,
        store.folder,
        sum(_has_ended(store.run(run.id), begun) for run in own),
        read_progress(store, own),
        read_progress(store, [run for run in planned if run.id not in ids]),
    )


def _ignore(_text: str) -> None:
    pass


def _has_ended(run: RunStore, begun: datetime) -> bool:
    """Return whether a run has ended since a time."""
    try:
        stored = run.load()
    except (DamagedRunError, StoreError):  # the user has been told
        return False
    return stored is not None and (stored.record.finished or begun) > begun
