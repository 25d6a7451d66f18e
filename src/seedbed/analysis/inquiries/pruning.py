"""Prunes a study without losing what only weights can tell."""

from collections.abc import Sequence
from pathlib import Path

from seedbed.analysis.inquiries.asking import open_runs, wanted
from seedbed.analysis.registry import inquiries
from seedbed.core.arguments import path_of, texts_of
from seedbed.study.completed import finished_runs
from seedbed.study.prune import DEFAULT, Pruned, check_kept, prune_runs
from seedbed.study.store.study import StudyStore


def prune(
    folder: str | Path, keep: Sequence[str] | None = None, *, dry_run: bool = False
) -> Pruned:
    """Remove the weights of finished runs of a study that are not kept.

    Weights stay that have not answered every question of the page (accuracy on corrupted images,
    features).

    Args:
        folder: Of the study.
        keep: Some of ``logits`` (always kept), ``best-weights`` and ``weights``; by default what
            the study says, or logits and the weights of the best run of each configuration.
        dry_run: Whether to remove nothing.

    Raises:
        StudyError: If ``keep`` has an unknown name.
        StoreError: If there is no study, or a file cannot be written or removed.
    """
    check_kept(() if keep is None else texts_of("keep", keep))
    store = StudyStore(path_of("folder", folder))
    spec = store.read_study()
    keep = keep or (DEFAULT if "weights" in spec.keep else spec.keep)
    finished, asked = finished_runs(store, spec), wanted(spec)
    needed = {
        run.planned.id
        for name, inquiry in inquiries().items()
        for run in open_runs(inquiry, finished, asked[name])
    }
    return prune_runs(store, finished, keep, needed=needed, dry_run=dry_run)
