"""All checks of a study, in order: files and figures, then images and weights, then training."""

from collections.abc import Iterator
from pathlib import Path

from seedbed.analysis.verify.files import check_files
from seedbed.analysis.verify.finding import Finding
from seedbed.core.errors import SeedbedError, StudyError
from seedbed.study.completed import finished_runs
from seedbed.study.store.study import StudyStore


def verify_study(
    folder: Path,
    deep: bool,
    repeat: int,
    margin: float,
    data_root: Path | None,
    threads: int | None,
) -> Iterator[Finding]:
    """Check a stored study, and yield what is found, file by file and run by run.

    Every file is checked against its checksum, and the summary is recomputed from the stored
    logits. Nothing is written.

    Args:
        folder: A folder written by ``seedbed run``.
        deep: Whether to compute noisy labels, splits and logits again, from seeds, images and
            weights.
        repeat: How many finished runs to train again and compare.
        margin: Accuracies of repeated runs that differ by less than this fraction count as
            equivalent, where their bits cannot agree.
        data_root: Folder to search for datasets first.
        threads: Cores for repeated runs; all by default.

    Raises:
        StoreError: If there is no study in the folder.
        StudyError: If an argument cannot be used.
    """
    if repeat < 0:
        raise StudyError(f"cannot repeat {repeat} runs", where="repeat", expected="0 or more")
    if not 0 < margin < 1:
        raise StudyError(
            f"cannot use {100 * margin:g} percentage points",
            where="margin",
            expected="more than 0, less than 100",
        )
    if threads is not None and threads < 1:
        raise StudyError(f"cannot use {threads} threads", where="threads", expected="1 or more")
    store = StudyStore(folder)
    yield from check_files(store)
    if not (deep or repeat):
        return
    # Engines and executors take a while to import.
    from seedbed.analysis.verify.deep import check_deep, load_datasets
    from seedbed.analysis.verify.repeat import repeat_runs
    from seedbed.execution.threads import cores_to_use

    try:
        spec = store.read_study()
    except SeedbedError:  # check_files has named it
        return
    runs = finished_runs(store, spec)
    if not runs:
        yield Finding("runs", "no run has finished, so none can be computed again", "open")
        return
    datasets, findings = load_datasets(spec, runs, data_root)
    yield from findings
    if deep:
        yield from check_deep(spec, runs, datasets)
    if repeat:
        there = [run for run in runs if run.configuration.fingerprint in datasets]
        cores = cores_to_use(threads)
        yield from repeat_runs(spec, there, datasets, repeat, margin, cores)
