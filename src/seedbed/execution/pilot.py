"""A pilot of a study: its runs for two epochs, in a folder that is removed afterwards.

It shows about how much runs vary before a study is trained.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from seedbed.core.errors import StudyError
from seedbed.display.notice import notice
from seedbed.display.sentence import counted
from seedbed.execution.missing import train_requested
from seedbed.execution.request import Request
from seedbed.study.results import StudyResults, results_of
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.seeds import written_seeds
from seedbed.study.store.study import StudyStore

EPOCHS: Final = 2
SEEDS: Final = 3
"""Of every configuration; streams that a study names keep their seeds."""


@contextmanager
def trained_pilot(
    study: str | Path | Mapping[str, Any],
    settings: Sequence[Override],
    only: Sequence[str],
    exclude: Sequence[str],
    data_root: str | Path | None,
    threads: int | None = None,
) -> Iterator[tuple[StudyResults, StudyStore]]:
    """Train the runs of a study for two epochs, and yield what is stored of them meanwhile.

    Args:
        study: The study.
        settings: Settings that replace the study's, its seeds too.
        only: Conditions that configurations must meet.
        exclude: Conditions that configurations must not meet.
        data_root: Folder to search for datasets first.
        threads: Cores to use; all by default.

    Raises:
        KeyboardInterrupt: After Ctrl-C.
        SeedbedError: If the study or a dataset cannot be used, or configurations differ in their
            epochs.
    """
    with TemporaryDirectory(prefix="seedbed-pilot-") as folder:
        whole = Request.of(study, folder, None, settings, only, exclude, threads)
        shorter = [*settings, *_shorter(whole)]
        request = Request.of(study, folder, None, shorter, only, exclude, threads)
        if not isinstance(written_seeds(request.spec.seeds), dict):
            request = Request.of(study, folder, SEEDS, shorter, only, exclude, threads)
        # What a study claims of its runs is not asked of these.
        request = replace(request, spec=replace(request.spec, claims=()))
        selected = request.selection.of(request.spec.configurations)
        runs = counted(len(selected) * len(request.spec.seeds), "run")
        notice(f"too few runs have finished: a pilot trains {runs} for {EPOCHS} epochs")
        loaded, *_ = train_requested(request, data_root=data_root)
        yield results_of(loaded.spec, request.store, request.selection), request.store


def _shorter(request: Request) -> list[Override]:
    """Return what makes the runs of a study shorter."""
    recipes = [of.recipe for of in request.selection.of(request.spec.configurations)]
    warmups = {recipe.warmup_epochs for recipe in recipes}
    too_long = max(warmups) > EPOCHS
    if len({recipe.epochs for recipe in recipes}) > 1 or (too_long and len(warmups) > 1):
        raise StudyError(
            "a pilot cannot tell configurations apart that differ in their epochs",
            where="--detect",
            hint="train some runs with `seedbed run STUDY --seeds 3`, or give --spread",
        )
    shorter = {"epochs": EPOCHS} | ({"warmup_epochs": 0} if too_long else {})
    where = f"a pilot of {EPOCHS} epochs"
    return [Override(("recipe", name), value, where) for name, value in shorter.items()]
