"""A request to run or plan a study, from the arguments that the user gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from seedbed.core.arguments import optional_path, path_of
from seedbed.core.errors import StudyError
from seedbed.execution.downloads import download_progress
from seedbed.execution.threads import cores_to_use
from seedbed.study.asked import asked_problems
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import load_study, parse_values
from seedbed.study.spec.seeds import SeedsValue
from seedbed.study.spec.selection import Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.nearby import RESULTS
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True)
class Request:
    """A validated request to run or plan a study; its datasets are not loaded."""

    spec: StudySpec
    selection: Selection
    store: StudyStore
    threads: int

    @classmethod
    def of(
        cls,
        study: str | Path | Mapping[str, Any],
        out: str | Path | None,
        seeds: SeedsValue | None,
        settings: Mapping[str, Any] | Sequence[Override] | None,
        only: Sequence[str],
        exclude: Sequence[str],
        threads: int | None,
    ) -> Self:
        """Read and check a study and its options.

        Args:
            study: The name of a built-in study, the path of a study file, or a dict of its
                contents.
            out: Folder of the results; ``studies/NAME`` by default.
            seeds: As in a study file; replaces the study's.
            settings: Settings that replace the study's, as in ``{"recipe.epochs": 3}``.
            only: Conditions that configurations must meet.
            exclude: Conditions that configurations must not meet.
            threads: Cores to use; all by default.

        Raises:
            StudyError: If the study or an option is invalid.
        """
        threads = cores_to_use(threads)
        overrides = overrides_of(settings, seeds)
        spec = (
            parse_values(study, "study", overrides)
            if isinstance(study, Mapping)
            else load_study(str(path_of("study", study)), overrides)
        )
        selection = Selection.parse(only, exclude)
        selection.of(spec.configurations)
        folder = optional_path("out", out) or RESULTS / spec.name
        return cls(spec, selection, StudyStore(folder), threads)

    def load(self, data_root: str | Path | None) -> LoadedStudy:
        """Load the datasets, showing the progress of downloads.

        Raises:
            DataError: If a dataset cannot be used.
            StudyError: If the study asks to compare what was tested on different images.
        """
        root = optional_path("data_root", data_root)
        with download_progress() as progress:
            loaded = LoadedStudy.load(self.spec, root, progress)
        for key, problem in asked_problems(loaded.spec):
            raise StudyError(problem, where=".".join(key))
        return loaded


def overrides_of(
    settings: Mapping[str, Any] | Sequence[Override] | None, seeds: SeedsValue | None = None
) -> list[Override]:
    """Return what replaces the settings of a study, and its seeds.

    Raises:
        StudyError: If the settings are neither a dict nor overrides.
    """
    of_seeds = [] if seeds is None else [Override(("seeds",), seeds, "seeds")]
    if isinstance(settings, Mapping) and all(isinstance(key, str) for key in settings):
        return [*(Override.of(key, value) for key, value in settings.items()), *of_seeds]
    if isinstance(settings, Sequence) and all(isinstance(item, Override) for item in settings):
        return [*settings, *of_seeds]
    if settings is None:
        return of_seeds
    raise StudyError(
        f"{settings!r} cannot be used",
        where="settings",
        expected="a dict",
        hint="write {'recipe.epochs': 3}",
    )
