"""Removes files of finished runs that no number depends on: weights.

Logits are always kept: every table is made of them. ``run.json`` records what was removed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.completed import FinishedRun
from seedbed.study.store.study import StudyStore

KEPT: Final = {
    "logits": "predictions and histories; they are always kept",
    "best-weights": "the weights of the best run of each configuration",
    "weights": "the weights of every run",
}
"""What may be kept -> what it is."""
DEFAULT: Final = ("logits", "best-weights")


@dataclass(frozen=True)
class Pruned:
    """What was removed, or would be."""

    runs: tuple[str, ...]
    """Their weights were removed."""
    size: int
    """Bytes."""
    kept: tuple[str, ...]
    """Runs whose weights are kept because they are asked for."""
    needed: tuple[str, ...] = ()
    """Runs whose weights are kept because they have not answered all questions."""
    in_use: tuple[str, ...] = ()
    """Runs that another process has locked."""


def check_kept(keep: Sequence[str]) -> None:
    """Raise :class:`StudyError` if something is named that cannot be kept."""
    for name in keep:
        if name not in KEPT:
            raise StudyError(unknown("artifact", name, KEPT), where="keep")


def prune_runs(
    store: StudyStore,
    finished: Sequence[FinishedRun],
    keep: Sequence[str] = DEFAULT,
    *,
    needed: Collection[str] = (),
    dry_run: bool = False,
) -> Pruned:
    """Remove the weights of finished runs.

    Args:
        store: Of the study.
        finished: Its finished runs.
        keep: Names in :data:`KEPT`.
        needed: Ids of runs whose weights stay whatever ``keep`` says.
        dry_run: Whether to remove nothing.

    Raises:
        StudyError: If ``keep`` has an unknown name.
        StoreError: If a file cannot be written or removed.
    """
    check_kept(keep)
    kept = {run.planned.id for run in finished} if "weights" in keep else set()
    if "best-weights" in keep:
        kept |= _best(finished)
    removed, size, in_use = [], 0, []
    for run in finished:
        run_id, file = run.planned.id, run.store.weights_file
        if not file.exists() or (not run.record.pruned and run_id in {*kept, *needed}):
            continue
        bytes_here = file.stat().st_size
        if not dry_run:
            lock = store.lock_run(run_id)
            if lock is None:
                in_use.append(run_id)
                continue
            try:
                run.store.prune_weights(run.record)
            finally:
                lock.release()
        removed.append(run_id)
        size += bytes_here
    there = {run.planned.id for run in finished if not run.record.pruned}
    return Pruned(
        tuple(removed),
        size,
        tuple(sorted(there & kept)),
        tuple(sorted(there & set(needed) - kept)),
        tuple(in_use),
    )


def _best(finished: Sequence[FinishedRun]) -> set[str]:
    """Return the best run of each configuration among those that have their weights.

    By validation accuracy if there is one, else by test accuracy; of equal ones the first.
    """
    best: dict[str, tuple[float, str]] = {}
    for run in finished:
        if run.record.pruned:
            continue
        known, _ = best.get(run.configuration.id, (-1.0, ""))
        if run.accuracy > known:
            best[run.configuration.id] = (run.accuracy, run.planned.id)
    return {name for _, name in best.values()}
