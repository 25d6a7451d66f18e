"""Trains what is missing of a study that was requested: all of it, or one share."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seedbed.core.errors import StoreError
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
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.training.engine import Engine


def train_missing(
    request: Request,
    *,
    data_root: str | Path | None = None,
    quiet: bool = False,
    monitor: Monitor | None = None,
    executor: MakeExecutor | None = None,
    share: Share = WHOLE,
) -> tuple[LoadedStudy, Engine, Mapping[str, str]]:
    """Train the missing runs of a study.

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
    store = request.store
    store.check_writable()  # before a long download
    monitor = monitor or choose_monitor(quiet=quiet)
    loaded = request.load(data_root)
    notices = [] if quiet else loaded.understood()
    choice = loaded.choose_engine()
    if loaded.spec.tune is not None and not quiet:
        notices.append("the settings under [tune] are not tuned; `seedbed tune` chooses them")
    if executor is None:
        where: Executor = LocalExecutor(choice.engine, loaded.datasets, threads=request.threads)
        notices += [] if quiet else [choice.message(request.threads)]
    else:
        tell = _ignore if quiet else monitor.notice
        where = executor(loaded, choice.engine, threads=request.threads, notice=tell)
    selection = request.selection
    owners = execute(
        loaded, store, where, monitor, selection=selection, share=share, notices=notices
    )
    return loaded, where.engine, owners


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
    loaded, _, _ = train_missing(
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
