"""Ask stored runs what is not known of them: their features, and how robust compared networks are.

It takes a while, so it is said in a line; and whatever becomes of it, the other results are there.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.cli.table import summary_of
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import printable
from seedbed.evaluation.run_features import find_features, runs_without_features
from seedbed.evaluation.standing import standing
from seedbed.execution.memory import available_cores
from seedbed.study.completed import FinishedRun, finished_runs
from seedbed.study.dataset_again import dataset_again
from seedbed.study.loaded import LoadedStudy
from seedbed.study.representatives import contenders
from seedbed.study.robustness import measure_robustness, open_runs, said
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine

FEW: Final = 10
"""Runs whose features are there before anybody wonders: about a second each."""


def complete(
    store: StudyStore,
    compared: Collection[str],
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: Path | None = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Mapping[str, DatasetSplits]:
    """Ask the runs of a study what they have not been asked.

    Args:
        store: Of the study.
        compared: Ids of the configurations whose robustness is asked; features are of all.
        study: With its datasets, if they are in memory; else they are found again.
        engine: What is asked; by default the one that would train the study here.
        data_root: Where published datasets are looked for first.
        threads: Cores to use; all by default.
        quiet: Whether to say nothing but what went wrong.

    Returns:
        The datasets that were needed, by fingerprint.

    """
    try:
        spec = study.spec if study else store.read_study()
        if study is None:  # whoever reads results runs no code that they name
            compared = set(compared) - {
                each.id for each in spec.configurations if each.has_user_module
            }
        finished = finished_runs(store, spec)
        robust = open_runs(finished, compared)
        featureless = runs_without_features(finished)
        if not robust and not featureless:
            return {}
        study = study or LoadedStudy(spec, _datasets(spec, [*robust, *featureless], data_root))
        planned = [each.planned for each in robust] + [each.planned for each in featureless]
        asked = [each.configuration for each in planned]
        engine = engine or study.choose_engine(asked).engine
        threads = threads or available_cores()
        with store.lock():
            if robust:
                _say(said(robust, study.datasets), quiet=quiet)
                measure_robustness(study, robust, engine, threads=threads)
            if featureless:
                few = len(featureless) <= FEW
                _say(f"Looking at the features of {len(featureless)} runs", quiet=quiet or few)
                find_features(study, featureless, engine, threads=threads)
    except SeedbedError as error:
        where = printable(str(store.folder))
        print(f"The runs in {where} could not be asked: {printable(str(error))}", file=sys.stderr)
        return {}
    return study.datasets


def completed(
    folder: Path, data_root: Path | None
) -> tuple[list[Entry], Mapping[str, DatasetSplits]]:
    """Return the summary of a folder, completed, and the datasets that were needed for that."""
    entries = summary_of(folder)
    datasets: Mapping[str, DatasetSplits] = {}
    compared = without_robustness(entries)
    if compared or without_features(entries):
        datasets = complete(StudyStore(folder), compared, data_root=data_root)
    return (summary_of(folder) if datasets else entries), datasets


def networks_of(spec: StudySpec) -> set[str]:
    """Return the ids of the configurations that stand for the networks of a study."""
    every = spec.configurations
    same = [each for each in every if each.fingerprint == every[0].fingerprint]
    return {same[place].id for place in contenders([each.settings for each in same])}


def without_robustness(entries: Sequence[Entry]) -> set[str]:
    """Return the ids of those entries that stand for networks, and have not been asked all."""
    return {
        each.entry["id"]
        for each in standing(entries)
        if each.entry["n"] > len((each.entry["robustness"] or {"seeds": ()})["seeds"])
    }


def without_features(entries: Sequence[Entry]) -> bool:
    """Whether there is a stored run of which features are not known."""
    return any(
        each["n"] > (each["feature_space"] or {"adjusted_rand": {"n": 0}})["adjusted_rand"]["n"]
        for each in entries
        if each["settings"]  # not from elsewhere
    )


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def _datasets(
    spec: StudySpec, runs: Sequence[FinishedRun], data_root: Path | None
) -> dict[str, DatasetSplits]:
    sources = {each.planned.configuration.fingerprint: each.record.dataset.source for each in runs}
    return {
        each.fingerprint: dataset_again(each, sources[each.fingerprint], data_root)
        for each in spec.datasets
        if each.fingerprint in sources
    }
