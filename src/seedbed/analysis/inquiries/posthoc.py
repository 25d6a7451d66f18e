"""Ask stored weights what is not known of them yet, without losing anything if that fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedbed.analysis.inquiries.asking import Wanted, complete
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.notice import notice
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine


def ask_stored_weights(
    store: StudyStore,
    wanted: Wanted,
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: str | Path | None = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Mapping[str, DatasetSplits]:
    """Ask the stored weights of a study what is not known yet, and store the answers.

    Nothing else depends on the answers: an error is one line on standard error.

    Args:
        store: Of the study.
        wanted: Which configurations each inquiry asks, by their ids.
        study: With its datasets, if they are in memory; else they are read again.
        engine: What evaluates the networks; by default the one that would train the study here.
        data_root: Where published datasets are looked for first.
        threads: Cores to use; all by default.
        quiet: Whether to report nothing but errors.

    Returns:
        The datasets that were needed, by fingerprint; none after an error.

    Raises:
        KeyboardInterrupt: Soon after Ctrl-C; answers so far are stored.
    """
    root = None if data_root is None else Path(data_root)
    arguments: dict[str, Any] = {"study": study, "engine": engine, "threads": threads}
    try:
        return complete(
            store, wanted, data_root=root, say=_ignore if quiet else notice, **arguments
        )
    except SeedbedError as error:
        notice(f"The analysis of {store.folder} is incomplete: {error}")
        return {}


def _ignore(_text: str) -> None:
    pass
